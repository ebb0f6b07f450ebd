"""`pmax doctor`: is everything as it must be, and if not, what to do."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from pmax.adapters.cli import exit_status, findings
from pmax.adapters.cli.base import ListAction
from pmax.adapters.cli.checks import check_configuration, examine, failed
from pmax.adapters.cli.columns import Maybe
from pmax.adapters.cli.findings import Finding, State
from pmax.adapters.cli.selection import Selection
from pmax.adapters.options import rpc_response_timeout_s
from pmax.domain.errors import ConfigurationInvalid, PmaxError

_COLUMNS: Final = ("check", "state", "finding", "remedy")


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
            findings.write(Finding(check, State(state), what, remedy.machine_readable() or ""), self.app.stdout)
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
        selection = Selection.of(self.app.options, os.environ)
        yield from examine(engine, rpc_response_timeout_s(selection.config_files))
