"""Runs calls, at once or as jobs (reference section 3).

An asynchronous call is first tried and forgotten: what its form or its path makes impossible is refused at once, as the
service does. The rest is the job's business: it runs when its pace says so, in a transaction of its own, and either all
of its effects are there (rule 18) or none is (rule 82).
"""

import attrs

from pmax.simulator.body import Fields, parse
from pmax.simulator.call import Answer, Call
from pmax.simulator.dates import job_result_date
from pmax.simulator.pace import AfterSeconds, Progress
from pmax.simulator.query import Query
from pmax.simulator.refusals import (
    ArrayRefused,
    Forbidden,
    MethodNotAllowed,
    NotFound,
    NotSimulated,
    Refusal,
    text_of_missing,
)
from pmax.simulator.resources.jobs import job_body
from pmax.simulator.router import PREFIX, Match, Route, Router, segments_of
from pmax.simulator.rules.lun_settling import unsettle_new
from pmax.simulator.state.service_records import Job, StoredCall, Timer
from pmax.simulator.state.transaction import Transaction
from pmax.simulator.state.world import World
from pmax.simulator.unisphere import Unisphere, User

JOB_TIMER = "job"

_PARTICIPLES = {"POST": "creating", "PUT": "modifying", "DELETE": "deleting", "GET": "retrieving"}
_NAMES = {"POST": "Create", "PUT": "Modify", "DELETE": "Delete"}


class Executor:
    """Runs the calls of all Unispheres of a world, and their jobs."""

    def __init__(self, world: World, router: Router) -> None:
        self._world = world
        self._router = router
        self._unispheres: dict[str, Unisphere] = {}
        world.timer_handlers[JOB_TIMER] = self._on_timer

    def serve_jobs_of(self, unisphere: Unisphere) -> None:
        """Let jobs that were started through a Unisphere find it again."""
        self._unispheres[unisphere.name] = unisphere

    def operation_of(self, verb: str, path: str) -> str:
        """Return the name of a call for the log, whether it is a possible one or not."""
        try:
            match = self._router.find(segments_of(path))
        except Refusal:
            match = None
        template = "?" if match is None else next(iter(match.routes.values())).template
        return f"{verb} {template}"

    def prepare(
        self, stored: StoredCall, unisphere: Unisphere, user: User, transaction: Transaction
    ) -> tuple[Route, Call]:
        """Find the route of a request and make a call of it.

        Raises:
            Refusal: path, version, verb, array, role or the form of the body forbids it.
        """
        segments = segments_of(stored.path)
        match = self._router.find(segments)
        if match is None:
            raise _nothing_there(segments, unisphere)
        version = match.params.get("version")
        dialect = unisphere.version.dialect(version) if version else unisphere.version.dialects[-1]
        route = _route_of(match, stored, dialect.version)
        call = Call(
            stored=stored,
            path="/".join(segments[2:]),
            params=match.params,
            query=Query(stored.query),
            body=Fields({}, "") if stored.verb == "GET" else parse(stored.body),
            dialect=dialect,
            user=user,
            unisphere=unisphere,
            world=self._world,
            transaction=transaction,
            job_desk=self,
        )
        _check_array(route, call)
        return route, call

    def run(self, route: Route, call: Call) -> Answer:
        """Run a call and return its answer, 202 if it asks to be asynchronous.

        Raises:
            Refusal: nothing may be kept of what it changed.
        """
        is_asynchronous = _pop_execution_option(call.body)
        if route.is_change and route.resource != "job":
            self._refuse_if_busy(call)
        with self._world.behaving(call.fate.choices):
            return self._submit(route, call) if is_asynchronous else _perform(route, call)

    def look_at(self, call: Call, job: Job) -> Job:
        """Return a job as a client that asks now sees it; a job that goes by reads may run now."""
        if job.is_over:
            return job
        progress = job.progress.after_read()
        job = attrs.evolve(job, progress=progress, status="SCHEDULED" if progress.started_at > call.now else "RUNNING")
        if progress.is_done(call.now) and not job.fate.is_endless:
            job = self._carry_out(call.transaction, job, call.now)
        call.transaction.jobs.put(job)
        return job

    def _refuse_if_busy(self, call: Call) -> None:
        """Rule 81: one configuration change per array at a time; the rest queues or is refused."""
        symmetrix_id = call.params.get("symmetrix_id")
        if not symmetrix_id or not self._world.behaviour.are_busy_arrays_refused:
            return
        if call.transaction.jobs.count("under_way", symmetrix_id):
            raise ArrayRefused("Unable to acquire the Symmetrix device lock", is_decided_at_once=True)

    def _submit(self, route: Route, call: Call) -> Answer:
        trial = attrs.evolve(call, transaction=call.transaction.nested(), tasks=[])
        try:
            _perform(route, trial)
        except Refusal as refusal:
            if refusal.is_decided_at_once:
                raise
        accepted = self._new_job(route, call, trial)
        job = accepted
        if job.fate.is_endless:
            pass
        elif job.progress.is_done(call.now):
            job = self._carry_out(call.transaction, job, call.now)
        elif job.progress.due_at is not None:
            timer = Timer(timer_id=f"job {job.job_id}", kind=JOB_TIMER, due_at=job.progress.due_at, subject=job.job_id)
            call.transaction.timers.put(timer)
        call.transaction.jobs.put(job)
        return Answer(202, job_body(accepted), job_id=job.job_id)

    def _new_job(self, route: Route, call: Call, trial: Call) -> Job:
        subject = call.path.rsplit("/", 1)[-1]
        return Job(
            job_id=_next_job_id(call),
            name=trial.job_name or f"{_NAMES[call.verb]} {route.resource.title()} {subject}",
            symmetrix_id=call.params.get("symmetrix_id", ""),
            unisphere=call.unisphere.name,
            username=call.user.name,
            status="SCHEDULED",
            created_at=call.now,
            progress=self._queue(call),
            resource_link=trial.link or call.path,
            call=call.stored,
            fate=call.fate,
        )

    def _queue(self, call: Call) -> Progress:
        """Return when a job runs: after the jobs that its array has before it (rule 81)."""
        pace = self._world.behaviour.job_pace
        progress = self._world.begin_work(pace)
        if not isinstance(pace, AfterSeconds) or progress.due_at is None:
            return progress
        waiting = call.transaction.jobs.where("under_way", call.params.get("symmetrix_id", ""))
        free_at = max((job.progress.due_at or call.now for job in waiting), default=call.now)
        wait = max(0.0, free_at - call.now)
        return attrs.evolve(progress, started_at=progress.started_at + wait, due_at=progress.due_at + wait)

    def _unisphere_of(self, job: Job) -> Unisphere:
        """Return the Unisphere that a job was started through; after a restart it may be away, then any will do."""
        return self._unispheres.get(job.unisphere) or next(iter(self._unispheres.values()))

    def _on_timer(self, transaction: Transaction, timer: Timer) -> None:
        job = transaction.jobs.find(timer.subject)
        if job is not None and not job.is_over:
            transaction.jobs.put(self._carry_out(transaction, job, timer.due_at))

    def _carry_out(self, transaction: Transaction, job: Job, now: float) -> Job:
        """Run what a job is about; return the job as it ended."""
        failed = attrs.evolve(job, status="FAILED", ended_at=now, result=job.fate.failure or "")
        if job.fate.failure is not None and not job.fate.is_applied:
            return failed
        nested = transaction.nested()
        try:
            route, call = self.prepare(job.call, self._unisphere_of(job), User(job.username, ""), nested)
            _pop_execution_option(call.body)
            with self._world.behaving(job.fate.choices):
                _perform(route, call)
        except Refusal as refusal:
            return attrs.evolve(failed, result=refusal.message)
        nested.commit()
        if job.fate.failure is not None:
            return failed
        times = [job_result_date(moment) for moment in (job.progress.started_at, now)]
        result = f"Started job execution on {times[0]} - Finished job execution on {times[1]}"
        return attrs.evolve(job, status="SUCCEEDED", ended_at=now, tasks=tuple(call.tasks), result=result)


def _perform(route: Route, call: Call) -> Answer:
    """Run the handler, refuse what it did not read of the body, and word the array's refusal (section 2.2)."""
    try:
        answer = route.handler(call)
    except ArrayRefused as refusal:
        refusal.message = (
            f"A problem occurred {_PARTICIPLES[call.verb]} the {route.resource} resource: {refusal.message}"
        )
        raise
    call.body.close()
    unsettle_new(call.world, call.transaction)
    return answer


def _pop_execution_option(body: Fields) -> bool:
    """Say whether a body asks to be carried out as a job (reference section 3.1)."""
    if "executionOption" not in body:
        body.ignore("executionOption")
        return False
    return body.choice("executionOption", ("SYNCHRONOUS", "ASYNCHRONOUS")) == "ASYNCHRONOUS"


def _next_job_id(call: Call) -> str:
    """Return a number of 13 digits that begins as the time in milliseconds and is never given twice."""
    return str(call.transaction.next_number("job", at_least=int(call.now * 1000)))


def _nothing_there(segments: tuple[str, ...], unisphere: Unisphere) -> Refusal:
    """Return why a path has no route: an unknown version is 404, everything else was never simulated."""
    beginning = [segment for segment in segments if segment != "private"]
    if beginning[:2] == ["univmax", "restapi"] and beginning[2:] and beginning[2].isdigit():
        try:
            unisphere.version.dialect(beginning[2])
        except NotFound as refusal:
            return refusal
    path = "/".join(("", *segments))
    if not path.startswith(f"{PREFIX}/"):
        return NotFound(f"There is nothing at {path[:200]}")
    return NotSimulated(f"The simulator does not know the path {path[:200]}")


def _route_of(match: Match, stored: StoredCall, version: int) -> Route:
    route = match.routes.get(stored.verb)
    if route is None:
        allowed = ", ".join(sorted(match.routes))
        raise MethodNotAllowed(f"{stored.verb} is not allowed here, but {allowed}", (("Allow", allowed),))
    if not route.since <= version <= route.until:
        raise NotFound(f"Version [{version}] of the API does not have {route.verb} {route.template}")
    return route


def _check_array(route: Route, call: Call) -> None:
    """Refuse an array that is unknown here, and changes to one that is not local or by one who may not (rule 85)."""
    if route.is_change and not call.user.may_change:
        raise Forbidden(f"User [{call.user.name}] is not authorized to perform this operation")
    symmetrix_id = call.params.get("symmetrix_id")
    if symmetrix_id is None:
        return
    if symmetrix_id not in call.transaction.arrays or not call.unisphere.sees(symmetrix_id):
        text = text_of_missing("Array", symmetrix_id, symmetrix_id)
        raise NotFound(f"{text}: Symmetrix {symmetrix_id} was not found")
    if not call.array.record.is_up:  # assumed: a failure, never the answer that an unknown array gets
        raise ArrayRefused(f"Symmetrix [{symmetrix_id}] cannot be reached", is_decided_at_once=True)
    if route.is_change and not call.unisphere.manages(symmetrix_id):
        raise Forbidden(f"Symmetrix [{symmetrix_id}] is not local to this Unisphere and cannot be changed through it")
