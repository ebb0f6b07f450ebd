"""The core: a request goes in, a response comes out. No HTTP library, and never a traceback."""

import json
import logging
import time

import attrs

from pmax.simulator.call import Answer
from pmax.simulator.execution import Executor
from pmax.simulator.fault_rules import FaultRules
from pmax.simulator.front import Front
from pmax.simulator.refusals import BadRequest, BodyTooLarge, Refusal
from pmax.simulator.request_log import LoggedRequest, RequestLog
from pmax.simulator.state.service_records import Fate, StoredCall
from pmax.simulator.state.world import World
from pmax.simulator.unisphere import Unisphere, User
from pmax.simulator.wire import JsonObject, Request, Response

UNEXPECTED = "The server encountered an unexpected condition which prevented it from fulfilling the request"

_JSON_HEADERS = (("Content-Type", "application/json"), ("Content-Security-Policy", "default-src 'self'"))
_LOG = logging.getLogger(__name__)


class Application(Front):
    """One Unisphere in front of a world.

    Attributes:
        latency_s: every answer is that late, outside the lock.
        defects: exceptions that no handler should have let out; a test that finds one here has found a bug of the
            simulator.
    """

    def __init__(
        self, unisphere: Unisphere, world: World, executor: Executor, faults: FaultRules, log: RequestLog
    ) -> None:
        super().__init__(unisphere, world)
        self.latency_s = 0.0
        self.defects: list[Exception] = []
        self._executor = executor
        self._faults = faults
        self._log = log
        executor.serve_jobs_of(unisphere)

    @property
    def max_body_bytes(self) -> int:
        """Longer bodies are refused."""
        return self._world.behaviour.max_body_bytes

    def authenticate(self, authorization: str | None) -> User:
        """Return who asks.

        Raises:
            Unauthorized: nobody known, or a wrong password.
        """
        return self.unisphere.authenticate(authorization)

    def spend(self, seconds: float) -> float:
        """Let the delay of an answer pass; return the real seconds that the front must wait."""
        return self._world.clock.spend(seconds)

    def handle(self, request: Request) -> Response:
        """Answer a request."""
        started = time.perf_counter()
        response, faults = self._answer_amid_faults(request)
        if self.latency_s:
            response = attrs.evolve(response, delay_s=response.delay_s + self.latency_s)
        self._log.add(
            LoggedRequest(
                at=self._world.clock.now(),
                unisphere=self.unisphere.name,
                client=request.client,
                verb=request.verb,
                path=request.target,
                operation=self._executor.operation_of(request.verb, request.path),
                status=response.status,
                duration_ms=round((time.perf_counter() - started) * 1000, 3),
                job_id=response.job_id,
                faults=faults,
            )
        )
        return response

    def _answer_amid_faults(self, request: Request) -> tuple[Response, tuple[str, ...]]:
        try:
            course = self._faults.meet(self, request)
            response = course.response
            if response is None:
                response = self._answer(request, course.fate)
            return course.finish(response), course.titles
        except Exception as error:  # noqa: BLE001 - faults run functions of whoever wrote them
            return self._defect(request, error), ()

    def _answer(self, request: Request, fate: Fate) -> Response:
        try:
            answer = self._carry_out(request, fate)
        except Refusal as refusal:
            return _response(refusal.status, {"message": refusal.message}, headers=refusal.headers)
        except Exception as error:  # noqa: BLE001 - a client must always get an answer, and never a traceback
            return self._defect(request, error)
        return _response(answer.status, answer.body, job_id=answer.job_id)

    def _defect(self, request: Request, error: Exception) -> Response:
        _LOG.error("the simulator failed at %s %s", request.verb, request.path, exc_info=error)
        self.defects.append(error)
        return _response(500, {"message": UNEXPECTED})

    def _carry_out(self, request: Request, fate: Fate) -> Answer:
        if len(request.body) > self.max_body_bytes:
            raise BodyTooLarge("The request body is too large")
        user = self.authenticate(request.headers.get("authorization"))
        try:
            body = request.body.decode()
        except UnicodeDecodeError as error:
            raise BadRequest("The request body is not valid JSON") from error
        stored = StoredCall(verb=request.verb, path=request.path, query=request.query, body=body)
        with self._world.changing() as transaction:
            route, call = self._executor.prepare(stored, self.unisphere, user, transaction)
            call.fate = fate
            return self._executor.run(route, call)


def _response(
    status: int, body: JsonObject | None, headers: tuple[tuple[str, str], ...] = (), job_id: str | None = None
) -> Response:
    if body is None:
        return Response(status=status, headers=headers, job_id=job_id)
    text = json.dumps(body, separators=(",", ":")).encode()
    return Response(status=status, body=text, headers=(*_JSON_HEADERS, *headers), job_id=job_id)
