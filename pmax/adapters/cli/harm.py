"""What a deletion would hurt: hosts that see the volume, its snapshots, the copy it shows, its pairs."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from pmax.adapters.cli.surveyor import Surveyor
from pmax.domain.errors import InUse
from pmax.domain.naming import device_of_temporary_snapshot
from pmax.domain.volumes import Volume
from pmax.ports.snapshots import SnapshotReader


@attrs.frozen(kw_only=True)
class Harm:
    """Who needs a volume.

    Attributes:
        volume: the volume.
        views: masking views that show it, each with its host.
        snapshots: of it, by name.
        target_of: the snapshot that it shows; None if none.
        rdf_groups: in which it is paired.
    """

    volume: Volume
    views: tuple[tuple[str, str], ...] = ()
    snapshots: tuple[str, ...] = ()
    target_of: str | None = None
    rdf_groups: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.views or self.snapshots or self.target_of or self.rdf_groups or self.volume.front_end_paths)

    @property
    def is_only_attachment(self) -> bool:
        """Whether taking it away from its hosts is all that stands in the way."""
        return not (self.snapshots or self.target_of or self.rdf_groups)

    def lines(self) -> Iterator[str]:
        """Each thing that would be hurt, in words."""
        device = self.volume.device_id
        for view, host in self.views:
            yield f"{host} sees volume {device} through view {view}"
        if self.snapshots:
            yield f"volume {device} has snapshots: {', '.join(self.snapshots)}"
        if self.target_of:
            yield f"volume {device} shows snapshot {self.target_of}"
        for number in self.rdf_groups:
            yield f"volume {device} is paired in SRDF group {number}"
        if self.volume.front_end_paths and not self.views:
            yield f"volume {device} has {self.volume.front_end_paths} host paths"

    def refusal(self) -> InUse:
        """The error for a deletion that nobody forces."""
        return InUse("volume", self.volume.device_id, "; ".join(self.lines()))


def harm_of_deleting(volume: Volume, surveyor: Surveyor, snapshots: SnapshotReader) -> Harm:
    """Look who needs a volume; one that nobody needs costs no call.

    The temporary snapshots through which volumes are cloned are nobody's: a deletion clears them away itself.

    Args:
        volume: as read.
        surveyor: knows the views.
        snapshots: knows the names of snapshots.
    """
    views = surveyor.views_of(volume) if volume.front_end_paths else ()
    sessions = None
    if volume.is_snapshot_source or volume.is_snapshot_target:
        sessions = snapshots.find_sessions(volume.array_id, volume.device_id)
    names = [each.name for each in sessions.snapshots] if sessions else []
    target = sessions.target_of if sessions else None
    if target is not None and device_of_temporary_snapshot(target.name) is not None:
        target = None
    return Harm(
        volume=volume,
        views=tuple((view.name, view.initiator_group or view.host_group or "-") for view in views),
        snapshots=tuple(dict.fromkeys(name for name in names if device_of_temporary_snapshot(name) is None)),
        target_of=f"{target.name} of volume {target.source}" if target else None,
        rdf_groups=volume.rdf_groups,
    )
