"""A class of steps in the situation for which it is made."""

from collections.abc import Callable

import attrs
import pytest

from pmax.domain.plans import Step
from tests.contract.places import Place


@attrs.frozen(kw_only=True)
class Case:
    """A step in the situation for which it is made.

    Attributes:
        prepare: brings the array into the state before, and gives the step.
        has_effect: whether the array is as the step wants it.
        calls: what the step costs in the normal case.
        needs_tags: whether Unisphere must know tags.
        needs_pairs: whether the remote array must be able to make the other side of a pair.
    """

    prepare: Callable[[Place], Step]
    has_effect: Callable[[Place, Step], bool]
    calls: int = 1
    needs_tags: bool = False
    needs_pairs: bool = False

    def start(self, place: Place) -> Step:
        """Prepare, or leave it where the server cannot do it."""
        if self.needs_tags and place.unisphere.client.dialect().version < 92:
            pytest.skip("this version knows no tags")
        if self.needs_pairs and not place.unisphere.client.dialect().makes_remote_devices:
            pytest.skip("this version makes no other sides")
        return self.prepare(place)
