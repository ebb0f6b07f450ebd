"""The rack decides; where it does not, the host's own choice stands."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pmax.domain.masking import Connector
from pmax.simulator import Simulator
from pmax.testing import Bench

ARRAY = "000197900999"
GROUPS = ("OS-PG-r07", "OS-PG-r08")


@pytest.fixture
def bench() -> Iterator[Bench]:
    """An array with a port group for each of two racks."""
    simulator = Simulator()
    with Bench.of(simulator, ARRAY, port_groups=GROUPS) as bench:
        (ports,) = {group.ports for name, group in bench.array.port_groups.items() if name == "OS-iscsi-PG"}
        for name in GROUPS:
            bench.array.add_port_group(name, list(ports))
        yield bench


def host(name: str) -> Connector:
    """A host with an IQN of its own."""
    return Connector(host=name, properties={"initiator": f"iqn.1994-05.com.example:{name}"})


@pytest.mark.parametrize("rack", ["r07", "r08"])
def test_the_rack_decides(bench: Bench, rack: str) -> None:
    """A host gets the port group that is named after its rack."""
    made = bench.attach(bench.create(), host(f"{rack}-node3"), "iscsi")

    assert made.port_group == f"OS-PG-{rack}"
    assert bench.array.masking_views[made.masking_view].port_group == f"OS-PG-{rack}"


def test_no_opinion(bench: Bench) -> None:
    """A host of no known rack gets one of the port groups all the same."""
    assert bench.attach(bench.create(), host("lab-node1"), "iscsi").port_group in GROUPS
