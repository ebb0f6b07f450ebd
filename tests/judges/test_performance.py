"""Performance figures as real clients read them: PyU4V, and the upstream driver when it balances loads."""

from __future__ import annotations

import pytest

from tests.judges.hosts import Names, connector_of

pytestmark = [pytest.mark.judge, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

FIBRE = "OS-fibre-PG"


def test_keys(client):
    """PyU4V finds out what is registered, and what there are figures of."""
    assert client.performance.is_array_diagnostic_performance_registered() is True
    assert client.performance.is_array_real_time_performance_registered() is True
    assert "PortGroup" in client.performance.get_performance_categories_list()
    assert "PercentBusy" in client.performance.get_performance_metrics_list("FEPort")
    groups = client.performance.get_port_group_keys()
    assert [each["portGroupId"] for each in groups] == ["OS-fibre-PG", "OS-iscsi-PG"]
    directors = [each["directorId"] for each in client.performance.get_frontend_director_keys()]
    assert directors == ["FA-1D", "FA-2D", "SE-4E", "SE-5E"]
    ports = client.performance.get_frontend_port_keys("FA-1D")
    assert [each["portId"] for each in ports] == ["4", "5"]


def test_registration(client):
    """PyU4V switches the collection of figures off and on again."""
    client.performance.disable_real_time_data_collection()
    assert client.performance.is_array_real_time_performance_registered() is False
    assert client.performance.is_array_diagnostic_performance_registered() is True
    client.performance.disable_diagnostic_data_collection()
    assert client.performance.is_array_diagnostic_performance_registered() is False
    client.performance.enable_diagnostic_data_collection()
    client.performance.enable_real_time_data_collection()
    assert client.performance.is_array_real_time_performance_registered() is True


def test_figures(client):
    """PyU4V reads the figures of port groups and ports that were set."""
    client.array.set_port_load("FA-1D:4", PercentBusy=80, IOs=1000)
    last = client.performance.get_last_available_timestamp()
    read = client.performance.get_port_group_stats(
        FIBRE, ["PercentBusy", "IOs"], start_time=last - 3_600_000, end_time=last
    )
    assert len(read["result"]) == 13
    assert {(row["PercentBusy"], row["IOs"]) for row in read["result"]} == {(40.0, 1000.0)}
    read = client.performance.get_frontend_port_stats(
        "FA-1D", "4", ["PercentBusy"], start_time=last - 3_600_000, end_time=last
    )
    assert {row["PercentBusy"] for row in read["result"]} == {80.0}


@pytest.mark.parametrize(("busy", "idle"), [("OS-fibre-PG", "OTHER"), ("OTHER", "OS-fibre-PG")])
@pytest.mark.parametrize("real_time", [False, True])
def test_the_upstream_driver_picks_the_idle_port_group(bench, start, busy, idle, real_time):
    """With load balancing on, Cinder's own driver attaches through the port group that is least busy."""
    array = bench.simulator.arrays["000197900999"]
    array.add_port_group("OTHER", ["FA-1D:5", "FA-2D:5"])
    array.set_port_group_load(busy, PercentBusy=70)
    array.set_port_group_load(idle, PercentBusy=7)
    groups = f"[{FIBRE},OTHER]"
    backend = start("fc", load_balance=True, load_balance_real_time=real_time, powermax_port_groups=groups)
    volume = backend.create(backend.volume_type())
    with backend.calls() as calls:
        backend.attach(volume, connector_of("fc"))
    (view,) = backend.array.masking_views.values()
    assert view.port_group == idle
    assert view.host == Names("fc").host
    assert calls


@pytest.mark.parametrize("real_time", [False, True])
def test_the_upstream_driver_picks_the_idle_port(bench, start, real_time):
    """With load balancing on, Cinder's own driver tells the host the port that is least busy."""
    array = bench.simulator.arrays["000197900999"]
    array.set_port_load("FA-1D:4", PercentBusy=70)
    backend = start("fc", load_balance=True, load_balance_real_time=real_time)
    volume = backend.create(backend.volume_type())
    told = backend.attach(volume, connector_of("fc"))
    idle = array.ports["FA-2D:4"].identifier
    assert told["data"]["target_wwn"] == [idle]


def test_the_upstream_driver_without_figures(bench, start):
    """On an array that is not registered, Cinder's own driver switches load balancing off and attaches all the same."""
    array = bench.simulator.arrays["000197900999"]
    array.update(is_registered_for_performance=False)
    backend = start("fc", load_balance=True)
    told = backend.attach(backend.create(backend.volume_type()), connector_of("fc"))
    assert len(told["data"]["target_wwn"]) == 2
