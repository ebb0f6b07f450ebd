"""What differs between families of arrays and their code (reference sections 5, 6.2 and 6.3)."""

import attrs

from pmax.simulator.state.records import Array, ServiceLevel

_RESPONSE_TIMES_MS = {"Diamond": 0.6, "Platinum": 0.8, "Gold": 1.0, "Silver": 3.6, "Bronze": 7.2}
"""Assumed: only that some levels promise a time is in the sources."""

_ALL_LEVELS = ("Diamond", "Platinum", "Gold", "Silver", "Bronze", "Optimized")


@attrs.frozen(kw_only=True)
class Family:
    """A family of arrays.

    Attributes:
        models: as reported.
        microcode: what a new array runs if it is not told otherwise.
        service_levels: besides "None".
        fibre_director: the prefix of directors with Fibre Channel ports.
        ip_director: the prefix of directors with iSCSI and NVMe/TCP endpoints.
    """

    models: tuple[str, ...]
    microcode: str
    service_levels: tuple[str, ...] = _ALL_LEVELS
    is_all_flash: bool = True
    is_compression_capable: bool = True
    fibre_director: str = "FA"
    ip_director: str = "SE"


FAMILIES: tuple[Family, ...] = (
    Family(models=("PowerMax_2000", "PowerMax_8000"), microcode="5978.669.669"),
    Family(models=("PowerMax_2500", "PowerMax_8500"), microcode="6079.225.0", fibre_director="OR", ip_director="OR"),
    Family(
        models=("VMAX250F", "VMAX450F", "VMAX850F", "VMAX950F"),
        microcode="5977.1131.1131",
        service_levels=("Diamond", "Optimized"),
    ),
    Family(
        models=("VMAX100K", "VMAX200K", "VMAX400K"),
        microcode="5977.1131.1131",
        is_all_flash=False,
        is_compression_capable=False,
    ),
)


def family_of(model: str) -> Family:
    """Return the family of a model.

    Raises:
        ValueError: no family has it.
    """
    for family in FAMILIES:
        if model in family.models:
            return family
    known = ", ".join(model for family in FAMILIES for model in family.models)
    raise ValueError(f"{model!r} is no model; there are {known}")


def service_levels_of(model: str) -> tuple[ServiceLevel, ...]:
    """Return the service levels of a new array; "None" is one of them."""
    names = (*family_of(model).service_levels, "None")
    return tuple(
        ServiceLevel(name=name, base_name=name, response_time_ms=_RESPONSE_TIMES_MS.get(name)) for name in names
    )


def workloads_of(array: Array) -> tuple[str, ...]:
    """Return the workload types: four on code 5977, only "None" from 5978 on (reference section 6.3)."""
    return ("None",) if array.is_next_generation else ("OLTP", "OLTP_REP", "DSS", "DSS_REP")
