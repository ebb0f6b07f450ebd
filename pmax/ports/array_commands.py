"""The one port through which arrays are changed."""

from __future__ import annotations

from abc import abstractmethod
from contextlib import AbstractContextManager
from enum import Enum
from typing import Protocol

import attrs

from pmax.domain.identifiers import DeviceId
from pmax.domain.plans import Step, StepOutcome
from pmax.ports.runtime import Deadline


class Fate(Enum):
    """What became of a step whose answer was lost."""

    APPLIED = "applied"
    NOT_APPLIED = "not applied"
    UNKNOWN = "unknown"


@attrs.frozen(kw_only=True)
class Investigation:
    """What reading the array said about a step whose answer was lost.

    Attributes:
        fate: whether the step took effect.
        outcome: as `apply` would have returned it; None unless it was applied.
        reason: why the fate is unknown, in words; empty otherwise.
    """

    fate: Fate
    outcome: StepOutcome | None = None
    reason: str = ""


@attrs.frozen(kw_only=True)
class PreviewedCall:
    """A REST call that a step would make.

    Attributes:
        verb: POST, PUT or DELETE.
        path: below the base path of Unisphere.
        body: JSON text; empty when there is none.
    """

    verb: str
    path: str
    body: str = ""


@attrs.frozen(kw_only=True)
class Claim:
    """What an operation may still call its own once its locks were let go.

    Attributes:
        devices: those that it is about and those that it made, which it may take away; none if it is stale.
        is_stale: it was interrupted so long ago that others may rely by now on what it did or left undone.
    """

    devices: frozenset[DeviceId] = frozenset()
    is_stale: bool = False


class ArrayCommands(Protocol):
    """Carries out steps. No step is sent twice unless it is certain that the first had no effect."""

    @abstractmethod
    def apply(self, step: Step, deadline: Deadline) -> StepOutcome:
        """Carry out one step and prove it by the array's own answer.

        Await steps look once and return `changed=False` with what they saw: the executor does the waiting.

        Raises:
            Conflict: the array is not as the step assumes (`NotFound`, `AlreadyExists`, `InUse`, `WrongIdentity`);
                nothing was changed.
            ArrayRejected: refused in the array's words; nothing was changed.
            JobFailed: the job ended without success.
            DeadlinePassed: the job was still running at the deadline; its effect is not known.
            Unavailable: no answer; `sent` says whether it may have taken effect.
        """

    @abstractmethod
    def investigate(self, step: Step) -> Investigation:
        """Find out by reading whether a step took effect whose answer was lost. Never raises `Unavailable`."""

    @abstractmethod
    def within(self, deadline: Deadline) -> AbstractContextManager[None]:
        """Let every call of this thread inside end by then, reads and investigations too."""

    @abstractmethod
    def objection(self, step: Step, claim: Claim) -> str:
        """Why a step must not be carried out now, although it was planned, if its locks were not held since.

        Reads anew what allows a step to take something away: that the volume is still the same, that nobody else's
        volumes are in the group or seen through the view. Of a stale operation not even its own volumes are taken from
        a host that sees them, and no pairs change their direction.

        Args:
            step: with real devices.
            claim: what the operation may call its own.

        Returns:
            The reason in words; empty if nothing speaks against it.

        Raises:
            PmaxError: it could not be read.
        """

    @abstractmethod
    def preview(self, step: Step) -> tuple[PreviewedCall, ...]:
        """The calls that `apply` would make to change the array. Sends nothing that changes it."""
