"""`pmax initiator list`."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from typing import Any

from pmax.adapters.cli.columns import Claim, Maybe, Names
from pmax.adapters.cli.host_views import logged_in_ports
from pmax.adapters.cli.listing import Listing


class ListInitiators(Listing):
    """List initiators, their hosts and logins.

    Those that never logged in are known only from the hosts that hold them.
    """

    nothing = "No initiator matches."
    columns = ("initiator", "host", "is_logged_in", "ports")

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take the filter."""
        parser = super().get_parser(prog_name)
        parser.add_argument(
            "--not-logged-in", action="store_true", help="only those that are logged in on no port at this moment"
        )
        return parser

    def rows(self, parsed_args: argparse.Namespace) -> Iterator[Sequence[Any]]:
        """Read the login table, and the initiator groups, which alone say whose an initiator is."""
        surveyor = self.surveyor()
        owners = surveyor.all_initiators()
        for name in self.wanted(owners):
            ports = logged_in_ports(surveyor, name)
            if not (parsed_args.not_logged_in and ports):
                yield name, Maybe(owners[name]), Claim(bool(ports)), Names([str(port) for port in ports])
