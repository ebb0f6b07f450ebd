"""A full array: it is there soon, fits into memory, and a page costs the same wherever it is."""

import json
import subprocess
import sys
import time

import pytest

from pmax.simulator import ManualClock, Options, Simulator

ARRAY = "000197900999"
pytestmark = pytest.mark.xdist_group("full array")  # it is built once

VOLUMES, GROUPS, HOSTS = 64_000, 4_000, 2_000
GATEKEEPERS = 2
LOAD_S = 20.0
MEMORY_MB = 1536

MEASURE = """
import json, resource, sys, time
from pathlib import Path
started = time.process_time()
from pmax.simulator import Simulator
state = Path(sys.argv[1]) if sys.argv[1:] else None
simulator = Simulator(fixture="large", state=state)
took = time.process_time() - started
memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
array = simulator.arrays["000197900999"]
volumes = len(array.volumes)
simulator.close()
print(json.dumps([took, memory_mb, volumes]))
"""


@pytest.fixture(scope="module")
def large():
    """The full array; the tests of this module only read it."""
    return Simulator(Options(fixture="large", clock=ManualClock()))


@pytest.fixture
def client(large, make_client):
    """A client of the full array."""
    return type(make_client(fixture="empty"))(large)


def measure(*arguments):
    """Load the fixture in a process of its own; return seconds of a processor, megabytes and how many volumes."""
    command = [sys.executable, "-c", MEASURE, *map(str, arguments)]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def test_loads_soon_and_small():
    """The full array takes 20 s of a processor at the most, however busy the machine is, and less than 1.5 GB."""
    took, memory_mb, volumes = measure()
    assert took < LOAD_S
    assert memory_mb < MEMORY_MB
    assert volumes == VOLUMES + GATEKEEPERS


@pytest.mark.slow
def test_loads_soon_out_of_a_file(tmp_path):
    """The full array can be kept in a file, and is there again in as little after a restart."""
    path = tmp_path / "state.sqlite"
    for _ in range(2):
        took, memory_mb, volumes = measure(path)
        assert took < LOAD_S
        assert memory_mb < MEMORY_MB
        assert volumes == VOLUMES + GATEKEEPERS


def test_sizes(large):
    """It has 64,000 volumes besides gatekeepers, 4,000 storage groups and 2,000 hosts, and each volume is masked."""
    array = large.arrays[ARRAY]
    volumes = array.volumes.values()
    assert sum(not volume.is_gatekeeper for volume in volumes) == VOLUMES
    assert (len(array.storage_groups), len(array.hosts), len(array.masking_views)) == (GROUPS, HOSTS, HOSTS)
    assert len(array.lun_addresses) == VOLUMES
    assert all(len(volume.storage_groups) == 1 for volume in volumes if not volume.is_gatekeeper)


def test_it_is_an_array_like_any_other(client):
    """What the fixture makes is what requests would have made."""
    group = client.get("storagegroup/host-0007-SG").body
    assert (group["num_of_vols"], group["num_of_child_sgs"], group["maskingview"]) == (32, 1, ["host-0007-MV"])
    rows = client.get("maskingview/host-0007-MV/connections").body["maskingViewConnection"]
    assert len(rows) == 32 * 2 * 2
    assert {row["host_lun_address"] for row in rows} == {f"{number:04x}" for number in range(1, 33)}
    assert {row["logged_in"] for row in rows} == {True, False}
    host = client.get("host/host-0007").body
    assert (host["num_of_initiators"], host["maskingview"], host["type"]) == (2, ["host-0007-MV"], "Fibre")


def test_all_pages_can_be_read(client):
    """A list of all volumes is read page by page, each volume once."""
    opened = client.get("volume").body
    seen = [entry["volumeId"] for entry in opened["resultList"]["result"]]
    while len(seen) < opened["count"]:
        last = min(len(seen) + opened["maxPageSize"], opened["count"])
        page = client.get(f"/common/Iterator/{opened['id']}/page?from={len(seen) + 1}&to={last}").body
        seen += [entry["volumeId"] for entry in page["result"]]
    assert len(set(seen)) == len(seen) == VOLUMES + GATEKEEPERS


@pytest.mark.parametrize("prefix", ["", "/private"])
def test_pages_cost_the_same(client, prefix):
    """The last page of a list takes no longer than the first, whichever list it is."""
    path = f"{prefix}/92/sloprovisioning/symmetrix/{ARRAY}/volume"
    opened = client.get(path).body

    def cost(first):
        started = time.process_time()
        reply = client.get(f"/common/Iterator/{opened['id']}/page?from={first}&to={first + 999}")
        assert len(reply.body["result"]) == 1000
        return time.process_time() - started

    costs = [(cost(1), cost(63_001)) for _ in range(7)]
    first, last = (min(column) for column in zip(*costs, strict=True))
    assert last < 3 * first


def test_one_object_costs_the_same_as_on_an_empty_array(client, make_client):
    """Reading one volume, group, host or view does not cost more because there are many."""
    small = make_client()
    small.masked("g")

    def cost(one, paths):
        started = time.process_time()
        for path in paths:
            assert one.get(path).status == 200
        return time.process_time() - started

    many = ("volume/0F000", "host/host-0100", "maskingview/host-0100-MV", "volume?volume_identifier=data-0100-3")
    few = ("volume/00003", "host/h1", "maskingview/mv", "volume?volume_identifier=v")
    costs = [(cost(small, few), cost(client, many)) for _ in range(15)]
    usual, here = (min(column) for column in zip(*costs, strict=True))
    assert here < 4 * usual
