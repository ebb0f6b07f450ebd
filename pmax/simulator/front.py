"""Whether a Unisphere can be reached, and which requests are under way: what faults and servers need to know of it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pmax.simulator.state.world import World
from pmax.simulator.unisphere import Unisphere
from pmax.simulator.wire import Request

_FOREVER_S = float("inf")


class Front:
    """One Unisphere, as it is seen from outside.

    Attributes:
        unisphere: who answers.
    """

    def __init__(self, unisphere: Unisphere, world: World) -> None:
        self.unisphere = unisphere
        self._world = world
        self._down_until = -_FOREVER_S
        self._outage_listeners: tuple[Callable[[], None], ...] = ()
        self._in_flight: list[Request] = []
        self._flight_lock = threading.Lock()

    @property
    def is_up(self) -> bool:
        """It accepts connections; whoever brings requests here must look before."""
        return self._world.clock.now() >= self._down_until

    def go_down(self, seconds: float | None = None) -> None:
        """Accept no connections any more, or for that long on the simulator's clock."""
        self._down_until = _FOREVER_S if seconds is None else self._world.clock.now() + seconds
        self._tell_of_outage()

    def come_up(self) -> None:
        """Accept connections again."""
        self._down_until = -_FOREVER_S
        self._tell_of_outage()

    def watch_outages(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call a listener whenever it is taken down or brought up; return a function that stops that.

        When it comes back by itself, because its time is over, nobody is told.
        """
        self._outage_listeners = (*self._outage_listeners, listener)

        def stop() -> None:
            self._outage_listeners = tuple(each for each in self._outage_listeners if each is not listener)

        return stop

    def _tell_of_outage(self) -> None:
        for listener in self._outage_listeners:
            listener()

    @property
    def in_flight(self) -> tuple[Request, ...]:
        """The requests that have arrived and whose answers are not sent yet."""
        with self._flight_lock:
            return tuple(self._in_flight)

    @contextmanager
    def flight(self, request: Request) -> Iterator[None]:
        """Count a request as being under way, from its arrival until its answer is sent."""
        with self._flight_lock:
            self._in_flight.append(request)
        try:
            yield
        finally:
            self.land(request)

    def land(self, request: Request) -> None:
        """Do not count a request as being under way any more."""
        with self._flight_lock:
            self._in_flight = [each for each in self._in_flight if each is not request]
