"""The modes of SRDF as Cinder's drivers use them, and where both sides of a replicated volume are."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from pmax.simulator.fixtures import REMOTE_ARRAY
from tests.judges.backend import Backend, location_of
from tests.judges.upstream import PORT_GROUPS

REPLICATED = {"replication_enabled": "<is> True"}


@attrs.frozen
class Mode:
    """One way to replicate, and what is particular about it on the arrays."""

    name: str
    number: int
    suffix: str
    steady: str

    @property
    def label(self) -> str:
        """Of the RDF group."""
        return f"23_24_{self.number:03d}"

    @property
    def default_group(self) -> str:
        """The group of detached volumes, on both arrays."""
        return f"OS-SRP_1-Gold-NONE{self.suffix}-SG"

    @property
    def groups(self) -> set[str]:
        """All groups of a detached volume."""
        together = set() if self.name == "Synchronous" else {f"OS-{self.label}-{self.name}-rdf-sg"}
        return {self.default_group} | together

    def device(self, protocol: str) -> str:
        """The line of cinder.conf."""
        values = {
            "target_device_id": REMOTE_ARRAY,
            "remote_port_group": PORT_GROUPS[protocol],
            "remote_pool": "SRP_1",
            "rdf_group_label": self.label,
            "mode": self.name,
            "sync_retries": "20",
            "sync_interval": "0",
        }
        return ",".join(f"{key}:{value}" for key, value in values.items())


SYNC = Mode("Synchronous", 70, "-RE", "Synchronized")
ASYNC = Mode("Asynchronous", 71, "-RA", "Consistent")
METRO = Mode("Metro", 72, "-RM", "ActiveActive")
MODES = {"sync": SYNC, "asynchronous": ASYNC, "metro": METRO}


def by_mode(**expected: str) -> Any:
    """Run a test in each mode, with what is expected there."""
    return pytest.mark.parametrize(
        ("mode", "expected"), [(MODES[name], each.split(" / ")) for name, each in expected.items()], ids=expected
    )


def r1(volume: Any) -> str:
    """The device on the array of the volume's location."""
    return location_of(volume)["device_id"]


def r2(volume: Any) -> str:
    """The device on the other array."""
    return location_of(volume, "replication_driver_data")["device_id"]


def states(backend: Backend) -> set[str]:
    """The states of all pairs."""
    return {pair.state.value for pair in backend.simulator.srdf.pairs}
