"""What can go wrong, as one tree.

    PmaxError
    ├─ InvalidRequest            the caller is wrong; nothing was sent
    ├─ ConfigurationInvalid      the configuration is wrong; every problem at once
    ├─ Conflict                  the array is not as the operation assumed
    │  ├─ NotFound, AlreadyExists, InUse, WrongIdentity, IllegalTransition, TooSmall
    │  │  └─ StillInUse          an InUse that passes by itself: the engine waits and tries again
    │  │     └─ LimitReached     the array keeps as many of something as it can
    │  └─ NotManageable          nobody may take the object over; every reason at once
    │     └─ AlreadyManaged      because it is managed already
    ├─ ArrayRejected             the service said no, in the array's own words
    │  └─ CredentialsRejected    401 or 403
    ├─ JobFailed                 an asynchronous job ended without success
    ├─ Interrupted               whoever asked wants it to end: it did, between two steps
    ├─ Busy                      no slot, no lock or no answer but "try later" until the deadline
    ├─ DeadlinePassed            something did not settle in time
    ├─ Unavailable               no answer; `sent` says whether it may have taken effect
    │  └─ CertificateRefused     because the server's certificate is not trusted
    ├─ OutcomeUnknown            a write was sent, its fate could not be found out
    ├─ MalformedReply            the answer makes no sense
    └─ PlanFailed                a step failed and something was left behind

Callers branch on type and fields, never on the text. Fields are positional, so that every error can be pickled.
"""

from __future__ import annotations

from http import HTTPStatus

import attrs


class PmaxError(Exception):
    """Any failure that pmax reports."""


@attrs.frozen(str=False)
class InvalidRequest(PmaxError):
    """The caller asked for something that no array could do; nothing was sent.

    Attributes:
        field: the name by which the user knows what is wrong.
        value: what was given.
        rule: one sentence with the rule and the remedy.
    """

    field: str
    value: object
    rule: str

    def __str__(self) -> str:
        return f"{self.field} {self.value!r} is not valid: {self.rule}"


@attrs.frozen(str=False)
class ConfigurationInvalid(PmaxError):
    """The configuration has one or more mistakes.

    Attributes:
        problems: one sentence each, naming the option and the remedy.
    """

    problems: tuple[str, ...]

    def __str__(self) -> str:
        return "the configuration is not valid: " + "; ".join(self.problems)


class Conflict(PmaxError):
    """The array is not as the operation assumed; reading it again may help."""


@attrs.frozen(str=False)
class NotFound(Conflict):
    """The service says that this object does not exist."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name} does not exist"


@attrs.frozen(str=False)
class AlreadyExists(Conflict):
    """An object of this kind and name exists already."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name} exists already"


@attrs.frozen(str=False)
class InUse(Conflict):
    """Something else holds the object.

    Attributes:
        kind: kind of the object.
        name: its name.
        by: what holds it, in words.
    """

    kind: str
    name: str
    by: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name} is in use by {self.by}"


class StillInUse(InUse):
    """What holds the object goes by itself, such as a copy under way: whoever waits, holding nothing, gets his turn."""


class LimitReached(StillInUse):
    """The array keeps as many things of this kind as it can: there is room again once others have finished."""


@attrs.frozen(str=False)
class TooSmall(Conflict):
    """A volume cannot hold what a snapshot has.

    Attributes:
        kind: kind of the object that does not fit.
        name: its name.
        detail: the array's text.
    """

    kind: str
    name: str
    detail: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name} does not fit: {self.detail}"


@attrs.frozen(str=False)
class WrongIdentity(Conflict):
    """An object exists under this id, but it is not the one that was meant.

    Attributes:
        kind: kind of the object.
        name: its id on the array.
        expected: the identifier that would prove it to be ours.
        found: the identifier that it carries.
    """

    kind: str
    name: str
    expected: str
    found: str

    def __str__(self) -> str:
        return (
            f"{self.kind} {self.name} carries the identifier {self.found!r}, not {self.expected!r}: it was left alone"
        )


@attrs.frozen(str=False)
class IllegalTransition(Conflict):
    """The object's state does not allow the action; nothing was sent."""

    kind: str
    name: str
    state: str
    action: str

    def __str__(self) -> str:
        return f"{self.action} is not possible while {self.kind} {self.name} is {self.state}"


@attrs.frozen(str=False)
class NotManageable(Conflict):
    """An object cannot be taken over.

    Attributes:
        kind: kind of the object.
        name: its id or name on the array.
        reasons: everything that stands in the way, a part of a sentence each.
    """

    kind: str
    name: str
    reasons: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.kind} {self.name} cannot be managed: " + "; ".join(self.reasons)


class AlreadyManaged(NotManageable):
    """It is managed already, perhaps by somebody else."""


@attrs.frozen(str=False)
class ArrayRejected(PmaxError):
    """The service refused a request.

    Attributes:
        operation: what was asked, in words.
        status: HTTP status.
        code: the service's own error code, if it sent one.
        message: the array's text, unchanged.
    """

    operation: str
    status: int
    code: str | None
    message: str

    def __str__(self) -> str:
        return f"the array refused to {self.operation} (HTTP {self.status}): {self.message}"


@attrs.frozen(str=False)
class CredentialsRejected(PmaxError):
    """Unisphere did not accept the user, or the user may not do this.

    Attributes:
        endpoint: host and port of the Unisphere server.
        status: 401 or 403.
        message: the service's text.
    """

    endpoint: str
    status: int
    message: str

    def __str__(self) -> str:
        is_unknown_user = self.status == HTTPStatus.UNAUTHORIZED
        remedy = "check san_login and san_password" if is_unknown_user else "give the user the Storage Admin role"
        return f"Unisphere at {self.endpoint} answered HTTP {self.status} ({self.message}): {remedy}"


@attrs.frozen(str=False)
class JobFailed(PmaxError):
    """An asynchronous job of the array ended, and not with success."""

    job_id: str
    operation: str
    message: str

    def __str__(self) -> str:
        return f"job {self.job_id} could not {self.operation}: {self.message}"


@attrs.frozen(str=False)
class Interrupted(PmaxError):
    """Whoever asked for the operation does not want it any more; it ended between two steps.

    Attributes:
        before: the step that was not begun.
    """

    before: str

    def __str__(self) -> str:
        return f"interrupted before it began to {self.before}"


@attrs.frozen(str=False)
class Busy(PmaxError):
    """Nothing was done, because something was busy until the deadline.

    Attributes:
        resource: what was busy (a lock, the server, its slots).
        waited_s: how long we waited.
    """

    resource: str
    waited_s: float

    def __str__(self) -> str:
        return f"{self.resource} was busy for {self.waited_s:.0f} s: try again later"


@attrs.frozen(str=False)
class DeadlinePassed(PmaxError):
    """Something did not settle before the operation's deadline."""

    waiting_for: str
    waited_s: float

    def __str__(self) -> str:
        return f"{self.waiting_for} did not happen within {self.waited_s:.0f} s"


@attrs.frozen(str=False)
class Unavailable(PmaxError):
    """No answer came.

    Attributes:
        endpoint: host and port of the Unisphere server.
        cause: why, in words (connection refused, certificate not trusted, timed out…).
        sent: whether the request may have reached the server and taken effect.
    """

    endpoint: str
    cause: str
    sent: bool

    def __str__(self) -> str:
        return f"Unisphere at {self.endpoint} gave no answer: {self.cause}"


class CertificateRefused(Unavailable):
    """The server's certificate is not trusted: nothing was sent, and asking again will not help."""


@attrs.frozen(str=False)
class OutcomeUnknown(PmaxError):
    """A write was sent, its answer was lost, and the array could not be asked what became of it.

    Attributes:
        step: the change, in words.
        cause: why the fate could not be found out.
    """

    step: str
    cause: str

    def __str__(self) -> str:
        return f"whether the array did this is not known: {self.step} ({self.cause}); see `pmax journal list`"


@attrs.frozen(str=False)
class MalformedReply(PmaxError):
    """The service's answer does not have the form that this version of the service sends.

    Attributes:
        path: the resource that was asked.
        problems: one sentence each, with field and value.
    """

    path: str
    problems: tuple[str, ...]

    def __str__(self) -> str:
        return f"the reply of {self.path} makes no sense: " + "; ".join(self.problems)


@attrs.frozen(str=False)
class PlanFailed(PmaxError):
    """A step failed and not everything before it could be undone. The step's error is the cause.

    Attributes:
        step: the step that failed, in words.
        undone: the steps that were taken back, in words.
        left_behind: what remains on the array, in words.
    """

    step: str
    undone: tuple[str, ...]
    left_behind: tuple[str, ...]

    def __str__(self) -> str:
        return f"could not {self.step}; left on the array: " + ", ".join(self.left_behind)
