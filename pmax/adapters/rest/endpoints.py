"""Several Unisphere servers and the failures seen → which to use. Pure.

The servers are tried in the configured order. One that could not be reached stands back for a while, longer each time,
so that a dead primary does not slow every call down, and is tried first again afterwards. Where coming back is not
wanted, the order begins with the server that answered last instead. If all stand back, the one whose time is up first
is tried, so that a server that returns is found without a restart.
"""

from __future__ import annotations

import math
from typing import Final

import attrs

_FIRST_REST_S: Final = 30.0
_LONGEST_REST_S: Final = 600.0


@attrs.frozen
class _Failures:
    """How often in a row a server could not be reached, and until when it stands back."""

    count: int
    until_s: float


@attrs.frozen
class Endpoints:
    """What is known about the servers, by their position in the configuration.

    Attributes:
        failures: one entry for each server; None where the last call reached it.
        comes_back: whether the first server is used again once its time is up.
        current: the server that answered last; 0 if they come back.
    """

    failures: tuple[_Failures | None, ...]
    comes_back: bool = True
    current: int = 0

    @classmethod
    def untried(cls, count: int, *, comes_back: bool = True) -> Endpoints:
        """Nothing is known about any of `count` servers."""
        return cls((None,) * count, comes_back)

    def order(self, now_s: float) -> tuple[int, ...]:
        """Servers in the order in which to try them at this moment."""

        def rank(index: int) -> tuple[float, int]:
            failures = self.failures[index]
            is_resting = failures is not None and failures.until_s > now_s
            place = (index - self.current) % len(self.failures)
            return (failures.until_s if failures and is_resting else -math.inf, place)

        return tuple(sorted(range(len(self.failures)), key=rank))

    def failed(self, index: int, now_s: float) -> Endpoints:
        """After a server could not be reached."""
        before = self.failures[index]
        count = before.count + 1 if before else 1
        # The exponent is capped, since a server may stay away for years.
        rest_s = min(_LONGEST_REST_S, _FIRST_REST_S * 2.0 ** min(count - 1, 10))
        return self._with(index, _Failures(count, now_s + rest_s))

    def reached(self, index: int) -> Endpoints:
        """After a server answered."""
        current = 0 if self.comes_back else index
        if self.failures[index] is None and self.current == current:
            return self
        return attrs.evolve(self._with(index, None), current=current)

    def _with(self, index: int, failures: _Failures | None) -> Endpoints:
        return attrs.evolve(self, failures=(*self.failures[:index], failures, *self.failures[index + 1 :]))
