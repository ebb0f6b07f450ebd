"""`provider_location`: where Cinder's database says that a volume is.

What belongs here: that text and the identifiers that prove a device to be a volume's own. Both must be readable and
writable by the upstream driver too, so that an operator can change over and back with attached volumes.

The text is the `repr` of a Python dictionary of texts, not JSON. Source: driver-provisioning.md 4.1, 4.5 and 10.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping

import attrs
from cinder import objects

from pmax.domain.errors import InvalidRequest
from pmax.domain.identifiers import ArrayId, DeviceId, array_id, device_id
from pmax.domain.naming import volume_identifier
from pmax.domain.volumes import VolumeTarget

_RULE = (
    "Cinder's database should hold {'array': '<serial>', 'device_id': '<device>'}, as a driver for this array wrote it"
)


@attrs.frozen
class Location:
    """A device of an array.

    Attributes:
        array_id: serial of the array.
        device_id: the device.
    """

    array_id: ArrayId
    device_id: DeviceId

    def __str__(self) -> str:
        """The text to store, to the letter as the upstream driver stores it for a created volume."""
        return str({"array": str(self.array_id), "device_id": str(self.device_id)})

    @property
    def device_first(self) -> str:
        """The same in the order in which the upstream driver stores it for a volume that it took over."""
        return str({"device_id": str(self.device_id), "array": str(self.array_id)})


def parse_location(text: str | None, configured: ArrayId) -> Location | None:
    """Read a stored location: of the upstream driver of any age, of the SMI-S era, or ours.

    Args:
        text: the column of Cinder's database.
        configured: serial of the backend's array, for texts that name none.

    Returns:
        The device; None when the text is empty or names none, as for a volume that was never made.

    Raises:
        InvalidRequest: the text is something else. It is never taken for an absent volume.
    """
    stored = stored_texts(text, _RULE)
    keys = stored.get("keybindings") or {}
    device = stored.get("device_id") or (keys.get("DeviceID") if isinstance(keys, dict) else None)
    array = stored.get("array") or _array_of_system(keys) or configured
    if not device:
        return None
    return Location(array_id(str(array)), device_id(str(device)))


def stored_texts(text: str | None, rule: str) -> dict[str, object]:
    """Read a dictionary that was stored as text; an empty text holds nothing.

    Args:
        text: the column of Cinder's database.
        rule: what should stand there.

    Raises:
        InvalidRequest: the text is something else.
    """
    if not text:
        return {}
    try:
        stored = ast.literal_eval(text)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError) as error:
        raise InvalidRequest("provider_location", text, rule) from error
    if not isinstance(stored, dict):
        raise InvalidRequest("provider_location", text, rule)
    return stored


def _array_of_system(keys: object) -> str | None:
    """The serial in an SMI-S system name: `SYMMETRIX+000197800123` or `SYMMETRIX-+-000197800123`."""
    name = keys.get("SystemName") if isinstance(keys, dict) else None
    return str(name).rpartition("+")[2].strip("-") if name else None


def identifiers(volume_id: str, name_id: str | None = None) -> tuple[str, ...]:
    """Identifiers that a device may carry to be this volume's, the one that pmax writes first.

    A volume that Cinder migrated by copying keeps its id, while its device was made, and named, under `name_id`. A bare
    id is what the SMI-S driver wrote, and what upstream leaves on a volume that is no longer managed. They are compared
    whole, never in part.
    """
    ids = (name_id or volume_id, volume_id)
    return tuple(dict.fromkeys((*map(volume_identifier, ids), *ids)))


def volume_target(volume: objects.Volume, configured: ArrayId) -> VolumeTarget | None:
    """The device of a Cinder volume, with what proves that it is the right one.

    Args:
        volume: which.
        configured: serial of the backend's array.

    Returns:
        None when Cinder never learned of a device.

    Raises:
        InvalidRequest: the stored location cannot be read.
    """
    location = parse_location(volume.provider_location, configured)
    if location is None:
        return None
    known = identifiers(volume.id, volume.name_id)
    migrated = _migrated_from(volume)
    if migrated is not None:
        known = tuple(dict.fromkeys((*known, *identifiers(migrated))))
    return VolumeTarget(array_id=location.array_id, device_id=location.device_id, identifiers=known)


def _migrated_from(volume: objects.Volume) -> str | None:
    """The volume whose data this one is to take over by copying; its device may have got that volume's name already."""
    if not volume.obj_attr_is_set("migration_status"):
        return None
    kind, _, source = (volume.migration_status or "").partition(":")
    return source if kind == "target" and source else None


def required_target(volume: objects.Volume, configured: ArrayId) -> VolumeTarget:
    """The device of a Cinder volume that must have one.

    Raises:
        InvalidRequest: Cinder's database names no device, or none that can be read.
    """
    target = volume_target(volume, configured)
    if target is None:
        raise InvalidRequest("volume", volume.id, "Cinder's database names no device for it, so it was never made")
    return target


def model_update(location: object, metadata: Mapping[str, str]) -> dict[str, object]:
    """What Cinder shall store about a volume that was made; `location` is whatever becomes the text."""
    return {"provider_location": str(location), "metadata": dict(metadata)}
