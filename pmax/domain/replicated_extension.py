"""What extending a volume takes whose pair the arrays cannot extend: (observed, wanted) → steps.

Where the operator allows it (`allow_extend`), the pair ends, R1 grows, and a new pair with a new R2 is made, to which
all data are copied. Until then there is one side only. R1 keeps its groups, its paths and its data; other pairs stay as
they are. There is no way back from the end of the pair, so it is finished after an interruption.

The manual lets both sides grow before they are paired again. As of Unisphere 9.2 the array makes R2 itself, so that R2
is a new device (driver-attach-replication.md 7.10); the result names it.
"""

from __future__ import annotations

import attrs

from pmax.domain.arrays import Array
from pmax.domain.capacity import Capacity
from pmax.domain.errors import InUse, InvalidRequest
from pmax.domain.plans import AwaitMembership, ExpandVolume, Plan, PruneStorageGroup, Recovery, Step, plan_of
from pmax.domain.replicated_retype import Joining, ReplicationChange, depart
from pmax.domain.replication import OtherSide, PairObserved, check_remote_deletable


def can_stay_paired(pair: PairObserved, local: Array, remote: Array) -> bool:
    """Whether a pair can stay while both sides grow, or has to end for it, which the operator allows.

    Raises:
        InvalidRequest: names both arrays, what they run, and what would let it.
    """
    mode, device = pair.replication.mode, pair.replication.device
    if mode.can_extend_online(local, remote):
        return True
    if mode.extends_by_new_pair and device.allow_extend:
        return False
    rule = (
        f"in mode {mode.name} the arrays {local.array_id} ({local.microcode}) and {remote.array_id} "
        f"({remote.microcode}) cannot extend a volume while it is replicated: newer microcode on both can"
    )
    if not mode.extends_by_new_pair:
        raise InvalidRequest("volume", pair.volume.device_id, rule)
    rule += "; with allow_extend:true in the replication_device, the pair ends for it and a new one is made"
    raise InvalidRequest("replication_device allow_extend", "false", rule)


def renewal(pair: PairObserved, own_groups: frozenset[str]) -> ReplicationChange:
    """Say what becomes of a pair that ends and is made anew, in the same groups.

    Args:
        pair: with R2.
        own_groups: default groups of R2 that pmax made.

    Raises:
        InUse: R2 is not there, somebody else needs it, or it is not where a new one could go.
    """
    remote, replication, group = pair.remote, pair.replication, pair.group
    if remote is None:
        raise InUse("volume", pair.volume.device_id, f"a pair with {pair.pair.remote_device_id}, which is not there")
    management = replication.management_group
    check_remote_deletable(remote, own_groups | ({management} if management else frozenset()))
    home = next((name for name in remote.storage_groups if name in own_groups), None)
    if home is None:
        name = f"{remote.device_id} of array {remote.array_id}"
        raise InUse("volume", name, "storage groups of others, so that nobody knows where a new other side belongs")
    fewer = attrs.evolve(
        group,
        near=attrs.evolve(group.near, pair_count=group.near.pair_count - 1),
        far=attrs.evolve(group.far, pair_count=group.far.pair_count - 1),
    )
    joining = Joining(replication=replication, group=fewer, other=OtherSide(storage_group=home))
    return ReplicationChange(leaving=pair, joining=joining)


def plan_extension_by_new_pair(change: ReplicationChange, pair: PairObserved, wanted: Capacity) -> Plan:
    """Plan to end the pair, to let R1 grow, and to pair it again.

    Raises:
        InvalidRequest: the operator has to allow it first, or the volume has no name.
        IllegalTransition: the pair or its group is not as it should be.
    """
    volume, joining = pair.volume, change.joining
    pair.check("extending it")
    pair.replication.check_deletable()
    if joining is None:
        return Plan()
    passage = pair.replication.passage
    steps: list[Step] = [step for step in depart(change, volume, None).steps if not _is_of_no_use(step, passage)]
    steps.append(
        ExpandVolume(
            array_id=volume.array_id,
            device=volume.device_id,
            before=volume.capacity,
            after=wanted,
            identifier=volume.identifier or "",
        )
    )
    steps += joining.steps(volume, volume.identifier or "")
    return plan_of(steps, Recovery.FINISH)


def _is_of_no_use(step: Step, passage: str) -> bool:
    """Whether a step would take away a group that the new other side needs, or count pairs that will be more again."""
    return isinstance(step, AwaitMembership) or (isinstance(step, PruneStorageGroup) and step.name != passage)
