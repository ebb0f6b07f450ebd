"""`pmax initiator list`."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from pmax.adapters.cli.base import ListAction
from pmax.adapters.cli.columns import Claim, Maybe, Names
from pmax.adapters.cli.host_views import logged_in_ports
from pmax.adapters.cli.surveyor import Surveyor

_COLUMNS: Final = ("initiator", "initiator_group", "is_logged_in", "ports")


class ListInitiators(ListAction):
    """List initiators, their hosts and logins.

    Those that never logged in are known only from the hosts that hold them.
    """

    nothing = "No initiator matches."

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take the filter."""
        parser = super().get_parser(prog_name)
        parser.add_argument(
            "--not-logged-in", action="store_true", help="only those that are logged in on no port at this moment"
        )
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        """Read every initiator group and the login table."""
        return _COLUMNS, self._rows(is_absent_only=parsed_args.not_logged_in)

    def _rows(self, *, is_absent_only: bool) -> Iterator[tuple[Any, ...]]:
        surveyor = Surveyor(self.readers, self.array_id)
        for name, group in sorted(surveyor.all_initiators().items()):
            ports = logged_in_ports(surveyor, name)
            if not (is_absent_only and ports):
                yield name, Maybe(group), Claim(bool(ports)), Names([str(port) for port in ports])
