"""Writes errors to the terminal."""

from __future__ import annotations

import traceback
from typing import TextIO

from pmax.adapters.cli import exit_status
from pmax.adapters.cli.explanations import causes, explain
from pmax.adapters.cli.folding import columns, folded
from pmax.adapters.cli.session import Session
from pmax.domain.errors import ArrayRejected, JobFailed, PmaxError

#: So that the second sentence stands below the first.
_PREFIX = "pmax: "
_INDENT = " " * len(_PREFIX)


class Complaints:
    """Tells a person what went wrong.

    Args:
        out: where to.
        is_debug: whether to show where the error came from.
    """

    def __init__(self, out: TextIO, *, is_debug: bool) -> None:
        self._out = out
        self._is_debug = is_debug

    def explain(self, error: PmaxError, session: Session | None) -> int:
        """Write the two sentences.

        Args:
            error: what happened.
            session: what it happened in, if its calls shall be shown.

        Returns:
            The exit status.
        """
        explanation = explain(error)
        self._write(_PREFIX, explanation.what)
        for line in explanation.remedy.splitlines():
            self._write(_INDENT, line)
        if session is not None:
            self._show_calls(error, session)
        self._trace(error)
        return explanation.status

    def interrupted(self) -> int:
        """Say what an interrupted operation leaves, and how to go on."""
        self._out.write("\n")
        self._write(_PREFIX, "Interrupted.")
        self._write(_INDENT, "`pmax journal list` shows what was under way, `pmax journal recover` ends it.")
        return exit_status.INTERRUPTED

    def fault(self, error: Exception) -> int:
        """Say that an error is a fault of pmax itself."""
        self._write(_PREFIX, f"This is a fault in pmax: {type(error).__name__}: {error}")
        self._write(_INDENT, "Run again with --debug and report what it shows.")
        self._trace(error)
        return exit_status.FAILED

    def _write(self, before: str, text: str) -> None:
        lines = folded(text, columns(self._out), before, _INDENT, cuts_names=False)
        self._out.writelines(f"{line}\n" for line in lines)

    def _show_calls(self, error: PmaxError, session: Session) -> None:
        for cause in causes(error):
            if isinstance(cause, ArrayRejected | JobFailed):
                self._out.write(f"\nThe array said:\n  {cause.message}\n")
        if session.calls:
            self._out.write("\nThe calls, oldest first:\n")
        for call in session.calls:
            status = "no answer" if call.status is None else str(call.status)
            self._out.write(f"  {call.verb:<6} {call.path}\n         {status}, {call.duration_s * 1000:.0f} ms\n")

    def _trace(self, error: BaseException) -> None:
        if self._is_debug:
            traceback.print_exception(error, file=self._out)
