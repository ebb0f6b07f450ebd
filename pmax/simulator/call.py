"""What a handler gets, and what it returns."""

from collections.abc import Mapping
from functools import cached_property
from typing import Protocol

import attrs

from pmax.simulator.behaviour import Behaviour
from pmax.simulator.body import Fields
from pmax.simulator.dialect import Dialect
from pmax.simulator.query import Query
from pmax.simulator.state.service_records import Fate, Job, StoredCall
from pmax.simulator.state.transaction import ArrayTables, Transaction
from pmax.simulator.state.world import World
from pmax.simulator.unisphere import Unisphere, User
from pmax.simulator.wire import JsonObject


class JobDesk(Protocol):
    """Who carries jobs out."""

    def look_at(self, call: "Call", job: Job) -> Job:
        """Return a job as a client that asks now sees it; asking may be what lets it end."""


@attrs.frozen
class Answer:
    """What a handler has to say.

    Attributes:
        body: None for an answer without one.
        job_id: of the job that was started.
    """

    status: int
    body: JsonObject | None = None
    job_id: str | None = None


def ok(body: JsonObject) -> Answer:
    """Answer a GET or a PUT."""
    return Answer(200, body)


def created(body: JsonObject) -> Answer:
    """Answer a POST."""
    return Answer(201, body)


def no_content() -> Answer:
    """Answer a DELETE."""
    return Answer(204)


@attrs.define(slots=False, kw_only=True)
class Call:
    """One request on its way through a handler.

    Attributes:
        stored: the request, enough to run it again as a job.
        path: decoded, from the version on; the job's link is made of it.
        params: the variable parts of the path, by the name that the route gives them.
        transaction: takes all changes.
        tasks: what the handler did, as a job reports it; clients parse it (reference section 3.4).
        job_name: what a job of this call is called; None for a name made of the path.
        link: the path of the resource, if it is not the one that was asked for.
        job_desk: carries jobs out.
        fate: what faults decided over what the call begins.
    """

    stored: StoredCall
    path: str
    params: Mapping[str, str]
    query: Query
    body: Fields
    dialect: Dialect
    user: User
    unisphere: Unisphere
    world: World
    transaction: Transaction
    job_desk: JobDesk
    tasks: list[str] = attrs.field(factory=list)
    job_name: str | None = None
    link: str | None = None
    fate: Fate = Fate()

    @property
    def verb(self) -> str:
        """The verb of the request."""
        return self.stored.verb

    @property
    def symmetrix_id(self) -> str:
        """The array in the path."""
        return self.params["symmetrix_id"]

    @cached_property
    def array(self) -> ArrayTables:
        """The tables of the array in the path, which is known to exist."""
        return self.transaction.array(self.symmetrix_id)

    @property
    def behaviour(self) -> Behaviour:
        """The choices of the user of the simulator."""
        return self.world.behaviour

    @property
    def now(self) -> float:
        """The simulated time in epoch seconds."""
        return self.world.clock.now()

    def draw(self, purpose: str, digits: int = 32) -> str:
        """Return hexadecimal digits by chance, each purpose having its own sequence."""
        return self.world.draw(self.transaction, purpose, digits)
