"""`pmax doctor`: is everything as it must be, and if not, what to do."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from pmax.adapters.cli import exit_status, formatters
from pmax.adapters.cli.base import ListAction
from pmax.adapters.cli.checks import Finding, State, check_configuration, examine, failed
from pmax.adapters.cli.columns import Maybe
from pmax.domain.errors import ConfigurationInvalid, PmaxError

_COLUMNS: Final = ("check", "state", "finding", "remedy")
#: Columns for the state and the name of the check.
_MARGIN: Final = 24
_WIDEST: Final = 110
_COLOURS: Final = {State.FINE: "32", State.WARNING: "33", State.FAILED: "31"}


class Doctor(ListAction):
    """Check configuration, connection and array, with remedies.

    Changes nothing. The exit status is 0 if nothing failed; warnings do not count.
    """

    def run(self, parsed_args: argparse.Namespace) -> int:
        """Check everything; the exit status says whether something failed."""
        self._has_failed = False
        super().run(parsed_args)
        return exit_status.FAILED if self._has_failed else exit_status.DONE

    def take_action(self, _parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        """Look at one thing after the other."""
        return _COLUMNS, (
            (finding.check, finding.state.value, finding.what, Maybe(finding.remedy)) for finding in self._findings()
        )

    def produce_output(
        self, parsed_args: argparse.Namespace, column_names: Sequence[str], data: Iterable[Sequence[Any]]
    ) -> int:
        """Write lines for people as the checks end; everything else as other lists."""
        if parsed_args.formatter != "table" or parsed_args.columns or parsed_args.sort_columns:
            return super().produce_output(parsed_args, column_names, data)
        for check, state, what, remedy in data:
            for line in self._lines(check, State(state), what, remedy.machine_readable() or ""):
                self.app.stdout.write(f"{line}\n")
            self.app.stdout.flush()
        return exit_status.DONE

    def _findings(self) -> Iterator[Finding]:
        for finding in self._all_findings():
            self._has_failed |= finding.state is State.FAILED
            yield finding

    def _all_findings(self) -> Iterator[Finding]:
        try:
            engine = self.session.engine
        except ConfigurationInvalid as error:
            yield from check_configuration(error.problems)
            return
        except PmaxError as error:
            yield failed("configuration", error)
            return
        server = engine.settings.servers[0]
        what = f"array {engine.settings.array_id} through {server.scheme}://{server.endpoint} as {server.username}"
        yield Finding("configuration", State.FINE, what)
        yield from examine(engine)

    def _lines(self, check: str, state: State, what: str, remedy: str) -> Iterator[str]:
        width = min(formatters.width(), _WIDEST) - _MARGIN
        mark = f"{state.value:<8}"
        if self.app.stdout.isatty():
            mark = f"\033[{_COLOURS[state]}m{mark}\033[0m"
        lines = textwrap.wrap(what, width, break_on_hyphens=False) or [""]
        yield f"{mark}{check:<{_MARGIN - 8}}{lines[0]}"
        for line in lines[1:]:
            yield " " * _MARGIN + line
        for line in textwrap.wrap(remedy, width, initial_indent="→ ", subsequent_indent="  ", break_on_hyphens=False):
            yield " " * _MARGIN + line
