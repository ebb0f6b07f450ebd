"""The driver in Cinder's real volume manager, with Cinder's real database."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.cinder_driver_backend import ARRAY

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What became of a volume in the manager; see the script."""
    finished = subprocess.run(
        [
            *(sys.executable, "-W", "ignore", "-m", "tests.e2e.cinder_driver_manager"),
            str(tmp_path_factory.mktemp("manager")),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=80,
    )
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout.splitlines()[-1])


pytestmark = [pytest.mark.timeout(90), pytest.mark.xdist_group("cinder volume manager")]


def test_the_manager_starts_the_backend(seen: dict[str, Any]) -> None:
    """The manager loads the driver by its path and takes it into service."""
    assert seen["started"] is True


def test_a_volume_becomes_available_with_its_place_and_metadata(seen: dict[str, Any]) -> None:
    """The model update is stored, beside the metadata that the user gave."""
    status, location, metadata = seen["created"]
    assert status == "available"
    assert location == f"{{'array': '{ARRAY}', 'device_id': '00003'}}"
    assert metadata["owner"] == "me"
    assert metadata["DeviceID"] == "00003"
    assert metadata["ServiceLevel"] == "Gold"


def test_an_attachment_is_complete_for_the_host(seen: dict[str, Any]) -> None:
    """Cinder adds its own keys to the driver's."""
    told = seen["told"]
    assert told["driver_volume_type"] == "iscsi"
    assert told["target_lun"] == 1
    assert told["access_mode"] == "rw"
    assert told["encrypted"] is False


def test_limits_apply_to_the_volume_of_a_user_who_may_not_read_them(seen: dict[str, Any]) -> None:
    """QoS specifications are an administrator's to read; the driver reads them all the same, from the database."""
    assert seen["limits"] == {"OS-node1-SRP_1-GoldNONE-OS-iscsi-PG": 500}


def test_a_detached_volume_is_available_again(seen: dict[str, Any]) -> None:
    """The array shows it to nobody any more."""
    assert seen["detached"] == ["available", []]


def test_an_extended_volume_has_its_new_size(seen: dict[str, Any]) -> None:
    """The manager stores what the driver did without an error."""
    assert seen["extended"] == 5


def test_a_deleted_volume_leaves_nothing(seen: dict[str, Any]) -> None:
    """The array is empty in the end."""
    assert seen["left"] == {}
