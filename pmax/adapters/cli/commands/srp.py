"""`pmax srp` and `pmax capacity`: storage resource pools, and how full they are."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pmax.adapters.cli.base import ShowAction
from pmax.adapters.cli.columns import Amount, Claim
from pmax.adapters.cli.listing import Listing
from pmax.domain.srps import StorageResourcePool


class ListSrps(Listing):
    """List the storage resource pools of the array."""

    nothing = "The array has no storage resource pool."
    columns = ("srp", "total_gib", "used_gib", "free_gib", "subscribed_gib", "is_configured")
    more_columns = ("used_percent", "subscribed_percent", "reserved_percent")

    def rows(self, _parsed_args: argparse.Namespace) -> Iterator[Sequence[Any]]:
        """Read every pool."""
        arrays = self.readers.arrays

        def read(name: str) -> StorageResourcePool:
            return arrays.get_srp(self.array_id, name)

        return map(self._row, self.read_each(read, self.wanted(arrays.list_srps(self.array_id))))

    def _row(self, srp: StorageResourcePool) -> tuple[Any, ...]:
        return (
            srp.name,
            Amount(srp.total_gib),
            Amount(srp.used_gib),
            Amount(srp.free_gib),
            Amount(srp.subscribed_gib),
            Claim(srp.name == self.session.engine.settings.srp),
            Amount(srp.used_percent),
            Amount(srp.subscribed_percent),
            srp.reserved_percent,
        )


def _fields(srp: StorageResourcePool) -> dict[str, Any]:
    return {
        "total_gib": Amount(srp.total_gib),
        "used_gib": Amount(srp.used_gib),
        "used_percent": Amount(srp.used_percent),
        "free_gib": Amount(srp.free_gib),
        "reserved_percent": srp.reserved_percent,
        "reserved_gib": Amount(srp.reserved_gib),
        "available_gib": Amount(srp.available_gib),
        "subscribed_gib": Amount(srp.subscribed_gib),
        "subscribed_percent": Amount(srp.subscribed_percent),
    }


class ShowSrp(ShowAction):
    """Show a storage resource pool and how full it is."""

    usage = "NAME"

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take a name."""
        parser = super().get_parser(prog_name)
        parser.add_argument("name", metavar="NAME", help="as `pmax srp list` shows it")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        """Read the pool."""
        srp = self.readers.arrays.get_srp(self.array_id, parsed_args.name)
        is_configured = Claim(srp.name == self.session.engine.settings.srp)
        fields = {"array_id": srp.array_id, "srp": srp.name, "is_configured": is_configured, **_fields(srp)}
        return tuple(fields), tuple(fields.values())


class ShowCapacity(ShowAction):
    """Show how full the configured storage resource pool is.

    Every pool that Cinder is offered shares this capacity.
    """

    def take_action(self, _parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        """Read the pool."""
        srp = self.readers.arrays.get_srp(self.array_id, self.session.engine.settings.srp)
        fields = {"array_id": srp.array_id, "srp": srp.name, **_fields(srp)}
        return tuple(fields), tuple(fields.values())
