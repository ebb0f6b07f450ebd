"""The places where the ports are tested."""

import os

import pytest

from tests.contract.places import DIALECTS, OVER_HTTPS, real, simulated

REAL = ("a real Unisphere",) if "PMAX_TEST_ENDPOINT" in os.environ else ()


@pytest.fixture(params=DIALECTS)
def place(request):
    """A simulated array with nothing but its ports and port groups, in every dialect."""
    with simulated(request.param) as place:
        yield place


@pytest.fixture
def one_place():
    """Likewise in one dialect, where that makes no difference."""
    with simulated("V9.2.0.0") as place:
        yield place


@pytest.fixture
def remote_place():
    """Likewise over HTTPS."""
    with simulated(OVER_HTTPS) as place:
        yield place


@pytest.fixture(params=(*DIALECTS, OVER_HTTPS, *REAL))
def furnished(request):
    """An array with storage groups, volumes and a masking view: simulated, or the real one as it is."""
    if request.param in REAL:
        with real() as place:
            yield place
        return
    with simulated(request.param) as place:
        place.view()
        place.volume(place.group("gold"), "OS-b")
        place.forget_calls()
        yield place
