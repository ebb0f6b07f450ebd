"""A stage over two simulated arrays, and a policy for each replication mode."""

from __future__ import annotations

from pathlib import Path
from typing import Self

import attrs

from pmax.domain.capacity import Capacity
from pmax.domain.commands import Attachment, AttachVolume, CreateVolume, DeleteVolume, ExtendVolume, VolumeCreation
from pmax.domain.identifiers import ArrayId, DeviceId
from pmax.domain.policies import VolumePolicy
from pmax.domain.replication_devices import ReplicationDevice
from pmax.domain.volumes import VolumeTarget
from pmax.simulator import ArrayHandle
from pmax.simulator.state.records import Volume
from pmax.simulator.state.srdf_records import PairState
from tests.stage import ARRAY, GOLD, PORT_GROUPS, Stage, connector

REMOTE = ArrayId("000197900998")


@attrs.frozen(kw_only=True)
class Mode:
    """A mode as a test needs it.

    Attributes:
        name: of the mode.
        number: of its RDF group on both arrays.
        suffix: of default groups.
        is_managed: whether there is a management group.
        steady: the state of a pair that has nothing to do.
    """

    name: str
    number: int
    suffix: str
    is_managed: bool
    steady: str

    @property
    def can_fail_over(self) -> bool:
        """Whether its pairs change their state when volumes fail over."""
        return self.name != "Metro"

    @property
    def label(self) -> str:
        """Of its RDF group."""
        return f"23_24_{self.number:03d}"

    @property
    def default_group(self) -> str:
        """Where detached volumes are, on both arrays."""
        return f"OS-SRP_1-Gold-NONE{self.suffix}-SG"

    @property
    def management_group(self) -> str:
        """Where all volumes are, on both arrays."""
        return f"OS-{self.label}-{self.name}-rdf-sg"

    @property
    def groups(self) -> set[str]:
        """All groups of a detached volume."""
        return {self.default_group, self.management_group} if self.is_managed else {self.default_group}

    @property
    def policy(self) -> VolumePolicy:
        """Of a replicated type."""
        return attrs.evolve(GOLD, replication_enabled=True, replication_backend=self.name.lower())

    def device(self, protocol: str, **changes: object) -> ReplicationDevice:
        """As the operator configures it."""
        usual = ReplicationDevice(
            target_array_id=REMOTE,
            remote_srp="SRP_1",
            remote_port_group=PORT_GROUPS[protocol],
            rdf_group_label=self.label,
            mode=self.name,
            backend_id=self.name.lower(),
            allow_extend=True,
            allow_delete_metro=True,
            sync_retries=20,
            sync_interval_s=1,
        )
        return attrs.evolve(usual, **changes)  # type: ignore[arg-type]  # whatever the test says


SYNC = Mode(name="Synchronous", number=70, suffix="-RE", is_managed=False, steady="Synchronized")
ASYNC = Mode(name="Asynchronous", number=71, suffix="-RA", is_managed=True, steady="Consistent")
METRO = Mode(name="Metro", number=72, suffix="-RM", is_managed=True, steady="ActiveActive")
MODES = (SYNC, ASYNC, METRO)


@attrs.define
class ReplicatedStage(Stage):
    """A stage on which volumes are replicated.

    Attributes:
        mode: of the volumes.
    """

    mode: Mode = SYNC

    @classmethod
    def set_up(cls, state: Path, mode: Mode, protocol: str = "iscsi", **changes: object) -> Self:
        """Set the stage for a mode; all three are configured."""
        devices = tuple(each.device(protocol, **(changes if each is mode else {})) for each in MODES)
        stage = cls.build(state, protocol, replication_devices=devices)
        stage.mode = mode
        return stage

    @property
    def remote(self) -> ArrayHandle:
        """The other array."""
        return self.simulator.arrays[REMOTE]

    @property
    def policy(self) -> VolumePolicy:
        """Of a replicated type."""
        return self.mode.policy

    def make(self, gib: int = 1) -> VolumeTarget:
        """Make a replicated volume."""
        return self.create(self.policy, gib)

    def make_told(self, identifier: str) -> VolumeCreation:
        """Make a replicated volume of this identifier, and give the whole result."""
        capacity = Capacity.from_gib(1)
        return self.engine.execute(
            CreateVolume(array_id=ARRAY, identifier=identifier, capacity=capacity, policy=self.policy)
        )

    def remove(self, target: VolumeTarget) -> None:
        """Delete a replicated volume."""
        self.engine.execute(DeleteVolume(target=target, policy=self.policy))

    def extend(self, target: VolumeTarget, gib: int) -> None:
        """Let a replicated volume grow."""
        self.engine.execute(ExtendVolume(target=target, capacity=Capacity.from_gib(gib), policy=self.policy))

    def attach_known(self, target: VolumeTarget, host: str) -> Attachment:
        """Let a host see a volume whose other side the caller knows, as one with a database does."""
        other = self.other(target).volume_id
        return self.engine.execute(
            AttachVolume(
                target=target,
                connector=connector(host),
                protocol=self.protocol,
                policy=self.policy,
                other_side=VolumeTarget(array_id=REMOTE, device_id=DeviceId(other)),
            )
        )

    def other(self, target: VolumeTarget) -> Volume:
        """The other side of a volume."""
        array_id, device = self.simulator.srdf.other_side(ARRAY, target.device_id)
        assert array_id == REMOTE
        return self.remote.volumes[device]

    def states(self) -> set[PairState]:
        """The states of all pairs."""
        return {pair.state for pair in self.simulator.srdf.pairs}

    def write(self, target: VolumeTarget, token: str) -> None:
        """Let a host write to the volume."""
        self.array.write(target.device_id, token)

    def everything(self) -> dict[str, object]:
        """All that an operation may touch, on both arrays."""
        return {
            array: {
                "volumes": {
                    name: (volume.identifier, volume.cylinders, tuple(sorted(volume.storage_groups)))
                    for name, volume in handle.volumes.items()
                },
                "groups": {
                    name: (group.service_level, tuple(sorted(group.parents)))
                    for name, group in handle.storage_groups.items()
                },
                "views": set(handle.masking_views),
                "hosts": set(handle.hosts),
            }
            for array, handle in ((ARRAY, self.array), (REMOTE, self.remote))
        } | {"pairs": {(pair.pair_id, pair.mode, pair.state) for pair in self.simulator.srdf.pairs}}

    def leftovers_of_both(self) -> list[str]:
        """Everything on both arrays that was not there at the beginning."""
        gatekeepers = {name for name, volume in self.remote.volumes.items() if volume.is_gatekeeper}
        return [
            *self.leftovers(),
            *sorted(set(self.remote.volumes) - gatekeepers),
            *self.remote.storage_groups,
            *self.remote.masking_views,
            *self.remote.hosts,
            *(pair.pair_id for pair in self.simulator.srdf.pairs),
        ]
