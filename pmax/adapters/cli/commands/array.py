"""`pmax array`: the arrays that Unisphere manages."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pmax.adapters.cli.base import ShowAction
from pmax.adapters.cli.columns import Claim, Maybe, Names, Told
from pmax.adapters.cli.listing import Listing
from pmax.adapters.cli.selection import find_array
from pmax.domain.arrays import Array
from pmax.domain.identifiers import ArrayId
from pmax.domain.service_levels import offered_service_levels, offered_workloads
from pmax.domain.srps import StorageResourcePool


def _row(array: Array) -> tuple[Any, ...]:
    return (
        array.array_id,
        array.model,
        str(array.microcode),
        array.family.value,
        Claim(array.is_local),
        Claim(array.supports_compression),
    )


class ListArrays(Listing):
    """List the arrays that Unisphere manages."""

    nothing = "This Unisphere manages no array."
    columns = ("array_id", "model", "microcode", "family", "is_local", "compresses")

    def rows(self, _parsed_args: argparse.Namespace) -> Iterator[Sequence[Any]]:
        """Read every array."""
        arrays = self.readers.arrays
        return map(_row, self.read_each(arrays.get_array, map(ArrayId, self.wanted(arrays.list_arrays()))))


def _told(srps: Sequence[StorageResourcePool]) -> Told:
    """Figures for programs; for people `SRP_1: 12 % of 26,624 GiB used, 40 % promised`."""
    lines = [
        f"{srp.name}: {_percent(srp.used_gib, srp)} of {srp.total_gib:,.0f} GiB used, "
        f"{_percent(srp.subscribed_gib, srp)} promised"
        for srp in srps
    ]
    data = [
        {
            "name": srp.name,
            "total_gib": srp.total_gib,
            "used_gib": srp.used_gib,
            "free_gib": srp.free_gib,
            "subscribed_gib": srp.subscribed_gib,
            "reserved_percent": srp.reserved_percent,
        }
        for srp in srps
    ]
    return Told(data, "\n".join(lines))


def _percent(part_gib: float, srp: StorageResourcePool) -> str:
    return f"{100 * part_gib / srp.total_gib:.0f} %" if srp.total_gib else "0 %"


class ShowArray(ShowAction):
    """Show an array, what it offers and how full it is."""

    usage = "[SERIAL]"

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take a serial."""
        parser = super().get_parser(prog_name)
        parser.add_argument(
            "serial", metavar="SERIAL", nargs="?", help="serial or its last digits; or the chosen array"
        )
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        """Read the array and its pools."""
        reader = self.readers.arrays
        array_id = find_array(parsed_args.serial, reader.list_arrays()) if parsed_args.serial else self.array_id
        array = reader.get_array(array_id)
        srps = [reader.get_srp(array_id, name) for name in reader.list_srps(array_id)]
        fields = {
            "array_id": array.array_id,
            "model": array.model,
            "microcode": str(array.microcode),
            "family": array.family.value,
            "unisphere": str(reader.unisphere_version()),
            "is_local": Claim(array.is_local),
            "compresses": Claim(array.supports_compression),
            "is_all_flash": Claim(array.is_all_flash),
            "service_levels": Names(offered_service_levels(array, reader.list_service_levels(array_id))),
            "workloads": Names(offered_workloads(array, reader.list_workloads(array_id))),
            "srps": _told(srps),
            "port_groups": Names(self.readers.masking.list_port_groups(array_id)),
            "default_srp": Maybe(self.session.engine.settings.srp if array_id == self.array_id else None),
        }
        return tuple(fields), tuple(fields.values())
