"""A call goes in, a reply or an error comes out.

What belongs here: choosing the server, waiting at its gate, sending, trying again where that is safe, and telling about
it. The decisions themselves are pure and stand in `retry` and `endpoints`. What does not: the meaning of a body.

A call is given as a function of the dialect, because servers of different versions may take turns.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeAlias

import attrs

from pmax.adapters.rest import retry
from pmax.adapters.rest.dialects import Dialect, dialect_of
from pmax.adapters.rest.endpoints import Endpoints
from pmax.adapters.rest.messages import Call, Failure, Reply
from pmax.adapters.rest.servers import VERSION_CALL, Server
from pmax.adapters.rest.status import error_of
from pmax.domain.errors import Busy, CertificateRefused, MalformedReply, PmaxError, Unavailable
from pmax.domain.events import CallFinished
from pmax.domain.settings import Timeouts
from pmax.domain.versions import UnisphereVersion
from pmax.ports.runtime import Clock, Deadline, EventSink

CallBuilder: TypeAlias = Callable[[Dialect], Call]

# A context variable belongs to a thread, and to a green thread too.
_USUAL_DEADLINE: ContextVar[Deadline | None] = ContextVar("pmax_usual_deadline", default=None)

_log = logging.getLogger(__name__)

_TIME_IS_UP = Failure(
    cause="the time for the operation was up before it could be asked: give it more, with pmax_operation_timeout",
    is_sent=False,
    is_lasting=True,
)


@attrs.frozen(kw_only=True)
class Patience:
    """How long and how often to try.

    Attributes:
        timeouts: for one call.
        policy: for repeating it.
        operation_timeout_s: for a call and its repetitions, when the caller sets no deadline.
        comes_back: whether the first server is used again once it answers.
    """

    timeouts: Timeouts
    policy: retry.RetryPolicy
    operation_timeout_s: float
    comes_back: bool = True


@attrs.frozen(kw_only=True)
class Answer:
    """A reply and where it came from.

    Attributes:
        call: as it was sent.
        reply: what came.
        server: who answered; jobs and iterators are known to it alone.
    """

    call: Call
    reply: Reply
    server: Server

    @property
    def error(self) -> PmaxError | None:
        """What the refusal means; None for a success."""
        return None if self.reply.is_success else error_of(self.call, self.reply, self.server.endpoint)


class Client:
    """Sends calls to one of several Unisphere servers. Threads may share it."""

    def __init__(self, servers: tuple[Server, ...], patience: Patience, clock: Clock, events: EventSink) -> None:
        """Take everything that is needed; nothing is sent yet."""
        self._servers = servers
        self._patience = patience
        self._clock = clock
        self._events = events
        self._endpoints = Endpoints.untried(len(servers), comes_back=patience.comes_back)

    def demand(self, build: CallBuilder, deadline: Deadline | None = None, *, server: Server | None = None) -> Answer:
        """As `perform`, but a refusal is raised as what it means."""
        answer = self.perform(build, deadline, server=server)
        if answer.error is not None:
            raise answer.error
        return answer

    def perform(self, build: CallBuilder, deadline: Deadline | None = None, *, server: Server | None = None) -> Answer:
        """Send a call until there is an answer to it, or none can be had.

        Args:
            build: makes the call in the dialect of the server that is to get it.
            deadline: by when the answer must be there; None for that of `within`, or the usual time.
            server: the only one that can answer; None for any.

        Returns:
            A success with a body that can be read, or a refusal in the service's own words.

        Raises:
            Busy: turned away, or no slot free, until there was no time left; nothing was done.
            Unavailable: no answer; `sent` says whether it may have taken effect, which a read never does.
            MalformedReply: the answer to a read is no JSON.
            InvalidRequest: the server's version is not supported, or a name cannot stand in a path.
        """
        deadline = deadline or _USUAL_DEADLINE.get() or Deadline.after(self._clock, self._patience.operation_timeout_s)
        unreachable: set[int] = set()
        attempt = 1
        while True:
            chosen = server or self._choose(unreachable)
            call, result = self._try(chosen, build, deadline, attempt)
            if server is None and retry.may_go_elsewhere(call, result) and deadline.remaining_s(self._clock):
                unreachable.add(chosen.index)
                if len(unreachable) < len(self._servers):
                    _log.warning("Unisphere at %s did not answer; asking the next server", chosen.endpoint)
                    continue
                unreachable.clear()
            pause_s = retry.pause_s(call, result, attempt, self._patience.policy, self._clock.epoch_s())
            if pause_s is None or pause_s >= deadline.remaining_s(self._clock):
                return _conclude(call, result, chosen, deadline.waited_s(self._clock))
            self._clock.sleep(pause_s)
            attempt += 1

    @staticmethod
    @contextmanager
    def within(deadline: Deadline) -> Iterator[None]:
        """Let every call of this thread inside end by then, if it has no deadline of its own."""
        token = _USUAL_DEADLINE.set(deadline)
        try:
            yield
        finally:
            _USUAL_DEADLINE.reset(token)

    def version(self) -> UnisphereVersion:
        """The version of the server in use; asks it only if that is not known."""
        server = self._choose(set())
        if server.version is None:
            server = self.perform(lambda _: VERSION_CALL).server
        if server.version is None:
            raise Unavailable(server.endpoint, "it went away while it was asked for its version", sent=False)
        return server.version

    def dialect(self) -> Dialect:
        """How the server in use wants to be spoken to."""
        return dialect_of(self.version())

    def close(self) -> None:
        """Close every connection."""
        for server in self._servers:
            server.transport.close()

    def _choose(self, unreachable: set[int]) -> Server:
        order = self._endpoints.order(self._clock.now_s())
        return self._servers[next(index for index in order if index not in unreachable)]

    def _try(
        self, server: Server, build: CallBuilder, deadline: Deadline, attempt: int
    ) -> tuple[Call, Reply | Failure]:
        """Send a call once, after having asked for the version if that is not known."""

        def send(call: Call) -> Reply | Failure:
            return self._exchange(server, call, deadline, attempt)

        dialect = server.dialect
        if dialect is None:
            introduction = server.introduce(send)
            dialect = server.dialect
            if dialect is None:
                return introduction
        call = build(dialect)
        return call, send(call)

    def _exchange(self, server: Server, call: Call, deadline: Deadline, attempt: int) -> Reply | Failure:
        timeouts = self._patience.timeouts
        with server.gate.passage(self._clock, deadline, is_read=call.is_read) as waited_s:
            began_s = self._clock.now_s()
            left_s = deadline.remaining_s(self._clock)
            if not left_s:
                return _TIME_IS_UP
            answer_s = timeouts.read_s if call.is_read else timeouts.write_s
            patience_s = (min(timeouts.connect_s, left_s), min(answer_s, left_s))
            result = server.transport.exchange(call, patience_s, left_s)
        # A server that had less time than it may take is not to blame.
        if isinstance(result, Reply) or self._clock.now_s() - began_s >= answer_s or deadline.remaining_s(self._clock):
            self._note(server, result)
        event = CallFinished(
            verb=call.verb,
            path=call.path,
            status=result.status if isinstance(result, Reply) else None,
            duration_s=self._clock.now_s() - began_s,
            waited_s=waited_s,
            attempt=attempt,
        )
        _log.debug("%s %s: %s, %.3f s", call.verb, call.path, event.status or "no answer", event.duration_s)
        self._events.publish(event)
        return result

    def _note(self, server: Server, result: Reply | Failure) -> None:
        now_s = self._clock.now_s()
        if isinstance(result, Failure):
            self._endpoints = self._endpoints.failed(server.index, now_s)
            server.version = None
            return
        self._endpoints = self._endpoints.reached(server.index)
        if retry.is_throttled(result):
            server.gate.narrow(now_s, retry.retry_after_s(result.retry_after, self._clock.epoch_s()))


def _conclude(call: Call, result: Reply | Failure, server: Server, waited_s: float) -> Answer:
    """Make the best of the last result.

    Raises:
        PmaxError: as `Client.perform` says.
    """
    is_sent = not call.is_read and retry.is_answer_lost(call, result)
    if isinstance(result, Failure):
        error = CertificateRefused if result.is_distrust else Unavailable
        raise error(server.endpoint, result.cause, is_sent)
    if retry.is_turned_away(result):
        raise Busy(f"Unisphere at {server.endpoint} (HTTP {result.status}: {result.text})", waited_s)
    if retry.is_answer_lost(call, result):
        if result.is_success and call.is_read:
            raise MalformedReply(call.path, ("the body is no JSON",))
        what = "no JSON" if result.is_success else "an error page"
        raise Unavailable(server.endpoint, f"HTTP {result.status} with {what} in place of an answer", is_sent)
    return Answer(call=call, reply=result, server=server)
