"""Exit statuses: one table from the class of an error to what the shell is told."""

from __future__ import annotations

from typing import Final

from pmax.adapters.cli.refusals import Declined, StillGoing, WouldHurt, WrongUsage
from pmax.domain import errors

DONE: Final = 0
FAILED: Final = 1
USAGE: Final = 2
NOT_FOUND: Final = 3
CONFLICT: Final = 4
BUSY: Final = 5
UNKNOWN: Final = 6
#: What shells use for a program that was ended by a signal: 128 and the signal's number.
INTERRUPTED: Final = 130
BROKEN_PIPE: Final = 141

#: For people, in the order of the numbers.
MEANINGS: Final = {
    DONE: "done",
    FAILED: "failed",
    USAGE: "wrong arguments or configuration",
    NOT_FOUND: "not found",
    CONFLICT: "conflict, or drift found",
    BUSY: "array busy, try again",
    UNKNOWN: "outcome unknown",
}

#: The nearest class of the error decides; every class of `errors` is here or has an ancestor here.
STATUS_OF: Final[dict[type[errors.PmaxError], int]] = {
    errors.PmaxError: FAILED,
    errors.InvalidRequest: USAGE,
    errors.ConfigurationInvalid: USAGE,
    errors.Conflict: CONFLICT,
    errors.StillInUse: BUSY,
    errors.NotFound: NOT_FOUND,
    errors.Busy: BUSY,
    errors.OutcomeUnknown: UNKNOWN,
    errors.Interrupted: INTERRUPTED,
    WrongUsage: USAGE,
    WouldHurt: CONFLICT,
    Declined: FAILED,
    StillGoing: INTERRUPTED,
}


def of_error(error: errors.PmaxError) -> int:
    """Exit status for an error."""
    return next(STATUS_OF[ancestor] for ancestor in type(error).__mro__ if ancestor in STATUS_OF)
