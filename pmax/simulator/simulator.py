"""The simulator as a whole: a world, the Unispheres in front of it, and the ways to reach them."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Self

import attrs

from pmax.simulator import fault_conditions
from pmax.simulator.app import Application
from pmax.simulator.behaviour import Behaviour
from pmax.simulator.clock import Clock, InstantClock, ManualClock, RealClock
from pmax.simulator.dialect import UnisphereVersion
from pmax.simulator.execution import Executor
from pmax.simulator.fault_rules import FaultRules
from pmax.simulator.faults import Fault, Faults
from pmax.simulator.fixtures import FIXTURES
from pmax.simulator.request_log import RequestLog
from pmax.simulator.resources.enhanced_volumes import LISTING_TIMER, expire_listing
from pmax.simulator.resources.iterators import ITERATOR_TIMER, expire
from pmax.simulator.router import Router
from pmax.simulator.routes import ROUTES
from pmax.simulator.rules import snapvx_timers, srdf_timers
from pmax.simulator.site import Site
from pmax.simulator.unisphere import Unisphere, User

if TYPE_CHECKING:
    import requests

    from pmax.simulator.persistence import StateFile
    from pmax.simulator.serve import Listen, Server

CLOCKS: Mapping[str, type[RealClock] | type[ManualClock]] = MappingProxyType(
    {"real": RealClock, "instant": InstantClock, "manual": ManualClock}
)

DEFAULT_USER = "smc"
DEFAULT_PASSWORD = "smc"  # nosec B105 # noqa: S105 - a fresh one has it; loopback only


@attrs.frozen(kw_only=True)
class Options:
    """How a simulator is set up.

    Attributes:
        unisphere_version: what it reports; it serves the path versions up to it.
        fixture: the arrays that it begins with: `empty`, `default`, `families` or `large`; a state that is kept has its
            own.
        state: a file that keeps its state, made if it is not there; None forgets it at the end.
        username: the one user.
        password: of that user.
        clock: `real`, `instant`, `manual`, or a clock.
        seed: decides everything that is random.
        behaviour: further choices.
        latency_s: how late every answer is.
        request_log: a file that gets one JSON line per call.
        faults: what goes wrong: faults as data, or an object of one's own.
        tls: whether it is served over HTTPS.
    """

    unisphere_version: str = "V9.2.0.0"
    fixture: str = "default"
    state: Path | None = None
    username: str = DEFAULT_USER
    password: str = attrs.field(default=DEFAULT_PASSWORD, repr=False)
    clock: str | Clock = "instant"
    seed: int = 1
    behaviour: Behaviour = Behaviour()
    latency_s: float = 0.0
    request_log: Path | None = None
    faults: Sequence[Fault] | Faults = ()
    tls: bool = False


@cache
def _router() -> Router:
    """The routes, which are the same for every simulator of a process."""
    return Router(ROUTES)


class Simulator(Site):
    """A simulated Unisphere with its arrays.

    As a context manager it is served on loopback at `.url`. Without that, `mount` lets a `requests` session reach it
    in the process.

        with Simulator(fixture="default") as simulator:
            requests.get(f"{simulator.url}/univmax/restapi/version", auth=("smc", "smc"))

    Attributes:
        options: how it was set up.
        requests: the log of all calls.
        faults: what goes wrong, and what has gone wrong.
    """

    def __init__(self, options: Options | None = None, **choices: object) -> None:
        self.options = attrs.evolve(options or Options(), **choices)  # type: ignore[arg-type]
        clock = self.options.clock
        super().__init__(
            CLOCKS[clock]() if isinstance(clock, str) else clock, self.options.behaviour, self.options.seed
        )
        self.requests = RequestLog(self.options.request_log)
        self.world.timer_handlers[ITERATOR_TIMER] = expire
        self.world.timer_handlers[LISTING_TIMER] = expire_listing
        snapvx_timers.install(self.world)
        srdf_timers.install(self.world)
        fault_conditions.install(self.world)
        faults = self.options.faults
        self.faults = FaultRules(self, None if isinstance(faults, Sequence) else faults)
        self._executor = Executor(self.world, _router())
        self._applications: dict[str, Application] = {}
        self._servers: list[Server] = []
        self.application = self.add_unisphere("unisphere", self.options.unisphere_version)
        self._state = self._begin_with(self.options.state)
        try:
            if isinstance(faults, Sequence):
                self.faults.add(*faults)
        except ValueError:
            self.close()
            raise

    def _begin_with(self, state: Path | None) -> "StateFile | None":
        """Take over what a file keeps, or begin with the fixture; from now on the file keeps every change."""
        if state is None:
            FIXTURES[self.options.fixture](self)
            return None
        from pmax.simulator.persistence import StateFile  # noqa: PLC0415 - the database is wanted here only

        kept = StateFile(state)
        try:
            if kept.is_new:
                FIXTURES[self.options.fixture](self)
                kept.save(self.world.everything())
            else:
                self.world.restore(kept.load())
        except BaseException:
            kept.close()
            raise
        self.world.commit_listeners.append(kept.save)
        return kept

    def add_unisphere(
        self,
        name: str,
        version: str,
        remote_arrays: Sequence[str] = (),
        users: Sequence[User] = (),
    ) -> Application:
        """Put another Unisphere in front of the same arrays and return it, to be mounted or served.

        Args:
            name: tells it apart.
            version: what it reports.
            remote_arrays: arrays that it sees but does not manage.
            users: who may log in; the user of the options if none is named.
        """
        unisphere = Unisphere(
            name=name,
            version=UnisphereVersion(version),
            users=tuple(users) or (User(self.options.username, self.options.password),),
            remote_arrays=frozenset(remote_arrays),
        )
        application = Application(unisphere, self.world, self._executor, self.faults, self.requests)
        application.latency_s = self.options.latency_s
        self._applications[name] = self._fronts[name] = application
        return application

    @property
    def unispheres(self) -> dict[str, Application]:
        """The Unispheres by name."""
        return dict(self._applications)

    @property
    def defects(self) -> list[Exception]:
        """Exceptions that no handler should have let out: bugs of the simulator."""
        return [defect for application in self._applications.values() for defect in application.defects]

    def mount(
        self,
        session: "requests.Session",
        url: str = "https://unisphere.invalid:8443",
        application: Application | None = None,
    ) -> str:
        """Let a session reach a Unisphere, the first one by default, without a socket; return the address to use."""
        from pmax.simulator.mount import SimulatorAdapter  # noqa: PLC0415 - `requests` is wanted here only

        session.mount(url, SimulatorAdapter(application or self.application))
        return url

    def serve(self, application: Application | None = None, port: int = 0) -> "Server":
        """Serve a Unisphere, the first one by default, on loopback until the simulator is closed; port 0 picks one."""
        from pmax.simulator.serve import Listen  # noqa: PLC0415 - the HTTP server is wanted here only

        return self.serve_at(Listen(port=port, tls=self.options.tls), application)

    def serve_at(self, listen: "Listen", application: Application | None = None) -> "Server":
        """Serve a Unisphere, the first one by default, and its page, at an address until the simulator is closed."""
        from pmax.simulator.page.application import pages_of  # noqa: PLC0415 - the HTTP server is wanted here only
        from pmax.simulator.serve import Server, refuse_open_door  # noqa: PLC0415 - likewise

        refuse_open_door(listen.host, has_own_password=self.has_own_password)
        application = application or self.application
        listen = attrs.evolve(listen, pages={**pages_of(self, application), **listen.pages})
        server = Server(application, listen)
        server.start()
        self._servers.append(server)
        return server

    @property
    def has_own_password(self) -> bool:
        """Somebody chose the password."""
        return bool(self.options.password) and self.options.password != DEFAULT_PASSWORD

    @property
    def url(self) -> str:
        """The address of the first server, without a path.

        Raises:
            RuntimeError: nothing is served.
        """
        if not self._servers:
            raise RuntimeError("the simulator is not served: use it as a context manager, or call serve()")
        return self._servers[0].url

    @property
    def ca_path(self) -> Path | None:
        """The certificate that clients should trust, if the first server made its own."""
        return self._servers[0].ca_path if self._servers else None

    def close(self) -> None:
        """Stop all servers, and close the log and the file that keeps the state."""
        while self._servers:
            self._servers.pop().stop()
        self.requests.close()
        if self._state is not None:
            self._state.close()

    def __enter__(self) -> Self:
        if not self._servers:
            self.serve()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
