"""How busy ports and port groups are: as somebody set it, else idle. A port group is as busy as its ports.

Loads do not change by themselves, so that an average over any time is what was set (assumed; a real array's load
moves).
"""

from collections.abc import Mapping, Sequence
from statistics import fmean
from types import MappingProxyType

import attrs

from pmax.simulator.state.performance_records import LOADS, PORT, PORT_GROUP, Load, load_key
from pmax.simulator.state.transaction import ArrayTables

PORT_GROUP_METRICS = ("AvgIOSize", "IOs", "MBRead", "MBWritten", "MBs", "PercentBusy", "Reads", "Writes")
PORT_METRICS = (
    *PORT_GROUP_METRICS,
    "MaxSpeedGBs",
    "ReadResponseTime",
    "ResponseTime",
    "SpeedGBs",
    "WriteResponseTime",
)
REAL_TIME_PORT_METRICS = (*PORT_GROUP_METRICS, "ResponseTime")
"""What clients ask for (reference section 6.20)."""

_IDLE: Mapping[str, float] = MappingProxyType({"MaxSpeedGBs": 2.0, "SpeedGBs": 2.0})
"""What is not 0 on an idle port; a speed of 16 Gbit/s is assumed."""

_AVERAGED = frozenset({"AvgIOSize", "PercentBusy"})
"""Of the ports of a group; everything else adds up (assumed)."""


def port_load(array: ArrayTables, port: str, metric: str) -> float:
    """Return the value of a metric of a port."""
    found = array.rows(LOADS).find(load_key(PORT, port))
    values = {} if found is None else dict(found.metrics)
    return values.get(metric, _IDLE.get(metric, 0.0))


def port_group_load(array: ArrayTables, port_group: str, metric: str) -> float:
    """Return the value of a metric of a port group that exists: as it was set, else made of its ports."""
    found = array.rows(LOADS).find(load_key(PORT_GROUP, port_group))
    values = {} if found is None else dict(found.metrics)
    if metric in values:
        return values[metric]
    of_ports = [port_load(array, port, metric) for port in array.port_groups.get(port_group).ports]
    if metric in _AVERAGED:
        return fmean(of_ports) if of_ports else 0.0
    return sum(of_ports)


def set_load(array: ArrayTables, kind: str, name: str, metrics: Mapping[str, float]) -> None:
    """Set metrics of a port or a port group that exists; metrics that are not named stay as they were.

    Raises:
        ValueError: a metric is not known, or a value is negative.
    """
    known: Sequence[str] = PORT_METRICS if kind == PORT else PORT_GROUP_METRICS
    for metric, value in metrics.items():
        if metric not in known:
            raise ValueError(f"a {kind} has no metric {metric!r}, but {', '.join(known)}")
        if not 0 <= value < float("inf"):
            raise ValueError(f"{metric} cannot be {value!r}")
    loads = array.rows(LOADS)
    load = loads.find(load_key(kind, name)) or Load(kind=kind, name=name, metrics=())
    merged = {**dict(load.metrics), **{metric: float(value) for metric, value in metrics.items()}}
    loads.put(attrs.evolve(load, metrics=tuple(sorted(merged.items()))))
