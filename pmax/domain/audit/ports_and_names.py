"""Rules about port groups, and about names of every kind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pmax.domain.audit.base import Finding, Rule, some
from pmax.domain.survey import ArraySurvey


def _ports_down(survey: ArraySurvey) -> Iterator[Finding]:
    for name, group in sorted(survey.port_groups.items()):
        down = []
        for key in group.ports:
            port = survey.ports.get(key)
            if port is None:
                down.append(f"{key} (not there)")
            elif not port.is_online:
                down.append(str(key))
        if not group.ports:
            evidence, proposal = "it holds no port", "add ports to it, or delete it"
        elif down:
            evidence = f"{len(down)} of {len(group.ports)} ports are down: {some(down)}"
            proposal = "bring them online, or take them out of the group"
        else:
            continue
        yield Finding(rule_id="PORT01", kind="port group", name=name, evidence=evidence, proposal=proposal)


def _names_alike(survey: ArraySurvey) -> Iterator[Finding]:
    for kind, names in (
        ("storage group", survey.storage_group_names),
        ("host", survey.initiator_group_names),
        ("port group", survey.port_group_names),
        ("masking view", survey.masking_view_names),
    ):
        spellings: dict[str, list[str]] = {}
        for name in names:
            spellings.setdefault(name.casefold(), []).append(name)
        for alike in spellings.values():
            if len(alike) > 1:
                first, *others = sorted(alike)
                yield Finding(
                    rule_id="NAME01",
                    kind=kind,
                    name=first,
                    evidence=f"it differs from {some(others)} in capital letters only",
                    proposal="rename all but one, so that nobody takes one for the other",
                )


RULES: Final = (
    Rule(
        rule_id="PORT01",
        title="port group with ports down",
        reason="Each port that is down takes a path from every host behind the group.",
        check=_ports_down,
    ),
    Rule(
        rule_id="NAME01",
        title="names that differ in capital letters only",
        reason="The array keeps them apart, people and some programs do not.",
        check=_names_alike,
    ),
)
