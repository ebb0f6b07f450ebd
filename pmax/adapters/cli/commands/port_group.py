"""`pmax port group list` and `pmax port group show`."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from typing import Any, Final

from pmax.adapters.cli.base import ListAction, ShowAction
from pmax.adapters.cli.columns import Maybe, Names
from pmax.adapters.cli.host_views import told_ports
from pmax.adapters.cli.surveyor import Surveyor
from pmax.domain.errors import NotFound

_COLUMNS: Final = ("port_group", "protocol", "ports", "masking_views")


class ListPortGroups(ListAction):
    """List the port groups of the array."""

    nothing = "The array has no port group."

    def take_action(self, _parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        """Read every port group."""
        masking = self.readers.masking
        names = sorted(masking.list_port_groups(self.array_id))
        found = (masking.find_port_group(self.array_id, name) for name in names)
        return _COLUMNS, (
            (group.name, Maybe(group.protocol), Names([str(port) for port in group.ports]), len(group.masking_views))
            for group in found
            if group is not None
        )


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
        surveyor = Surveyor(self.readers, self.array_id)
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
