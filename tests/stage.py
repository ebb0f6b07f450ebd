"""An engine over a simulated array, in one process, for scenarios."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import attrs
import requests
from requests.adapters import BaseAdapter

from pmax.bootstrap import build_engine
from pmax.domain.capacity import Capacity
from pmax.domain.commands import (
    Attachment,
    AttachVolume,
    CloneVolume,
    CreateSnapshot,
    CreateVolume,
    CreateVolumeFromSnapshot,
    DeleteSnapshot,
    DeleteVolume,
    Detachment,
    DetachVolume,
    RetypeVolume,
    RevertToSnapshot,
    SnapshotDeletion,
    SnapshotTarget,
    VolumeRetyping,
)
from pmax.domain.identifiers import ArrayId
from pmax.domain.masking import Connector
from pmax.domain.policies import VolumePolicy
from pmax.domain.settings import Secret, Settings, UnisphereServer
from pmax.domain.volumes import VolumeTarget
from pmax.engine import Engine
from pmax.simulator import ArrayHandle, ManualClock, Simulator
from pmax.simulator.mount import SimulatorAdapter
from pmax.simulator.rules.volumes import Naming, NewVolumes, make_volumes
from tests.unit.engine.scripted_array import StoppedClock

ARRAY = ArrayId("000197900999")
GOLD = VolumePolicy(srp="SRP_1", service_level="Gold")
SILVER = VolumePolicy(srp="SRP_1", service_level="Silver")
PLAIN = VolumePolicy(srp="SRP_1")
PORT_GROUPS = {"iscsi": "OS-iscsi-PG", "fc": "OS-fibre-PG"}


def connector(host: str, *, is_multipath: bool = True) -> Connector:
    """What a host says that has one IQN and two WWPNs, all of its own."""
    number = sum(host.lower().partition(".")[0].encode()) % 10_000
    wwpns = [f"10000090fa{number:04d}a{port}" for port in (1, 2)]
    initiator = f"iqn.1994-05.com.example:{host.lower().partition('.')[0]}"
    return Connector(host=host, is_multipath=is_multipath, properties={"initiator": initiator, "wwpns": wwpns})


@attrs.define
class SharedClock(StoppedClock):
    """Time of the engine that passes for the array, too.

    Attributes:
        array: the array's time.
    """

    array: ManualClock = attrs.field(factory=ManualClock)

    def sleep(self, seconds: float) -> None:
        """Let it pass for both."""
        self.time_s += seconds
        self.array.advance(seconds)


@attrs.define
class Calls:
    """Calls that were made during a part of a test."""

    lines: list[str] = attrs.field(factory=list)

    @property
    def count(self) -> int:
        """How many."""
        return len(self.lines)

    @property
    def changes(self) -> list[str]:
        """Those that could change the array."""
        return [line for line in self.lines if not line.startswith("GET ")]

    def __str__(self) -> str:
        return "\n".join(self.lines)


@attrs.define
class Stage:
    """A simulated array and an engine that uses it.

    Attributes:
        simulator: the array.
        engine: the host under test.
        protocol: over which volumes are attached.
        clock: time of the engine; it passes only when something waits.
    """

    simulator: Simulator
    engine: Engine
    protocol: str
    clock: StoppedClock
    _made: int = 0
    _fixed: int = 0

    @classmethod
    def build(cls, state: Path, protocol: str = "iscsi", simulator: Simulator | None = None, **choices: object) -> Self:
        """Set the stage.

        Args:
            state: a directory for journal and locks.
            protocol: of all attaches.
            simulator: with a behaviour of its own; None for the usual one. With a manual clock, the array's time
                passes with the engine's.
            choices: other settings than usual.
        """
        simulator = simulator or Simulator()
        settings = Settings(
            array_id=ARRAY,
            srp="SRP_1",
            servers=(UnisphereServer(host="localhost", username="smc", password=Secret("smc"), port=8443),),
            port_groups=(PORT_GROUPS[protocol],),
            journal_directory=str(state),
        )
        settings = attrs.evolve(settings, **choices)  # type: ignore[arg-type]  # whatever the test says
        array_clock = simulator.clock
        clock = SharedClock(array=array_clock) if isinstance(array_clock, ManualClock) else StoppedClock()
        return cls(simulator, _engine(simulator, settings, clock), protocol, clock)

    def copy(self, state: Path) -> Self:
        """A stage of its own with the same things on it, and an engine that knows nothing yet."""
        simulator = Simulator(fixture="empty")
        simulator.world.restore(tuple(self.simulator.world.everything()))
        settings = attrs.evolve(self.engine.settings, journal_directory=str(state))
        clock = StoppedClock()
        return attrs.evolve(self, simulator=simulator, engine=_engine(simulator, settings, clock), clock=clock)

    def elsewhere(self, state: Path) -> Self:
        """The same array, used from another machine, with a journal of its own."""
        settings = attrs.evolve(self.engine.settings, journal_directory=str(state))
        return attrs.evolve(self, engine=_engine(self.simulator, settings, self.clock))

    @property
    def array(self) -> ArrayHandle:
        """The array, to look at."""
        return self.simulator.arrays[ARRAY]

    def session(self) -> requests.Session:
        """A session of somebody else, who uses the array without asking us."""
        session = requests.Session()
        session.auth = ("smc", "smc")
        self.simulator.mount(session)
        return session

    @property
    def rest(self) -> str:
        """Where that session finds the service."""
        return "https://unisphere.invalid:8443/univmax/restapi/92"

    @contextmanager
    def calls(self) -> Iterator[Calls]:
        """Collect the calls that are made inside."""
        before = len(self.simulator.requests)
        calls = Calls()
        yield calls
        calls.lines += [f"{call.verb} {call.path} {call.status}" for call in list(self.simulator.requests)[before:]]

    def create(self, policy: VolumePolicy = GOLD, gib: int = 1) -> VolumeTarget:
        """Make a volume."""
        identifier = self._next_identifier()
        command = CreateVolume(array_id=ARRAY, identifier=identifier, capacity=Capacity.from_gib(gib), policy=policy)
        made = self.engine.execute(command)
        return VolumeTarget(array_id=ARRAY, device_id=made.device_id, identifiers=(identifier,))

    def _next_identifier(self) -> str:
        self._made += 1
        return f"OS-5d0c7e12-93ab-4f6e-8c21-{self._made:012d}"

    def forget_number(self) -> None:
        """Let the next volume have the identifier of this one: the caller tries the same again."""
        self._fixed = self._fixed or self._made + 1
        self._made = self._fixed - 1

    def attach(
        self, target: VolumeTarget, host: str, policy: VolumePolicy = GOLD, *others: str, is_multipath: bool = True
    ) -> Attachment:
        """Let a host see a volume."""
        return self.engine.execute(
            AttachVolume(
                target=target,
                connector=connector(host, is_multipath=is_multipath),
                protocol=self.protocol,
                policy=policy,
                other_hosts=others,
            )
        )

    def attach_as(self, target: VolumeTarget, host: str, properties: Mapping[str, object]) -> Attachment:
        """Let a host see a volume that says just this of itself."""
        said = Connector(host=host, properties=properties)
        return self.engine.execute(AttachVolume(target=target, connector=said, protocol=self.protocol, policy=GOLD))

    def detach(self, target: VolumeTarget, host: str | None, policy: VolumePolicy = GOLD, *others: str) -> Detachment:
        """Take a volume from a host, or from all."""
        return self.engine.execute(
            DetachVolume(
                target=target,
                connector=connector(host) if host else None,
                protocol=self.protocol,
                policy=policy,
                other_hosts=others,
            )
        )

    def retype(self, target: VolumeTarget, before: VolumePolicy, after: VolumePolicy, *hosts: str) -> VolumeRetyping:
        """Keep a volume by another policy; `hosts` are those of which the caller knows that they see it."""
        command = RetypeVolume(target=target, before=before, after=after, protocol=self.protocol, hosts=hosts)
        return self.engine.execute(command)

    def delete(self, target: VolumeTarget) -> None:
        """Delete a volume."""
        self.engine.execute(DeleteVolume(target=target))

    def take_snapshot(self, target: VolumeTarget, name: str = "snap") -> SnapshotTarget:
        """Take a snapshot."""
        self.engine.execute(CreateSnapshot(volume=target, name=name))
        return SnapshotTarget(volume=target, name=name)

    def delete_snapshot(self, snapshot: SnapshotTarget) -> SnapshotDeletion:
        """Delete a snapshot."""
        return self.engine.execute(DeleteSnapshot(target=snapshot))

    def copy_of(self, snapshot: SnapshotTarget, policy: VolumePolicy = GOLD, gib: int = 1) -> VolumeTarget:
        """Make a volume out of a snapshot."""
        identifier = self._next_identifier()
        command = CreateVolumeFromSnapshot(
            snapshot=snapshot, identifier=identifier, capacity=Capacity.from_gib(gib), policy=policy
        )
        made = self.engine.execute(command).creation
        return VolumeTarget(array_id=ARRAY, device_id=made.device_id, identifiers=(identifier,))

    def clone(self, source: VolumeTarget, policy: VolumePolicy = GOLD, gib: int | None = None) -> VolumeTarget:
        """Make a volume out of another one."""
        identifier = self._next_identifier()
        capacity = None if gib is None else Capacity.from_gib(gib)
        command = CloneVolume(source=source, identifier=identifier, capacity=capacity, policy=policy)
        made = self.engine.execute(command).creation
        return VolumeTarget(array_id=ARRAY, device_id=made.device_id, identifiers=(identifier,))

    def revert(self, snapshot: SnapshotTarget) -> None:
        """Give a volume the data of its snapshot back."""
        self.engine.execute(RevertToSnapshot(target=snapshot))

    def snapshots_of(self, target: VolumeTarget) -> list[str]:
        """Names of a volume's snapshots, temporary ones too."""
        return [each.name for each in self.array.snapshots if each.source == target.device_id]

    def fill(self, storage_group: str, number: int) -> None:
        """Put that many volumes of somebody else into a storage group at once."""
        wanted = NewVolumes(number=number, cylinders=547, naming=Naming())
        with self.simulator.world.changing() as transaction:
            tables = transaction.array(ARRAY)
            for volume_id in make_volumes(tables, wanted, None):
                volume = tables.volumes.get(volume_id)
                tables.volumes.put(attrs.evolve(volume, storage_groups=(storage_group,)))

    def groups_of(self, target: VolumeTarget) -> tuple[str, ...]:
        """Storage groups that hold the volume directly."""
        return tuple(sorted(self.array.volumes[target.device_id].storage_groups))

    def sees(self, host: str, target: VolumeTarget) -> bool:
        """Whether the host has a path to the volume, as the array says."""
        views = self.array.masking_views
        initiators = {name.lower() for name in self.initiators(host)}
        for view, volume_id in self.array.lun_addresses:
            group = self.array.hosts.get(views[view].host or "")
            if volume_id == target.device_id and group is not None:
                members = {name.lower() for name in group.initiators}
                if members & initiators:
                    return True
        return False

    def initiators(self, host: str) -> frozenset[str]:
        """Names of the host's initiators over the stage's protocol."""
        return self.engine.plugins.protocol(self.protocol).initiators(connector(host))

    def leftovers(self) -> list[str]:
        """Everything on the array that was not there at the beginning."""
        gatekeepers = {name for name, volume in self.array.volumes.items() if volume.is_gatekeeper}
        return [
            *sorted(set(self.array.volumes) - gatekeepers),
            *self.array.storage_groups,
            *self.array.masking_views,
            *self.array.hosts,
        ]

    def rename_group(self, before: str, after: str) -> None:
        """Give a storage group another name, as somebody else does."""
        body = {"editStorageGroupActionParam": {"renameStorageGroupParam": {"new_storage_Group_name": after}}}
        answer = self.session().put(f"{self.rest}/sloprovisioning/symmetrix/{ARRAY}/storagegroup/{before}", json=body)
        assert answer.ok, answer.text

    def make_group(self, name: str, service_level: str | None = "Silver") -> None:
        """Make a storage group, as an administrator does."""
        body: dict[str, object] = {"storageGroupId": name, "srpId": "None", "emulation": "FBA"}
        if service_level:
            no_volumes = [{"num_of_vols": 0, "volume_size": "0", "capacityUnit": "GB"}]
            level = {"sloId": service_level, "workloadSelection": "NONE", "volumeAttributes": no_volumes}
            body |= {"srpId": "SRP_1", "sloBasedStorageGroupParam": [level]}
        answer = self.session().post(f"{self.rest}/sloprovisioning/symmetrix/{ARRAY}/storagegroup", json=body)
        assert answer.ok, answer.text

    def snapshot(self, device: str, name: str) -> None:
        """Take a snapshot, as an administrator does."""
        self._on_snapshot("POST", name, {"deviceNameListSource": [{"name": device}]})

    def link(self, device: str, name: str, target: str) -> None:
        """Present a snapshot on another volume, as an administrator does."""
        ends = {"deviceNameListSource": [{"name": device}], "deviceNameListTarget": [{"name": target}]}
        self._on_snapshot("PUT", name, {**ends, "action": "Link", "generation": 0})

    def delete_newest(self, device: str, name: str) -> None:
        """Delete the newest snapshot of this name, as an administrator does."""
        self._on_snapshot("DELETE", name, {"deviceNameListSource": [{"name": device}], "generation": 0})

    def _on_snapshot(self, verb: str, name: str, body: Mapping[str, object]) -> None:
        base = self.rest.replace("/92", "/private/92")
        answer = self.session().request(verb, f"{base}/replication/symmetrix/{ARRAY}/snapshot/{name}", json=body)
        assert answer.ok, answer.text

    def make_host(self, name: str, initiators: Iterable[str]) -> None:
        """Make an initiator group, as an administrator does."""
        body = {"hostId": name, "initiatorId": sorted(initiators)}
        answer = self.session().post(f"{self.rest}/sloprovisioning/symmetrix/{ARRAY}/host", json=body)
        assert answer.ok, answer.text

    def make_view(self, name: str, host: str, port_group: str, storage_group: str) -> None:
        """Make a masking view, as an administrator does."""
        body = {
            "maskingViewId": name,
            "hostOrHostGroupSelection": {"useExistingHostParam": {"hostId": host}},
            "portGroupSelection": {"useExistingPortGroupParam": {"portGroupId": port_group}},
            "storageGroupSelection": {"useExistingStorageGroupParam": {"storageGroupId": storage_group}},
        }
        answer = self.session().post(f"{self.rest}/sloprovisioning/symmetrix/{ARRAY}/maskingview", json=body)
        assert answer.ok, answer.text


class Line(BaseAdapter):
    """Carries calls to the Unisphere whose name is the host's; the time that a client waits in vain passes.

    Attributes:
        refused: Unispheres to which no connection can be had, until they are taken out again.
    """

    def __init__(self, simulator: Simulator, settings: Settings, clock: StoppedClock) -> None:
        super().__init__()
        first, *others = settings.servers
        self.refused: set[str] = set()
        self._clock = clock
        self._applications = {first.host: simulator.application}
        for server in others:
            known = simulator.unispheres.get(server.host)
            self._applications[server.host] = known or simulator.add_unisphere(server.host, "V9.2.0.0")

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        """Carry a call."""
        host = urlsplit(request.url or "").hostname or ""
        if host in self.refused:
            raise requests.exceptions.ConnectTimeout("nobody is there", request=request)
        try:
            return SimulatorAdapter(self._applications[host]).send(request, **options)
        except requests.ReadTimeout:
            self._clock.sleep(options["timeout"][1])
            raise

    def close(self) -> None:
        """Do nothing: there is no connection to close."""


def server(host: str) -> UnisphereServer:
    """A Unisphere of this name."""
    return UnisphereServer(host=host, username="smc", password=Secret("smc"))


def _engine(simulator: Simulator, settings: Settings, clock: StoppedClock) -> Engine:
    adapter: BaseAdapter = SimulatorAdapter(simulator.application)
    if len(settings.servers) > 1:
        adapter = Line(simulator, settings, clock)
    return build_engine(settings, clock=clock, http_adapter=adapter, load_entry_points=False)
