"""The table of volume metadata in Cinder's debug log, as section 16 of the manual shows it."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from cinder import version

import pmax
from pmax.simulator import Fault, Refuse
from tests.e2e.cinder_driver_backend import ARRAY, DIAMOND, CinderBackend, cinder_backend, created, iscsi_connector
from tests.unit.adapters.cinder.cinder_objects import volume, volume_type

LOGGER = "pmax.plugins.metadata_log"
#: The keys of the manual, to the letter.
MANUAL = {
    "service_level",
    "is_compression_disabled",
    "powermax_cinder_driver_version",
    "identifier_name",
    "openstack_release",
    "volume_id",
    "storage_model",
    "successful_operation",
    "default_sg_name",
    "device_id",
    "unisphere_for_powermax_version",
    "workload",
    "openstack_version",
    "volume_updated_time",
    "platform",
    "python_version",
    "volume_size",
    "srp",
    "openstack_name",
    "storage_firmware_version",
    "serial_number",
}


@pytest.fixture
def backend(tmp_path: Path) -> Iterator[CinderBackend]:
    """A backend of Cinder's."""
    with cinder_backend(tmp_path) as made:
        yield made


def tables(caplog: pytest.LogCaptureFixture) -> list[dict[str, str]]:
    """Every table in the log, as key and value."""
    found = []
    for record in caplog.records:
        if record.name == LOGGER:
            rows = [line.split("|") for line in record.getMessage().splitlines() if line.startswith("| ")]
            found.append({cells[1].strip(): cells[2].strip() for cells in rows})
    return found


def run(backend: CinderBackend, **options: str | None) -> str:
    """Operations on one volume, from its creation to its end; returns its id."""
    driver = backend.start(**options)
    mine = created(driver, volume(of_type=volume_type(DIAMOND), display_name="90_Test_Vol56", size=2))
    driver.initialize_connection(mine, iscsi_connector())
    driver.extend_volume(mine, 3)
    driver.terminate_connection(mine, iscsi_connector())
    driver.delete_volume(mine)
    return str(mine.id)


def test_the_table_has_the_keys_of_the_manual(backend: CinderBackend, caplog: pytest.LogCaptureFixture) -> None:
    """After each operation there is one table with exactly the manual's keys, and what is known of the volume."""
    with caplog.at_level(logging.DEBUG, LOGGER):
        volume_id = run(backend)

    found = tables(caplog)
    assert [table["successful_operation"] for table in found] == ["create", "attach", "extend", "detach", "delete"]
    for table in found:
        assert table.pop("Key") == "Value"
        assert set(table) == MANUAL
    assert [table["volume_size"] for table in found] == ["2", "2", "3", "3", "3"]
    last = found[-1]
    del last["volume_updated_time"], last["platform"], last["python_version"], last["device_id"]
    assert last == {
        "successful_operation": "delete",
        "volume_id": volume_id,
        "openstack_name": "90_Test_Vol56",
        "identifier_name": f"OS-{volume_id}",
        "volume_size": "3",
        "default_sg_name": "OS-SRP_1-Diamond-NONE-SG",
        "service_level": "Diamond",
        "workload": "NONE",
        "srp": "SRP_1",
        "is_compression_disabled": "no",
        "serial_number": ARRAY,
        "storage_model": "PowerMax_2000",
        "storage_firmware_version": str(backend.array.record.microcode),
        "unisphere_for_powermax_version": backend.simulator.options.unisphere_version,
        "powermax_cinder_driver_version": pmax.__version__,
        "openstack_version": version.version_info.version_string(),
        "openstack_release": version.version_info.release_string(),
    }


def test_on_or_off_changes_no_call(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The log listens and asks nobody: the calls to the array are the same, one by one, with it and without it."""
    seen = []
    for level, blocked in ((logging.DEBUG, None), (logging.WARNING, None), (logging.DEBUG, "metadata_log")):
        directory = tmp_path / str(len(seen))
        directory.mkdir()
        with cinder_backend(directory) as backend, caplog.at_level(level, LOGGER), backend.counting() as calls:
            run(backend, pmax_blocked_plugins=blocked)
        seen.append([call.rpartition("/")[0] if "/job/" in call else call for call in calls])
        assert bool(tables(caplog)) == (level == logging.DEBUG and not blocked)
        caplog.clear()
    assert seen[0] == seen[1] == seen[2]


def test_a_volume_that_an_earlier_process_made(backend: CinderBackend, caplog: pytest.LogCaptureFixture) -> None:
    """What this process did not see is told as far as the operation itself tells it, and nothing is made up."""
    mine = created(backend.start(), volume(of_type=volume_type(DIAMOND)))
    with caplog.at_level(logging.DEBUG, LOGGER):
        backend.start().delete_volume(mine)
    [table] = tables(caplog)
    assert table["service_level"] == "Diamond"
    assert table["default_sg_name"] == "OS-SRP_1-Diamond-NONE-SG"
    assert "volume_size" not in table


def test_what_failed_is_not_told(backend: CinderBackend, caplog: pytest.LogCaptureFixture) -> None:
    """Only successful operations have a table."""
    driver = backend.start()
    mine = created(driver, volume(of_type=volume_type(DIAMOND)))
    backend.simulator.faults.add(Fault(effect=Refuse(status=500), verb="PUT", nth="every"))
    with caplog.at_level(logging.DEBUG, LOGGER), pytest.raises(Exception, match="refused"):
        driver.extend_volume(mine, 3)
    assert tables(caplog) == []


def test_copies_and_retypes_have_their_tables(backend: CinderBackend, caplog: pytest.LogCaptureFixture) -> None:
    """A clone is told as a volume of its own, and a retype with its new service level."""
    driver = backend.start()
    source = created(driver, volume(of_type=volume_type(DIAMOND), display_name="source"))
    copy = volume(of_type=volume_type(DIAMOND), display_name="copy")
    gold = volume_type({"pool_name": f"Gold+None+SRP_1+{ARRAY}"})
    with caplog.at_level(logging.DEBUG, LOGGER):
        copy.update(driver.create_cloned_volume(copy, source))
        driver.retype(None, source, gold, {}, {"host": f"node@powermax#Gold+None+SRP_1+{ARRAY}"})
    cloned, retyped = tables(caplog)
    assert (cloned["successful_operation"], cloned["openstack_name"]) == ("createFromVolume", "copy")
    assert (cloned["identifier_name"], cloned["volume_size"]) == (f"OS-{copy.id}", "1")
    assert (retyped["successful_operation"], retyped["service_level"]) == ("retype", "Gold")
