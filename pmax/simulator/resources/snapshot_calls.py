"""Reads what bodies and paths of snapshot calls have in common."""

import re

from pmax.simulator.body import Fields
from pmax.simulator.call import Call
from pmax.simulator.refusals import ArrayRefused, BadRequest
from pmax.simulator.rules.membership import named_volume
from pmax.simulator.rules.snapvx import ArrayInTime, Selector, has_snap_ids

MAX_NAME_LENGTH = 32
_NAME = re.compile(r"[!-9;-~]{1,32}")
_DAY_S = 86400.0
_HOUR_S = 3600.0
_LONGEST_LIFE_S = 400 * _DAY_S
"""A public limit of the product, not in the reference."""


def array_in_time(call: Call) -> ArrayInTime:
    """Return the array of a call at the moment of the call."""
    return ArrayInTime(call.array, call.world, call.now)


def snapshot_name(text: str) -> str:
    """Return the name of a new snapshot (reference section 5).

    Raises:
        BadRequest: it is too long, or holds a colon or a space.
    """
    if not _NAME.fullmatch(text):
        raise BadRequest(f"A snapshot name has 1 to {MAX_NAME_LENGTH} characters, without colons and spaces")
    return text


def read_selector(call: Call, fields: Fields) -> Selector:
    """Return which snapshot of a name a body means: `snap_id` wins, then `generation`, which is 0 if it is absent.

    Raises:
        ArrayRefused: the code of the array knows no snap ids (rule 47).
    """
    generation = fields.integer("generation", default=0)
    snap_id = fields.optional_integer("snap_id") if call.dialect.has_snap_ids else None
    if snap_id is not None:
        refuse_snap_ids(call)
    return Selector(generation=generation, snap_id=snap_id)


def path_selector(call: Call) -> Selector:
    """Return which snapshot of a name the path means.

    Raises:
        BadRequest: it is no number.
        ArrayRefused: the code of the array knows no snap ids (rule 47).
    """
    if "snap_id" in call.params:
        refuse_snap_ids(call)
        return Selector(snap_id=_number(call.params["snap_id"]))
    return Selector(generation=_number(call.params["generation"]))


def refuse_snap_ids(call: Call) -> None:
    """Refuse a snap id on an array whose code does not know them."""
    if not has_snap_ids(call.array.record):
        code = call.array.record.microcode
        raise ArrayRefused(f"Snap ids are not available on code level {code}", is_decided_at_once=True)


def read_devices(call: Call, name: str) -> list[str]:
    """Return the volumes of a list of `{"name": …}`, which must not be empty.

    Raises:
        ArrayRefused: one does not exist.
    """
    names = [fields.text("name") for fields in call.body.list_of_fields(name)]
    if not names:
        raise BadRequest(f"Field [{name}] in body must be a list of devices that is not empty")
    return [named_volume(call.array, each).volume_id for each in names]


def read_seconds(fields: Fields, name: str, hours: str) -> float | None:
    """Return a time to live: a number of days, or of hours if the field `hours` says so; None for 0 or no number.

    Raises:
        BadRequest: it is negative or too long.
    """
    number = fields.optional_integer(name)
    unit = _HOUR_S if fields.boolean(hours, default=False) else _DAY_S
    if not number:
        return None
    if not 0 < number * unit <= _LONGEST_LIFE_S:
        raise BadRequest(f"Field [{name}] in {fields.where} must be 0 to {int(_LONGEST_LIFE_S // unit)}")
    return number * unit


def _number(text: str) -> int:
    if not re.fullmatch(r"\d{1,18}", text, re.ASCII):
        raise BadRequest(f"[{text[:20]}] is no generation and no snap id")
    return int(text)
