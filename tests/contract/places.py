"""Where the ports are tested: over the simulator in this process, over HTTPS, or against a real Unisphere.

A real one is named by the environment, and only read:

    PMAX_TEST_ENDPOINT   https://127.0.0.1:8443, since tests reach nothing but this machine: forward a port of it
    PMAX_TEST_USERNAME   who logs in
    PMAX_TEST_PASSWORD   likewise
    PMAX_TEST_ARRAY      serial of an array
    PMAX_TEST_CA         CA file; without it the certificate is not checked
"""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import attrs

from pmax.adapters.rest.unisphere import Unisphere, connect
from pmax.domain.capacity import Capacity
from pmax.domain.identifiers import ArrayId, DeviceId
from pmax.domain.plans import (
    CreateVolume,
    EnsureChildStorageGroup,
    EnsureInitiatorGroup,
    EnsureMaskingView,
    EnsureStorageGroup,
    Step,
    StepOutcome,
)
from pmax.domain.settings import Secret, Settings, UnisphereServer
from pmax.domain.storage_groups import StorageGroupDefinition
from pmax.ports.array_commands import Investigation
from pmax.ports.readers import Readers
from pmax.ports.runtime import Clock, Deadline, EventSink
from pmax.simulator import Simulator
from pmax.simulator.array_handle import ArrayHandle
from pmax.simulator.mount import SimulatorAdapter
from pmax.simulator.wire import Delivery, Request, Response

ARRAY = ArrayId("000197900999")
IQN = "iqn.1993-08.org.debian:01:1a2b3c4d5e6f"
OTHER_IQN = "iqn.1993-08.org.debian:01:6f5e4d3c2b1a"
PORT_GROUP = "OS-iscsi-PG"
GOLD = StorageGroupDefinition(name="gold", srp="SRP_1", service_level="Gold")
GIB = Capacity.from_gib(1)
DIALECTS = ("V9.0.0.1", "V9.1.0.5", "V9.2.0.0", "V10.0.0.0")
OVER_HTTPS = "V9.2.0.0 over HTTPS"


class JumpingClock(Clock):
    """A clock on which waiting takes no time."""

    def __init__(self) -> None:
        self.now = 1000.0

    def now_s(self) -> float:
        """Seconds since it was made, and some."""
        return self.now

    def epoch_s(self) -> float:
        """Seconds since 1970."""
        return 1_700_000_000.0 + self.now

    def sleep(self, seconds: float) -> None:
        """Jump."""
        self.now += seconds


class Nobody(EventSink):
    """Listens to nothing."""

    def publish(self, event: object) -> None:
        """Forget it."""


class Loss:
    """Loses the answer to the next change, before or after the array has done it."""

    def __init__(self) -> None:
        self.when = ""
        self.skip = 0

    def arm(self, when: str, skip: int = 0) -> None:
        """Lose the answer to the next change: `before` or `after` it is done; let some pass first."""
        self.when = when
        self.skip = skip

    def before(self, request: Request) -> Response | None:
        """See `Faults`."""
        return self._lost() if self._is_due("before", request) else None

    def after(self, request: Request, response: Response) -> Response:
        """See `Faults`."""
        return self._lost() if self._is_due("after", request) else response

    def _is_due(self, when: str, request: Request) -> bool:
        if self.when != when or request.verb == "GET":
            return False
        self.skip -= 1
        return self.skip < 0

    def _lost(self) -> Response:
        self.when = ""
        return Response(status=200, delivery=Delivery.NONE)


class Refuses(Loss):
    """The array refuses changes of one verb whose target ends like this."""

    def __init__(self, verb: str, ending: str, status: int, message: str) -> None:
        super().__init__()
        self.refused = verb, ending
        self.response = Response(status=status, body=json.dumps({"message": message}).encode())

    def before(self, request: Request) -> Response | None:
        """See `Faults`."""
        verb, ending = self.refused
        is_meant = request.verb == verb and request.path.endswith(ending)
        return self.response if is_meant else super().before(request)


class Meanwhile(Loss):
    """Somebody else does something between a rename and whatever follows it."""

    def __init__(self) -> None:
        super().__init__()
        self.on_rename: Callable[[], object] | None = None

    def after(self, request: Request, response: Response) -> Response:
        """See `Faults`."""
        if self.on_rename and b"renameStorageGroupParam" in request.body:
            meanwhile, self.on_rename = self.on_rename, None
            meanwhile()
        return super().after(request, response)


@attrs.frozen
class Place:
    """An array behind Unisphere.

    Attributes:
        unisphere: the adapter under test.
        array_id: of the array.
        clock: the adapter's time.
        simulator: None for a real one.
        loss: loses answers, on a simulator.
    """

    unisphere: Unisphere
    array_id: ArrayId
    clock: Clock
    simulator: Simulator | None = None
    loss: Loss | None = None

    @property
    def read(self) -> Readers:
        """The reading ports."""
        return self.unisphere.readers

    @property
    def array(self) -> ArrayHandle:
        """The simulated array, past the API."""
        assert self.simulator is not None
        return self.simulator.arrays[self.array_id]

    @property
    def calls(self) -> list[tuple[str, str]]:
        """Verb and path of the calls since they were last forgotten."""
        assert self.simulator is not None
        return [(each.verb, each.path.removeprefix("/univmax/restapi")) for each in self.simulator.requests]

    def forget_calls(self) -> None:
        """Count from here."""
        assert self.simulator is not None
        self.simulator.requests.clear()

    def apply(self, step: Step) -> StepOutcome:
        """Carry a step out."""
        return self.unisphere.commands.apply(step, Deadline.after(self.clock, 900.0))

    def investigate(self, step: Step) -> Investigation:
        """Find out what became of a step."""
        return self.unisphere.commands.investigate(step)

    def seen_by(self, password: str = "smc") -> "Place":
        """The same array, seen by somebody who has read nothing of it yet, or who gives another password."""
        assert self.simulator is not None
        server = UnisphereServer(host="unisphere.invalid", username="smc", password=Secret(password))
        settings = Settings(array_id=self.array_id, srp="SRP_1", servers=(server,))
        adapter = SimulatorAdapter(self.simulator.application)
        return attrs.evolve(self, unisphere=connect(settings, self.clock, Nobody(), adapter))

    def group(self, name: str, definition: StorageGroupDefinition | None = None) -> str:
        """Make a storage group that is not FAST managed, or of this definition."""
        definition = definition or StorageGroupDefinition(name=name)
        self.apply(EnsureStorageGroup(array_id=self.array_id, definition=attrs.evolve(definition, name=name)))
        return name

    def volume(self, group: str, identifier: str = "OS-a") -> DeviceId:
        """Make a volume of 1 GiB."""
        step = CreateVolume(array_id=self.array_id, storage_group=group, identifier=identifier, capacity=GIB)
        device = self.apply(step).device_id
        assert device is not None
        return device

    def view(self, name: str = "view") -> DeviceId:
        """Make a masking view of a parent, a child with one volume, and an initiator group; returns the volume."""
        self.group("child", GOLD)
        self.group("parent")
        device = self.volume("child", "OS-masked")
        self.apply(EnsureChildStorageGroup(array_id=self.array_id, parent="parent", child="child"))
        self.apply(EnsureInitiatorGroup(array_id=self.array_id, name="host", initiators=frozenset({IQN})))
        view = EnsureMaskingView(
            array_id=self.array_id, name=name, initiator_group="host", port_group=PORT_GROUP, storage_group="parent"
        )
        self.apply(view)
        return device


@contextmanager
def simulated(kind: str, **choices: object) -> Iterator[Place]:
    """A place on a simulator of its own; `kind` is one of `DIALECTS`, or `OVER_HTTPS`.

    The server has told its version already: it is asked once in the life of a connection, not once per step.
    """
    version, _, way = kind.partition(" ")
    loss = choices.pop("faults", None) or Loss()
    simulator = Simulator(unisphere_version=version, faults=loss, tls=bool(way), **choices)
    clock = JumpingClock()
    server = UnisphereServer(host="unisphere.invalid", username="smc", password=Secret("smc"))
    adapter = SimulatorAdapter(simulator.application)
    if way:
        address = urlsplit(simulator.serve().url)
        server = attrs.evolve(
            server, host=address.hostname, port=address.port, verify=str(simulator.ca_path), scheme=address.scheme
        )
        adapter = None
    unisphere = connect(Settings(array_id=ARRAY, srp="SRP_1", servers=(server,)), clock, Nobody(), adapter)
    try:
        unisphere.readers.arrays.unisphere_version()
        yield Place(unisphere, ARRAY, clock, simulator, loss)
        assert simulator.defects == []
    finally:
        unisphere.close()
        simulator.close()


@contextmanager
def real() -> Iterator[Place]:
    """The place that the environment names. It is only read."""
    from pmax.adapters.system import SystemClock

    address = urlsplit(os.environ["PMAX_TEST_ENDPOINT"])
    array_id = ArrayId(os.environ["PMAX_TEST_ARRAY"])
    server = UnisphereServer(
        host=address.hostname or "",
        port=address.port or 8443,
        scheme=address.scheme,
        username=os.environ["PMAX_TEST_USERNAME"],
        password=Secret(os.environ["PMAX_TEST_PASSWORD"]),
        verify=os.environ.get("PMAX_TEST_CA") or False,
    )
    clock = SystemClock()
    unisphere = connect(Settings(array_id=array_id, srp="", servers=(server,)), clock, Nobody())
    try:
        yield Place(unisphere, array_id, clock)
    finally:
        unisphere.close()
