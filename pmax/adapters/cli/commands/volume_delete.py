"""`pmax volume delete`."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from pmax.adapters.cli import exit_status
from pmax.adapters.cli.columns import Claim, Maybe, size
from pmax.adapters.cli.lookup import target
from pmax.adapters.cli.writing import ListWriting
from pmax.domain import commands
from pmax.domain.capacity import Capacity
from pmax.domain.commands import Command
from pmax.domain.volumes import Volume, check_deletable

_COLUMNS: Final = ("device_id", "identifier", "was_present")


class DeleteVolumes(ListWriting):
    """Delete volumes and their data.

    Every volume is looked at first: if one of them is in use, none is deleted.
    """

    usage = "VOLUME [VOLUME ...]"

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take volumes."""
        parser = super().get_parser(prog_name)
        parser.add_argument("volumes", metavar="VOLUME", nargs="+", help="device id, WWN, identifier or Cinder id")
        parser.add_argument("--yes", action="store_true", help="do not ask")
        return parser

    def commands(self, parsed_args: argparse.Namespace) -> list[tuple[str, Command[Any]]]:
        """Find every volume."""
        return [
            (f"Delete {_named(volume)}", commands.DeleteVolume(target=target(volume)))
            for volume in self._found(parsed_args)
        ]

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        """Ask, and delete one after the other."""
        volumes = self._found(parsed_args)
        for volume in volumes:
            check_deletable(volume)
        self.confirm(f"{_question(volumes)} This cannot be undone.", parsed_args)
        return _COLUMNS, self._delete(volumes)

    def produce_output(
        self, parsed_args: argparse.Namespace, column_names: Sequence[str], data: Iterable[Sequence[Any]]
    ) -> int:
        """Show what was deleted, even if an error ended it before the last one."""
        gone: list[Sequence[Any]] = []
        try:
            gone.extend(data)
        finally:
            super().produce_output(parsed_args, column_names, gone)
        return exit_status.DONE

    def _found(self, parsed_args: argparse.Namespace) -> tuple[Volume, ...]:
        found = (self.finder.find(text) for text in parsed_args.volumes)
        return tuple({volume.device_id: volume for volume in found}.values())

    def _delete(self, volumes: tuple[Volume, ...]) -> Iterator[tuple[Any, ...]]:
        """A row for each volume as soon as it is gone."""
        for volume in volumes:
            result = self.session.engine.execute(commands.DeleteVolume(target=target(volume)))
            yield volume.device_id, Maybe(volume.identifier), Claim(result.was_present)


def _named(volume: Volume) -> str:
    identifier = f" ({volume.identifier})" if volume.identifier else ""
    return f"volume {volume.device_id}{identifier} of {size(volume.capacity)} GiB and its data"


def _question(volumes: tuple[Volume, ...]) -> str:
    if len(volumes) == 1:
        return f"Delete {_named(volumes[0])}?"
    together = Capacity(sum(volume.capacity.size_bytes for volume in volumes))
    return f"Delete {len(volumes)} volumes of {size(together)} GiB and their data?"
