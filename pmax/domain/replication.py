"""What replicating a volume takes: (observed, what is wanted) → steps.

What belongs here: which RDF groups may be changed, and the steps that make a volume with its other side, take both
away, and let both grow. What does not: in what the modes differ (`replication_modes`), what is legal in which state
(`srdf`).

Rules:
- Nothing is changed in an RDF group whose two sides, or whose management groups, do not agree.
- No other pair of the group leaves its state: pairs join exempt and leave together with their storage groups.
- The other side carries the identifier of the volume, so that it is found, and proven, without the pair.

Source: driver-attach-replication.md 7.4 to 7.10; the manual, "Volume replication support".
"""

from __future__ import annotations

import attrs

from pmax.domain.errors import IllegalTransition, InUse, InvalidRequest
from pmax.domain.identifiers import ArrayId, DeviceId
from pmax.domain.naming import rdf_management_storage_group, temporary_failover_storage_group
from pmax.domain.plans import (
    AddVolume,
    AwaitMembership,
    AwaitPair,
    CreatePair,
    EnsureStorageGroup,
    NewVolume,
    PairTerms,
    RenameVolume,
    Step,
)
from pmax.domain.replication_devices import ReplicationDevice
from pmax.domain.replication_modes import ReplicationMode
from pmax.domain.srdf import GroupReplication, PairState, RdfGroup, RdfLink, RdfPair
from pmax.domain.storage_groups import StorageGroupDefinition
from pmax.domain.volumes import Volume


@attrs.frozen(kw_only=True)
class Replication:
    """Where and how volumes of a type are replicated.

    Attributes:
        array_id: serial of the array of R1.
        device: the target.
        mode: what its plugin says.
    """

    array_id: ArrayId
    device: ReplicationDevice
    mode: ReplicationMode

    @property
    def management_group(self) -> str | None:
        """The storage group, of this name on both arrays, that holds all volumes of the RDF group; None for none."""
        if not self.mode.needs_management_group:
            return None
        return rdf_management_storage_group(self.device.rdf_group_label, self.mode.name)

    @property
    def passage(self) -> str:
        """The group through which a volume goes to end its pair, if it may not leave another one for that."""
        return self.management_group or temporary_failover_storage_group(self.device.rdf_group_label)

    @property
    def has_bias(self) -> bool | None:
        """Whether R1 has the bias; None in a mode without one."""
        return self.device.has(self.mode.bias_option) if self.mode.bias_option else None

    def terms(self, *, is_first: bool) -> PairTerms:
        """How a pair is made.

        Args:
            is_first: the RDF group has no pairs yet.
        """
        mode = self.mode
        return PairTerms(
            mode=mode.sent_mode,
            establishes=mode.establishes_first if is_first else mode.establishes_next,
            is_exempt=mode.exempts_new_pairs and not is_first,
            has_bias=self.has_bias,
            ends_suspended=mode.suspends_last and is_first,
        )

    def check_deletable(self) -> None:
        """Refuse to end a pair where the operator has to allow it first.

        Raises:
            InvalidRequest: names the key.
        """
        option = self.mode.deletion_option
        if not self.device.has(option):
            rule = f"deleting volumes in mode {self.mode.name} is not permitted on this backend: set {option} to true"
            raise InvalidRequest(f"replication_device {option}", "false", rule)


@attrs.frozen(kw_only=True)
class RdfGroupObserved:
    """An RDF group, looked at from both sides.

    Attributes:
        near: as the array of R1 shows it.
        far: as the other one does.
        states: of the pairs that were looked at; empty while there are none.
        near_members: how the management group is replicated; None if it does not exist, or the mode needs none.
        far_members: likewise on the other array.
    """

    near: RdfGroup
    far: RdfGroup
    states: frozenset[PairState]
    near_members: GroupReplication | None = None
    far_members: GroupReplication | None = None

    @property
    def link(self) -> RdfLink:
        """What identifies it."""
        return self.near.link

    @property
    def is_empty(self) -> bool:
        """Whether nothing is paired in it."""
        return self.near.pair_count == 0

    def check(self, replication: Replication, action: str) -> None:
        """Refuse to change a group that is not as it should be.

        Args:
            replication: how it is meant to be used.
            action: what shall be done, for the error.

        Raises:
            InvalidRequest: it replicates in another mode, or its other end is another array.
            IllegalTransition: the arrays cannot talk, a pair's state does not allow it, or the sides do not agree.
        """
        near, mode = self.near, replication.mode
        if near.remote_array_id != replication.device.target_array_id:
            rule = f"its other end is array {near.remote_array_id}, not {replication.device.target_array_id}"
            raise InvalidRequest("replication_device rdf_group_label", near.label, rule)
        others = sorted(set(near.modes) - {mode.expected_mode})
        if others:
            rule = f"it holds pairs in mode {', '.join(others)}, so that none in mode {mode.name} can join them"
            raise InvalidRequest("replication_device rdf_group_label", near.label, rule)
        for problem in (self._problem_of_link(), self._problem_of_states(mode), self._problem_of_members(replication)):
            if problem:
                raise IllegalTransition("RDF group", near.label, problem, action)

    def _problem_of_link(self) -> str:
        if self.near.is_offline or self.far.is_offline:
            return f"offline: arrays {self.near.array_id} and {self.far.array_id} cannot reach each other"
        if self.near.pair_count != self.far.pair_count:
            return (
                f"uneven: {self.near.pair_count} pairs on array {self.near.array_id}, "
                f"{self.far.pair_count} on array {self.far.array_id}"
            )
        return ""

    def _problem_of_states(self, mode: ReplicationMode) -> str:
        wrong = sorted(self.states - mode.changeable_states)
        return " and ".join(wrong)

    def _problem_of_members(self, replication: Replication) -> str:
        """Whether each management group holds exactly the devices of the RDF group."""
        name = replication.management_group
        if name is None:
            return ""
        for group, members in ((self.near, self.near_members), (self.far, self.far_members)):
            found = members.is_exactly(group.number, group.pair_count) if members else group.pair_count == 0
            if not found:
                return f"in disorder: storage group {name} of array {group.array_id} does not hold exactly its volumes"
        return ""


@attrs.frozen(kw_only=True)
class OtherSide:
    """Where the other side of a volume goes.

    Attributes:
        storage_group: default group of the remote array.
        missing: definitions of groups that have to be made, with the array on which.
    """

    storage_group: str
    missing: tuple[tuple[ArrayId, StorageGroupDefinition], ...] = ()


def pair_up(
    replication: Replication,
    group: RdfGroupObserved,
    volume: DeviceId | NewVolume,
    identifier: str,
    storage_group: str | None,
    other: OtherSide,
) -> list[Step]:
    """Give an existing volume its other side, and put both into the groups in which they belong.

    Args:
        replication: how.
        group: as observed.
        volume: R1.
        identifier: of R1.
        storage_group: a group that holds R1, which R1 leaves if all of this is taken back; None if it must leave none.
        other: where the other side goes.
    """
    link = group.link
    remote = NewVolume(identifier, is_remote=True)
    management = replication.management_group
    steps: list[Step] = [
        CreatePair(
            link=link,
            device=volume,
            identifier=identifier,
            terms=replication.terms(is_first=group.is_empty),
            storage_group=storage_group or replication.passage,
            is_passage=storage_group is None,
        ),
        RenameVolume(array_id=link.remote_array_id, device=remote, before="", after=identifier),
    ]
    steps += [EnsureStorageGroup(array_id=array_id, definition=definition) for array_id, definition in other.missing]
    steps.append(AddVolume(array_id=link.remote_array_id, device=remote, storage_group=other.storage_group))
    if management is not None:
        steps.append(AddVolume(array_id=link.array_id, device=volume, storage_group=management))
        steps.append(AddVolume(array_id=link.remote_array_id, device=remote, storage_group=management))
        steps += await_members(replication, group, more=1, both=True)
    else:
        steps.append(AwaitPair(link=link, device=volume))
    return steps


def await_members(replication: Replication, group: RdfGroupObserved, *, more: int, both: bool) -> list[Step]:
    """Look whether the management groups still hold exactly the devices of the RDF group.

    Args:
        replication: how.
        group: as observed before.
        more: pairs that were made since, less those that were deleted.
        both: look at both arrays; an array changes both sides of a pair together, so that one look may do.
    """
    management = replication.management_group
    if management is None:
        return []
    count = group.near.pair_count + more
    links = (group.link, group.link.turned) if both else (group.link,)
    return [AwaitMembership(link=link, storage_group=management, pair_count=count) for link in links]


@attrs.frozen(kw_only=True)
class PairObserved:
    """A replicated volume with everything that belongs to it.

    Attributes:
        replication: how it is replicated.
        group: the RDF group.
        volume: R1.
        pair: as the array of R1 shows it.
        remote: R2; None if it was not looked at.
    """

    replication: Replication
    group: RdfGroupObserved
    volume: Volume
    pair: RdfPair
    remote: Volume | None = None

    def check(self, action: str) -> None:
        """Refuse to change a pair that is failed over, half, or in a group that is not as it should be.

        Raises:
            IllegalTransition: says what is not as it should be.
            InvalidRequest: the RDF group is not what the configuration says.
        """
        name = self.volume.device_id
        if not self.pair.is_r1:
            state = f"R2 on array {self.volume.array_id}, since it was failed over; fail it back first"
            raise IllegalTransition("volume", name, state, action)
        if self.pair.state not in self.replication.mode.changeable_states:
            raise IllegalTransition("the SRDF pair of volume", name, self.pair.state, action)
        self.group.check(self.replication, action)


def check_remote_deletable(remote: Volume, own_groups: frozenset[str]) -> None:
    """Refuse to delete an other side that somebody still needs.

    Args:
        remote: R2, as read.
        own_groups: the storage groups in which pmax keeps it.

    Raises:
        InUse: a host sees it, a snapshot depends on it, or it is in groups of others.
    """
    name = f"{remote.device_id} of array {remote.array_id}"
    if remote.front_end_paths:
        raise InUse("volume", name, f"{remote.front_end_paths} host paths; detach it first")
    if remote.is_snapshot_source or remote.is_snapshot_target:
        raise InUse("volume", name, "snapshots; delete them first")
    foreign = sorted(set(remote.storage_groups) - own_groups)
    if foreign:
        raise InUse("volume", name, f"storage group {', '.join(foreign)}, which is not ours; take it out of there")
