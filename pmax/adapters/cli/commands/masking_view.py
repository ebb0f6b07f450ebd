"""`pmax masking view list`, `show` and `verify`."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any, Final

from pmax.adapters.cli import exit_status, findings
from pmax.adapters.cli.base import ListAction, ShowAction
from pmax.adapters.cli.columns import Claim, Maybe
from pmax.adapters.cli.findings import Finding, State
from pmax.adapters.cli.host_views import initiators_of, ports_of, told_initiators, told_ports, told_volumes
from pmax.adapters.cli.listing import Listing
from pmax.adapters.cli.topology import owner_of
from pmax.adapters.cli.view_checks import examine_view

_FINDINGS: Final = ("masking_view", "check", "state", "finding", "remedy")


class ListMaskingViews(Listing):
    """List the masking views of the array."""

    nothing = "No masking view matches."
    columns = ("masking_view", "host", "port_group", "storage_group")

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take filters."""
        parser = super().get_parser(prog_name)
        parser.add_argument("--host", metavar="NAME", help="only those of this initiator group or host group")
        parser.add_argument("--port-group", metavar="NAME", help="only those that use this port group")
        return parser

    def rows(self, parsed_args: argparse.Namespace) -> Iterator[Sequence[Any]]:
        """Read the views whose names pass."""
        masking = self.readers.masking
        names = masking.list_masking_views(
            self.array_id, initiator_group=parsed_args.host, port_group=parsed_args.port_group
        )
        for view in self.read_each(partial(masking.find_masking_view, self.array_id), self.wanted(names)):
            if view is not None:
                yield view.name, owner_of(view), view.port_group, view.storage_group


class ShowMaskingView(ShowAction):
    """Show a masking view with its paths and LUNs."""

    usage = "NAME"

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take a view."""
        parser = super().get_parser(prog_name)
        parser.add_argument("name", metavar="NAME", help="of the masking view")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        """Read the view, its parts and its paths."""
        surveyor = self.surveyor()
        view = surveyor.view(parsed_args.name)
        ports = ports_of(surveyor, view.port_group)
        fields = {
            "array_id": view.array_id,
            "masking_view": view.name,
            "host": owner_of(view),
            "is_host_group": Claim(view.host_group is not None),
            "port_group": view.port_group,
            "storage_group": view.storage_group,
            "initiators": told_initiators(surveyor, initiators_of(surveyor, view), ports),
            "ports": told_ports(surveyor, ports),
            "volumes": told_volumes({view.name: surveyor.connections(view.name)}),
        }
        return tuple(fields), tuple(fields.values())


class VerifyMaskingViews(ListAction):
    """Check initiators, ports and LUNs of masking views.

    Without a name it checks every view of the array. The exit status is 4 if something failed; warnings do not count.
    """

    nothing = "The array has no masking view."
    usage = "[NAME]..."

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take names of views."""
        parser = super().get_parser(prog_name)
        parser.add_argument("names", metavar="NAME", nargs="*", help="of masking views")
        return parser

    def run(self, parsed_args: argparse.Namespace) -> int:
        """Check the views; the exit status says whether something failed."""
        self._has_failed = False
        super().run(parsed_args)
        return exit_status.CONFLICT if self._has_failed else exit_status.DONE

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        """Check one view after the other."""
        return _FINDINGS, (
            (view, finding.check, finding.state.value, finding.what, Maybe(finding.remedy))
            for view, finding in self._findings(parsed_args.names)
        )

    def produce_output(
        self, parsed_args: argparse.Namespace, column_names: Sequence[str], data: Iterable[Sequence[Any]]
    ) -> int:
        """Write lines for people, below the name of each view; everything else as other lists."""
        if parsed_args.formatter != "table" or parsed_args.columns or parsed_args.sort_columns:
            return super().produce_output(parsed_args, column_names, data)
        shown = None
        for view, check, state, what, remedy in data:
            if view != shown:
                self.app.stdout.write(f"view {view}\n")
                shown = view
            findings.write(Finding(check, State(state), what, remedy.machine_readable() or ""), self.app.stdout)
        if shown is None:
            self.app.stdout.write(f"{self.nothing}\n")
        return exit_status.DONE

    def _findings(self, names: Sequence[str]) -> Iterator[tuple[str, Finding]]:
        surveyor = self.surveyor()
        views = [surveyor.view(name) for name in dict.fromkeys(names)] if names else surveyor.all_views()
        for view in views:
            for finding in examine_view(surveyor, view):
                self._has_failed |= finding.state is State.FAILED
                yield view.name, finding
