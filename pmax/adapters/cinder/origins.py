"""What Cinder says about itself and its volumes, for those who listen to the engine."""

from __future__ import annotations

import platform
from collections.abc import Mapping

from cinder import objects, version

import pmax
from pmax.domain.events import Origin
from pmax.domain.settings import Settings
from pmax.ports.readers import Readers


def facts_of(settings: Settings, readers: Readers) -> dict[str, str]:
    """Versions and the like, under the keys of the manual (section 16), once the array has been seen.

    Nothing here costs a call: what is read never changes, and was read to check the configuration.
    """
    array = readers.arrays.get_array(settings.array_id)
    return {
        "serial_number": settings.array_id,
        "srp": settings.srp,
        "storage_model": array.model,
        "storage_firmware_version": str(array.microcode),
        "unisphere_for_powermax_version": str(readers.arrays.unisphere_version()),
        "powermax_cinder_driver_version": pmax.__version__,
        "openstack_version": version.version_info.version_string(),
        "openstack_release": version.version_info.release_string(),
        "platform": platform.platform(),
        "python_version": platform.python_version(),
    }


def origin_of(volume: objects.Volume, facts: Mapping[str, str]) -> Origin:
    """Cinder asks, for one of its volumes."""
    return Origin(volume_id=volume.id, name=volume.display_name or "", facts=facts)
