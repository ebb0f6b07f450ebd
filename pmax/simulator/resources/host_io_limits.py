"""Reads host I/O limits (rules 29 and 30; reference section 5)."""

import attrs

from pmax.simulator.body import Fields
from pmax.simulator.refusals import BadRequest
from pmax.simulator.state.records import HostIoLimit

_MOST = 100_000
_LEAST_IO = 100
_LEAST_MB = 1
_DISTRIBUTIONS = ("Never", "OnFailure", "Always")


def read_host_io_limit(fields: Fields, before: HostIoLimit | None) -> HostIoLimit | None:
    """Return the limit that `setHostIOLimitsParam` makes of the one before; what it does not name stays.

    0 and `NOLIMIT` clear a limit (rule 30, inferred). Without any limit left there is none at all.
    """
    limit = before or HostIoLimit()
    io_per_second = _read(fields, "host_io_limit_io_sec", _LEAST_IO, limit.io_per_second)
    mb_per_second = _read(fields, "host_io_limit_mb_sec", _LEAST_MB, limit.mb_per_second)
    distribution = limit.dynamic_distribution
    if "dynamicDistribution" in fields:
        distribution = fields.choice("dynamicDistribution", _DISTRIBUTIONS)
    fields.ignore("dynamicDistribution")
    changed = attrs.evolve(
        limit, io_per_second=io_per_second, mb_per_second=mb_per_second, dynamic_distribution=distribution
    )
    return None if io_per_second is None and mb_per_second is None else changed


def _read(fields: Fields, name: str, least: int, before: int | None) -> int | None:
    if name not in fields:
        fields.ignore(name)
        return before
    if fields.holds_text(name, "NOLIMIT"):
        return None
    number = fields.integer(name)
    if number == 0:
        return None
    if not least <= number <= _MOST:
        raise BadRequest(f"{name} must be {least} to {_MOST}, or NOLIMIT")
    return number
