"""What the threads of crossing lives do: an act, the command that it is on what there is, and how it ended."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import attrs
from hypothesis import strategies as st

from pmax.domain.capacity import Capacity
from pmax.domain.commands import (
    AttachVolume,
    CloneVolume,
    Command,
    CreateGroupSnapshot,
    CreateSnapshot,
    CreateVolume,
    CreateVolumeFromSnapshot,
    DeleteGroupSnapshot,
    DeleteSnapshot,
    DeleteVolume,
    DetachVolume,
    ExtendVolume,
    RetypeVolume,
    SnapshotTarget,
    UpdateVolumeGroup,
)
from pmax.domain.errors import OutcomeUnknown, PlanFailed
from pmax.domain.policies import VolumePolicy
from pmax.domain.volume_groups import VolumeGroupTarget
from pmax.domain.volumes import VolumeTarget
from tests.stage import ARRAY, GOLD, SILVER, connector

HOSTS: Final = ("host-a", "host-b")
GROUP = VolumeGroupTarget(array_id=ARRAY, group_id="0b2c7e12-93ab-4f6e-8c21-000000000001", name="group")
GROUP_SNAPSHOT: Final = "group-snapshot"
SNAPSHOT: Final = "users"


@attrs.frozen
class Act:
    """What a thread does.

    Attributes:
        kind: a key of `KINDS`.
        volume: number of the volume among those that there are, wrapped round.
        host: which.
    """

    kind: str
    volume: int
    host: str


@attrs.frozen
class Doing:
    """An act on what there is.

    Attributes:
        act: which.
        target: the volume; of a creation the one that it would be like.
        policy: of the volume.
        made: identifier of the volume that it makes; empty if it makes none.
    """

    act: Act
    target: VolumeTarget
    policy: VolumePolicy
    made: str = ""

    @property
    def kind(self) -> str:
        """What is done."""
        return self.act.kind

    @property
    def name(self) -> str:
        """Identifier of the volume."""
        return self.target.identifiers[0]


@attrs.define
class Done:
    """How an act ended: with a result, or an error."""

    doing: Doing
    error: BaseException | None = None
    has_ended: bool = False

    @property
    def succeeded(self) -> bool:
        """Whether whoever asked was told so."""
        return self.error is None

    @property
    def failed(self) -> bool:
        """Whether whoever asked was told that nothing was done."""
        return self.error is not None and not isinstance(self.error, OutcomeUnknown | PlanFailed)


def _create(doing: Doing) -> Command[object]:
    one_gib = Capacity.from_gib(1)
    return CreateVolume(array_id=ARRAY, identifier=doing.made, capacity=one_gib, policy=doing.policy)


def _attach(doing: Doing) -> Command[object]:
    return AttachVolume(
        target=doing.target,
        connector=connector(doing.act.host),
        protocol="iscsi",
        policy=doing.policy,
        other_hosts=HOSTS,
    )


def _detach(doing: Doing) -> Command[object]:
    return DetachVolume(
        target=doing.target,
        connector=connector(doing.act.host),
        protocol="iscsi",
        policy=doing.policy,
        other_hosts=HOSTS,
    )


def _retype(doing: Doing) -> Command[object]:
    after = GOLD if doing.policy is SILVER else SILVER
    return RetypeVolume(target=doing.target, before=doing.policy, after=after, protocol="iscsi", hosts=HOSTS)


def _snapshot(doing: Doing) -> SnapshotTarget:
    return SnapshotTarget(volume=doing.target, name=SNAPSHOT)


#: What may be done, by its name: the command that it is.
KINDS: dict[str, Callable[[Doing], Command[object]]] = {
    "create": _create,
    "delete": lambda doing: DeleteVolume(target=doing.target),
    "extend": lambda doing: ExtendVolume(target=doing.target, capacity=Capacity.from_gib(2)),
    "attach": _attach,
    "detach": _detach,
    "retype": _retype,
    "snap": lambda doing: CreateSnapshot(volume=doing.target, name=SNAPSHOT),
    "delete snapshot": lambda doing: DeleteSnapshot(target=_snapshot(doing)),
    "copy": lambda doing: CreateVolumeFromSnapshot(
        snapshot=_snapshot(doing), identifier=doing.made, capacity=Capacity.from_gib(2), policy=doing.policy
    ),
    "clone": lambda doing: CloneVolume(
        source=doing.target, identifier=doing.made, capacity=Capacity.from_gib(2), policy=doing.policy
    ),
    "join": lambda doing: UpdateVolumeGroup(target=GROUP, joining=(doing.target,)),
    "leave": lambda doing: UpdateVolumeGroup(target=GROUP, leaving=(doing.target,)),
    "snap group": lambda doing: CreateGroupSnapshot(target=GROUP, name=GROUP_SNAPSHOT, members=(doing.target,)),
    "delete group snapshot": lambda _: DeleteGroupSnapshot(target=GROUP, name=GROUP_SNAPSHOT),
}
MAKING: Final = frozenset({"create", "copy", "clone"})

#: Hosts come and go more often than anything else, and meet on few volumes: that is where operations hurt each other.
ACTS = st.builds(
    Act, st.sampled_from([*sorted(KINDS), *("attach", "detach") * 5]), st.integers(0, 2), st.sampled_from(HOSTS)
)
