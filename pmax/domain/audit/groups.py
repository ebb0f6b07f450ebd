"""Rules about storage groups, masking views and initiator groups."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pmax.domain.audit.base import Finding, Rule, is_own_name, some
from pmax.domain.commands import (
    ClearHostIoLimits,
    RemoveEmptyMaskingView,
    RemoveEmptyStorageGroup,
    RemoveUnusedInitiatorGroup,
)
from pmax.domain.legacy_names import is_staging_name
from pmax.domain.naming import is_of_a_moment
from pmax.domain.storage_groups import MAXIMUM_VOLUMES, StorageGroup
from pmax.domain.survey import ArraySurvey
from pmax.domain.wording import counted

#: From here on a group counts as nearly full.
NEARLY_FULL: Final = MAXIMUM_VOLUMES * 80 // 100


def _empty(survey: ArraySurvey) -> Iterator[StorageGroup]:
    return (group for _, group in sorted(survey.storage_groups.items()) if not group.volume_count)


def _finding(rule_id: str, name: str, evidence: str, *, is_repairable: bool) -> Finding:
    kind = "storage group"
    proposal = f"pmax repair {rule_id}:{name}" if is_repairable else f"ask whose it is, then delete {kind} {name}"
    return Finding(
        rule_id=rule_id, kind=kind, name=name, evidence=evidence, proposal=proposal, is_repairable=is_repairable
    )


def _empty_children(survey: ArraySurvey) -> Iterator[Finding]:
    empty = frozenset(group.name for group in _empty(survey))
    for group in _empty(survey):
        # The array does not let the last group go from under a view; then the view is the finding, and goes first.
        is_last_of_view = bool(group.masking_views) and empty.issuperset(group.parents)
        if group.parents and not group.children and not is_last_of_view:
            evidence = f"it holds no volume and hangs below {some(group.parents)}"
            yield _finding("GRP01", group.name, evidence, is_repairable=is_own_name(group.name))


def _empty_groups(survey: ArraySurvey) -> Iterator[Finding]:
    for group in _empty(survey):
        if group.parents or group.children or group.masking_views:
            continue
        evidence = "it holds no volume and no group, and no view shows it"
        yield _finding("GRP02", group.name, evidence, is_repairable=is_own_name(group.name))


def _nearly_full(survey: ArraySurvey) -> Iterator[Finding]:
    counts = dict(survey.volume_counts())
    counts |= {name: group.volume_count for name, group in survey.storage_groups.items()}
    for name, count in sorted(counts.items()):
        if count > NEARLY_FULL:
            yield Finding(
                rule_id="GRP03",
                kind="storage group",
                name=name,
                evidence=f"it holds {count:,} of at most {MAXIMUM_VOLUMES:,} volumes",
                proposal="move volumes to another group before no more fit in",
            )


def _of_a_moment(survey: ArraySurvey) -> Iterator[Finding]:
    """Groups of the way from one state to another. Empty ones are found by the rules before, and can be repaired."""
    for name, count in sorted(survey.volume_counts().items()):
        if is_of_a_moment(name) or is_staging_name(name):
            yield Finding(
                rule_id="GRP05",
                kind="storage group",
                name=name,
                evidence=f"groups of such a name exist for a moment only, and it holds {counted(count, 'volume')}",
                proposal="if nothing is under way: pmax journal recover; what stays is not ours, so ask whose it is",
            )


def _limits_on_default_groups(survey: ArraySurvey) -> Iterator[Finding]:
    for name in sorted(survey.default_storage_groups & survey.storage_groups.keys()):
        limits = survey.storage_groups[name].limits
        if limits is not None:
            yield Finding(
                rule_id="GRP04",
                kind="storage group",
                name=name,
                evidence=f"volumes of many users wait in it, and together they have the limits {limits}",
                proposal=f"pmax repair GRP04:{name}",
                is_repairable=True,
            )


def _empty_views(survey: ArraySurvey) -> Iterator[Finding]:
    shown = {view: group.name for group in _empty(survey) for view in group.masking_views if not group.parents}
    for view, group in sorted(shown.items()):
        is_ours = is_own_name(view)
        yield Finding(
            rule_id="VIEW01",
            kind="masking view",
            name=view,
            evidence=f"it shows storage group {group}, which holds no volume",
            proposal=f"pmax repair VIEW01:{view}" if is_ours else "ask whose it is, then delete it",
            is_repairable=is_ours,
        )


def _host_finding(rule_id: str, name: str, evidence: str, *, is_repairable: bool) -> Finding:
    proposal = f"pmax repair {rule_id}:{name}" if is_repairable else "ask whose it is, then delete it"
    return Finding(
        rule_id=rule_id, kind="host", name=name, evidence=evidence, proposal=proposal, is_repairable=is_repairable
    )


def _empty_hosts(survey: ArraySurvey) -> Iterator[Finding]:
    for name, group in sorted(survey.initiator_groups.items()):
        if group.initiators:
            continue
        users = counted(len(group.masking_views), "view") if group.masking_views else "no view"
        is_free = not group.masking_views and not group.host_groups
        is_repairable = is_free and is_own_name(name)
        yield _host_finding("HOST01", name, f"it holds no initiator; {users} use it", is_repairable=is_repairable)


def _unused_hosts(survey: ArraySurvey) -> Iterator[Finding]:
    for name, group in sorted(survey.initiator_groups.items()):
        if group.masking_views or group.host_groups or not group.initiators or not is_own_name(name):
            continue
        evidence = f"no view uses it, and it keeps {some(sorted(group.initiators))}"
        yield _host_finding("HOST02", name, evidence, is_repairable=True)


RULES: Final = (
    Rule(
        rule_id="GRP01",
        title="empty child group",
        reason="A host's group without volumes is what an interrupted detach leaves.",
        check=_empty_children,
        repair=lambda array_id, name: RemoveEmptyStorageGroup(array_id=array_id, name=name),
    ),
    Rule(
        rule_id="GRP02",
        title="empty storage group",
        reason="A group that holds nothing and is shown to nobody is in the way of whoever reads lists.",
        check=_empty_groups,
        repair=lambda array_id, name: RemoveEmptyStorageGroup(array_id=array_id, name=name),
    ),
    Rule(
        rule_id="GRP03",
        title="storage group nearly full",
        reason=f"A group holds at most {MAXIMUM_VOLUMES:,} volumes; behind that no volume of its kind can be made. "
        "Told from 80 % on.",
        check=_nearly_full,
    ),
    Rule(
        rule_id="GRP04",
        title="limits on a default group",
        reason="Volumes that no host sees share a group. Limits on it are shared by all of them, and go with none to "
        "its host.",
        check=_limits_on_default_groups,
        repair=lambda array_id, name: ClearHostIoLimits(array_id=array_id, name=name),
    ),
    Rule(
        rule_id="GRP05",
        title="group that was to exist for a moment",
        reason="A crash during a failover, a deletion or a move from the old layout left it, and the volumes in it. "
        "Only the journal of that operation can tell what becomes of them.",
        check=_of_a_moment,
    ),
    Rule(
        rule_id="VIEW01",
        title="masking view without volumes",
        reason="It keeps groups and initiators in use for nothing.",
        check=_empty_views,
        repair=lambda array_id, name: RemoveEmptyMaskingView(array_id=array_id, name=name),
    ),
    Rule(
        rule_id="HOST01",
        title="host without initiators",
        reason="Whatever is shown to it reaches nobody.",
        check=_empty_hosts,
        repair=lambda array_id, name: RemoveUnusedInitiatorGroup(array_id=array_id, name=name),
    ),
    Rule(
        rule_id="HOST02",
        title="host that sees nothing",
        reason="An initiator can be in one host only. One that an interrupted detach left keeps its initiators from "
        "being used under another name.",
        check=_unused_hosts,
        repair=lambda array_id, name: RemoveUnusedInitiatorGroup(array_id=array_id, name=name),
    ),
)
