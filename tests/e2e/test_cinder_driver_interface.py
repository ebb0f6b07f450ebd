"""The drivers against Cinder's own interface classes.

The compliance tests that Cinder ships pass for any class on Python 3, since they look for bound methods and find none.
So every method is looked at here: it exists, it takes what Cinder passes, and where pmax claims it, it is pmax's own.
"""

import inspect
import os
import subprocess
import sys

import pytest
from cinder import interface
from cinder.interface import (
    util,
    volume_driver,
    volume_group_driver,
    volume_manageable_driver,
    volume_snapshot_revert,
    volume_snapshotmanagement_driver,
)
from cinder.volume import driver as cinder_driver
from oslo_utils import importutils

PATHS = ("pmax.adapters.cinder.iscsi.PowerMaxISCSIDriver", "pmax.adapters.cinder.fc.PowerMaxFCDriver")
DRIVERS = [importutils.import_class(path) for path in PATHS]

#: What the product says that it does.
CLAIMED = frozenset(
    {
        "do_setup",
        "check_for_setup_error",
        "get_volume_stats",
        "create_volume",
        "delete_volume",
        "extend_volume",
        "create_snapshot",
        "delete_snapshot",
        "create_volume_from_snapshot",
        "create_cloned_volume",
        "revert_to_snapshot",
        "initialize_connection",
        "terminate_connection",
        "retype",
        "migrate_volume",
        "update_migrated_volume",
        "create_group",
        "delete_group",
        "update_group",
        "create_group_from_src",
        "create_group_snapshot",
        "delete_group_snapshot",
    }
)
#: Not in the interface classes, and yet called by the volume manager.
CALLED_BY_THE_MANAGER = {
    "validate_connector": ("connector",),
    "create_export": ("context", "volume", "connector"),
    "ensure_export": ("context", "volume"),
    "remove_export": ("context", "volume"),
    "failover_host": ("context", "volumes", "secondary_id", "groups"),
    "failover": ("context", "volumes", "secondary_id", "groups"),
    "failover_completed": ("context", "active_backend_id"),
    "freeze_backend": ("context",),
    "thaw_backend": ("context",),
}
#: What the product does of the interfaces for what exists already: the class that declares each method.
MANAGING = {
    "manage_existing": volume_manageable_driver.VolumeManagementDriver,
    "manage_existing_get_size": volume_manageable_driver.VolumeManagementDriver,
    "unmanage": volume_manageable_driver.VolumeManagementDriver,
    "get_manageable_volumes": volume_manageable_driver.VolumeListManageableDriver,
    "manage_existing_snapshot": volume_snapshotmanagement_driver.VolumeSnapshotManagementDriver,
    "manage_existing_snapshot_get_size": volume_snapshotmanagement_driver.VolumeSnapshotManagementDriver,
    "unmanage_snapshot": volume_snapshotmanagement_driver.VolumeSnapshotManagementDriver,
    # Declared by no interface class, and called by the volume manager with these arguments.
    "get_manageable_snapshots": cinder_driver.ManageableSnapshotsVD,
}
INTERFACES = (
    volume_driver.VolumeDriverCore,
    volume_group_driver.VolumeGroupDriver,
    volume_manageable_driver.VolumeManagementDriver,
    volume_manageable_driver.VolumeListManageableDriver,
    volume_snapshot_revert.VolumeSnapshotRevertDriver,
    volume_snapshotmanagement_driver.VolumeSnapshotManagementDriver,
)
METHODS = [
    (declared, name)
    for declared in INTERFACES
    for name, member in vars(declared).items()
    if inspect.isfunction(member) and not name.startswith("__")
]


def positional(function) -> list[str]:
    """Names of the arguments that can be given by position, without `self`."""
    kinds = {inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD}
    names = [name for name, each in inspect.signature(function).parameters.items() if each.kind in kinds]
    return names[1:] if names[:1] == ["self"] else names


def definer(driver: type, name: str) -> type:
    """The class that a driver has a method from."""
    return next(each for each in driver.__mro__ if name in vars(each))


@pytest.mark.parametrize("driver", DRIVERS)
@pytest.mark.parametrize(("declared", "name"), METHODS, ids=lambda value: getattr(value, "__name__", value))
def test_every_method_of_the_interface_is_there(driver: type, declared: type, name: str) -> None:
    """A driver has each method of each interface class, as one that takes as many arguments or more."""
    member = getattr(driver, name)
    if isinstance(inspect.getattr_static(driver, name), property):
        return
    assert len(positional(member)) >= len(positional(getattr(declared, name)))


@pytest.mark.parametrize("driver", DRIVERS)
@pytest.mark.parametrize("name", sorted(CLAIMED))
def test_what_is_claimed_is_our_own(driver: type, name: str) -> None:
    """A method that the product claims is not inherited from a class of Cinder, apart from the cache of statistics."""
    own = "_update_volume_stats" if name == "get_volume_stats" else name
    assert definer(driver, own).__module__.startswith("pmax.adapters.cinder.")


@pytest.mark.parametrize("driver", DRIVERS)
@pytest.mark.parametrize("name", sorted(CLAIMED))
def test_what_is_claimed_takes_the_interfaces_arguments(driver: type, name: str) -> None:
    """Positional arguments have the interface's names and order."""
    # Cloning is in the base class only.
    declared = next((each for each in INTERFACES if name in vars(each)), cinder_driver.VolumeDriver)
    assert positional(getattr(driver, name)) == positional(getattr(declared, name))


@pytest.mark.parametrize("driver", DRIVERS)
@pytest.mark.parametrize("name", sorted(MANAGING))
def test_what_is_managed_takes_the_interfaces_arguments(driver: type, name: str) -> None:
    """Calls for what exists already are our own, and take what their interface declares."""
    assert definer(driver, name).__module__.startswith("pmax.adapters.cinder.")
    assert positional(getattr(driver, name)) == positional(getattr(MANAGING[name], name))


@pytest.mark.parametrize("driver", DRIVERS)
@pytest.mark.parametrize("name", sorted(CALLED_BY_THE_MANAGER))
def test_what_the_manager_calls_takes_its_arguments(driver: type, name: str) -> None:
    """Methods outside the interface classes take what the volume manager gives them, and are our own."""
    assert definer(driver, name).__module__.startswith("pmax.adapters.cinder.")
    assert tuple(positional(getattr(driver, name))) == CALLED_BY_THE_MANAGER[name]


@pytest.mark.parametrize("driver", DRIVERS)
def test_the_manager_may_force_a_detach(driver: type) -> None:
    """The volume manager passes `force` by name."""
    kinds = {each.kind for each in inspect.signature(driver.terminate_connection).parameters.values()}
    assert inspect.Parameter.VAR_KEYWORD in kinds


@pytest.mark.parametrize("driver", DRIVERS)
def test_cinder_counts_it_among_its_drivers(driver: type) -> None:
    """The class is registered as a volume driver, conforms by Cinder's own check, and can be described."""
    assert driver in interface._volume_register
    assert issubclass(driver, volume_driver.VolumeDriverCore)
    information = util.DriverInfo(driver)
    assert information.version
    assert information.supported is True
    assert information.driver_options


@pytest.mark.parametrize("driver", DRIVERS)
def test_a_cluster_may_use_it(driver: type) -> None:
    """Several services may share a backend, and fail over together."""
    assert driver.SUPPORTS_ACTIVE_ACTIVE is True
    assert driver.supports_replication_feature("a/a")


@pytest.mark.parametrize("driver", DRIVERS)
def test_the_options_of_a_stanza_are_listed(driver: type) -> None:
    """What an operator may set is listed once each: the options of this driver, and those of Cinder that it reads."""
    names = [option.name for option in driver.get_driver_options()]
    assert len(names) == len(set(names))
    assert {"powermax_array", "powermax_srp", "san_ip", "san_login", "san_password", "san_api_port"} <= set(names)


def test_each_protocol_has_the_base_class_that_cinder_expects() -> None:
    """Cinder's image copying and connector checks depend on the protocol's base class."""
    iscsi, fc = DRIVERS
    assert issubclass(iscsi, cinder_driver.ISCSIDriver)
    assert issubclass(fc, cinder_driver.FibreChannelDriver)


@pytest.mark.timeout(90)
@pytest.mark.parametrize("threads", ["eventlet", "native"])
def test_both_load_as_the_volume_service_loads_them(threads: str) -> None:
    """The classes are found by their paths where Cinder has put green threads in place, and where it has not."""
    script = f"""
import cinder.cmd.volume
from oslo_utils import importutils
for path in {PATHS!r}:
    print(importutils.import_class(path))
"""
    environment = {**os.environ, "OS_CINDER_DISABLE_EVENTLET_PATCHING": "1" if threads == "native" else ""}
    finished = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env=environment,
    )
    assert finished.stdout == "".join(f"<class '{path}'>\n" for path in PATHS), finished.stderr
