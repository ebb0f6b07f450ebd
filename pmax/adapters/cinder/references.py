"""What a user points at when something that exists shall be managed: `{"source-name": "…"}` or `{"source-id": "…"}`.

A volume is named by its device id, by its identifier, or by the id that Cinder once had for it, with or without `OS-`
or `volume-` before it: that is how a volume that was given up is found again. Source: the manual, "Manage Volumes" and
"Unmanage Volume"; driver-provisioning.md 6.12.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from pmax.adapters.cinder.manageable import SOURCE_ID, SOURCE_NAME
from pmax.domain.errors import InvalidRequest, NotFound
from pmax.domain.identifiers import ArrayId, DeviceId, device_id, object_name
from pmax.domain.naming import unmanaged_volume_identifier, volume_identifier
from pmax.ports.volumes import VolumeReader

_DEVICE: Final = re.compile(r"(?:0[xX])?[0-9a-fA-F]{5}")
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_RULE: Final = (
    "give source-id or source-name: the five hexadecimal digits of a device, such as 0012F, or the name of a volume"
)


def named(reference: Mapping[str, object]) -> str:
    """The text of a reference: that of `source-name`, or else of `source-id`.

    Raises:
        InvalidRequest: it has neither.
    """
    text = reference.get(SOURCE_NAME) or reference.get(SOURCE_ID)
    if not isinstance(text, str) or not text.strip():
        raise InvalidRequest("reference", dict(reference), _RULE)
    return text.strip()


def find_device(reader: VolumeReader, array_id: ArrayId, reference: Mapping[str, object]) -> DeviceId:
    """The device that a reference means; a device id is taken without asking whether there is one.

    Raises:
        InvalidRequest: the reference cannot mean a volume, or means several.
        NotFound: no volume has that name.
    """
    text = named(reference)
    if _DEVICE.fullmatch(text):
        return device_id(text)
    for identifier in _identifiers(text):
        devices = reader.find_devices_by_identifier(array_id, identifier)
        if len(devices) > 1:
            rule = f"devices {', '.join(devices)} all carry the identifier {identifier}: give the device id"
            raise InvalidRequest("reference", dict(reference), rule)
        if devices:
            return devices[0]
    raise NotFound("volume", text)


def _identifiers(text: str) -> tuple[str, ...]:
    """What the volume may be called on the array; a name that is managed comes last, to be refused for it."""
    match = _UUID.search(text)
    if match is None:
        return (object_name(text, "volume identifier"),)
    return (unmanaged_volume_identifier(match[0]), volume_identifier(match[0]))
