"""What is done to the replication of a volume group as one: (observed, command) → plan.

Only modes whose pairs change their state one by one can be used so: Synchronous, of those that come with pmax. Source:
driver-attach-replication.md 8.6; the manual, "Replication groups".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import attrs

from pmax.domain.commands import ChangeGroupReplication
from pmax.domain.errors import InUse, InvalidRequest, NotFound
from pmax.domain.identifiers import DeviceId
from pmax.domain.plans import (
    AddVolumes,
    AwaitSession,
    FailbackSession,
    FailoverSession,
    Plan,
    ResumeSession,
    Step,
    SuspendSession,
)
from pmax.domain.srdf import TRANSITIONS, PairState, SessionAction, is_needed
from pmax.domain.volume_groups import OtherSideOfGroup, VolumeGroupObserved

_STEPS: Final[Mapping[SessionAction, Callable[..., Step]]] = MappingProxyType(
    {
        SessionAction.SUSPEND: SuspendSession,
        SessionAction.RESUME: ResumeSession,
        SessionAction.FAILOVER: FailoverSession,
        SessionAction.FAILBACK: FailbackSession,
    }
)
#: What is asked of the array that holds R2, where the group's storage group may have to be made first.
OF_R2: Final = frozenset({SessionAction.FAILOVER, SessionAction.FAILBACK})


@attrs.frozen(kw_only=True)
class SessionObserved:
    """What the plan depends on.

    Attributes:
        group: the group on the array that is asked, with its members; None if it has no storage group for it.
        rdf_group: number of the RDF group on that array; None if no member is paired.
        paired: those of the volumes that are meant which are paired in it.
        states: of their pairs.
        modes: of their pairs, as the service shows them.
    """

    group: VolumeGroupObserved | None
    rdf_group: int | None
    paired: frozenset[DeviceId] = frozenset()
    states: frozenset[PairState] = frozenset()
    modes: frozenset[str] = frozenset()


def plan_session(command: ChangeGroupReplication, seen: SessionObserved, group_modes: frozenset[str]) -> Plan:
    """Plan to change the replication of a group.

    Args:
        command: which, and how.
        seen: the group.
        group_modes: modes, as the service shows them, in which groups may replicate.

    Raises:
        NotFound: a volume is not paired, or not in the group.
        InvalidRequest: a pair is in another mode.
        InUse: volumes of others are in the group's storage group, and would change with it.
        IllegalTransition: a pair's state forbids it; nothing was sent.
    """
    _check_pairs(command, seen, group_modes)
    array_id, name = command.target.array_id, command.target.storage_group
    steps = _gather(command, seen)
    number = seen.rdf_group
    if number is None or not is_needed(command.action, seen.states, name):
        return Plan()
    steps.append(_STEPS[command.action](array_id=array_id, storage_group=name, rdf_group=number))
    transition = TRANSITIONS[command.action]
    wanted = frozenset(transition.results) | transition.needless_in
    steps.append(AwaitSession(array_id=array_id, storage_group=name, rdf_group=number, states=wanted))
    return Plan(steps=tuple(steps))


def _check_pairs(command: ChangeGroupReplication, seen: SessionObserved, group_modes: frozenset[str]) -> None:
    alone = sorted({member.device_id for member in command.members} - seen.paired)
    if alone:
        where = (
            "" if seen.rdf_group is None else f" in RDF group {seen.rdf_group}, where others of the group are paired"
        )
        raise NotFound("SRDF pair", f"of volume {', '.join(alone)}{where}")
    others = sorted(seen.modes - group_modes)
    if others:
        rule = f"groups replicate in {', '.join(sorted(group_modes))}"
        raise InvalidRequest("replication mode", ", ".join(others), rule)


def _gather(command: ChangeGroupReplication, seen: SessionObserved) -> list[Step]:
    """Let the storage group hold exactly the volumes that are meant; where R2 is, it may have to be made.

    Raises:
        NotFound: a volume is not in it, where R1 is.
        InUse: others are in it.
    """
    target = command.target
    wanted = {member.device_id for member in command.members}
    held = seen.group.members if seen.group else frozenset()
    strangers = sorted(held - wanted)
    if strangers:
        held_by = f"volumes {', '.join(strangers)}, which do not belong to volume group {target}; take them out first"
        raise InUse("storage group", target.storage_group, held_by)
    missing = tuple(sorted(wanted - held))
    if missing and command.action not in OF_R2:
        raise NotFound("volume", f"{', '.join(missing)} in storage group {target.storage_group}")
    steps: list[Step] = list(OtherSideOfGroup(target=target, found=seen.group).making())
    if missing:
        steps.append(AddVolumes(array_id=target.array_id, devices=missing, storage_group=target.storage_group))
    return steps
