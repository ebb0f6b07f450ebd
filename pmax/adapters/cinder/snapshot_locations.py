"""`provider_location` of snapshots: where Cinder's database says that a snapshot is.

Like that of volumes, the text is the `repr` of a Python dictionary of texts, and the upstream driver reads and writes
it too. In the SMI-S era a snapshot was a whole device of its own. Source: driver-provisioning.md 4.2 and 10.
"""

from __future__ import annotations

import attrs

from pmax.adapters.cinder.locations import Location, parse_location, stored_texts
from pmax.domain.identifiers import ArrayId, DeviceId, device_id

_RULE = "Cinder's database should hold {'snap_name': '<name>', 'source_id': '<device>'}, as a driver wrote it"


@attrs.frozen
class SnapshotLocation:
    """A snapshot of a device.

    Attributes:
        name: on the array.
        source: the device that it is of.
    """

    name: str
    source: DeviceId

    def __str__(self) -> str:
        """The text to store, to the letter as the upstream driver stores it for a created snapshot."""
        return str({"snap_name": self.name, "source_id": str(self.source)})

    @property
    def source_first(self) -> str:
        """The same in the order in which it stores it for one that it took over, or took together with its group."""
        return str({"source_id": str(self.source), "snap_name": self.name})


def parse_snapshot_location(text: str | None, configured: ArrayId) -> SnapshotLocation | Location | None:
    """Read a stored location.

    Args:
        text: the column of Cinder's database.
        configured: serial of the backend's array.

    Returns:
        A snapshot; or the device that a snapshot of the SMI-S era is; None when the text is empty or names neither, as
        for a snapshot that was never made.

    Raises:
        InvalidRequest: the text is something else. It is never taken for an absent snapshot.
    """
    stored = stored_texts(text, _RULE)
    name, source = stored.get("snap_name"), stored.get("source_id")
    if name and source:
        return SnapshotLocation(str(name), device_id(str(source)))
    return parse_location(text, configured)
