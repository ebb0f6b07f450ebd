"""What keeping a volume by another policy takes: (observed, command) → plan. No data of the volume are copied.

Service level, workload, compression and SRP belong to storage groups, so such a change is a move to another group. A
host that sees the volume keeps its path and its LUN: the new group is put under the same parent first, and the move is
one atomic change. Limits and tags belong to the child group that the volume has on a host. A port group belongs to the
masking view; changing it under a host would change the paths that it uses, so it counts from the next attach.

Where a volume has to be:
- while no host sees it, in its default group;
- while hosts see it, in the child group of its service level on one of them, and in the group without a service level
  on the others, since it can be in one group with a service level only;
- without a service level, in the group without one on each of them.

What becomes of its replication is decided in `replicated_retype`: a pair that ends does so first, and one that begins
does so last, when the volume is in the groups of its new policy.

That an array moves a volume between groups of different storage resource pools is *assumed*: upstream refuses it.

Source: driver-provisioning.md 6.11; driver-attach-replication.md 3; the manual on retype, sections 9 and 11.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import attrs

from pmax.domain.commands import RetypeVolume
from pmax.domain.errors import InUse
from pmax.domain.exposures import Exposure, own_names
from pmax.domain.naming import GroupTraits
from pmax.domain.plans import (
    AddTags,
    AddVolume,
    DeletePair,
    EnsureChildStorageGroup,
    EnsureStorageGroup,
    MoveVolume,
    Plan,
    PruneStorageGroup,
    Recovery,
    RemoveTags,
    RemoveVolume,
    SetHostIoLimits,
    Step,
    plan_of,
)
from pmax.domain.qos import limits_change
from pmax.domain.replicated_retype import ReplicationChange, depart, move_other_side
from pmax.domain.siblings import base_of
from pmax.domain.storage_groups import StorageGroup, StorageGroupDefinition, definition_for
from pmax.domain.volumes import Volume


@attrs.frozen(kw_only=True)
class Home:
    """A child group that carries the volume's policy on a host, or will.

    Attributes:
        storage_group: the group that holds the volume now.
        parents: groups of the views that show it, which must show it afterwards too.
        wanted: name of the group that should hold it, siblings apart.
        is_waiting: the volume has its service level on another host, and waits here without one.
    """

    storage_group: str
    parents: tuple[str, ...]
    wanted: str
    is_waiting: bool = False

    @property
    def stays(self) -> bool:
        """Whether the volume is where it should be already."""
        return self.wanted in {self.storage_group, base_of(self.storage_group)}


@attrs.frozen(kw_only=True)
class Goal:
    """The group that shall hold the volume.

    Attributes:
        name: the wanted group, or its first sibling that has room.
        group: as it is; None if it does not exist, or if it was not looked for because nothing of it matters.
    """

    name: str
    group: StorageGroup | None


@attrs.frozen(kw_only=True)
class RetypeObserved:
    """What the plan of a retype depends on.

    Attributes:
        volume: as read under the lock.
        shown: how hosts see it.
        hidden: the group in which it waits while no host sees it; None if it is in none.
        hidden_is_own: whether pmax made that group and may delete it when it is left empty.
        goal: for a volume that no host sees with a service level; None when it stays where it is.
        homes: for a volume that hosts see, each with its goal.
        supports_compression: of the array.
        replication: what becomes of its replication.
        other_side: how hosts see R2 of a pair that stays, and how it counts there; None if they do not.
    """

    volume: Volume
    shown: tuple[Exposure, ...]
    hidden: str | None
    hidden_is_own: bool
    goal: Goal | None
    homes: tuple[tuple[Home, Goal], ...]
    supports_compression: bool
    replication: ReplicationChange = ReplicationChange()
    other_side: OtherSideObserved | None = None

    @property
    def is_shown(self) -> bool:
        """Whether a host sees it."""
        return bool(self.shown or self.volume.front_end_paths)


@attrs.frozen(kw_only=True)
class OtherSideObserved:
    """The side of a volume that hosts see on the other array, too.

    Attributes:
        command: as it counts there.
        observed: what was read there.
    """

    command: RetypeVolume
    observed: RetypeObserved


def homes_of(shown: Iterable[Exposure], traits: GroupTraits) -> tuple[Home, ...]:
    """Find the child groups that carry the policy of a volume which hosts see.

    Args:
        shown: how hosts see it.
        traits: of the new policy.

    Returns:
        With a service level one: where the volume has its service level now, else on the first host by the name of its
        view; and those in which it waits on other hosts, if they are called otherwise now. Without a service level, one
        on each host.

    Raises:
        InUse: the group that would have to change belongs to a view that pmax did not make.
    """
    by_view = sorted(shown, key=lambda exposure: exposure.masking_view)
    fast = [exposure for exposure in by_view if exposure.is_fast_managed]
    ours = [exposure for exposure in by_view if exposure.names is not None and exposure.parent is not None]
    if traits.service_level is None:
        chosen = [*fast, *(exposure for exposure in ours if not exposure.is_fast_managed)]
    else:
        chosen = fast or [each for each in ours if each.storage_group == ours[0].storage_group] or by_view[:1]
    groups = dict.fromkeys(exposure.storage_group for exposure in chosen)
    homes = [_home(name, [each for each in chosen if each.storage_group == name], traits) for name in groups]
    waiting = [each for each in ours if each.storage_group not in groups and not each.is_fast_managed]
    return (*homes, *_waiting(waiting, traits))


def _waiting(exposures: list[Exposure], traits: GroupTraits) -> Iterator[Home]:
    """Groups without a service level whose names have to say how the volume is replicated."""
    for name in dict.fromkeys(exposure.storage_group for exposure in exposures):
        mine = [each for each in exposures if each.storage_group == name]
        home = _home(name, mine, attrs.evolve(traits, service_level=None, workload=None))
        is_ours = base_of(name).startswith(own_names(mine[0]).no_service_level_child())
        if is_ours and not home.stays:
            yield attrs.evolve(home, is_waiting=True)


def _home(storage_group: str, exposures: list[Exposure], traits: GroupTraits) -> Home:
    names = [own_names(exposure) for exposure in exposures]
    return Home(
        storage_group=storage_group,
        parents=tuple(dict.fromkeys(exposure.parent or "" for exposure in exposures)),
        wanted=names[0].child_storage_group(traits),
    )


def plan_retype(command: RetypeVolume, observed: RetypeObserved) -> Plan:
    """Plan to keep the volume by its new policy; a volume that is kept so already needs nothing.

    Raises:
        InUse: the group in which it would wait is in a masking view, so that hosts would see it; or somebody needs it
            as it is.
        InvalidRequest: the new policy, or the end of its pair, is not possible on this backend.
        IllegalTransition: its pair or an RDF group is not as it should be.
        StillInUse: a copy of it is under way.
    """
    change, volume = observed.replication, observed.volume
    change.check(volume, is_shown=observed.is_shown)
    departure = depart(change, volume, observed.hidden if observed.goal else None)
    moves = _while_hidden(command, observed, None if departure.left else observed.hidden)
    for home, goal in observed.homes:
        moves += _while_shown(command, observed, home, goal)
    # Groups are made before a pair ends: what can fail comes before what cannot be taken back.
    made = [step for step in moves if isinstance(step, EnsureStorageGroup)]
    steps: list[Step] = [*made, *change.free_of_copies(), *departure.steps]
    steps += [step for step in moves if not isinstance(step, EnsureStorageGroup)]
    if change.joining is not None:
        steps += change.joining.steps(volume, volume.identifier or "")
    steps += move_other_side(change)
    if observed.other_side is not None:
        steps += plan_retype(observed.other_side.command, observed.other_side.observed).steps
    return plan_of(steps, Recovery.FINISH if change.has_no_way_back else Recovery.UNDO)


def _while_hidden(command: RetypeVolume, observed: RetypeObserved, source: str | None) -> list[Step]:
    """Move the volume from the group in which it waits to the one in which it shall wait."""
    goal, volume = observed.goal, observed.volume
    if goal is None:
        return []
    steps: list[Step] = []
    if goal.group is None:
        steps.append(_make(command, observed, goal.name))
    elif goal.group.masking_views:
        views = ", ".join(goal.group.masking_views)
        raise InUse("storage group", goal.name, f"masking view {views}; a default storage group must be in none")
    if source is None:
        is_forced = observed.replication.joining is not None
        return [
            *steps,
            AddVolume(array_id=volume.array_id, device=volume.device_id, storage_group=goal.name, is_forced=is_forced),
        ]
    steps.append(MoveVolume(array_id=volume.array_id, device=volume.device_id, source=source, target=goal.name))
    if observed.hidden_is_own:
        steps.append(PruneStorageGroup(array_id=volume.array_id, name=source, when_emptied=source, is_shared=True))
    return steps


def _while_shown(command: RetypeVolume, observed: RetypeObserved, home: Home, goal: Goal) -> list[Step]:
    """Let the volume have its new policy on a host, which sees it all the while."""
    volume, array_id = observed.volume, observed.volume.array_id
    if home.stays:
        return _traits_of(command, goal, is_alone=_is_alone(goal))
    steps: list[Step] = [] if goal.group else [_make(command, observed, goal.name, is_waiting=home.is_waiting)]
    parents = goal.group.parents if goal.group else ()
    steps += [
        EnsureChildStorageGroup(array_id=array_id, parent=parent, child=goal.name)
        for parent in home.parents
        if parent not in parents
    ]
    if not home.is_waiting:
        steps += _traits_of(command, goal, is_alone=False)
    steps.append(MoveVolume(array_id=array_id, device=volume.device_id, source=home.storage_group, target=goal.name))
    steps.append(
        PruneStorageGroup(
            array_id=array_id,
            name=home.storage_group,
            when_emptied=home.storage_group,
            parent=home.parents[0],
        )
    )
    return steps


def _make(command: RetypeVolume, observed: RetypeObserved, name: str, *, is_waiting: bool = False) -> Step:
    definition = StorageGroupDefinition(name=name)
    if not is_waiting:
        definition = definition_for(name, command.after.traits, supports_compression=observed.supports_compression)
    return EnsureStorageGroup(array_id=observed.volume.array_id, definition=definition)


def _is_alone(goal: Goal) -> bool:
    return goal.group is not None and goal.group.volume_count == 1


def _traits_of(command: RetypeVolume, goal: Goal, *, is_alone: bool) -> list[Step]:
    """Limits and tags of the new policy; those of the old one go only from a group that no other volume shares."""
    array_id, before, after = command.target.array_id, command.before, command.after
    limits = goal.group.limits if goal.group else None
    tags = goal.group.tags if goal.group else ()
    steps: list[Step] = []
    wanted = limits_change(limits, after.limits)
    if wanted is not None:
        steps.append(SetHostIoLimits(array_id=array_id, storage_group=goal.name, before=limits, after=wanted))
    elif is_alone and after.limits is None and limits is not None and limits == before.limits:
        steps.append(SetHostIoLimits(array_id=array_id, storage_group=goal.name, before=limits, after=None))
    missing = _without(after.storage_group_tags, tags)
    if missing:
        steps.append(AddTags(array_id=array_id, storage_group=goal.name, tags=missing))
    carried = {tag.lower() for tag in tags}
    former = _without(
        tuple(tag for tag in before.storage_group_tags if tag.lower() in carried), after.storage_group_tags
    )
    if is_alone and former:
        steps.append(RemoveTags(array_id=array_id, storage_group=goal.name, tags=former))
    return steps


def _without(tags: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
    """The tags that are not among others, in whatever case those are written."""
    known = {tag.lower() for tag in others}
    return tuple(tag for tag in tags if tag.lower() not in known)


def groups_after(volume: Volume, steps: Iterable[Step]) -> tuple[str, ...]:
    """Storage groups that hold the volume after steps that were carried out.

    Args:
        volume: as observed before.
        steps: in order; those about other volumes, and other arrays, do not count.
    """
    groups = dict.fromkeys(volume.storage_groups)
    for step in steps:
        if step.array_id != volume.array_id or getattr(step, "device", None) != volume.device_id:
            continue
        match step:
            case MoveVolume(source=source, target=target):
                groups = dict.fromkeys(target if name == source else name for name in groups)
            case AddVolume(storage_group=name):
                groups[name] = None
            case RemoveVolume(storage_group=name) | DeletePair(storage_group=name):
                groups.pop(name, None)
            case _:
                pass
    return tuple(groups)


def notes_of(command: RetypeVolume, observed: RetypeObserved, port_group_labels: frozenset[str]) -> tuple[str, ...]:
    """What the caller should know, in words.

    Args:
        command: as asked.
        observed: before the change.
        port_group_labels: every short form of the new policy's port group; empty if it names none.
    """
    notes = [
        f"masking view {each.masking_view} keeps its port group; {command.after.port_group} counts from the host's "
        "next attach"
        for each in observed.shown
        if port_group_labels and each.names and each.names.port_group_label not in port_group_labels
    ]
    before, after = command.before.limits, command.after.limits
    for home, goal in observed.homes:
        if home.is_waiting:
            continue
        others = goal.group.volume_count - home.stays if goal.group else 0
        limits = goal.group.limits if goal.group else None
        if others > 0 and after is not None and limits != after:
            notes.append(f"the new limits of storage group {goal.name} count for {others} other volumes in it too")
        elif others > 0 and home.stays and after is None and before is not None and limits is not None:
            notes.append(f"storage group {goal.name} keeps its limits, since {others} other volumes are in it")
    return (*notes, *observed.replication.notes)
