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
    from pmax.simulator.fault_conditions import ExpireIterator, LimitInFlight, TakeDown
    from pmax.simulator.fault_effects import (
        CutBody,
        Delay,
        Drop,
        FailJob,
        Garbage,
        HangJob,
        Intervene,
        Refuse,
        TimeOut,
        Unsettle,
    )
    from pmax.simulator.fault_files import read_faults
    from pmax.simulator.faults import Fault
    from pmax.simulator.pace import AfterReads, AfterSeconds, AtOnce
    from pmax.simulator.simulator import Options, Simulator
    from pmax.simulator.state.masking_records import PortKind

_HOMES = {
    "AfterReads": "pace",
    "AfterSeconds": "pace",
    "ArrayHandle": "array_handle",
    "AtOnce": "pace",
    "Behaviour": "behaviour",
    "CutBody": "fault_effects",
    "Delay": "fault_effects",
    "Drop": "fault_effects",
    "ExpireIterator": "fault_conditions",
    "FailJob": "fault_effects",
    "Fault": "faults",
    "Garbage": "fault_effects",
    "HangJob": "fault_effects",
    "InstantClock": "clock",
    "Intervene": "fault_effects",
    "LimitInFlight": "fault_conditions",
    "ManualClock": "clock",
    "Options": "simulator",
    "PortKind": "state.masking_records",
    "RealClock": "clock",
    "Refuse": "fault_effects",
    "Simulator": "simulator",
    "TakeDown": "fault_conditions",
    "TimeOut": "fault_effects",
    "Unsettle": "fault_effects",
    "read_faults": "fault_files",
}

__all__ = [
    "AfterReads",
    "AfterSeconds",
    "ArrayHandle",
    "AtOnce",
    "Behaviour",
    "CutBody",
    "Delay",
    "Drop",
    "ExpireIterator",
    "FailJob",
    "Fault",
    "Garbage",
    "HangJob",
    "InstantClock",
    "Intervene",
    "LimitInFlight",
    "ManualClock",
    "Options",
    "PortKind",
    "RealClock",
    "Refuse",
    "Simulator",
    "TakeDown",
    "TimeOut",
    "Unsettle",
    "read_faults",
]


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)
