"""What a change of replication takes while a volume is retyped or taken over: (observed, wanted) → steps.

- A volume that becomes replicated is paired where it is, in the groups of its new type; its data and its paths stay.
- A volume that leaves replication keeps R1; R2 and its data are deleted with the pair. There is no way back from that,
  so it is finished after an interruption.
- From one replication to another it is both, one after the other: in between there is one side only.
- With another service level, both sides move.

A pair ends when R1 leaves a storage group together with it (decision 7). Where that would hide R1 from hosts, or take
it from a group that it must keep, it goes through a group of its own for that moment.

Source: driver-attach-replication.md 7.7, 7.8 and 7.12; the manual, "Volume retype".
"""

from __future__ import annotations

import attrs

from pmax.domain.errors import InUse, InvalidRequest
from pmax.domain.naming import volume_group_of
from pmax.domain.plans import (
    AddVolume,
    EnsureStorageGroup,
    MoveVolume,
    PruneStorageGroup,
    Step,
    emptied_on,
)
from pmax.domain.provisioning import VolumeSessions
from pmax.domain.replicated_volumes import end_of_pair
from pmax.domain.replication import (
    OtherSide,
    PairObserved,
    RdfGroupObserved,
    Replication,
    await_members,
    check_remote_deletable,
    pair_up,
)
from pmax.domain.snapshots import leave_source
from pmax.domain.storage_groups import StorageGroupDefinition
from pmax.domain.temporary_snapshots import clear_all, users_snapshots
from pmax.domain.volumes import Volume

_ACTION = "pairing one more volume in it"


@attrs.frozen(kw_only=True)
class Joining:
    """What a volume is to become a part of.

    Attributes:
        replication: how.
        group: the RDF group.
        other: where the other side goes.
    """

    replication: Replication
    group: RdfGroupObserved
    other: OtherSide

    def check(self, volume: Volume, *, is_shown: bool) -> None:
        """Refuse a volume that cannot be replicated so.

        Raises:
            InUse: hosts see it, and the mode does not take it then.
            InvalidRequest: it has no name, or the RDF group is not what the configuration says.
            IllegalTransition: the RDF group is not as it should be.
        """
        mode = self.replication.mode
        if is_shown and not mode.takes_volumes_in_use:
            users = f"{volume.front_end_paths} host paths; mode {mode.name} takes no volume that hosts see: detach it"
            raise InUse("volume", volume.device_id, users)
        self.group.check(self.replication, _ACTION)

    def steps(self, volume: Volume, identifier: str) -> list[Step]:
        """Pair a volume that is in its group already, and must stay there.

        Raises:
            InvalidRequest: it has no name, by which its other side could be found.
        """
        if not identifier:
            raise InvalidRequest("volume", volume.device_id, "it has no name, which its other side has to share")
        return pair_up(self.replication, self.group, volume.device_id, identifier, None, self.other)


@attrs.frozen(kw_only=True)
class ReplicationChange:
    """What becomes of a volume's replication. Nothing of it is set for one that is not replicated and shall not be.

    Attributes:
        leaving: its pair, which ends.
        staying: its pair, which stays as it is.
        joining: what it becomes a part of.
        remote_goal: where R2 of a pair that stays belongs; None where it is already, or where hosts see it.
        orphans: volumes of the other array that carry the name of the volume, whose type is replicated and which has no
            pair. They may hold what nobody else has, so they are told, and left alone.
        own_groups: default groups of the volume and of R2 that pmax made and may delete when they are left empty.
        sessions: of SnapVX.
    """

    leaving: PairObserved | None = None
    staying: PairObserved | None = None
    joining: Joining | None = None
    remote_goal: OtherSide | None = None
    orphans: tuple[Volume, ...] = ()
    own_groups: frozenset[str] = frozenset()
    sessions: VolumeSessions = VolumeSessions()

    @property
    def has_no_way_back(self) -> bool:
        """Whether data of an other side are deleted."""
        return self.leaving is not None

    @property
    def notes(self) -> tuple[str, ...]:
        """What the caller should know, in words."""
        return tuple(
            f"volume {orphan.device_id} of array {orphan.array_id} has the name of this one and is not its other side: "
            "look at it, and delete it if nobody needs it"
            for orphan in self.orphans
        )

    def check(self, volume: Volume, *, is_shown: bool) -> None:
        """Refuse a change that cannot be made; nothing was sent.

        Raises:
            InUse: hosts, snapshots or a volume group need it as it is.
            InvalidRequest: the operator has to allow it first, or the RDF group is not what the configuration says.
            IllegalTransition: the pair or the RDF group is not as it should be.
        """
        if self.staying is not None:
            self.staying.check("retyping it")
        if self.leaving is None and self.joining is None:
            return
        groups = [name for name in volume.storage_groups if volume_group_of(name)]
        if groups:
            users = f"volume group {', '.join(groups)}, which is replicated as one or not at all; take it out first"
            raise InUse("volume", volume.device_id, users)
        if self.leaving is not None:
            self._check_leaving(self.leaving, volume)
        if self.joining is not None:
            self.joining.check(volume, is_shown=is_shown)
        self._check_snapshots(volume)

    def _check_leaving(self, pair: PairObserved, volume: Volume) -> None:
        pair.replication.check_deletable()
        pair.check("retyping it")
        if pair.remote is None:
            raise InUse("volume", volume.device_id, f"a pair with {pair.pair.remote_device_id}, which is not there")
        management = pair.replication.management_group
        check_remote_deletable(pair.remote, self.own_groups | ({management} if management else frozenset()))

    def _check_snapshots(self, volume: Volume) -> None:
        if self.sessions.own is None or self._takes_sources:
            return
        linked = [snapshot.name for snapshot in users_snapshots(self.sessions.own) if snapshot.links]
        if linked:
            users = f"snapshot {', '.join(linked)}, linked to other volumes; unlink it before the replication changes"
            raise InUse("volume", volume.device_id, users)

    @property
    def _takes_sources(self) -> bool:
        parts = (self.leaving, self.joining)
        return all(part.replication.mode.takes_snapshot_sources for part in parts if part is not None)

    def free_of_copies(self) -> tuple[Step, ...]:
        """Steps that clear what clones have left and the change cannot take: links to the volume, or from it.

        Raises:
            StillInUse: a copy does not have all data yet.
        """
        own = self.sessions.own
        if own is None or (self.leaving is None and self.joining is None):
            return ()
        left = leave_source(own, self.sessions.presented) if self.joining is not None else ()
        return left if self._takes_sources else (*left, *clear_all(own).steps)


@attrs.frozen(kw_only=True)
class Departure:
    """How a pair ends.

    Attributes:
        steps: in order.
        left: the group that R1 is not in any more; None for none but the one that holds all volumes of the RDF group.
    """

    steps: tuple[Step, ...] = ()
    left: str | None = None


def depart(change: ReplicationChange, volume: Volume, hidden: str | None) -> Departure:
    """End the pair of a volume that keeps its data.

    Args:
        change: with the pair that ends.
        volume: R1.
        hidden: the group in which it waits and that it leaves anyway; None for none.
    """
    pair = change.leaving
    if pair is None or pair.remote is None:
        return Departure()
    array_id, device = volume.array_id, volume.device_id
    management, passage = pair.replication.management_group, pair.replication.passage
    steps: list[Step] = []
    through, left = passage, None
    if management is None and hidden is not None:
        through = left = hidden
    elif through not in volume.storage_groups:
        steps.append(EnsureStorageGroup(array_id=array_id, definition=StorageGroupDefinition(name=through)))
        steps.append(AddVolume(array_id=array_id, device=device, storage_group=through))
    steps += end_of_pair(pair, pair.remote, through)
    if pair.group.near.pair_count > 1:
        steps += await_members(pair.replication, pair.group, more=-1, both=False)
    if through == passage or through in change.own_groups:
        steps.append(_prune(volume, through, through))
    remote_own = (name for name in pair.remote.storage_groups if name in {*change.own_groups, management})
    steps += [_prune(pair.remote, name, emptied_on(pair.remote.array_id, name)) for name in remote_own]
    return Departure(steps=tuple(steps), left=left)


def move_other_side(change: ReplicationChange) -> list[Step]:
    """Let R2 follow R1 to the group of another service level."""
    pair, goal = change.staying, change.remote_goal
    if pair is None or pair.remote is None or goal is None:
        return []
    remote = pair.remote
    array_id, device = remote.array_id, remote.device_id
    steps: list[Step] = [EnsureStorageGroup(array_id=array, definition=each) for array, each in goal.missing]
    source = next((name for name in remote.storage_groups if name in change.own_groups), None)
    if source is None:
        return [*steps, AddVolume(array_id=array_id, device=device, storage_group=goal.storage_group)]
    steps.append(MoveVolume(array_id=array_id, device=device, source=source, target=goal.storage_group))
    return [*steps, _prune(remote, source, source)]


def _prune(volume: Volume, name: str, when_emptied: str) -> PruneStorageGroup:
    return PruneStorageGroup(array_id=volume.array_id, name=name, when_emptied=when_emptied, is_shared=True)
