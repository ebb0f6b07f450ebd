"""What moving volumes to the other array takes: (observed, command) → plan.

Everything is asked of the array of R2: after a disaster there is no other one. Sides do not change their SRDF roles:
a volume that is failed over is used on R2.

Source: driver-attach-replication.md 7.13; the manual, "Failover host".
"""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from pmax.domain.commands.failover import Direction, MoveToOtherArray, TwoSidedVolume
from pmax.domain.errors import IllegalTransition, NotFound
from pmax.domain.identifiers import DeviceId
from pmax.domain.naming import temporary_failover_storage_group
from pmax.domain.plans import (
    AddVolumes,
    AwaitSession,
    DissolveStorageGroup,
    EnsureStorageGroup,
    FailbackSession,
    FailoverSession,
    Plan,
    Recovery,
    RemoveVolumes,
    Step,
)
from pmax.domain.replication import Replication
from pmax.domain.replication_modes import FailoverWay
from pmax.domain.srdf import (
    LINKED,
    READY,
    PairState,
    RdfGroup,
    RdfPair,
    RdfSession,
    SessionAction,
    is_needed,
    legal_states,
)
from pmax.domain.storage_groups import StorageGroupDefinition

_NEVER_TOLD = frozenset({PairState.SPLIT, PairState.SUSPENDED})


@attrs.frozen(kw_only=True)
class MoveObserved:
    """What the plan depends on.

    Attributes:
        replication: how the volumes are replicated.
        group: the RDF group, as the array of R2 shows it.
        paired: devices of that array that are paired in it.
        session: of the management group there; None where the mode has none.
        sample: a pair as the array of R2 shows it, for a way back without a management group; None else.
        destination: a pair as the array shows it to which volumes go; None unless only that tells whether hosts can
            use the volumes there.
        leftovers: members of the temporary group, which an earlier failover left; None if there is no such group, or
            nobody looked.
    """

    replication: Replication
    group: RdfGroup
    paired: frozenset[DeviceId]
    session: RdfSession | None = None
    sample: RdfPair | None = None
    destination: RdfPair | None = None
    leftovers: tuple[DeviceId, ...] | None = None


def side_of_r2(volume: TwoSidedVolume, direction: Direction) -> DeviceId:
    """The device on the array of R2."""
    return (volume.other if direction is Direction.OVER else volume.used).device_id


def split(command: MoveToOtherArray, paired: frozenset[DeviceId]) -> tuple[list[TwoSidedVolume], list[TwoSidedVolume]]:
    """Volumes that the array knows as paired, and those that it does not."""
    known: list[TwoSidedVolume] = []
    unknown: list[TwoSidedVolume] = []
    for volume in command.volumes:
        (known if side_of_r2(volume, command.direction) in paired else unknown).append(volume)
    return known, unknown


def plan_move(command: MoveToOtherArray, observed: MoveObserved) -> Plan:
    """Plan to fail volumes over or back.

    Raises:
        IllegalTransition: the state of the pairs forbids it.
        NotFound: the management group has no pairs in the RDF group.
    """
    known, _ = split(command, observed.paired)
    if not known:
        return Plan()
    if observed.replication.mode.failover is FailoverWay.LOCATION:
        _check_usable(command, observed)
        return Plan()
    devices = tuple(side_of_r2(volume, command.direction) for volume in known)
    if observed.replication.management_group is None:
        return _of_some(command, observed, devices)
    return _of_all(command, observed, observed.replication.management_group)


def _of_all(command: MoveToOtherArray, observed: MoveObserved, management_group: str) -> Plan:
    """All volumes of the RDF group are in one storage group already."""
    if observed.session is None:
        raise NotFound("SRDF session", management_group)
    states, group = observed.session.states, observed.group
    action = _action(command.direction, states)
    if not is_needed(action, states, management_group, is_alone=_may_be_alone(action, group)):
        return Plan()
    # Arrays that cannot talk cannot take a failover back; one of them may be lost, so it is finished.
    recovery = Recovery.FINISH if group.is_offline else Recovery.UNDO
    return Plan(steps=(_change(action, group, management_group),), recovery=recovery)


def _of_some(command: MoveToOtherArray, observed: MoveObserved, devices: tuple[DeviceId, ...]) -> Plan:
    """The volumes are gathered in a storage group of their own for the moment of the change."""
    group = observed.group
    action = _action(command.direction, {observed.sample.state} if observed.sample else set())
    name = temporary_failover_storage_group(group.label)
    array_id = group.array_id
    gathering: list[Step] = []
    if observed.leftovers:
        gathering.append(RemoveVolumes(array_id=array_id, devices=observed.leftovers, storage_group=name))
    gathering += [
        EnsureStorageGroup(
            array_id=array_id, definition=StorageGroupDefinition(name=name), must_be_new=observed.leftovers is None
        ),
        AddVolumes(array_id=array_id, devices=devices, storage_group=name),
        AwaitSession(
            array_id=array_id,
            storage_group=name,
            rdf_group=group.number,
            states=legal_states(action, is_alone=_may_be_alone(action, group)),
            settle_timeout_s=0.0,
        ),
    ]
    change = _change(action, group, name)
    return Plan(
        steps=(*gathering, change, DissolveStorageGroup(array_id=array_id, name=name)), recovery=Recovery.FINISH
    )


def _action(direction: Direction, states: Iterable[PairState]) -> SessionAction:
    """What moves pairs in these states.

    R1 that could not be told of the failover, since the arrays could not talk, is not failed over: once they can, the
    pair is split. Its way back is to be restored from the other side, which hosts have used since.
    """
    if direction is Direction.OVER:
        return SessionAction.FAILOVER
    return SessionAction.RESTORE if _NEVER_TOLD & set(states) else SessionAction.FAILBACK


def _may_be_alone(action: SessionAction, group: RdfGroup) -> bool:
    """Whether the other array need not be reached: a failover never needs it, and it may be lost at any moment."""
    return group.is_offline or action is SessionAction.FAILOVER


def _change(action: SessionAction, group: RdfGroup, storage_group: str) -> Step:
    if action is SessionAction.FAILOVER:
        return FailoverSession(array_id=group.array_id, storage_group=storage_group, rdf_group=group.number)
    return FailbackSession(
        array_id=group.array_id,
        storage_group=storage_group,
        rdf_group=group.number,
        restores=action is SessionAction.RESTORE,
    )


def _check_usable(command: MoveToOtherArray, observed: MoveObserved) -> None:
    """Both sides are writable while the arrays talk; else only one of them is, and it must be the right one.

    Raises:
        IllegalTransition: hosts could not use the volumes where they are to go.
    """
    session, pair = observed.session, observed.destination
    states = session.states if session else frozenset()
    if states and states <= LINKED:
        return
    if pair is None or pair.status != READY:
        shown = f"{' and '.join(sorted(states)) or 'unknown'}, and {pair.status if pair else 'not there'} on that side"
        raise IllegalTransition("RDF group", observed.group.label, shown, command.direction.value)
