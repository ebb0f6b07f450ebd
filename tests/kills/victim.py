"""A process that is killed at a chosen moment of an operation, as by `kill -9`, over an array that lives on.

The victim is a fork, so that a matrix of thousands of deaths is cheap. It has an engine of its own, with the real
journal and the real locks on disk; its calls go through a pipe to the simulator in the process that waits for its
death. Its moments are counted: before and after each call, and before and after each write to the journal.
"""

from __future__ import annotations

import os
import signal
import traceback
import warnings
from collections.abc import Callable
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import TypeVar

import attrs
import requests
from requests.adapters import BaseAdapter

from pmax.adapters.journal import SqliteJournal
from pmax.bootstrap import build_engine
from pmax.domain.plans import Plan, Step, StepOutcome
from pmax.engine import Engine
from pmax.ports.runtime import Journal, JournalEntry, LockKey
from pmax.simulator.mount import SimulatorAdapter
from tests.stage import Stage

T = TypeVar("T")


@attrs.define
class Reaper:
    """Counts moments, and lets the process die at one of them.

    Attributes:
        at: which; 0 lets it live.
        moment: how many have passed.
    """

    at: int
    moment: int = 0

    def pass_by(self) -> None:
        """A moment at which the process may die."""
        self.moment += 1
        if self.moment == self.at:
            os.kill(os.getpid(), signal.SIGKILL)


class DeadlyLine(BaseAdapter):
    """Carries calls through a pipe."""

    def __init__(self, pipe: Connection, reaper: Reaper) -> None:
        super().__init__()
        self._pipe = pipe
        self._reaper = reaper

    def send(self, request: requests.PreparedRequest, **_options: object) -> requests.Response:
        """Have a call carried out; the process may die before it and after it."""
        self._reaper.pass_by()
        self._pipe.send((request.method, request.url, dict(request.headers), request.body))
        status, headers, content = self._pipe.recv()
        self._reaper.pass_by()
        response = requests.Response()
        response.status_code = status
        response.headers.update(headers)
        response._content = content  # as `requests` itself does once a body is read
        response.request = request
        response.url = request.url or ""
        return response

    def close(self) -> None:
        """Keep the pipe, which ends with the process."""


class DeadlyJournal(Journal):
    """The real journal; the process may die before and after each write."""

    def __init__(self, journal: SqliteJournal, reaper: Reaper) -> None:
        self._journal = journal
        self._reaper = reaper

    def begin(self, command: str, plan: Plan, locks: tuple[LockKey, ...]) -> str:
        """See `Journal`."""
        return self._deadly(lambda: self._journal.begin(command, plan, locks))

    def intend(self, operation_id: str, index: int, step: Step) -> None:
        """See `Journal`."""
        self._deadly(lambda: self._journal.intend(operation_id, index, step))

    def record(self, operation_id: str, index: int, outcome: StepOutcome) -> None:
        """See `Journal`."""
        self._deadly(lambda: self._journal.record(operation_id, index, outcome))

    def forget_step(self, operation_id: str, index: int) -> None:
        """See `Journal`."""
        self._deadly(lambda: self._journal.forget_step(operation_id, index))

    def finish(self, operation_id: str) -> None:
        """See `Journal`."""
        self._deadly(lambda: self._journal.finish(operation_id))

    def abandon(self, operation_id: str, error: str) -> None:
        """See `Journal`."""
        self._deadly(lambda: self._journal.abandon(operation_id, error))

    def unfinished(self) -> tuple[JournalEntry, ...]:
        """See `Journal`."""
        return self._journal.unfinished()

    def left(self, is_wanted: Callable[[JournalEntry], bool]) -> tuple[JournalEntry, ...] | None:
        """See `Journal`."""
        return self._journal.left(is_wanted)

    def has(self, operation_id: str) -> bool:
        """See `Journal`."""
        return self._journal.has(operation_id)

    def _deadly(self, write: Callable[[], T]) -> T:
        self._reaper.pass_by()
        result = write()
        self._reaper.pass_by()
        return result


def is_killed(stage: Stage, work: Callable[[Stage], object], at: int) -> bool:
    """Let another process work on the stage's array, and kill it at a moment.

    Args:
        stage: whose simulator answers; its engine is not used.
        work: what the process does.
        at: at which of its moments it dies.

    Returns:
        False if it ended by itself before that moment came.
    """
    return _run(stage, work, at) is None


def moments(stage: Stage, work: Callable[[Stage], object]) -> int:
    """Let another process work on the stage's array to the end; returns how many moments it had."""
    passed = _run(stage, work, at=0)
    assert passed is not None
    return passed


def _run(stage: Stage, work: Callable[[Stage], object], at: int) -> int | None:
    here, there = Pipe()
    with warnings.catch_warnings():
        # The fork runs Python only until it dies or exits at once; it never touches what other threads may hold.
        warnings.filterwarnings("ignore", message=".*multi-threaded.*fork", category=DeprecationWarning)
        process = os.fork()
    if process == 0:
        here.close()
        _be_the_victim(stage, work, there, Reaper(at))
    there.close()
    passed = _serve(stage, here)
    _, status = os.waitpid(process, 0)
    here.close()
    code = os.waitstatus_to_exitcode(status)
    assert code in {-signal.SIGKILL, 0}, f"the other process ended with {code}"
    return passed


def _serve(stage: Stage, pipe: Connection) -> int | None:
    """Answer calls until the process dies, or says how many moments it had."""
    line = SimulatorAdapter(stage.simulator.application)
    while True:
        try:
            said = pipe.recv()
        except (EOFError, ConnectionResetError):
            return None
        if isinstance(said, int):
            return said
        verb, url, headers, body = said
        response = line.send(requests.Request(verb, url, headers=headers, data=body).prepare())
        try:
            pipe.send((response.status_code, dict(response.headers), response.content))
        except BrokenPipeError:
            return None


def _be_the_victim(stage: Stage, work: Callable[[Stage], object], pipe: Connection, reaper: Reaper) -> None:
    try:
        engine = _engine(stage, pipe, reaper)
        work(attrs.evolve(stage, engine=engine))
        pipe.send(reaper.moment)
        os._exit(0)
    except BaseException:  # noqa: BLE001 - nothing may return from here into the process that was forked
        traceback.print_exc()
    os._exit(1)


def _engine(stage: Stage, pipe: Connection, reaper: Reaper) -> Engine:
    settings = stage.engine.settings
    directory = f"{settings.journal_directory}/{settings.array_id}"
    return build_engine(
        settings,
        clock=stage.clock,
        journal=DeadlyJournal(SqliteJournal(directory, stage.clock), reaper),
        http_adapter=DeadlyLine(pipe, reaper),
        load_entry_points=False,
    )
