"""`pmax port group list` and `pmax port group show`."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from pmax.adapters.cli.base import ShowAction
from pmax.adapters.cli.columns import Maybe, Names
from pmax.adapters.cli.host_views import told_ports
from pmax.adapters.cli.listing import Listing
from pmax.domain.errors import NotFound


class ListPortGroups(Listing):
    """List the port groups of the array."""

    nothing = "No port group matches."
    columns = ("port_group", "protocol", "ports", "masking_views")

    def rows(self, _parsed_args: argparse.Namespace) -> Iterator[Sequence[Any]]:
        """Read the port groups whose names pass."""
        masking = self.readers.masking
        names = self.wanted(masking.list_port_groups(self.array_id))
        for group in self.read_each(partial(masking.find_port_group, self.array_id), names):
            if group is not None:
                ports = Names([str(port) for port in group.ports])
                yield group.name, Maybe(group.protocol), ports, len(group.masking_views)


class ShowPortGroup(ShowAction):
    """Show a port group and the state of its ports."""

    usage = "NAME"

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take a port group."""
        parser = super().get_parser(prog_name)
        parser.add_argument("name", metavar="NAME", help="of the port group")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        """Read the port group and its ports.

        Raises:
            NotFound: there is no such port group.
        """
        surveyor = self.surveyor()
        group = surveyor.port_group(parsed_args.name)
        if group is None:
            raise NotFound("port group", parsed_args.name)
        fields = {
            "array_id": group.array_id,
            "port_group": group.name,
            "protocol": Maybe(group.protocol),
            "ports": told_ports(surveyor, group.ports),
            "masking_views": Names(group.masking_views),
        }
        return tuple(fields), tuple(fields.values())
