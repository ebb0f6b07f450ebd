"""The core: a request goes in, a response comes out. No HTTP library, and never a traceback."""

import json
import logging
import time

import attrs

from pmax.simulator.call import Answer
from pmax.simulator.execution import Executor
from pmax.simulator.faults import Faults
from pmax.simulator.refusals import BadRequest, BodyTooLarge, Refusal
from pmax.simulator.request_log import LoggedRequest, RequestLog
from pmax.simulator.state.service_records import StoredCall
from pmax.simulator.state.world import World
from pmax.simulator.unisphere import Unisphere
from pmax.simulator.wire import JsonObject, Request, Response

UNEXPECTED = "The server encountered an unexpected condition which prevented it from fulfilling the request"

_JSON_HEADERS = (("Content-Type", "application/json"), ("Content-Security-Policy", "default-src 'self'"))
_LOG = logging.getLogger(__name__)


class Application:
    """One Unisphere in front of a world.

    Attributes:
        unisphere: who answers.
        latency_s: every answer is that late, outside the lock.
        defects: exceptions that no handler should have let out; a test that finds one here has found a bug of the
            simulator.
    """

    def __init__(self, unisphere: Unisphere, world: World, executor: Executor, faults: Faults, log: RequestLog) -> None:
        self.unisphere = unisphere
        self.latency_s = 0.0
        self.defects: list[Exception] = []
        self._world = world
        self._executor = executor
        self._faults = faults
        self._log = log
        executor.serve_jobs_of(unisphere)

    @property
    def max_body_bytes(self) -> int:
        """Longer bodies are refused."""
        return self._world.behaviour.max_body_bytes

    def spend(self, seconds: float) -> float:
        """Let the delay of an answer pass; return the real seconds that the front must wait."""
        return self._world.clock.spend(seconds)

    def handle(self, request: Request) -> Response:
        """Answer a request."""
        started = time.perf_counter()
        response = self._faults.before(request)
        if response is None:
            response = self._faults.after(request, self._answer(request))
        if self.latency_s:
            response = attrs.evolve(response, delay_s=response.delay_s + self.latency_s)
        self._log.add(
            LoggedRequest(
                at=self._world.clock.now(),
                unisphere=self.unisphere.name,
                client=request.client,
                verb=request.verb,
                path=request.target,
                status=response.status,
                duration_ms=round((time.perf_counter() - started) * 1000, 3),
                job_id=response.job_id,
            )
        )
        return response

    def _answer(self, request: Request) -> Response:
        try:
            answer = self._carry_out(request)
        except Refusal as refusal:
            return _response(refusal.status, {"message": refusal.message}, headers=refusal.headers)
        except Exception as error:  # noqa: BLE001 - a client must always get an answer, and never a traceback
            _LOG.exception("the simulator failed at %s %s", request.verb, request.path)
            self.defects.append(error)
            return _response(500, {"message": UNEXPECTED})
        return _response(answer.status, answer.body, job_id=answer.job_id)

    def _carry_out(self, request: Request) -> Answer:
        if len(request.body) > self.max_body_bytes:
            raise BodyTooLarge("The request body is too large")
        user = self.unisphere.authenticate(request.headers.get("authorization"))
        try:
            body = request.body.decode()
        except UnicodeDecodeError as error:
            raise BadRequest("The request body is not valid JSON") from error
        stored = StoredCall(verb=request.verb, path=request.path, query=request.query, body=body)
        with self._world.changing() as transaction:
            route, call = self._executor.prepare(stored, self.unisphere, user, transaction)
            return self._executor.run(route, call)


def _response(
    status: int, body: JsonObject | None, headers: tuple[tuple[str, str], ...] = (), job_id: str | None = None
) -> Response:
    if body is None:
        return Response(status=status, headers=headers, job_id=job_id)
    text = json.dumps(body, separators=(",", ":")).encode()
    return Response(status=status, body=text, headers=(*_JSON_HEADERS, *headers), job_id=job_id)
