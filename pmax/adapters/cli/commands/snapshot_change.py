"""`pmax snapshot create`, `delete`, `link`, `unlink`, `restore` and `tidy`."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from typing import Any

from pmax.adapters.cli.columns import Claim, Maybe, Names
from pmax.adapters.cli.commands.snapshot import named_snapshot, take_snapshot
from pmax.adapters.cli.listing import natural
from pmax.adapters.cli.lookup import target
from pmax.adapters.cli.waiting import Advance, take_wait
from pmax.adapters.cli.writing import ListWriting, ShowWriting
from pmax.domain import commands
from pmax.domain.commands import Command, SnapshotTarget
from pmax.domain.errors import Conflict
from pmax.domain.identifiers import DeviceId, snapshot_name
from pmax.domain.snapshots import chosen
from pmax.domain.snapvx import LinkPhase, Snapshot
from pmax.engine import devices_to_tidy, tidy_snapshots


class CreateSnapshot(ShowWriting):
    """Take a snapshot of a volume, attached or not."""

    usage = "VOLUME NAME"

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take volume and name."""
        parser = super().get_parser(prog_name)
        parser.add_argument("volume", metavar="VOLUME", help="device id, WWN, identifier or Cinder id")
        parser.add_argument("name", metavar="NAME", help="up to 32 characters")
        parser.add_argument("--hours", metavar="N", type=natural, help="after which the array deletes it by itself")
        parser.add_argument(
            "--next-generation", action="store_true", help="the volume may have snapshots of this name already"
        )
        return parser

    def commands(self, parsed_args: argparse.Namespace) -> list[tuple[str, Command[Any]]]:
        """Check the name, and find the volume."""
        name = snapshot_name(parsed_args.name)
        volume = self.finder.find(parsed_args.volume)
        command = commands.CreateSnapshot(
            volume=target(volume),
            name=name,
            life_hours=parsed_args.hours,
            is_next_generation=parsed_args.next_generation,
        )
        return [(f"Take snapshot {name} of volume {volume.device_id}", command)]

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        """Take it."""
        [(_, command)] = self.commands(parsed_args)
        made: commands.SnapshotCreation = self.session.engine.execute(command)
        fields = {
            "array_id": made.volume.array_id,
            "device_id": made.volume.device_id,
            "snapshot": made.name,
            "generation": made.key.generation,
            "snap_id": Maybe(made.key.snap_id),
        }
        return tuple(fields), tuple(fields.values())


class DeleteSnapshot(ShowWriting):
    """Delete a snapshot, or all of its name.

    Volumes that present it are unlinked first, and keep its data.
    """

    usage = "VOLUME NAME"

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take a snapshot."""
        parser = super().get_parser(prog_name)
        take_snapshot(parser)
        parser.add_argument("--yes", action="store_true", help="do not ask")
        return parser

    def commands(self, parsed_args: argparse.Namespace) -> list[tuple[str, Command[Any]]]:
        """Find the volume."""
        snapshot = self._named(parsed_args)
        return [(f"Delete snapshot {snapshot}", commands.DeleteSnapshot(target=snapshot))]

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        """Say who presents it, ask, and delete it."""
        snapshot = self._named(parsed_args)
        found = self._found(snapshot)
        for link in (link for each in found for link in each.links):
            self.hint(f"pmax: volume {link.target} presents it, and keeps its data")
        every = f", all {len(found)} generations" if len(found) > 1 else ""
        self.confirm(f"Delete snapshot {snapshot}{every}? This cannot be undone.", parsed_args, max(len(found), 1))
        result: commands.SnapshotDeletion = self.session.engine.execute(commands.DeleteSnapshot(target=snapshot))
        fields = {
            "array_id": result.target.volume.array_id,
            "device_id": result.target.volume.device_id,
            "snapshot": result.target.name,
            "was_present": Claim(result.was_present),
            "unlinked": Names(result.unlinked),
        }
        return tuple(fields), tuple(fields.values())

    def _named(self, parsed_args: argparse.Namespace) -> SnapshotTarget:
        return named_snapshot(parsed_args, self.finder.find(parsed_args.volume))

    def _found(self, snapshot: SnapshotTarget) -> tuple[Snapshot, ...]:
        """What would be deleted: none, one, or several of a name."""
        sessions = self.readers.snapshots.find_sessions(self.array_id, snapshot.volume.device_id)
        return chosen(sessions, snapshot) if sessions else ()


class LinkSnapshot(ShowWriting):
    """Present a snapshot on a volume that no host sees.

    What the volume holds is lost.
    """

    usage = "VOLUME NAME TARGET"

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take a snapshot and a volume."""
        parser = super().get_parser(prog_name)
        take_snapshot(parser)
        parser.add_argument("target", metavar="TARGET", help="the volume that is to present it")
        parser.add_argument("--copy", action="store_true", help="also copy everything in the background")
        take_wait(parser, "everything is copied; with --copy only")
        parser.add_argument("--yes", action="store_true", help="do not ask")
        return parser

    def commands(self, parsed_args: argparse.Namespace) -> list[tuple[str, Command[Any]]]:
        """Find both volumes."""
        snapshot = named_snapshot(parsed_args, self.finder.find(parsed_args.volume))
        device = target(self.finder.find(parsed_args.target))
        command = commands.LinkSnapshot(target=snapshot, device=device, with_copy=parsed_args.copy)
        return [(f"Link snapshot {snapshot} to volume {device.device_id}", command)]

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        """Ask, and link it."""
        [(subject, command)] = self.commands(parsed_args)
        self.confirm(f"{subject}? What that volume holds is lost.", parsed_args)
        result: commands.SnapshotLinking = self.session.engine.execute(command)
        if parsed_args.wait and parsed_args.copy:
            source, target_id = result.target.volume.device_id, result.device.device_id
            what = f"copying {result.target.name} to volume {target_id}"
            shown_by = f"pmax snapshot list {source} --long"
            self.wait(what, shown_by, lambda: self._advance(source, target_id), parsed_args.timeout)
        return _pair(result.target, result.device.device_id)

    def _advance(self, source: DeviceId, target_id: DeviceId) -> Advance:
        """How far the copy is; one that nobody finds has ended, since somebody unlinked it."""
        sessions = self.readers.snapshots.find_sessions(self.array_id, source)
        links = [each for snapshot in sessions.snapshots for each in snapshot.links] if sessions else []
        for link in (each for each in links if each.target == target_id):
            if link.phase is LinkPhase.BROKEN:
                raise Conflict(f"the copy to volume {target_id} has failed: unlink it, and link it again")
            percent = 100 if link.phase is LinkPhase.COPIED else link.percent_copied
            return Advance(words=f"{percent} % copied", percent=percent, is_over=link.phase is LinkPhase.COPIED)
        return Advance(words="no longer linked", is_over=True)


class UnlinkSnapshot(ShowWriting):
    """Take a snapshot off a volume, which keeps the data."""

    usage = "VOLUME NAME TARGET"

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take a snapshot and a volume."""
        parser = super().get_parser(prog_name)
        take_snapshot(parser)
        parser.add_argument("target", metavar="TARGET", help="the volume that presents it")
        return parser

    def commands(self, parsed_args: argparse.Namespace) -> list[tuple[str, Command[Any]]]:
        """Find both volumes."""
        snapshot = named_snapshot(parsed_args, self.finder.find(parsed_args.volume))
        device = target(self.finder.find(parsed_args.target))
        command = commands.UnlinkSnapshot(target=snapshot, device=device)
        return [(f"Unlink snapshot {snapshot} from volume {device.device_id}", command)]

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        """Unlink it."""
        [(_, command)] = self.commands(parsed_args)
        result: commands.SnapshotUnlinking = self.session.engine.execute(command)
        names, values = _pair(result.target, result.device.device_id)
        return (*names, "was_linked"), (*values, Claim(result.was_linked))


class RestoreSnapshot(ShowWriting):
    """Give a volume the data of its snapshot back.

    No host may see the volume. What it holds now is lost; the snapshot stays.
    """

    usage = "VOLUME NAME"

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take a snapshot."""
        parser = super().get_parser(prog_name)
        take_snapshot(parser)
        parser.add_argument("--yes", action="store_true", help="do not ask")
        return parser

    def commands(self, parsed_args: argparse.Namespace) -> list[tuple[str, Command[Any]]]:
        """Find the volume."""
        snapshot = named_snapshot(parsed_args, self.finder.find(parsed_args.volume))
        return [(f"Restore snapshot {snapshot}", commands.RevertToSnapshot(target=snapshot))]

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        """Ask, and restore it."""
        [(subject, command)] = self.commands(parsed_args)
        self.confirm(f"{subject}? What the volume holds now is lost.", parsed_args)
        result: commands.SnapshotRestoration = self.session.engine.execute(command)
        fields = {
            "array_id": result.target.volume.array_id,
            "device_id": result.target.volume.device_id,
            "snapshot": result.target.name,
        }
        return tuple(fields), tuple(fields.values())


class TidySnapshots(ListWriting):
    """Delete what clones of long ago left.

    These are temporary snapshots past their hour. Users' snapshots are not touched, and clones keep their data.
    """

    nothing = "There is nothing to tidy up."

    def commands(self, _parsed_args: argparse.Namespace) -> list[tuple[str, Command[Any]]]:
        """One for each volume that has temporary snapshots."""
        devices = devices_to_tidy(self.session.engine)
        return [
            (f"Tidy up volume {device}", commands.TidySnapshots(array_id=self.array_id, device_id=device))
            for device in devices
        ]

    def take_action(self, _parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        """Look at every volume that has temporary snapshots."""
        tidied = tidy_snapshots(self.session.engine)
        return ("device_id", "deleted", "unlinked"), (
            (each.device_id, each.deleted, Names(each.unlinked)) for each in tidied
        )


def _pair(snapshot: SnapshotTarget, device: str) -> tuple[tuple[str, ...], tuple[Any, ...]]:
    fields = {
        "array_id": snapshot.volume.array_id,
        "device_id": snapshot.volume.device_id,
        "snapshot": snapshot.name,
        "target": device,
    }
    return tuple(fields), tuple(fields.values())
