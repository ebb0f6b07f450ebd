"""Rules about volumes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from pmax.domain.audit.base import Finding, Rule, is_own_name, some
from pmax.domain.naming import MANAGED_PREFIX
from pmax.domain.survey import ArraySurvey, SurveyedVolume
from pmax.domain.wording import counted

_OF_CINDER: Final = re.compile(re.escape(MANAGED_PREFIX) + r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def _finding(rule_id: str, each: SurveyedVolume, evidence: str, proposal: str) -> Finding:
    return Finding(rule_id=rule_id, kind="volume", name=each.volume.device_id, evidence=evidence, proposal=proposal)


def _unknown_to_cinder(survey: ArraySurvey) -> Iterator[Finding]:
    if survey.known_identifiers is None:
        return
    for each in survey.volumes:
        identifier = each.volume.identifier or ""
        if not _OF_CINDER.fullmatch(identifier) or identifier in survey.known_identifiers:
            continue
        size = f"{each.volume.capacity.gigabytes_shown:g} GiB"
        paths = "seen by hosts" if each.volume.front_end_paths else "seen by no host"
        evidence = f"it is called {identifier}, which Cinder does not know; {size}, {paths}"
        proposal = f"look what is on it; if nobody wants it, pmax volume delete {each.volume.device_id}"
        yield _finding("VOL01", each, evidence, proposal)


def _same_identifier(survey: ArraySurvey) -> Iterator[Finding]:
    carriers: dict[str, list[SurveyedVolume]] = {}
    for each in survey.volumes:
        if each.volume.identifier:
            carriers.setdefault(each.volume.identifier, []).append(each)
    for identifier, found in carriers.items():
        if len(found) == 1 or not is_own_name(identifier):
            continue
        for each in found:
            others = [other.volume.device_id for other in found if other is not each]
            evidence = f"{some(others)} {'is' if len(others) == 1 else 'are'} called {identifier} too"
            proposal = "find out which one is in use, and rename or delete the others"
            yield _finding("VOL02", each, evidence, proposal)


def _in_no_group(survey: ArraySurvey) -> Iterator[Finding]:
    for each in survey.volumes:
        volume = each.volume
        if volume.storage_groups or each.is_system_resource or each.pairs or volume.is_snapshot_target:
            continue
        name = f"it is called {volume.identifier}" if volume.identifier else "it has no identifier"
        evidence = f"no storage group holds it; {name}, {volume.capacity.gigabytes_shown:g} GiB"
        proposal = f"put it into a group, or pmax volume delete {volume.device_id}"
        yield _finding("VOL03", each, evidence, proposal)


def _in_several_levels(survey: ArraySurvey) -> Iterator[Finding]:
    for each in survey.volumes:
        if len(each.volume.storage_groups) == 1:
            continue
        known = (survey.storage_groups.get(name) for name in each.volume.storage_groups)
        levels = [f"{group.name} ({group.service_level})" for group in known if group and group.is_fast_managed]
        if len(levels) > 1:
            evidence = f"{counted(len(levels), 'group')} with a service level hold it: {some(levels)}"
            yield _finding("VOL04", each, evidence, "take it out of all of them but one")


RULES: Final = (
    Rule(
        rule_id="VOL01",
        title="volume that Cinder does not know",
        reason="A volume with the name of one of Cinder's takes room that nobody uses, and is often what a crash left. "
        "Checked only when Cinder's list is given.",
        check=_unknown_to_cinder,
    ),
    Rule(
        rule_id="VOL02",
        title="several volumes of one name",
        reason="The array does not keep identifiers unique. Whoever looks a volume up by its name may get the wrong "
        "one.",
        check=_same_identifier,
    ),
    Rule(
        rule_id="VOL03",
        title="volume in no storage group",
        reason="It has no service level, no host can see it, and it is easily forgotten. Gatekeepers, link targets and "
        "paired volumes may be so on purpose and are left out.",
        check=_in_no_group,
    ),
    Rule(
        rule_id="VOL04",
        title="volume with several service levels",
        reason="A volume may be in one group with a service level only; which one counts is not defined.",
        check=_in_several_levels,
    ),
)
