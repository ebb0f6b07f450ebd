"""What a client asked of Unisphere while it did one thing, in the notations of the published figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import attrs

from pmax.simulator import Simulator
from pmax.simulator.request_log import LoggedRequest

BASE = "/univmax/restapi/"


@attrs.define
class Calls:
    """The calls of one operation; empty until the operation is over.

    Attributes:
        all: in the order in which they came.
    """

    all: Sequence[LoggedRequest] = ()

    def __len__(self) -> int:
        return len(self.all)

    @property
    def polls(self) -> int:
        """How many of them ask what a job is doing."""
        return sum("/job/" in call.path for call in self.all)

    @property
    def sum(self) -> str:
        """`n = g+w+p`: all of them; reads, writes and polls of jobs."""
        writes = sum(call.verb != "GET" for call in self.all)
        return f"{len(self)} = {len(self) - writes - self.polls}+{writes}+{self.polls}"

    @property
    def verbs(self) -> str:
        """`n (GET/POST/PUT/DELETE; jobs)`, in which polls are not counted."""
        count = Counter(call.verb for call in self.all if "/job/" not in call.path)
        jobs = sum(call.job_id is not None for call in self.all)
        by_verb = "/".join(str(count[verb]) for verb in ("GET", "POST", "PUT", "DELETE"))
        return f"{count.total()} ({by_verb}; {jobs})"

    @property
    def changes(self) -> list[str]:
        """The calls that change something, as `VERB path`, without the base and the array."""
        return [_short(call) for call in self.all if call.verb != "GET"]

    @property
    def unserved(self) -> list[str]:
        """The calls that the simulator does not know, whatever the client made of that."""
        return [_short(call) for call in self.all if call.status == 501]

    @property
    def refused(self) -> list[str]:
        """The calls that were not granted, absence apart."""
        return [f"{_short(call)} {call.status}" for call in self.all if call.status >= 400 and call.status != 404]


def _short(call: LoggedRequest) -> str:
    path = call.path.removeprefix(BASE).removeprefix("private/")
    version, _, rest = path.partition("/")
    head, symmetrix, tail = rest.partition("/symmetrix/")
    if not symmetrix:
        return f"{call.verb} {path}"
    array, _, resource = tail.partition("/")
    return f"{call.verb} {resource or head}" if version.isdigit() and array else f"{call.verb} {path}"


@contextmanager
def counting(simulator: Simulator) -> Iterator[Calls]:
    """Collect the calls that come within the block."""
    calls = Calls()
    before = len(simulator.requests)
    yield calls
    calls.all = tuple(simulator.requests)[before:]
