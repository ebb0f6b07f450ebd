"""Choosing port groups by their load.

Source: driver-provisioning.md 1.8 and driver-attach-replication.md 2.6 for options, metrics and defaults.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import attrs

from pmax.domain.errors import InvalidRequest

#: Figures by which port groups can be compared, as the service spells them.
PORT_GROUP_METRICS: Final = (
    "AvgIOSize",
    "IOs",
    "MBRead",
    "MBWritten",
    "MBs",
    "PercentBusy",
    "Reads",
    "Writes",
)
#: Which figure of a period counts, by the words that the configuration may use.
DATA_FORMATS: Final[Mapping[str, str]] = {
    "avg": "Average",
    "average": "Average",
    "max": "Maximum",
    "maximum": "Maximum",
}
LONGEST_LOOK_BACK_MINUTES: Final = 1440


@attrs.frozen(kw_only=True)
class LoadBalancing:
    """How the load of port groups is compared.

    Attributes:
        metric: one of `PORT_GROUP_METRICS`.
        data_format: `Average` or `Maximum`.
        look_back_minutes: length of the period.
    """

    metric: str = "PercentBusy"
    data_format: str = "Average"
    look_back_minutes: int = 60


def load_balancing(metric: str, data_format: str, look_back_minutes: int) -> LoadBalancing:
    """Check what the configuration says.

    Raises:
        InvalidRequest: names the option and what it takes.
    """
    if metric not in PORT_GROUP_METRICS:
        raise InvalidRequest("port_group_load_metric", metric, f"choose one of {', '.join(PORT_GROUP_METRICS)}")
    if data_format.lower() not in DATA_FORMATS:
        raise InvalidRequest("load_data_format", data_format, "choose Avg or Max")
    if not 1 <= look_back_minutes <= LONGEST_LOOK_BACK_MINUTES:
        rule = f"give 1 to {LONGEST_LOOK_BACK_MINUTES} minutes"
        raise InvalidRequest("load_look_back", look_back_minutes, rule)
    return LoadBalancing(
        metric=metric, data_format=DATA_FORMATS[data_format.lower()], look_back_minutes=look_back_minutes
    )


def least_loaded(loads: Mapping[str, float]) -> str | None:
    """The name with the lowest load, of equal ones the first by name; None if no load is known."""
    return min(loads, key=lambda name: (loads[name], name), default=None)
