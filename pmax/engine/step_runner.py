"""Carries out one step: sends it once, waits until it is settled, and learns its fate when the answer is lost.

What comes before and after it in a plan is the executor's business.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

import attrs

from pmax.domain.errors import DeadlinePassed, MalformedReply, OutcomeUnknown, PmaxError, Unavailable
from pmax.domain.plans import Step, StepOutcome, is_await
from pmax.ports.array_commands import ArrayCommands, Fate, Investigation
from pmax.ports.runtime import Clock, Deadline

_log = logging.getLogger(__name__)

#: Pauses before looking again whether a write without an answer took effect after all: it may still be on its way.
_SECOND_LOOKS_S: Final = (0.5, 2.0)
#: Longest pause between two looks at something that is settling.
_LONGEST_LOOK_PAUSE_S: Final = 5.0
#: Time for finding out what became of one step, counted anew: the operation's own deadline may be what failed.
_FIND_OUT_TIMEOUT_S: Final = 60.0


def _as_it_is(step: Step, _seen: StepOutcome) -> Step:
    """Go on waiting for the same."""
    return step


@attrs.frozen(kw_only=True)
class StepRunner:
    """Carries out single steps through the command port.

    Attributes:
        commands: the one port that changes arrays.
        clock: does the waiting.
        settle_timeout_s: how long an await may take, at most, unless its step says otherwise.
    """

    commands: ArrayCommands
    clock: Clock
    settle_timeout_s: float

    def apply(
        self, step: Step, deadline: Deadline, unsettled: Callable[[Step, StepOutcome], Step] = _as_it_is
    ) -> StepOutcome:
        """Carry out one step, wait until it is settled, and find out its fate if the answer is lost.

        Args:
            step: with real devices.
            deadline: by when.
            unsettled: is told what an await saw that is not settled yet, and says what to wait for from then on.

        Raises:
            OutcomeUnknown: whether it took effect could not be found out.
            PmaxError: it had no effect.
        """
        if is_await(step):
            return self._await(step, deadline, unsettled)
        try:
            return self.commands.apply(step, deadline)
        except Unavailable as error:
            if not error.sent:
                raise
            return self._find_out(step, error, may_still_come=False)
        except MalformedReply as error:
            return self._find_out(step, error, may_still_come=False)
        except DeadlinePassed as error:
            return self._find_out(step, error, may_still_come=True)

    def investigate(self, step: Step) -> Investigation:
        """Look once at what became of a step."""
        with self.commands.within(Deadline.after(self.clock, _FIND_OUT_TIMEOUT_S)):
            return self.commands.investigate(step)

    def _find_out(self, step: Step, lost: PmaxError, *, may_still_come: bool) -> StepOutcome:
        """Read the array to learn whether a write without an answer took effect.

        Raises:
            OutcomeUnknown: reading failed too, or the job that carries the write is still running.
            PmaxError: `lost` itself, when the write had no effect.
        """
        with self.commands.within(Deadline.after(self.clock, _FIND_OUT_TIMEOUT_S)):
            found = self.look_again(step)
        if found.fate is Fate.APPLIED and found.outcome is not None:
            _log.warning("the answer was lost, but the array did this: %s", step)
            return found.outcome
        if found.fate is Fate.UNKNOWN or may_still_come:
            raise OutcomeUnknown(str(step), found.reason or str(lost)) from lost
        raise lost

    def look_again(self, step: Step) -> Investigation:
        """Look at what became of a step until it is seen, or until what was sent would have arrived by now."""
        found = self.commands.investigate(step)
        for pause_s in _SECOND_LOOKS_S:
            if found.fate is Fate.APPLIED:
                break
            self.clock.sleep(pause_s)
            found = self.commands.investigate(step)
        return found

    def _await(self, step: Step, deadline: Deadline, unsettled: Callable[[Step, StepOutcome], Step]) -> StepOutcome:
        own_timeout_s: float | None = getattr(step, "settle_timeout_s", None)
        settled_by = deadline.sooner(self.clock, self.settle_timeout_s if own_timeout_s is None else own_timeout_s)
        pause_s = 0.25
        while True:
            outcome = self.commands.apply(step, settled_by)
            if outcome.is_settled:
                return outcome
            step = unsettled(step, outcome)
            if settled_by.remaining_s(self.clock) <= 0:
                raise DeadlinePassed(str(step).removeprefix("wait for "), settled_by.waited_s(self.clock))
            self.clock.sleep(min(pause_s, settled_by.remaining_s(self.clock)))
            if deadline.remaining_s(self.clock) <= 0:
                # The operation's own time is up: a last look could not be sent any more.
                raise DeadlinePassed(str(step).removeprefix("wait for "), settled_by.waited_s(self.clock))
            pause_s = min(pause_s * 2, _LONGEST_LOOK_PAUSE_S)
