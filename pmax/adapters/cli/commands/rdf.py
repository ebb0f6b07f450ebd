"""`pmax rdf list|show`: RDF groups and their pairs, from both ends."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from pmax.adapters.cli.base import Action, ShowAction
from pmax.adapters.cli.columns import Claim, Maybe, Names, Told
from pmax.adapters.cli.listing import Listing
from pmax.domain.srdf import RdfGroup, RdfPair
from pmax.plugins.rdf_inspection import RdfInspector


class RdfAction(Action):
    """A command on RDF groups."""

    @property
    def inspector(self) -> RdfInspector:
        """Looks at RDF groups."""
        engine = self.session.engine
        return RdfInspector(settings=engine.settings, readers=engine.readers, plugins=engine.plugins)


class ListRdfGroups(Listing, RdfAction):
    """List the RDF groups of the array."""

    nothing = "No RDF group matches."
    columns = ("rdf_group", "number", "remote_array_id", "remote_number", "modes", "pairs")
    more_columns = ("is_offline", "management_group")

    def rows(self, _parsed_args: argparse.Namespace) -> Iterator[Sequence[Any]]:
        """Read the groups whose labels pass."""
        reader, inspector = self.readers.replication, self.inspector
        wanted = [
            each for each in reader.list_rdf_groups(self.array_id) if self.filters.admits("rdf_group", each.label)
        ]
        numbers = [each.number for each in sorted(wanted, key=lambda each: (each.label, each.number))]
        for group in self.read_each(partial(reader.find_rdf_group, self.array_id), numbers):
            if group is None:
                continue
            used = inspector.replication(group)
            yield (
                group.label,
                group.number,
                group.remote_array_id,
                group.remote_number,
                Names(group.modes),
                group.pair_count,
                Claim(group.is_offline),
                Maybe(used.management_group if used else None),
            )


class ShowRdfGroup(RdfAction, ShowAction):
    """Show an RDF group with the state of every pair."""

    usage = "RDF_GROUP"

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take a group."""
        parser = super().get_parser(prog_name)
        parser.add_argument("rdf_group", metavar="RDF_GROUP", help="label or number")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        """Read both ends and the pairs."""
        found = self.inspector.inspect(self.array_id, parsed_args.rdf_group)
        group: RdfGroup = found.near.group
        fields = {
            "rdf_group": group.label,
            "array_id": group.array_id,
            "number": group.number,
            "remote_array_id": group.remote_array_id,
            "remote_number": group.remote_number,
            "modes": Names(group.modes),
            "is_offline": Claim(group.is_offline),
            "is_remote_visible": Claim(found.far is not None),
            "management_group": Maybe(found.management_group),
            "pairs": told_pairs(found.pairs),
        }
        return tuple(fields), tuple(fields.values())


def told_pairs(pairs: Iterable[RdfPair]) -> Told:
    """Every pair: a line for people, its fields for programs."""
    pairs = tuple(pairs)
    data = [
        {
            "device_id": pair.device_id,
            "remote_device_id": pair.remote_device_id,
            "role": "R1" if pair.is_r1 else "R2",
            "mode": pair.mode,
            "state": pair.state.value,
            "larger_side": pair.larger_side,
        }
        for pair in pairs
    ]
    lines = [
        f"{pair.device_id} {'→' if pair.is_r1 else '←'} {pair.remote_device_id}  {pair.state.value}"
        + ("" if pair.has_equal_sizes else f", {pair.larger_side} is larger")
        for pair in pairs
    ]
    return Told(data, "\n".join(lines) or "none")
