"""`pmax job`: what Unisphere does, or did, on an array."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from pmax.adapters.cli.base import ShowAction
from pmax.adapters.cli.columns import Maybe, Names, moment
from pmax.adapters.cli.listing import Listing
from pmax.domain.errors import NotFound


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
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        """Read the job.

        Raises:
            NotFound: Unisphere knows no such job.
        """
        found = self.readers.surveys.find_job(self.array_id, parsed_args.job)
        if found is None:
            raise NotFound("job", parsed_args.job)
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
