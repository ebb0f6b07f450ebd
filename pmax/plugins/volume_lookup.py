"""Finds the volume that a command is about, and tells one that is gone from one that is another's now."""

from __future__ import annotations

import logging

from pmax.domain.errors import NotFound, WrongIdentity
from pmax.domain.volumes import Volume, VolumeTarget
from pmax.ports.volumes import VolumeReader

_log = logging.getLogger(__name__)


def get_own_volume(reader: VolumeReader, target: VolumeTarget) -> Volume:
    """The volume, which must be there.

    Raises:
        NotFound: the array does not have it.
        WrongIdentity: the device belongs to another volume.
    """
    volume = reader.find_volume(target.array_id, target.device_id)
    if volume is None:
        raise NotFound("volume", target.device_id)
    target.check(volume)
    return volume


def find_own_volume(reader: VolumeReader, target: VolumeTarget) -> Volume | None:
    """The volume, or None when it is gone, which only the array's own word can say.

    Raises:
        WrongIdentity: the device belongs to another volume now, but ours is on the array under another device id.
    """
    volume = reader.find_volume(target.array_id, target.device_id)
    if volume is None:
        return None
    try:
        target.check(volume)
    except WrongIdentity:
        for identifier in target.identifiers:
            if reader.find_devices_by_identifier(target.array_id, identifier):
                raise
        _log.warning("device %s belongs to another volume now; %s is gone", target.device_id, target.identifiers[0])
        return None
    return volume
