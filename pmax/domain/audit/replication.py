"""Rules about snapshots and SRDF pairs, out of what lists of volumes tell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from pmax.domain.audit.base import Finding, Rule, some
from pmax.domain.commands import Command, TidySnapshots
from pmax.domain.identifiers import ArrayId, device_id
from pmax.domain.naming import device_of_temporary_snapshot, is_management_storage_group
from pmax.domain.snapvx import LINKS_PER_SOURCE, SNAPSHOTS_PER_SOURCE
from pmax.domain.survey import ArraySurvey, SurveyedPair, SurveyedSnapshot
from pmax.domain.wording import counted

_NEARLY: Final = 0.8
#: Pairs in these states do not replicate, and nobody asked for that by failing over (unisphere-rest.md 7.1).
_STOPPED: Final = frozenset({"Suspended", "Partitioned", "Invalid", "TransIdle", "Mixed"})


def _expired_temporary(survey: ArraySurvey) -> Iterator[Finding]:
    for each in survey.volumes:
        for snapshot in each.snapshots:
            if device_of_temporary_snapshot(snapshot.name) is None or not snapshot.is_expired:
                continue
            number = f"generation {snapshot.generation}" if snapshot.snap_id is None else f"id {snapshot.snap_id}"
            yield Finding(
                rule_id="SNAP01",
                kind="snapshot",
                name=f"{each.volume.device_id}/{snapshot.name}/{snapshot.generation}",
                evidence=f"its time is over ({number}), but it is linked to {_targets(snapshot)}",
                proposal=f"pmax repair SNAP01:{each.volume.device_id}/{snapshot.name}/{snapshot.generation}",
                is_repairable=True,
            )


def _tidy(array_id: ArrayId, name: str) -> Command[Any]:
    """Tidy up the volume of a finding `00003/temp-…/0`; what is still being copied stays."""
    return TidySnapshots(array_id=array_id, device_id=device_id(name.partition("/")[0]))


def _targets(snapshot: SurveyedSnapshot) -> str:
    return some(list(snapshot.targets)) or "nothing"


def _near_the_limit(survey: ArraySurvey) -> Iterator[Finding]:
    for each in survey.volumes:
        links = sum(len(snapshot.targets) for snapshot in each.snapshots)
        for number, limit, thing in (
            (len(each.snapshots), SNAPSHOTS_PER_SOURCE, "snapshot"),
            (links, LINKS_PER_SOURCE, "linked target"),
        ):
            if number >= limit * _NEARLY:
                yield Finding(
                    rule_id="SNAP02",
                    kind="volume",
                    name=each.volume.device_id,
                    evidence=f"it has {counted(number, thing)} of at most {limit:,}",
                    proposal="delete snapshots that nobody needs, before none can be taken any more",
                )


def _stopped_pairs(survey: ArraySurvey) -> Iterator[Finding]:
    groups: dict[int, list[tuple[str, SurveyedPair]]] = {}
    for each in survey.volumes:
        for pair in each.pairs:
            groups.setdefault(pair.rdf_group, []).append((each.volume.device_id, pair))
    for number, pairs in sorted(groups.items()):
        for state in sorted(_STOPPED & {pair.state for _, pair in pairs}):
            devices = [device for device, pair in pairs if pair.state == state]
            yield Finding(
                rule_id="RDF01",
                kind="RDF group",
                name=str(number),
                evidence=f"{counted(len(devices), 'pair')} of {len(pairs):,} {'is' if len(devices) == 1 else 'are'} "
                f"{state}: {some(devices)}",
                proposal="find out why, then resume the group",
            )


def _mixed_states(survey: ArraySurvey) -> Iterator[Finding]:
    """Groups whose pairs change state only together, and yet are in several states."""
    states: dict[int, dict[str, int]] = {}
    for each in survey.volumes:
        for pair in each.pairs:
            if pair.mode not in _TOGETHER:
                continue
            counts = states.setdefault(pair.rdf_group, {})
            counts[pair.state] = counts.get(pair.state, 0) + 1
    for number, counts in sorted(states.items()):
        if len(counts) > 1:
            told = ", ".join(f"{count:,} {state}" for state, count in sorted(counts.items()))
            yield Finding(
                rule_id="RDF02",
                kind="RDF group",
                name=str(number),
                evidence=f"its pairs are in different states: {told}",
                proposal="wait until all are synchronised; if it stays so, suspend and resume the group",
            )


def _membership(survey: ArraySurvey) -> Iterator[Finding]:
    """Management groups that do not hold exactly the volumes that are paired in the RDF group of their members."""
    members: dict[str, set[str]] = {}
    paired: dict[int, set[str]] = {}
    numbers_of: dict[str, set[int]] = {}
    for each in survey.volumes:
        device, numbers = each.volume.device_id, {pair.rdf_group for pair in each.pairs}
        for number in numbers:
            paired.setdefault(number, set()).add(device)
        for name in filter(is_management_storage_group, each.volume.storage_groups):
            members.setdefault(name, set()).add(device)
            numbers_of.setdefault(name, set()).update(numbers)
    for name, held in sorted(members.items()):
        ours = set().union(*(paired[number] for number in numbers_of[name]))
        told = [f"{some(sorted(held - ours))} in it not paired"] if held - ours else []
        told += [f"{some(sorted(ours - held))} paired, but not in it"] if ours - held else []
        if told:
            yield Finding(
                rule_id="RDF03",
                kind="storage group",
                name=name,
                evidence="; ".join(told),
                proposal="pmax rdf check says which side lacks what, pmax rdf repair mends what is safe",
            )


def _unequal_sizes(survey: ArraySurvey) -> Iterator[Finding]:
    """Pairs of which one side is larger; those of arrays that could not be read are left out."""
    for each in survey.volumes:
        for pair in each.pairs:
            far = survey.remote_sizes.get((pair.remote_array, pair.remote_device))
            near = each.volume.capacity
            if far is None or far.cylinders == near.cylinders:
                continue
            smaller = each.volume.device_id if near.cylinders < far.cylinders else pair.remote_device
            yield Finding(
                rule_id="RDF04",
                kind="volume",
                name=each.volume.device_id,
                evidence=f"it has {near.gigabytes_shown:g} GiB, and {pair.remote_device} of {pair.remote_array}, with "
                f"which it is paired in RDF group {pair.rdf_group}, {far.gigabytes_shown:g} GiB",
                proposal=f"extend {smaller} to the size of the other, before a failover",
            )


#: Modes in which all pairs of a group must be in one state (unisphere-rest.md 8.4, rules 69, 70 and 74).
_TOGETHER: Final = frozenset({"Asynchronous", "Active"})

RULES: Final = (
    Rule(
        rule_id="SNAP01",
        title="expired temporary snapshot",
        reason="A snapshot through which a volume was cloned should go when its time is over. While a target is linked "
        "to it, it stays, keeps old data, and counts against the limit of its source.",
        check=_expired_temporary,
        repair=_tidy,
    ),
    Rule(
        rule_id="SNAP02",
        title="source near the SnapVX limit",
        reason=f"A source has at most {SNAPSHOTS_PER_SOURCE} snapshots and {LINKS_PER_SOURCE:,} linked targets. Told "
        "from 80 % on.",
        check=_near_the_limit,
    ),
    Rule(
        rule_id="RDF01",
        title="pairs that do not replicate",
        reason="What is written now is on one array only.",
        check=_stopped_pairs,
    ),
    Rule(
        rule_id="RDF02",
        title="pairs of a group in different states",
        reason="Asynchronous and Metro pairs of a group are consistent only together.",
        check=_mixed_states,
    ),
    Rule(
        rule_id="RDF03",
        title="RDF group and its storage group differ",
        reason="Asynchronous and Metro volumes are failed over through one storage group. What is not in it "
        "is left behind.",
        check=_membership,
    ),
    Rule(
        rule_id="RDF04",
        title="sides of a pair that differ in size",
        reason="An extension that was interrupted leaves one side larger. Nothing fails back to a smaller side.",
        check=_unequal_sizes,
    ),
)
