"""Jobs (reference section 3.2)."""

from pmax.simulator.call import Answer, Call, ok
from pmax.simulator.dates import job_date, milliseconds
from pmax.simulator.query import Filters
from pmax.simulator.refusals import NotFound
from pmax.simulator.state.service_records import Job
from pmax.simulator.wire import JsonObject

_FILTERS: Filters[Job] = Filters(
    {
        "name": lambda job: job.name,
        "status": lambda job: job.status,
        "username": lambda job: job.username,
        "scheduled_date_milliseconds": lambda job: milliseconds(job.created_at),
        "last_modified_date_milliseconds": lambda job: milliseconds(job.ended_at or job.created_at),
        "completed_date_milliseconds": lambda job: milliseconds(job.ended_at or 0),
    }
)


def list_jobs(call: Call) -> Answer:
    """Answer the ids of all jobs, of one array if the path names one."""
    jobs = call.transaction.jobs
    symmetrix_id = call.params.get("symmetrix_id")
    rows = list(jobs) if symmetrix_id is None else jobs.where("symmetrix_id", symmetrix_id)
    mine = [job for job in _FILTERS.apply(call.query, rows) if job.unisphere == call.unisphere.name]
    return ok({"jobId": sorted(job.job_id for job in mine)})


def get_job(call: Call) -> Answer:
    """Answer one job; looking may be what lets it end."""
    job = call.transaction.jobs.find(call.params["job_id"])
    symmetrix_id = call.params.get("symmetrix_id")
    if job is None or job.unisphere != call.unisphere.name or symmetrix_id not in {None, job.symmetrix_id}:
        raise NotFound(f"Job [{call.params['job_id']}] cannot be found")
    return ok(job_body(call.job_desk.look_at(call, job)))


def job_body(job: Job) -> JsonObject:
    """Return a job as JSON: `task` and `result` appear together once there is one (section 11, point 1)."""
    changed_at = job.ended_at or job.created_at
    body: JsonObject = {
        "jobId": job.job_id,
        "name": job.name,
        "symmetrixId": job.symmetrix_id,
        "status": job.status,
        "username": job.username,
        "last_modified_date": job_date(changed_at),
        "last_modified_date_milliseconds": milliseconds(changed_at),
        "scheduled_date": job_date(job.created_at),
        "scheduled_date_milliseconds": milliseconds(job.created_at),
        "completed_date_milliseconds": milliseconds(job.ended_at or 0),
        "resourceLink": f"https://{job.unisphere}/univmax/restapi/{job.resource_link}",
    }
    if job.ended_at is not None:
        body["completed_date"] = job_date(job.ended_at)
        body["task"] = [
            {"execution_order": order, "description": text} for order, text in enumerate(job.tasks, start=1)
        ]
        body["result"] = job.result
    return body
