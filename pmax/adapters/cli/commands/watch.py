"""`pmax watch`: what happens on the array, as it happens."""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime

from pmax.adapters.cli import exit_status
from pmax.adapters.cli.base import Action
from pmax.adapters.cli.patience import Patience, seconds
from pmax.domain.errors import PmaxError
from pmax.domain.survey import ArrayJob
from pmax.domain.watching import Change, Glance, changes

_ENDED = frozenset({"SUCCEEDED", "FAILED", "ABORTED", "VALIDATE_FAILED", "INVALID"})


class Watch(Action):
    """Tell what happens on the array, as it happens.

    Looks at each interval at groups, hosts, views, ports of the configured port groups, jobs and the journal, and
    writes a line for whatever has come, gone or changed. Seven calls for a look, and one for each job that has not
    ended.
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take interval and end."""
        parser = super().get_parser(prog_name)
        parser.add_argument("--interval", metavar="S", type=seconds, default=10.0, help="between two looks [10]")
        parser.add_argument("--for", metavar="S", type=seconds, dest="limit_s", help="stop after so many seconds")
        parser.add_argument(
            "-f", "--format", dest="form", choices=("text", "json"), default="text", help="json writes a line each"
        )
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> int:
        """Look again and again; an interval in which Unisphere does not answer is told and passed over."""
        self._jobs: dict[str, ArrayJob] = {}
        known = self._glance()
        with Patience(parsed_args.limit_s) as patience:
            self.hint(f"pmax: watching array {self.array_id}; Ctrl-C ends it")
            while not patience.is_over(parsed_args.interval):
                try:
                    now = self._glance()
                except PmaxError as error:
                    self.hint(f"pmax: {error}")
                    continue
                for change in changes(known, now):
                    self._tell(change, parsed_args.form)
                known = now
        return exit_status.DONE

    def _glance(self) -> Glance:
        readers, array_id = self.readers, self.array_id
        names = {
            "storage group": frozenset(readers.storage_groups.list_storage_groups(array_id)),
            "host": frozenset(readers.masking.list_initiator_groups(array_id)),
            "masking view": frozenset(readers.masking.list_masking_views(array_id)),
            "port group": frozenset(readers.masking.list_port_groups(array_id)),
        }
        states = {("job", job_id): job.status for job_id, job in self._jobs_now().items()}
        states |= {("port", key): state for key, state in self._ports_now().items()}
        states |= {
            ("operation", entry.operation_id): f"{entry.command}, not finished"
            for entry in self.session.engine.unfinished()
        }
        return Glance(names=names, states=states)

    def _jobs_now(self) -> dict[str, ArrayJob]:
        """Jobs with their states; one that has ended is not read again."""
        surveys = self.readers.surveys
        now: dict[str, ArrayJob] = {}
        for job_id in surveys.list_jobs(self.array_id):
            known = self._jobs.get(job_id)
            job = known if known and known.status in _ENDED else surveys.find_job(self.array_id, job_id)
            if job is not None:
                now[job_id] = job
        self._jobs = now
        return now

    def _ports_now(self) -> dict[str, str]:
        """States of the ports of the configured port groups, as old as the configured age at most."""
        surveyor = self.surveyor()
        groups = (surveyor.port_group(name) for name in self.session.engine.settings.port_groups)
        keys = {key for group in groups if group for key in group.ports}
        ports = {str(key): surveyor.port(key) for key in sorted(keys)}
        return {
            key: "missing" if port is None else "online" if port.is_online else "offline" for key, port in ports.items()
        }

    def _tell(self, change: Change, form: str) -> None:
        now = datetime.now(UTC)
        about = self._jobs.get(change.name)
        detail = f" ({about.name})" if about and about.name else ""
        if form == "json":
            told = {"time": now.isoformat(), "kind": change.kind, "name": change.name, "what": change.what + detail}
            self.app.stdout.write(f"{json.dumps(told)}\n")
        else:
            self.app.stdout.write(f"{now:%H:%M:%SZ}  {change.kind} {change.name} {change.what}{detail}\n")
        self.app.stdout.flush()
