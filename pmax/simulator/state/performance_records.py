"""The record of a load that somebody set, and its table."""

import attrs

from pmax.simulator.state.table import TableSpec

PORT = "port"
PORT_GROUP = "port group"


@attrs.frozen(kw_only=True)
class Load:
    """How busy something is, at all times.

    Attributes:
        kind: `PORT` or `PORT_GROUP`.
        name: of the port, as `director:number`, or of the port group.
        metrics: values by the name of their metric; others are as usual.
    """

    kind: str
    name: str
    metrics: tuple[tuple[str, float], ...]

    @property
    def key(self) -> str:
        """Identifies it on its array."""
        return load_key(self.kind, self.name)


def load_key(kind: str, name: str) -> str:
    """Return the key of the load of something."""
    return f"{kind} {name}"


LOADS = TableSpec("loads", Load, key=lambda row: row.key)
