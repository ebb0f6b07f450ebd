"""The engine: Command in, Result and Events out."""

from pmax.engine.engine import Engine, Preview
from pmax.engine.janitor import devices_to_tidy, tidy_snapshots
from pmax.engine.recovery import Recovered

__all__ = ["Engine", "Preview", "Recovered", "devices_to_tidy", "tidy_snapshots"]
