"""Tells on the terminal what an operation is doing, out of the engine's signals."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from pmax.domain.events import StepApplied, StepUndone

if TYPE_CHECKING:
    from pmax.adapters.cli.main import PmaxApp
    from pmax.plugins.signals import Signals


class Progress:
    """Writes a line for each step that is done or taken back.

    Args:
        out: where to.
        is_shown: whether anybody wants to see it.
    """

    def __init__(self, out: TextIO, *, is_shown: bool) -> None:
        self._out = out
        self._is_shown = is_shown

    @classmethod
    def for_run(cls, app: PmaxApp) -> Progress:
        """Shown on a terminal, and elsewhere with -v; never with -q."""
        wanted = app.stderr.isatty() or app.options.verbose_level > 0
        return cls(app.stderr, is_shown=wanted and not app.options.quiet)

    def listen(self, signals: Signals) -> None:
        """Follow the operations of an engine."""
        if self._is_shown:
            signals.step_applied.connect(self._applied)
            signals.step_undone.connect(self._undone)

    def _applied(self, event: StepApplied) -> None:
        mark = "done" if event.outcome.changed else "there"
        self._out.write(f"  {mark:<6} {event.step}\n")
        self._out.flush()

    def _undone(self, event: StepUndone) -> None:
        self._out.write(f"  undone {event.step}\n")
        self._out.flush()
