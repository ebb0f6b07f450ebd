"""What single fields of the service's JSON hold: one function for each form, strict unless it says otherwise.

Each takes the value of a field (and, because cattrs passes it, a type that it ignores) and returns what the domain
keeps, or raises `TypeError` or `InvalidRequest` with the value in its text.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Final

from pmax.domain.capacity import Capacity
from pmax.domain.masking import PortKey
from pmax.domain.qos import HostIoLimits
from pmax.domain.service_levels import unless_none
from pmax.domain.srdf import PairState

_INTEGER: Final = re.compile(r"-?[0-9]{1,18}")
_HEXADECIMAL: Final = re.compile(r"(?:0x)?[0-9a-fA-F]{1,8}")
_LONGEST_SHOWN: Final = 80
_LONGEST_PORT: Final = 9


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."


def expected(what: str, value: object) -> TypeError:
    """The error for a value that does not have the form that it should have."""
    return TypeError(f"{_shown(value)} is not {what}")


def text(value: object, _type: object = None) -> str:
    """A text, and nothing else."""
    if not isinstance(value, str):
        raise expected("a text", value)
    return value


def integer(value: object, _type: object = None) -> int:
    """A whole number, and neither a boolean nor a text."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise expected("a whole number", value)
    return value


def boolean(value: object, _type: object = None) -> bool:
    """True or false, and not a text that says so."""
    if not isinstance(value, bool):
        raise expected("true or false", value)
    return value


def decimal(value: object, _type: object = None) -> float:
    """A finite number."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        raise expected("a number", value)
    return float(value)


def lenient_integer(value: object, _type: object = None) -> int:
    """A whole number, also as a text or with a fraction of zero: some counts come so (unisphere-rest.md 0.2, 6.18)."""
    if isinstance(value, str) and _INTEGER.fullmatch(value):
        return int(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return integer(value)


def lenient_boolean(value: object, _type: object = None) -> bool:
    """True or false, also as a text in any case (unisphere-rest.md 6.4)."""
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    return boolean(value)


def hexadecimal(value: object, _type: object = None) -> int:
    """A number in hexadecimal text, such as a LUN address."""
    if not isinstance(value, str) or not _HEXADECIMAL.fullmatch(value):
        raise expected("a hexadecimal number", value)
    return int(value, 16)


def level_or_none(value: object, _type: object = None) -> str | None:
    """The name of a pool, service level or workload, where `NONE` in any case means that there is none."""
    return unless_none(text(value))


def text_or_none(value: object, _type: object = None) -> str | None:
    """A text, where an empty one and `N/A` mean that there is none."""
    return None if text(value) in {"", "N/A"} else text(value)


def cylinders(value: object, _type: object = None) -> Capacity:
    """A size in cylinders."""
    return Capacity.from_cylinders(lenient_integer(value))


def port_number(director: str, port: str) -> str:
    """The number of a port on its director: API 90 sends `FA-1D:4`, newer ones `4`, and some `000` for `0`.

    Source: unisphere-rest.md 6.10. That `000` and `0` are one port is assumed.
    """
    bare = port.removeprefix(f"{director}:")
    return str(int(bare)) if bare.isascii() and bare.isdigit() and len(bare) <= _LONGEST_PORT else bare


def port_key(value: object, _type: object = None) -> PortKey:
    """A port, as an object of two keys or as a text with a colon."""
    if isinstance(value, Mapping):
        director = text(value["directorId"])
        return PortKey(director, port_number(director, text(value["portId"])))
    director, colon, port = text(value).partition(":")
    if not director or not colon or not port:
        raise expected("a director and a port with a colon between them", value)
    return PortKey(director, port_number(director, port))


def tags(value: object, _type: object = None) -> tuple[str, ...]:
    """Tags: the service joins them with commas (unisphere-rest.md 6.6); a list is taken too."""
    names = value if isinstance(value, list) else text(value).split(",")
    return tuple(stripped for name in names if (stripped := text(name).strip()))


def rdf_groups(value: object, _type: object = None) -> tuple[int, ...]:
    """Numbers of SRDF groups: a list of objects, or of numbers in older versions (unisphere-rest.md 6.4)."""
    if not isinstance(value, list):
        raise expected("a list", value)
    return tuple(lenient_integer(each["rdf_group_number"] if isinstance(each, Mapping) else each) for each in value)


def numbers(value: object, _type: object = None) -> tuple[int, ...]:
    """Whole numbers, some of which may come as text (unisphere-rest.md 6.18)."""
    if not isinstance(value, list):
        raise expected("a list", value)
    return tuple(lenient_integer(each) for each in value)


def pair_state(value: object, _type: object = None) -> PairState:
    """The state of a pair; one that is not known is an error, since nobody can say what is legal in it."""
    written = text(value)
    for state in PairState:
        if state.lower() == written.lower():
            return state
    raise expected("the state of a pair", value)


def limits(value: object, _type: object = None) -> HostIoLimits | None:
    """Host I/O limits; absent keys limit nothing."""
    if not isinstance(value, Mapping):
        raise expected("an object", value)
    known: Mapping[str, object] = {"host_io_limit_io_sec": "NOLIMIT", "host_io_limit_mb_sec": "NOLIMIT", **value}
    iops, rate = (str(known[key]) for key in ("host_io_limit_io_sec", "host_io_limit_mb_sec"))
    return HostIoLimits.reported(iops, rate, text(value.get("dynamicDistribution", "Never")))
