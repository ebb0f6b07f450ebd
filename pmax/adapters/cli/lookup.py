"""Finds the volume that a person means: by device id, world wide name, identifier or Cinder id.

A short text can be both a device id and a name (`cafe`). Where that matters, both are looked up and a person is asked
to say which; a device id of five digits or with `0x` before it is never taken for a name.
"""

from __future__ import annotations

import re
from typing import Final

import attrs

from pmax.domain.errors import InvalidRequest, NotFound
from pmax.domain.identifiers import OBJECT_NAME_LENGTH, ArrayId, DeviceId, device_id, volume_wwn
from pmax.domain.naming import unmanaged_volume_identifier, volume_identifier
from pmax.domain.volumes import Volume, VolumeTarget
from pmax.ports.volumes import VolumeReader

_DEVICE: Final = re.compile(r"(?:0[xX])?[0-9a-fA-F]{1,5}")
_SURELY_DEVICE: Final = re.compile(r"0[xX][0-9a-fA-F]{1,5}|[0-9a-fA-F]{5}")
#: As the array writes it, as udev and multipath do (a 3 before it), and as VMware does (`naa.`).
_WWN: Final = re.compile(r"(?:3|naa\.|0x)?(6[0-9a-f]{31})")
#: The id that Cinder gave, or the name that it makes of it.
_UUID: Final = re.compile(r"(?:volume-)?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
#: Where the five digits of the device stand in a world wide name, in ASCII.
_DEVICE_IN_WWN: Final = slice(22, 32)


@attrs.frozen
class VolumeFinder:
    """Looks volumes up on one array.

    Attributes:
        reader: reads volumes.
        array_id: serial of the array.
    """

    reader: VolumeReader
    array_id: ArrayId

    def find(self, text: str) -> Volume:
        """Find the one volume that a text means.

        Args:
            text: device id, world wide name, identifier, or the id that Cinder gave it.

        Raises:
            NotFound: no volume has this id or name.
            InvalidRequest: several have, or the text cannot be the name of a volume.
        """
        if not text or len(text) > OBJECT_NAME_LENGTH:
            raise InvalidRequest("volume", text, "give its device id, WWN, identifier or Cinder id")
        if match := _WWN.fullmatch(text.lower()):
            return self._by_wwn(match[1])
        if _UUID.fullmatch(text.lower()):
            return self._by_identifiers(text, volume_identifier(text), unmanaged_volume_identifier(text))
        if _DEVICE.fullmatch(text):
            return self._by_device(text)
        return self._by_identifiers(text, text)

    def _by_device(self, text: str) -> Volume:
        device = device_id(text)
        volume = self.reader.find_volume(self.array_id, device)
        if _SURELY_DEVICE.fullmatch(text) and volume is not None:
            return volume
        named = self.reader.find_devices_by_identifier(self.array_id, text)
        if volume is None and not named:
            raise NotFound("volume", device)
        if volume is not None and set(named) - {device}:
            rule = f"it is the device id of {device} and the name of {', '.join(named)}: give five digits"
            raise InvalidRequest("volume", text, rule)
        return volume or self._only(text, named)

    def _by_identifiers(self, text: str, *identifiers: str) -> Volume:
        for identifier in identifiers:
            devices = self.reader.find_devices_by_identifier(self.array_id, identifier)
            if devices:
                return self._only(text, devices)
        raise NotFound("volume", text)

    def _by_wwn(self, wwn: str) -> Volume:
        """The name of a volume holds its array and device, unless it was given another's: then all are searched."""
        told = self._device_in(wwn)
        volume = self.reader.find_volume(self.array_id, told) if told else None
        if volume is not None and volume.wwn.lower() == wwn:
            return volume
        for other in self.reader.list_volumes(self.array_id):
            if other.wwn.lower() == wwn:
                return other
        raise NotFound("volume", wwn)

    def _device_in(self, wwn: str) -> DeviceId | None:
        digits = bytes.fromhex(wwn[_DEVICE_IN_WWN]).decode("ascii", "replace")
        if not re.fullmatch("[0-9A-F]{5}", digits):
            return None
        device = device_id(digits)
        return device if volume_wwn(self.array_id, device) == wwn else None

    def _only(self, text: str, devices: tuple[DeviceId, ...]) -> Volume:
        if len(devices) > 1:
            rule = f"devices {', '.join(devices)} carry this identifier: give the device id"
            raise InvalidRequest("volume", text, rule)
        volume = self.reader.find_volume(self.array_id, devices[0])
        if volume is None:  # deleted between the two calls
            raise NotFound("volume", devices[0])
        return volume


def target(volume: Volume) -> VolumeTarget:
    """Point at a volume that was read, so that a command finds out when one of another name has taken its place."""
    identifiers = (volume.identifier,) if volume.identifier else ()
    return VolumeTarget(array_id=volume.array_id, device_id=volume.device_id, identifiers=identifiers)
