"""Counts matches, lets faults happen, and keeps the log of those that did."""

import threading
from collections.abc import Iterator
from functools import partial

import attrs

from pmax.simulator.fault_effects import Moment
from pmax.simulator.faults import Fault, Faults, NoFaults
from pmax.simulator.front import Front
from pmax.simulator.site import Site
from pmax.simulator.state.service_records import Fate
from pmax.simulator.wire import Delivery, Request, Response


@attrs.frozen(kw_only=True)
class Firing:
    """That a fault happened.

    Attributes:
        at: epoch seconds of the simulated clock.
        number: which match of the fault it was.
        verb: of the request.
        path: of the request, with its query.
    """

    fault: Fault
    at: float
    number: int
    unisphere: str
    client: str
    verb: str
    path: str


class Course:
    """What the faults do to one request.

    Attributes:
        response: the answer of a request that shall not be carried out.
        fate: what becomes of that which it begins.
        titles: of the faults that happen.
    """

    def __init__(self, own: Faults, moments: list[tuple[Fault, Moment]], request: Request) -> None:
        self._own = own
        self._moments = moments
        self._request = request
        self.titles = tuple(fault.title for fault, _ in moments)
        self.fate = Fate()
        for fault, _ in moments:
            self.fate = self.fate.joined(fault.effect.fate)
        self.response = own.before(request)
        for fault, moment in moments:
            answer = fault.effect.before(moment)
            self.response = self.response or answer

    def finish(self, response: Response) -> Response:
        """Return what the client gets; an answer that does not come cannot be spoiled besides."""
        if self.response is None:
            response = self._own.after(self._request, response)
        for fault, moment in self._moments:
            if response.delivery in {Delivery.NONE, Delivery.SILENCE}:
                break
            response = fault.effect.after(moment, response)
        return response


class FaultRules:
    """All faults of a simulator.

        simulator.faults.add(Fault(verb="POST", path="storagegroup", effect=Refuse(status=503)))

    Several faults may happen to one request: the first that refuses decides over the answer, and all may spoil it.
    """

    def __init__(self, simulator: Site, own: Faults | None = None) -> None:
        self._simulator = simulator
        self._own = own or NoFaults()
        self._counts: list[tuple[Fault, list[int]]] = []
        self._fired: list[Firing] = []
        self._lock = threading.Lock()

    def add(self, *faults: Fault) -> None:
        """Let faults happen from now on; their matches are counted from here.

        Raises:
            ValueError: one names something that is not there.
        """
        for fault in faults:
            fault.effect.check(self._simulator)
        with self._lock:
            self._counts += [(fault, [0]) for fault in faults]

    def remove(self, fault: Fault) -> None:
        """Let a fault not happen any more; what it has done stays done. Nothing happens if it is not there."""
        with self._lock:
            self._counts = [entry for entry in self._counts if entry[0] != fault]

    def clear(self) -> None:
        """Let nothing go wrong any more; the log stays."""
        with self._lock:
            self._counts = []

    def __iter__(self) -> Iterator[Fault]:
        with self._lock:
            return iter([fault for fault, _ in self._counts])

    def __len__(self) -> int:
        return len(self._counts)

    @property
    def fired(self) -> tuple[Firing, ...]:
        """Which faults happened and when, in the order in which they did."""
        with self._lock:
            return tuple(self._fired)

    def matches(self, fault: Fault) -> int:
        """Return how many requests a fault has matched, whether it happened to them or not."""
        with self._lock:
            return sum(count[0] for each, count in self._counts if each == fault)

    def meet(self, application: Front, request: Request) -> Course:
        """Find out what goes wrong with a request that arrives, and let happen what happens before it."""
        with self._lock:
            moments = self._happening(application, request)
        return Course(self._own, moments, request)

    def _happening(self, application: Front, request: Request) -> list[tuple[Fault, Moment]]:
        found = []
        unisphere = application.unisphere.name
        for fault, count in self._counts:
            if not fault.matches(request, unisphere):
                continue
            moment = Moment(
                request=request,
                application=application,
                simulator=self._simulator,
                matches=partial(fault.matches, unisphere=unisphere),
            )
            if not fault.effect.concerns(moment):
                continue
            count[0] += 1
            if count[0] in fault.turns:
                firing = Firing(
                    fault=fault,
                    at=self._simulator.clock.now(),
                    number=count[0],
                    unisphere=unisphere,
                    client=request.client,
                    verb=request.verb,
                    path=request.target,
                )
                self._fired.append(firing)
                found.append((fault, moment))
        return found
