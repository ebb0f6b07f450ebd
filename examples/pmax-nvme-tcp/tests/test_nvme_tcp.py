"""NVMe/TCP from outside: pmax finds the plugin by its entry point, and everything else goes on as usual."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

from pmax.adapters.system import SystemClock
from pmax.bootstrap import build_engine
from pmax.domain.capacity import Capacity
from pmax.domain.commands import AttachVolume, CreateVolume, DeleteVolume, DetachVolume
from pmax.domain.errors import InvalidRequest
from pmax.domain.identifiers import ArrayId
from pmax.domain.masking import Connector
from pmax.domain.policies import VolumePolicy
from pmax.domain.settings import Secret, Settings, UnisphereServer
from pmax.domain.volumes import VolumeTarget
from pmax.engine import Engine
from pmax.simulator import ArrayHandle, Simulator
from pmax.simulator.mount import SimulatorAdapter

ARRAY = ArrayId("000120000548")
OLD_ARRAY = ArrayId("000197900999")
GOLD = VolumePolicy(srp="SRP_1", service_level="Gold")
NQN = "nqn.2014-08.org.nvmexpress:uuid:1b4e28ba-2fa1-11d2-883f-0016d3cca427"
HOST = Connector(
    host="node-1.example.org",
    properties={"nqn": NQN, "nvme_hostid": "1b4e28ba-2fa1-11d2-883f-0016d3cca427"},
)


@attrs.frozen
class Stage:
    """A simulated PowerMax 8500 and an engine."""

    array: ArrayHandle
    engine: Engine

    def create(self) -> VolumeTarget:
        """Make a volume."""
        command = CreateVolume(array_id=ARRAY, identifier="OS-nvme-volume", capacity=Capacity.from_gib(1), policy=GOLD)
        made = self.engine.execute(command)
        return VolumeTarget(array_id=ARRAY, device_id=made.device_id, identifiers=(made.identifier,))

    def attach(self, target: VolumeTarget, connector: Connector = HOST) -> dict[str, object]:
        """Let the host see it."""
        command = AttachVolume(target=target, connector=connector, protocol="nvme-tcp", policy=GOLD)
        return dict(self.engine.execute(command).connection_info)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """The array has one NVMe/TCP endpoint, in a port group of its own."""
    simulator = Simulator(fixture="families", unisphere_version="V10.1.0.0")
    array = simulator.arrays[ARRAY]
    endpoint = next(name for name, port in array.ports.items() if port.identifier.startswith("nqn."))
    array.add_port_group("OS-NVME-PG", [endpoint])
    settings = Settings(
        array_id=ARRAY,
        srp="SRP_1",
        servers=(UnisphereServer(host="localhost", username="smc", password=Secret("smc")),),
        port_groups=("OS-NVME-PG",),
        journal_directory=str(tmp_path),
    )
    engine = build_engine(settings, clock=SystemClock(), http_adapter=SimulatorAdapter(simulator.application))
    yield Stage(array, engine)
    engine.close()


def test_found_by_its_entry_point(stage: Stage) -> None:
    """Installing the package is all that is needed."""
    assert "nvme-tcp" in stage.engine.plugins.protocols()
    assert stage.engine.plugins.hooks_of("nvme_tcp") == ("pmax_register_protocols",)


def test_round_trip(stage: Stage) -> None:
    """Attach, detach, delete: the host gets NQN, portals and NGUID, and nothing stays."""
    target = stage.create()
    info = stage.attach(target)

    (view,) = stage.array.masking_views.values()
    assert view.name == "OS-node-1-NT-OS-NVME-PG-MV"
    (port,) = (stage.array.ports[name] for name in stage.array.port_groups["OS-NVME-PG"].ports)
    assert info["driver_volume_type"] == "nvmeof"
    data = info["data"]
    assert isinstance(data, dict)
    assert data["target_nqn"] == port.identifier
    assert data["portals"] == [(address, 4420, "tcp") for address in port.ip_addresses]
    assert len(data["volume_nguid"]) == 32
    (host,) = stage.array.hosts.values()
    assert host.initiators == (f"{NQN}:1B4E28BA2FA111D2883F0016D3CCA427",)

    stage.engine.execute(DetachVolume(target=target, connector=HOST, protocol="nvme-tcp", policy=GOLD))
    stage.engine.execute(DeleteVolume(target=target))
    assert (stage.array.masking_views, stage.array.hosts, stage.array.storage_groups) == ({}, {}, {})


@pytest.mark.parametrize("missing", ["nqn", "nvme_hostid"])
def test_incomplete_connector(stage: Stage, missing: str) -> None:
    """A host that does not say who it is, is told what is missing."""
    properties = {key: value for key, value in HOST.properties.items() if key != missing}

    with pytest.raises(InvalidRequest, match=missing):
        stage.attach(stage.create(), Connector(host="node-1", properties=properties))


def test_older_arrays_are_refused(stage: Stage) -> None:
    """An array that cannot speak NVMe/TCP says so before anything is made."""
    protocol = stage.engine.plugins.protocol("nvme-tcp")
    readers = stage.engine.readers.arrays

    with pytest.raises(InvalidRequest, match="2500 or 8500"):
        protocol.check_array(readers.get_array(OLD_ARRAY), readers.unisphere_version())
