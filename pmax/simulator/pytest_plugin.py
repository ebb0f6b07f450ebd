"""A pytest plugin: the fixture `powermax_simulator` is a simulator that is served on loopback for one test.

    def test_volume(powermax_simulator):
        session.get(f"{powermax_simulator.url}/univmax/restapi/version", auth=("smc", "smc"))

Choices come from the marker, whose keywords are those of `pmax.simulator.Options`, and from two ini options:

    @pytest.mark.powermax_simulator(unisphere_version="V10.1.0.0", fixture="families", tls=True)

Nothing of the simulator is loaded before a test asks for it.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pmax.simulator import Simulator

_MARKER = "powermax_simulator"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the ini options."""
    parser.addini("powermax_simulator_tls", "serve the simulator over HTTPS", type="bool", default=False)
    parser.addini("powermax_simulator_version", "the Unisphere version to simulate", default="V9.2.0.0")


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker."""
    config.addinivalue_line("markers", f"{_MARKER}(**options): how the fixture {_MARKER} is set up")


@pytest.fixture
def powermax_simulator(request: pytest.FixtureRequest) -> "Iterator[Simulator]":
    """A simulated Unisphere on loopback; the test fails if the simulator itself had a defect."""
    import attrs  # noqa: PLC0415 - the plugin must cost nothing at the start of pytest

    from pmax.simulator import Options, Simulator  # noqa: PLC0415 - likewise

    options: dict[str, Any] = {
        "tls": request.config.getini("powermax_simulator_tls"),
        "unisphere_version": request.config.getini("powermax_simulator_version"),
    }
    marker = request.node.get_closest_marker(_MARKER)
    if marker is not None:
        options.update(marker.kwargs)
    with Simulator(attrs.evolve(Options(), **options)) as simulator:
        yield simulator
        if simulator.defects:
            pytest.fail(f"the simulator failed: {simulator.defects}")
