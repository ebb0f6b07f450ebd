"""The janitor: deletes temporary snapshots that have outlived their purpose, of all volumes of an array."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from pmax.domain.commands import SnapshotTidying, TidySnapshots
from pmax.domain.errors import PmaxError
from pmax.domain.identifiers import DeviceId
from pmax.domain.naming import device_of_temporary_snapshot
from pmax.engine.engine import Engine

_log = logging.getLogger(__name__)


def devices_to_tidy(engine: Engine) -> tuple[DeviceId, ...]:
    """Volumes that have temporary snapshots of their own, expired or not, sorted: one call."""
    listed = engine.readers.snapshots.list_snapshots(engine.settings.array_id)
    return tuple(sorted({each.source for each in listed if device_of_temporary_snapshot(each.name) == each.source}))


def tidy_snapshots(engine: Engine, budget_s: float | None = None) -> Iterator[SnapshotTidying]:
    """Tidy up after clones, volume by volume: one call to find them, one for each volume to look at.

    A volume on which something cannot be deleted now is left for the next time.

    Args:
        engine: of the array.
        budget_s: after which no further volume is begun; None to look at all.

    Yields:
        What was deleted, for each volume of which something was.

    Raises:
        PmaxError: the array could not be asked what there is.
    """
    array_id = engine.settings.array_id
    begun_s = engine.clock.now_s()
    for device in devices_to_tidy(engine):
        if budget_s is not None and engine.clock.now_s() - begun_s > budget_s:
            _log.info("the remaining temporary snapshots are left for the next time")
            return
        try:
            tidied = engine.execute(TidySnapshots(array_id=array_id, device_id=device))
        except PmaxError as error:
            _log.warning("temporary snapshots of volume %s stay for now: %s", device, error)
            continue
        if tidied.deleted:
            yield tidied
