"""`pmax storage group add`, `remove` and `move`: all the volumes that are named, or none of them."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from typing import Any

from pmax.adapters.cli.columns import Claim
from pmax.adapters.cli.lookup import target
from pmax.adapters.cli.writing import ListWriting
from pmax.domain import commands
from pmax.domain.commands import Command
from pmax.domain.errors import NotFound
from pmax.domain.volumes import VolumeTarget

_COLUMNS = ("device_id", "storage_group", "is_changed")


class _Members(ListWriting):
    """What the three have in common."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take a group and volumes."""
        parser = super().get_parser(prog_name)
        self.add_groups(parser)
        parser.add_argument("volumes", metavar="VOLUME", nargs="+", help="device id, WWN, identifier or Cinder id")
        return parser

    def add_groups(self, parser: argparse.ArgumentParser) -> None:
        """Take the group; a move takes two."""
        parser.add_argument("group", metavar="GROUP", help="name of the storage group")

    def targets(self, parsed_args: argparse.Namespace) -> tuple[VolumeTarget, ...]:
        """The volumes, each once."""
        found = (self.finder.find(text) for text in parsed_args.volumes)
        return tuple({volume.device_id: target(volume) for volume in found}.values())

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        """Change them; a row for each volume."""
        [(_, command)] = self.commands(parsed_args)
        done: commands.MembershipChange = self.session.engine.execute(command)
        rows = [(each.device_id, done.storage_group, Claim(True)) for each in done.changed]  # noqa: FBT003 - a claim is one
        rows += [(each.device_id, done.storage_group, Claim(False)) for each in done.unchanged]  # noqa: FBT003 - likewise
        return _COLUMNS, sorted(rows, key=lambda row: row[0])


class AddVolumes(_Members):
    """Put volumes into a storage group.

    They stay in the groups that hold them. If a masking view shows the group, its hosts see them at once.
    """

    usage = "GROUP VOLUME [VOLUME ...]"

    def commands(self, parsed_args: argparse.Namespace) -> list[tuple[str, Command[Any]]]:
        """Find every volume."""
        targets = self.targets(parsed_args)
        command = commands.AddVolumes(targets=targets, storage_group=parsed_args.group)
        return [(f"Add {_named(targets)} to storage group {parsed_args.group}", command)]


class _Taking(_Members):
    """Takes volumes out of a group: hosts may lose them."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take `--yes` too."""
        parser = super().get_parser(prog_name)
        parser.add_argument("--yes", action="store_true", help="do not ask")
        return parser

    def losing_views(self, parsed_args: argparse.Namespace) -> frozenset[str]:
        """Masking views that show the volumes through this group now, and will not afterwards."""
        raise NotImplementedError

    def views_of(self, name: str) -> frozenset[str]:
        """Masking views that show a group.

        Raises:
            NotFound: there is no such storage group.
        """
        group = self.readers.storage_groups.find_storage_group(self.array_id, name)
        if group is None:
            raise NotFound("storage group", name)
        return frozenset(group.masking_views)

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        """Ask if hosts are going to lose them, and go on."""
        views = self.losing_views(parsed_args)
        if views:
            lost = self.targets(parsed_args)
            question = f"The hosts of masking view {', '.join(sorted(views))} lose {_named(lost)}. Go on?"
            self.confirm(question, parsed_args, len(lost), danger="hosts may be using what they would lose")
        return super().take_action(parsed_args)


class RemoveVolumes(_Taking):
    """Take volumes out of a storage group.

    If a masking view shows the group, its hosts no longer see them, and you are asked first.
    """

    usage = "GROUP VOLUME [VOLUME ...]"

    def commands(self, parsed_args: argparse.Namespace) -> list[tuple[str, Command[Any]]]:
        """Find every volume."""
        targets = self.targets(parsed_args)
        command = commands.RemoveVolumes(targets=targets, storage_group=parsed_args.group)
        return [(f"Remove {_named(targets)} from storage group {parsed_args.group}", command)]

    def losing_views(self, parsed_args: argparse.Namespace) -> frozenset[str]:
        """Every view of the group."""
        return self.views_of(parsed_args.group)


class MoveVolumes(_Taking):
    """Move volumes to another storage group.

    Each moves in one change of the array: hosts that see both groups through one view keep their paths. You are asked
    first if hosts lose them.
    """

    usage = "SOURCE TARGET VOLUME [VOLUME ...]"

    def add_groups(self, parser: argparse.ArgumentParser) -> None:
        """Take both groups."""
        parser.add_argument("source", metavar="SOURCE", help="name of the storage group that they leave")
        parser.add_argument("group", metavar="TARGET", help="name of the storage group that they join")

    def commands(self, parsed_args: argparse.Namespace) -> list[tuple[str, Command[Any]]]:
        """Find every volume."""
        targets = self.targets(parsed_args)
        command = commands.MoveVolumes(targets=targets, source=parsed_args.source, storage_group=parsed_args.group)
        return [(f"Move {_named(targets)} from {parsed_args.source} to {parsed_args.group}", command)]

    def losing_views(self, parsed_args: argparse.Namespace) -> frozenset[str]:
        """Views of the source that do not show the target."""
        return self.views_of(parsed_args.source) - self.views_of(parsed_args.group)


def _named(targets: tuple[VolumeTarget, ...]) -> str:
    kind = "volume" if len(targets) == 1 else "volumes"
    return f"{kind} {', '.join(each.device_id for each in targets)}"
