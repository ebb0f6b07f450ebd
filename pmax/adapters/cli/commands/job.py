"""`pmax job`: what Unisphere does, or did, on an array."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from pmax.adapters.cli import exit_status
from pmax.adapters.cli.base import ShowAction
from pmax.adapters.cli.columns import Maybe, Names, moment
from pmax.adapters.cli.listing import Listing
from pmax.adapters.cli.patience import seconds
from pmax.adapters.cli.waiting import Advance, take_wait
from pmax.domain.errors import NotFound
from pmax.domain.survey import ArrayJob


class ListJobs(Listing):
    """List the jobs that Unisphere remembers, the latest first."""

    nothing = "No job matches."
    columns = ("job_id", "name", "status", "changed")
    more_columns = ("username", "result")

    def rows(self, _parsed_args: argparse.Namespace) -> Iterator[Sequence[Any]]:
        """Read the jobs whose ids pass."""
        surveys = self.readers.surveys
        ids = reversed(self.wanted(surveys.list_jobs(self.array_id)))
        for found in self.read_each(partial(surveys.find_job, self.array_id), ids):
            if found is not None:
                changed = Maybe(moment(found.changed_at_s))
                yield found.job_id, found.name, found.status, changed, Maybe(found.username), Maybe(found.result)


class ShowJob(ShowAction):
    """Show a job, its parts and how it ended."""

    usage = "JOB"

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take a job."""
        parser = super().get_parser(prog_name)
        parser.add_argument("job", metavar="JOB", help="its id, as `pmax job list` shows it")
        take_wait(parser, "it has ended; the exit status is 1 if it failed")
        parser.add_argument("--timeout", metavar="S", type=seconds, help="with --wait, so many seconds at most")
        return parser

    def run(self, parsed_args: argparse.Namespace) -> int:
        """Show the job; with `--wait` the exit status says how it ended."""
        self._has_failed = False
        status = super().run(parsed_args)
        return exit_status.FAILED if self._has_failed and parsed_args.wait else status

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        """Read the job.

        Raises:
            NotFound: Unisphere knows no such job.
        """
        found = self._find(parsed_args.job)
        if parsed_args.wait and not found.is_over:
            what, shown_by = f"job {found.job_id} ({found.name})", f"pmax job show {found.job_id}"
            self.wait(what, shown_by, lambda: _advance(self._find(parsed_args.job)), parsed_args.timeout)
            found = self._find(parsed_args.job)
        self._has_failed = found.is_failed
        fields = {
            "array_id": self.array_id,
            "job_id": found.job_id,
            "name": found.name,
            "status": found.status,
            "username": Maybe(found.username),
            "changed": Maybe(moment(found.changed_at_s)),
            "tasks": Names(found.tasks),
            "result": Maybe(found.result),
        }
        return tuple(fields), tuple(fields.values())

    def _find(self, job_id: str) -> ArrayJob:
        found = self.readers.surveys.find_job(self.array_id, job_id)
        if found is None:
            raise NotFound("job", job_id)
        return found


def _advance(job: ArrayJob) -> Advance:
    return Advance(words=job.status, is_over=job.is_over)
