"""Every feature of Cinder that the drivers declare is there as a whole, and nothing is declared that is not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from cinder.volume import driver as cinder_driver
from oslo_utils import importutils

from tests.e2e.cinder_driver_backend import cinder_backend
from tests.e2e.conformance import FEATURES, declared, faults

PATHS = ("pmax.adapters.cinder.iscsi.PowerMaxISCSIDriver", "pmax.adapters.cinder.fc.PowerMaxFCDriver")
ROOT = Path(__file__).parents[2]
UPSTREAM = "cinder.volume.drivers.dell_emc.powermax.iscsi.PowerMaxISCSIDriver"


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("feature", FEATURES)
def test_a_feature_is_there_as_a_whole(path: str, feature: str) -> None:
    """A driver with one method of a feature has all of them, its own, with the arguments that Cinder gives."""
    driver = importutils.import_class(path)
    if feature in declared(driver):
        assert faults(driver, feature) == []


@pytest.mark.parametrize("path", PATHS)
def test_what_is_reported_is_there(path: str, tmp_path: Path) -> None:
    """The pools report a capability, for volume types to ask for, exactly if the driver has the feature."""
    protocol = "iscsi" if "iscsi" in path else "fc"
    with cinder_backend(tmp_path) as backend:
        driver = backend.start(protocol)
        features, pools = declared(type(driver)), driver.get_volume_stats(refresh=True)["pools"]
    assert pools
    for pool in pools:
        assert pool["multiattach"] is True
        assert pool["QoS_support"] is True
        assert pool["consistent_group_snapshot_enabled"] is ("group snapshots" in features)
        assert pool["replication_enabled"] is False, "no remote array is configured"


@pytest.mark.parametrize("path", PATHS)
def test_a_cluster_is_supported_with_everything(path: str) -> None:
    """A driver that supports active/active and fails over does so in a cluster too."""
    driver = importutils.import_class(path)
    assert driver.SUPPORTS_ACTIVE_ACTIVE is True
    assert ("replication" in declared(driver)) == ("replication in a cluster" in declared(driver))


def test_the_look_is_strict() -> None:
    """What Cinder's own check lets pass is found: a method that is missing, a stub, other arguments, one too many."""

    class Careless(cinder_driver.VolumeDriver):
        manage_existing_get_size = None  # something, but no method

        def retype(self, context: object, volume: object, new_type: object, host: object, diff: object) -> bool:
            return True

        def create_snapshot(self, snapshot: object, mode: object) -> None:
            """Take a snapshot, if anybody says how."""

    assert declared(Careless) >= {"retype", "snapshots"}
    assert faults(int, "revert") == ["revert_to_snapshot is not there"]
    assert faults(Careless, "revert") == ["revert_to_snapshot is a stub of Cinder"]
    assert [fault.partition(" takes ")[0] for fault in faults(Careless, "retype")] == ["retype"]
    assert "create_snapshot cannot do without ['mode'], which Cinder does not give" in faults(Careless, "snapshots")


def test_the_table_of_features_is_right() -> None:
    """The features of the table are those of Cinder: a driver of Cinder that has them is found to have them."""
    upstream = importutils.import_class(UPSTREAM)
    for name in (each for names in FEATURES.values() for each in names):
        assert hasattr(upstream, name), name


@pytest.mark.timeout(100)
def test_cinders_own_compliance_tests_pass() -> None:
    """They are run over our classes, for what they are worth: a class that registers is found, and can be described."""
    script = f"""
import sys, unittest
from oslo_utils import importutils
for path in {PATHS!r}:
    importutils.import_class(path)
sys.argv = ["compliance", "-v", "cinder.tests.compliance.test_volume_drivers"]
unittest.main(module=None)
"""
    finished = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert finished.returncode == 0, finished.stderr
    assert f"Ran {len(PATHS) + 1} tests" in finished.stderr, "one for each class, one for the register"
