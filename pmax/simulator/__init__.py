"""A simulated Unisphere for PowerMax with its arrays: strict where the array is strict, and usable on its own.

    with Simulator() as simulator:
        ...  # point any client at simulator.url

Nothing is loaded before it is asked for, so that naming this package costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pmax.simulator.array_handle import ArrayHandle
    from pmax.simulator.behaviour import Behaviour
    from pmax.simulator.clock import InstantClock, ManualClock, RealClock
    from pmax.simulator.pace import AfterReads, AfterSeconds, AtOnce
    from pmax.simulator.simulator import Options, Simulator
    from pmax.simulator.state.masking_records import PortKind

_HOMES = {
    "AfterReads": "pace",
    "AfterSeconds": "pace",
    "ArrayHandle": "array_handle",
    "AtOnce": "pace",
    "Behaviour": "behaviour",
    "InstantClock": "clock",
    "ManualClock": "clock",
    "Options": "simulator",
    "PortKind": "state.masking_records",
    "RealClock": "clock",
    "Simulator": "simulator",
}

__all__ = [
    "AfterReads",
    "AfterSeconds",
    "ArrayHandle",
    "AtOnce",
    "Behaviour",
    "InstantClock",
    "ManualClock",
    "Options",
    "PortKind",
    "RealClock",
    "Simulator",
]


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)
