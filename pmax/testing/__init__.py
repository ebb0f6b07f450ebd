"""What authors of plugins test their plugins with: an engine over a simulated array, and suites to inherit from.

    from pmax.testing import ProtocolContract

    class TestMyProtocol(ProtocolContract):
        protocol_name = "my-protocol"
        ...

A suite states what the host relies on. It knows nothing of the plugin but its name and what the subclass says: a plugin
that passes it works with everything else of pmax. It needs the extra `simulator` and pytest.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pmax.testing.bench import Bench, InstantClock
    from pmax.testing.protocols import ProtocolContract
    from pmax.testing.replication_modes import ReplicationModeContract

_HOMES = {
    "Bench": "bench",
    "InstantClock": "bench",
    "ProtocolContract": "protocols",
    "ReplicationModeContract": "replication_modes",
}

__all__ = ["Bench", "InstantClock", "ProtocolContract", "ReplicationModeContract"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever stands in that module
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
