"""`pmax snapshot list` and `pmax snapshot show`."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from pmax.adapters.cli.base import ShowAction
from pmax.adapters.cli.columns import Claim, Maybe, Names, Told, moment
from pmax.adapters.cli.listing import Listing, natural
from pmax.adapters.cli.lookup import VolumeFinder, target
from pmax.domain.commands import SnapshotTarget
from pmax.domain.errors import NotFound
from pmax.domain.identifiers import DeviceId
from pmax.domain.snapshots import the_one
from pmax.domain.snapvx import Snapshot, SnapshotLink, SnapshotSessions
from pmax.domain.temporary_snapshots import is_temporary
from pmax.domain.volumes import Volume


def take_snapshot(parser: argparse.ArgumentParser) -> None:
    """Take what names a snapshot: its volume, its name and, if there are several of that name, which."""
    parser.add_argument("volume", metavar="VOLUME", help="of which it is: device id, WWN, identifier or Cinder id")
    parser.add_argument("name", metavar="NAME", help="of the snapshot, as the array shows it")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--generation", metavar="N", type=natural, help="of that name; 0 is the newest")
    which.add_argument("--snap-id", metavar="ID", type=natural, help="instead of the generation")


def named_snapshot(parsed_args: argparse.Namespace, volume: Volume) -> SnapshotTarget:
    """The snapshot that the arguments name."""
    return SnapshotTarget(
        volume=target(volume),
        name=parsed_args.name,
        generation=parsed_args.generation,
        snap_id=parsed_args.snap_id,
    )


class ListSnapshots(Listing):
    """List the snapshots of a volume, or of the whole array.

    The whole array takes one call; what only --long shows takes one more for each volume that has snapshots.
    """

    usage = "[VOLUME]"
    nothing = "There are no snapshots."
    columns = ("device_id", "snapshot", "generation", "is_linked")
    more_columns = ("snap_id", "created", "state", "linked_to", "expires", "is_temporary")

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take a volume."""
        parser = super().get_parser(prog_name)
        parser.add_argument(
            "volume", metavar="VOLUME", nargs="?", help="only its snapshots: device id, WWN, identifier or Cinder id"
        )
        return parser

    def rows(self, parsed_args: argparse.Namespace) -> Iterator[Sequence[Any]]:
        """Read the sessions of the volume, or the list of the array."""
        if parsed_args.volume is not None:
            volume = VolumeFinder(self.readers.volumes, self.array_id).find(parsed_args.volume)
            yield from map(_row, self._sessions(volume.device_id).snapshots)
            return
        listed = self.readers.snapshots.list_snapshots(self.array_id)
        if (
            parsed_args.long
            or self._wants_more(parsed_args)
            or any(name in self.more_columns for name in self.filters.wanted)
        ):
            for sessions in self.read_each(self._sessions, sorted({each.source for each in listed})):
                yield from map(_row, sessions.snapshots)
            return
        nothing = (None,) * len(self.more_columns)
        for each in listed:
            yield each.source, each.name, each.generation, Claim(each.is_linked), *nothing

    def _sessions(self, device: DeviceId) -> SnapshotSessions:
        """What a volume has; nothing for one that was deleted meanwhile."""
        found = self.readers.snapshots.find_sessions(self.array_id, device)
        return found or SnapshotSessions(array_id=self.array_id, device_id=device, identifier=None)


def _row(snapshot: Snapshot) -> tuple[Any, ...]:
    return (
        snapshot.source,
        snapshot.name,
        snapshot.key.generation,
        Claim(bool(snapshot.links)),
        Maybe(snapshot.key.snap_id),
        Maybe(taken(snapshot.created)),
        snapshot.phase.value,
        Names([link.target for link in snapshot.links]),
        Maybe(moment(snapshot.expires_at_s)),
        Claim(is_temporary(snapshot)),
    )


#: As the service writes when a snapshot was taken; without an offset the zone is Greenwich's, or one we cannot know.
_TAKEN: Final = re.compile(r"(\d\d:\d\d:\d\d) \w{3}, (\d{1,2} \w{3} \d{4}) (?:GMT|UTC|\w+ (?=[+-]))([+-]\d{4})?")


def taken(text: str) -> str | None:
    """When a snapshot was taken, in the form of all times: `10:13:20 Wed, 30 Aug 2023 GMT` becomes a date and a time.

    What is not understood stays as the service wrote it.
    """
    match = _TAKEN.fullmatch(text)
    if match is None:
        return text or None
    when = datetime.strptime(f"{match[1]} {match[2]} {match[3] or '+0000'}", "%H:%M:%S %d %b %Y %z")
    return moment(when.timestamp())


def _link(link: SnapshotLink) -> str:
    """For people: `00004, copying, 40 % done`."""
    done = f", {link.percent_copied} % done" if link.percent_copied and not link.is_finished else ""
    return f"{link.target}, {link.phase.value}{done}"


class ShowSnapshot(ShowAction):
    """Show a snapshot and the volumes that present it."""

    usage = "VOLUME NAME"

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take a snapshot."""
        parser = super().get_parser(prog_name)
        take_snapshot(parser)
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        """Read the volume's sessions."""
        volume = VolumeFinder(self.readers.volumes, self.array_id).find(parsed_args.volume)
        sessions = self.readers.snapshots.find_sessions(self.array_id, volume.device_id)
        if sessions is None:  # deleted between the two calls
            raise NotFound("volume", volume.device_id)
        snapshot = the_one(sessions, named_snapshot(parsed_args, volume))
        links = [
            {"device_id": link.target, "state": link.phase.value, "percent_copied": link.percent_copied}
            for link in snapshot.links
        ]
        fields = {
            "array_id": snapshot.array_id,
            "device_id": snapshot.source,
            "identifier": Maybe(volume.identifier),
            "snapshot": snapshot.name,
            "generation": snapshot.key.generation,
            "snap_id": Maybe(snapshot.key.snap_id),
            "created": Maybe(taken(snapshot.created)),
            "state": snapshot.phase.value,
            "linked_to": Told(links, "\n".join(map(_link, snapshot.links))),
            "expires": Maybe(moment(snapshot.expires_at_s)),
            "is_expired": Claim(snapshot.is_expired),
            "is_secure": Claim(snapshot.is_secure),
        }
        return tuple(fields), tuple(fields.values())
