"""From the upstream driver to pmax and back, on the same volumes, each driver called as the volume manager calls it.

What one driver writes, the other one reads: the names on the array and the provider data in Cinder's database are the
same to the letter.
"""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from pmax.simulator.fixtures import LOCAL_ARRAY, REMOTE_ARRAY
from tests.judges.array_state import state_of
from tests.judges.backend import Backend, location_of
from tests.judges.hosts import Names, connector_of
from tests.judges.replication import MODES, REPLICATED, Mode, r1, r2, states
from tests.judges.upstream import UPSTREAM, CinderBench, cinder_bench

pytestmark = [pytest.mark.judge, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

PMAX = {
    "iscsi": "pmax.adapters.cinder.iscsi.PowerMaxISCSIDriver",
    "fc": "pmax.adapters.cinder.fc.PowerMaxFCDriver",
}
OF_ONE_VOLUME = {"DeviceID", "DeviceLabel"}
UUID_OF_GROUP = re.compile(r"uuid='\w+'")
TYPES: dict[str, dict[str, Any]] = {
    "gold": {},
    "no level": {"pool": f"None+None+SRP_1+{LOCAL_ARRAY}"},
    "uncompressed": {"storagetype__disablecompression": "true"},
    "limited": {"qos": {"total_iops_sec": "500", "total_bytes_sec": "104857600", "DistributionType": "Always"}},
}


def populated(backend: Backend, hosts: int) -> list[Any]:
    """A volume of each type, attached to so many hosts."""
    made = []
    for name, choices in TYPES.items():
        pool = choices.get("pool", backend.pool(workload="None"))
        of_type = backend.volume_type(name, **{**choices, "pool": pool})
        volume = backend.create(of_type, 2)
        for number in range(1, hosts + 1):
            backend.attach(volume, connector_of(backend.protocol, number))
            backend.log_in(connector_of(backend.protocol, number))
        made.append(backend.records.again(volume))
    return made


def facts(bench: CinderBench, volumes: list[Any]) -> dict[str, Any]:
    """Everything on the arrays, and what Cinder's database says of the volumes; ids that are made up are numbered."""
    numbers = {volume.id: f"volume {number}" for number, volume in enumerate(volumes)}

    def numbered(text: str) -> str:
        for volume_id, number in numbers.items():
            text = text.replace(volume_id, number)
        return UUID_OF_GROUP.sub("uuid=…", text)

    rows = {key: numbered(str(row)) for key, row in state_of(bench.simulator).items()}
    return {"array": rows, "locations": [volume.provider_location for volume in volumes]}


def views_of(backend: Backend, volume: Any) -> set[str]:
    """The masking views that show a volume."""
    device = location_of(volume)["device_id"]
    return {view for view, volume_id in backend.array.lun_addresses if volume_id == device}


@pytest.mark.parametrize("hosts", [0, 1])
@pytest.mark.parametrize("protocol", PMAX)
def test_both_leave_the_same_to_the_letter(protocol: str, hosts: int, tmp_path: Path) -> None:
    """Volumes of all kinds, attached or not, look the same on the array and in the database, whoever made them."""
    found = []
    for path in (UPSTREAM[protocol], PMAX[protocol]):
        directory = tmp_path / str(len(found))
        directory.mkdir()
        with cinder_bench(directory) as bench:
            found.append(facts(bench, populated(bench.start(path, protocol), hosts)))
        shutil.rmtree(directory)
    theirs, ours = found
    assert ours["locations"] == theirs["locations"]
    assert ours["array"].keys() == theirs["array"].keys()
    assert ours["array"] == theirs["array"]


@pytest.mark.parametrize("pool", ["Gold+None", "Gold+NONE", "Gold", "Diamond+OLTP", "None+None", "NONE+NONE"])
def test_metadata_that_both_write_says_the_same(bench: CinderBench, pool: str) -> None:
    """Users and scripts that read a volume's metadata find what they found before, as far as pmax writes it."""
    written = []
    for path in (UPSTREAM["iscsi"], PMAX["iscsi"]):
        backend = bench.start(path, "iscsi")
        of_type = backend.volume_type(path, pool=f"{pool}+SRP_1+{LOCAL_ARRAY}")
        written.append(dict(backend.create(of_type, metadata={"owner": "me"}).metadata))
    theirs, ours = ({key: value for key, value in each.items() if key not in OF_ONE_VOLUME} for each in written)
    assert ours == {key: theirs.get(key) for key in ours}


@pytest.mark.parametrize("way", ["to pmax", "back"])
@pytest.mark.parametrize("protocol", PMAX)
def test_every_operation_goes_on(bench: CinderBench, protocol: str, way: str) -> None:
    """What one driver made and attached is extended, attached to more hosts, detached and deleted by the other one."""
    paths = (UPSTREAM[protocol], PMAX[protocol]) if way == "to pmax" else (PMAX[protocol], UPSTREAM[protocol])
    maker, taker = (bench.start(path, protocol) for path in paths)
    with bench.leaving_nothing():
        for volume in populated(maker, 1):
            moved = taker.extend(volume, 3)
            assert taker.device_of(moved).cylinders == 1639
            taker.attach(moved, connector_of(protocol, 2))
            taker.log_in(connector_of(protocol, 2))
            assert views_of(taker, moved) == {Names(protocol, 1).view, Names(protocol, 2).view}
            for number in (1, 2):
                taker.detach(moved, connector_of(protocol, number))
            assert location_of(taker.records.again(moved)) == location_of(volume)
            taker.delete(moved)


@pytest.mark.parametrize("mode", MODES.values(), ids=MODES)
def test_a_change_of_replication_goes_on(bench: CinderBench, mode: Mode) -> None:
    """What pmax retypes into a replication, the upstream driver retypes out of it and deletes, and the other way."""
    bench.simulator.arrays[REMOTE_ARRAY].add_volume(7, "somebody's")
    options = {"replication_device": f"{mode.device('iscsi')},allow_delete_metro:true"}
    theirs, ours = (bench.start(paths["iscsi"], "iscsi", **options) for paths in (UPSTREAM, PMAX))
    gold, plain = theirs.volume_type(**REPLICATED), theirs.volume_type("plain")
    with bench.leaving_nothing():
        other, volume = theirs.create(gold), theirs.create(plain)
        theirs.array.write(r1(volume), "data")
        for driver in (theirs, ours):
            assert ours.retype(volume, gold)
            volume = theirs.records.again(volume)
            near, far = theirs.array.volumes[r1(volume)], theirs.remote.volumes[r2(volume)]
            assert set(near.storage_groups) == set(far.storage_groups) == mode.groups
            assert (states(theirs), volume.replication_status) == ({mode.steady}, "enabled")
            assert driver.retype(volume, plain)
            volume = theirs.records.again(volume)
            assert (volume.replication_status, volume.replication_driver_data) == ("disabled", None)
        assert ours.retype(volume, gold)
        assert theirs.array.read(r1(volume)) == "data"
        theirs.delete(theirs.records.again(volume))
        assert ours.retype(other, plain)
        theirs.delete(theirs.records.again(other))
