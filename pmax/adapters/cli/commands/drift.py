"""`pmax drift`: where Cinder's database and the array say different things."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from pmax.adapters.cli import exit_status
from pmax.adapters.cli.cinder_volumes import from_database, from_file
from pmax.adapters.cli.columns import Maybe
from pmax.adapters.cli.listing import Listing
from pmax.domain.drift import CinderVolume, compare
from pmax.domain.identifiers import ArrayId


def add_cinder_options(parser: argparse.ArgumentParser, *, is_required: bool) -> None:
    """Take where Cinder's volumes are listed."""
    source = parser.add_mutually_exclusive_group(required=is_required)
    source.add_argument(
        "--cinder-config", metavar="FILE", type=Path, help="cinder.conf of a controller: its database is read"
    )
    source.add_argument(
        "--volumes", metavar="FILE", type=Path, help="volumes as `openstack volume list --long -f json` writes them"
    )


def cinder_volumes(parsed_args: argparse.Namespace, array_id: ArrayId) -> tuple[CinderVolume, ...] | None:
    """Cinder's volumes on an array; None if no source was named.

    Raises:
        WrongUsage: the source cannot be used.
    """
    if parsed_args.cinder_config is not None:
        return from_database(parsed_args.cinder_config, array_id)
    return None if parsed_args.volumes is None else from_file(parsed_args.volumes, array_id)


class Drift(Listing):
    """Find where Cinder and the array say different things.

    Compares size, service level, attachments, replication and snapshots, both ways; changes neither. The exit status is
    4 if there is a difference. Cinder's database is read through SQLAlchemy in a session that cannot write.
    """

    usage = "(--cinder-config FILE | --volumes FILE)"
    nothing = "Cinder and the array agree."
    columns = ("volume_id", "device_id", "aspect", "cinder", "array")

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take where Cinder's volumes are listed."""
        parser = super().get_parser(prog_name)
        add_cinder_options(parser, is_required=True)
        return parser

    def run(self, parsed_args: argparse.Namespace) -> int:
        """Compare; the exit status says whether there is a difference."""
        self._agrees = True
        status = super().run(parsed_args)
        return status if self._agrees or status else exit_status.CONFLICT

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        """Note whether a row is shown."""
        columns, rows = super().take_action(parsed_args)
        return columns, self._noted(rows)

    def rows(self, parsed_args: argparse.Namespace) -> Iterator[Sequence[Any]]:
        """Read Cinder's side first: it costs less, and may be refused."""
        known = cinder_volumes(parsed_args, self.array_id) or ()
        with self.reading("reading the array"):
            found = tuple(self.readers.surveys.list_volumes(self.array_id))
        for each in compare(known, found):
            yield Maybe(each.volume_id), Maybe(each.device_id), each.aspect, each.cinder, each.array

    def _noted(self, rows: Iterable[Any]) -> Iterator[Any]:
        for row in rows:
            self._agrees = False
            yield row
