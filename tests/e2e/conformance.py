"""A strict look at a driver class: what it must have for each feature of Cinder that it declares.

Cinder's own compliance tests pass for any class on Python 3, `int` included: their metaclass looks for methods and
finds none. Here each method of a feature is looked for, must be the driver's own and no stub of Cinder's base classes,
and must take the arguments that the volume manager gives by position, under their names.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType

from cinder.interface import (
    volume_driver,
    volume_group_driver,
    volume_manageable_driver,
    volume_snapshot_revert,
    volume_snapshotmanagement_driver,
)
from cinder.volume import driver as cinder_driver

#: Where a method's arguments are written down, in the order in which they are asked.
REFERENCES = (
    volume_driver.VolumeDriverCore,
    volume_group_driver.VolumeGroupDriver,
    volume_manageable_driver.VolumeListManageableDriver,
    volume_snapshot_revert.VolumeSnapshotRevertDriver,
    volume_snapshotmanagement_driver.VolumeSnapshotManagementDriver,
    cinder_driver.VolumeDriver,
)

#: The features of Cinder that a driver may declare, and the methods that make one up.
FEATURES: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "volumes": (
            "do_setup",
            "check_for_setup_error",
            "create_volume",
            "delete_volume",
            "extend_volume",
            "create_export",
            "ensure_export",
            "remove_export",
            "validate_connector",
            "initialize_connection",
            "terminate_connection",
        ),
        "snapshots": (
            "create_snapshot",
            "delete_snapshot",
            "create_volume_from_snapshot",
            "create_cloned_volume",
        ),
        "revert": ("revert_to_snapshot",),
        "retype": ("retype",),
        "migration": ("migrate_volume",),
        "manage volumes": ("manage_existing", "manage_existing_get_size", "unmanage"),
        "manage snapshots": ("manage_existing_snapshot", "manage_existing_snapshot_get_size", "unmanage_snapshot"),
        "list manageable": ("get_manageable_volumes", "get_manageable_snapshots"),
        "groups": ("create_group", "delete_group", "update_group"),
        "groups from a source": ("create_group_from_src",),
        "group snapshots": ("create_group_snapshot", "delete_group_snapshot"),
        "replication": ("failover_host",),
        "replication in a cluster": ("failover", "failover_completed"),
        "group replication": ("enable_replication", "disable_replication", "failover_replication"),
    }
)


def positional(function: Callable[..., object]) -> list[str]:
    """Names of the arguments that can be given by position, without `self`."""
    kinds = {inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD}
    names = [name for name, each in inspect.signature(function).parameters.items() if each.kind in kinds]
    return names[1:] if names[:1] == ["self"] else names


def definer(driver: type, name: str) -> type | None:
    """The class that a driver has a method from; None if it has none."""
    return next((each for each in driver.__mro__ if name in vars(each)), None)


def is_own(driver: type, name: str) -> bool:
    """Whether a driver has a method that is not Cinder's."""
    found = definer(driver, name)
    return found is not None and not found.__module__.startswith("cinder.")


def declared(driver: type) -> set[str]:
    """The features of which a driver has at least one method of its own."""
    return {feature for feature, names in FEATURES.items() if any(is_own(driver, name) for name in names)}


def faults(driver: type, feature: str) -> list[str]:
    """What keeps a driver from having a feature, one sentence each."""
    return [fault for name in FEATURES[feature] for fault in _faults_of(driver, name)]


def _faults_of(driver: type, name: str) -> Iterator[str]:
    if not is_own(driver, name):
        yield f"{name} is not there" if definer(driver, name) is None else f"{name} is a stub of Cinder"
        return
    reference = next(getattr(each, name) for each in REFERENCES if hasattr(each, name))
    wanted, has = positional(reference), positional(getattr(driver, name))
    if has[: len(wanted)] != wanted:
        yield f"{name} takes {has} and not {wanted}"
    parameters = inspect.signature(getattr(driver, name)).parameters
    surplus = [each for each in has[len(wanted) :] if parameters[each].default is inspect.Parameter.empty]
    if surplus:
        yield f"{name} cannot do without {surplus}, which Cinder does not give"
