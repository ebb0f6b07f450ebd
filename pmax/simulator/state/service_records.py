"""The records of the service itself: jobs, iterators, timers and counters."""

import attrs

from pmax.simulator.pace import Pace, Progress


@attrs.frozen(kw_only=True)
class StoredCall:
    """A request that a job will carry out; enough to run it after a restart."""

    verb: str
    path: str
    query: tuple[tuple[str, str], ...]
    body: str


@attrs.frozen(kw_only=True)
class Settling:
    """That something takes its own time.

    Attributes:
        choice: the field of `Behaviour` that would say how long.
        pace: how long.
    """

    choice: str
    pace: Pace


@attrs.frozen(kw_only=True)
class Fate:
    """What faults decided over what a request begins.

    Attributes:
        failure: its job fails with this text; None lets it take its course.
        is_applied: a job that fails has done its work all the same.
        is_endless: its job never ends, and never does its work.
        paces: what takes its own time.
    """

    failure: str | None = None
    is_applied: bool = False
    is_endless: bool = False
    paces: tuple[Settling, ...] = ()

    @property
    def choices(self) -> dict[str, Pace]:
        """What the choices of the user are for it."""
        return {settling.choice: settling.pace for settling in self.paces}

    def joined(self, other: "Fate") -> "Fate":
        """Return what becomes of something that both are about; the first failure counts."""
        first = other if self.failure is None else self
        return Fate(
            failure=first.failure,
            is_applied=first.is_applied,
            is_endless=self.is_endless or other.is_endless,
            paces=self.paces + other.paces,
        )


@attrs.frozen(kw_only=True)
class Job:
    """A job (reference section 3.2).

    Attributes:
        job_id: 13 digits.
        status: `SCHEDULED`, `RUNNING`, `SUCCEEDED` or `FAILED` (reference section 3.3).
        created_at: epoch seconds; also the time of the last change until it ends.
        ended_at: None while it runs.
        tasks: descriptions, in the order of execution.
        result: the text of start and finish, or the reason of its failure.
        call: what it carries out.
        fate: what faults decided over it.
    """

    job_id: str
    name: str
    symmetrix_id: str
    unisphere: str
    username: str
    status: str
    created_at: float
    progress: Progress
    call: StoredCall
    ended_at: float | None = None
    tasks: tuple[str, ...] = ()
    resource_link: str = ""
    result: str = ""
    fate: Fate = Fate()

    @property
    def is_over(self) -> bool:
        """It will not change any more."""
        return self.ended_at is not None


@attrs.frozen(kw_only=True)
class ResultIterator:
    """A result list that is read page by page (reference section 4.1).

    Attributes:
        kind: how its entries are rendered.
        symmetrix_id: the array that the entries are of.
        version: of the path that made it; pages are rendered as it says.
        entries: keys of the results, in order; or, where `kind` says so, JSON texts.
        expires_at: epoch seconds.
        life_s: added on each access.
    """

    iterator_id: str
    unisphere: str
    kind: str
    symmetrix_id: str
    version: int
    entries: tuple[str, ...]
    page_size: int
    expires_at: float
    life_s: float


@attrs.frozen(kw_only=True)
class Timer:
    """Something that will happen at a time.

    Attributes:
        timer_id: unique; putting another of the same id replaces it.
        kind: chooses the handler.
        due_at: epoch seconds.
        subject: what it is about, for the handler.
        symmetrix_id: the array that it is about, if any.
    """

    timer_id: str
    kind: str
    due_at: float
    subject: str
    symmetrix_id: str = ""


@attrs.frozen(kw_only=True)
class Counter:
    """A number that only grows, so that nothing is ever named twice."""

    name: str
    value: int
