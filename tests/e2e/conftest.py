"""A simulator for all tests of a module that only look, so that it is made once."""

from collections.abc import Iterator

import pytest

from pmax.simulator import Simulator


@pytest.fixture(scope="module")
def module_simulator() -> Iterator[Simulator]:
    """A simulated Unisphere over HTTPS; the module fails if the simulator itself had a defect."""
    with Simulator(tls=True) as simulator:
        simulator.serve()
        yield simulator
        assert simulator.defects == []
