"""A Cinder whose database knows group types, with the iSCSI driver in the same process as the simulated array."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs
import requests

from pmax.adapters.cinder.iscsi import PowerMaxISCSIDriver
from pmax.simulator import Fault
from pmax.simulator.fault_effects import Effect
from pmax.simulator.mount import SimulatorAdapter
from tests.e2e.cinder_driver_backend import ClockThatSkips
from tests.judges.backend import Backend, location_of
from tests.judges.calls import Calls, counting
from tests.judges.cinder_records import SNAPSHOTS_TOGETHER, objects
from tests.judges.upstream import CinderBench, cinder_bench
from tests.judges.volume_groups import GroupSnapshot, VolumeGroups
from tests.unit.adapters.cinder import cinder_objects

NAME = "MySuperLongGenericVolumeGroupName"
SHORT_NAME = "MySuperLongGelumeGroupName"
DEFAULT_GROUP = "OS-SRP_1-Gold-NONE-SG"


@attrs.frozen
class GroupScene:
    """A back end whose groups are snapped as one.

    Attributes:
        bench: the Cinder installation.
        backend: the driver on it.
        groups: what the volume manager does with groups.
        gold: a volume type.
    """

    bench: CinderBench
    backend: Backend
    groups: VolumeGroups
    gold: objects.VolumeType

    @property
    def context(self) -> Any:
        """Of an administrator."""
        return self.bench.records.context

    @property
    def driver(self) -> Any:
        """The driver itself."""
        return self.backend.driver

    @property
    def array(self) -> Any:
        """The array as it is."""
        return self.backend.array

    def group(self, *data: str, name: str | None = NAME) -> objects.Group:
        """A group with a volume for each text, which a host has written to it."""
        group = self.groups.create(name, self.gold)
        for text in data:
            self.write(self.groups.create_volume(group, self.gold), text)
        return self.again(group)

    def ready_volume(self) -> objects.Volume:
        """A volume that is on the array already, made at once."""
        volume = cinder_objects.volume(of_type=self.gold)
        device = self.array.add_volume(547, f"OS-{volume.id}")
        volume.provider_location = str({"array": self.backend.symmetrix_id, "device_id": device})
        return volume

    def again(self, group: objects.Group) -> objects.Group:
        """The group as it is in the database now."""
        return self.bench.records.group_again(group)

    def rename(self, group: objects.Group, name: str) -> objects.Group:
        """Let the user call the group something else; Cinder tells no driver of that."""
        group.name = name
        group.save()
        return self.again(group)

    def storage_group(self, group: objects.Group) -> str:
        """The one storage group with the group's id in its name."""
        (name,) = [name for name in self.array.storage_groups if name.endswith(group.id)]
        return str(name)

    def members(self, group: objects.Group) -> set[str]:
        """Devices in the group's storage group."""
        name = self.storage_group(group)
        return {device for device, volume in self.array.volumes.items() if name in volume.storage_groups}

    def devices(self, *volumes: objects.Volume) -> list[str]:
        """Where volumes are."""
        return [location_of(volume)["device_id"] for volume in volumes]

    def write(self, volume: objects.Volume, data: str) -> None:
        """Let a host write a volume."""
        self.array.write(location_of(volume)["device_id"], data)

    def data_of(self, group: objects.Group) -> list[str]:
        """What hosts read from the volumes of a group."""
        return [self.array.read(device) for device in self.devices(*self.groups.members(group))]

    def administer(
        self, verb: str, path: str, body: Mapping[str, Any] | None = None, *, array: str | None = None
    ) -> None:
        """Let an administrator change an array in Unisphere, the backend's unless another one is named."""
        self._request(verb, f"92/sloprovisioning/symmetrix/{array or self.backend.symmetrix_id}/{path}", body)

    def delete_snapshot_of_one(self, name: str, device: str) -> None:
        """Let an administrator delete the snapshot of one volume."""
        path = f"private/92/replication/symmetrix/{self.backend.symmetrix_id}/snapshot/{name}"
        self._request("DELETE", path, {"deviceNameListSource": [{"name": device}]})

    def _request(self, verb: str, path: str, body: Mapping[str, Any] | None) -> None:
        with requests.Session() as session:
            session.auth = (self.bench.simulator.options.username, self.bench.simulator.options.password)
            self.bench.simulator.mount(session)
            answer = session.request(verb, f"https://unisphere.invalid:8443/univmax/restapi/{path}", json=body)
        assert answer.ok, answer.text

    def edit_storage_group(self, name: str, action: Mapping[str, Any], *, array: str | None = None) -> None:
        """Let an administrator change a storage group; `array` as for `administer`."""
        self.administer("PUT", f"storagegroup/{name}", {"editStorageGroupActionParam": action}, array=array)

    def stop_pair_of(self, volume: objects.Volume) -> None:
        """Let an administrator suspend the replication of one volume, in a group of his own for a moment."""
        self.administer("POST", "storagegroup", {"storageGroupId": "by-hand", "srpId": "None"})
        (device,) = self.devices(volume)
        self.edit_storage_group("by-hand", _adding(device))
        pair = self.bench.simulator.srdf.pair_of(self.backend.symmetrix_id, device)
        number = (
            next(each for each in self.bench.simulator.srdf.groups if each.group_id == pair.group_id).sides[0].number
        )
        path = f"92/replication/symmetrix/{self.backend.symmetrix_id}/storagegroup/by-hand/rdf_group/{number}"
        self._request("PUT", path, {"action": "Suspend", "suspend": {"force": True}})
        self.administer("DELETE", "storagegroup/by-hand")

    def fail(self, verb: str, path: str, effect: Effect, nth: int | str = 1) -> None:
        """Let a call go wrong."""
        self.bench.simulator.faults.add(Fault(verb=verb, path=path, effect=effect, nth=nth))

    def all_well(self) -> None:
        """Let calls succeed again."""
        self.bench.simulator.faults.clear()

    @contextmanager
    def calls(self) -> Iterator[Calls]:
        """Collect the calls of a block."""
        with counting(self.bench.simulator) as calls:
            yield calls

    def take_down(self, group: objects.Group) -> None:
        """Delete a group with its volumes."""
        self.groups.delete(group)

    def snapshot(self, group: objects.Group) -> GroupSnapshot:
        """Take a snapshot of a group."""
        return self.groups.snapshot(self.again(group))


@contextmanager
def group_scene(
    directory: Path, group_specs: Mapping[str, str] = SNAPSHOTS_TOGETHER, **options: Any
) -> Iterator[GroupScene]:
    """Set the scene; what is on the array at the end must be what was there at the beginning."""
    with cinder_bench(directory) as bench:
        seams = {"http_adapter": SimulatorAdapter(bench.simulator.application), "clock": ClockThatSkips()}
        driver_class = type("TestedDriver", (PowerMaxISCSIDriver,), seams)
        backend = bench.start(driver_class, "iscsi", **options)
        scene = GroupScene(bench, backend, VolumeGroups(backend, group_specs), backend.volume_type())
        with bench.leaving_nothing():
            yield scene


def _adding(device: str) -> dict[str, Any]:
    return {"expandStorageGroupParam": {"addSpecificVolumeParam": {"volumeId": [device]}}}
