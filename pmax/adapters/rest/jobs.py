"""Long work: the job behind a 202, until it ends (unisphere-rest.md section 3).

A job belongs to the server that accepted the call. From the moment of the 202 the change may take effect, so whatever
goes wrong while looking at the job leaves its fate open.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

import attrs

from pmax.adapters.rest import paths
from pmax.adapters.rest.client import Answer
from pmax.adapters.rest.dialects import Dialect
from pmax.adapters.rest.messages import Call, Subject
from pmax.adapters.rest.resources import Resources, read_call
from pmax.adapters.rest.servers import Server
from pmax.adapters.rest.status import error_of_job
from pmax.adapters.rest.wire import JobReply, JobState, JobTask
from pmax.domain.errors import DeadlinePassed, InvalidRequest, PmaxError, Unavailable
from pmax.domain.identifiers import ArrayId, DeviceId, device_id
from pmax.ports.runtime import Clock, Deadline

_FIRST_PAUSE_S: Final = 0.25
_GOING: Final = ("CREATED", "UNSCHEDULED", "SCHEDULED", "RETRIEVING_PICTURE", "RUNNING", "VALIDATING", "VALIDATED")


@attrs.frozen(kw_only=True)
class Jobs:
    """Follows jobs.

    Attributes:
        resources: reads.
        clock: does the waiting.
        interval_s: longest pause between two looks.
        retries: pauses of that length, after which a job counts as hung.
    """

    resources: Resources
    clock: Clock
    interval_s: float
    retries: int

    def finish(self, accepted: Answer, deadline: Deadline) -> JobReply:
        """Wait for the job of a call that was accepted.

        Args:
            accepted: the 202.
            deadline: of the operation.

        Returns:
            The job, after its success.

        Raises:
            JobFailed: it failed; or the error that its text means.
            DeadlinePassed: it was still going at the deadline, or counts as hung.
            Unavailable: it could not be looked at; the change may have taken effect.
            MalformedReply: the 202 does not name a job.
        """
        path = accepted.call.path
        job = self.resources.structurer.structure(accepted.reply.payload, JobReply, path)
        try:
            job = self._wait(job, accepted.server, accepted.call.operation, deadline)
        except DeadlinePassed:
            raise
        except PmaxError as error:
            cause = f"what became of job {job.job_id} could not be read ({error})"
            raise Unavailable(accepted.server.endpoint, cause, sent=True) from error
        if job.state is JobState.FAILED:
            raise error_of_job(accepted.call, job.job_id, job.result or f"it ended as {job.status}")
        return job

    def settle(self, array: ArrayId, storage_group: str, deadline: Deadline) -> None:
        """Wait until no job changes a storage group any more, whoever began it.

        Raises:
            DeadlinePassed: one is still going at the deadline.
            PmaxError: jobs could not be listed or looked at.
        """
        subject = Subject(kind="list of jobs", name="", array_id=array)
        query = tuple(("status", status) for status in _GOING)
        for job_id in self.resources.names("jobId", subject, paths.JOBS, query, array=array):
            job = self._look(job_id, None)
            if job.resource_link.endswith(f"/storagegroup/{storage_group}") or storage_group in job.name:
                self._wait(job, None, f"end the job {job.name!r}", deadline)

    def _wait(self, job: JobReply, server: Server | None, operation: str, deadline: Deadline) -> JobReply:
        # A 202 may tell of a job that is over already; its tasks, which name new devices, may still be missing then.
        if job.state is JobState.FAILED or (job.state is JobState.SUCCEEDED and job.tasks):
            return job
        deadline = deadline.sooner(self.clock, self.interval_s * self.retries)
        pause_s = _FIRST_PAUSE_S
        while True:
            job = self._look(job.job_id, server)
            if job.state is not JobState.GOING:
                return job
            left_s = deadline.remaining_s(self.clock)
            if not left_s:
                raise DeadlinePassed(f"the end of job {job.job_id} ({operation})", deadline.waited_s(self.clock))
            self.clock.sleep(min(pause_s, left_s))
            pause_s = min(self.interval_s, 2 * pause_s)

    def _look(self, job_id: str, server: Server | None) -> JobReply:
        subject = Subject(kind="job", name=job_id)

        def build(dialect: Dialect) -> Call:
            return read_call(subject, paths.JOB.at(dialect, job=job_id))

        answer = self.resources.client.demand(build, server=server)
        return self.resources.structurer.structure(answer.reply.payload, JobReply, answer.call.path)


#: Descriptions of tasks that name new devices, in both forms that clients rely on (unisphere-rest.md 3.4).
_CREATING: Final = re.compile(r".*Creating new Volumes.*\[([^\[\]]*)\]\s*", re.DOTALL)
_POPULATING: Final = re.compile(r"\s*Populating Storage Group\(s\) with volumes ?: ?\[([^\[\]]*)\]\s*", re.DOTALL)
_RANGE: Final = re.compile(r"([0-9A-Fa-f]{5})[:-]([0-9A-Fa-f]{5})")
_MOST_IN_RANGE: Final = 4096


def devices_of(tasks: Iterable[JobTask]) -> tuple[DeviceId, ...]:
    """Devices that a finished job made, out of the descriptions of its tasks.

    How several devices are written is not known: lists and ranges are understood (unisphere-rest.md 3.4, uncertain).

    Returns:
        Each once; empty if no task names any.
    """
    for pattern in (_CREATING, _POPULATING):
        for task in tasks:
            match = pattern.fullmatch(task.description)
            devices = tuple(dict.fromkeys(_devices_in(match[1]))) if match else ()
            if devices:
                return devices
    return ()


def _devices_in(text: str) -> Iterator[DeviceId]:
    for word in re.split(r"[,;\s]+", re.sub(r"\s*([:-])\s*", r"\1", text)):
        between = _RANGE.fullmatch(word)
        first, last = (between[1], between[2]) if between else (word, word)
        try:
            numbers = range(int(device_id(first), 16), int(device_id(last), 16) + 1)
        except InvalidRequest:
            return
        yield from (device_id(f"{number:05X}") for number in numbers[:_MOST_IN_RANGE])
