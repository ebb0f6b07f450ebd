"""Operations, plans and steps as text, for the journal's own files.

The text is JSON, made by one strict converter: each step carries the name of its class under `kind`, an unknown key or
kind is an error, and nothing is converted silently. A step that is added to the `Step` union needs nothing here.

No secret can be in such a text: a step names objects of the array, their sizes, limits and initiators, and no class
that a plan is made of has a field for a password. CHAP credentials go from the settings to the host and never to the
array, so no step ever needs them. A test follows every field of every step to prove it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from functools import cache
from typing import TypeVar, cast, get_args

from cattrs import Converter, transform_error
from cattrs.errors import BaseValidationError
from cattrs.strategies import configure_tagged_union

from pmax.domain.identifiers import DeviceId
from pmax.domain.plans import NewVolume, Plan, Step, StepOutcome, VolumeReference
from pmax.domain.srdf import PairState, SessionAction
from pmax.ports.runtime import LockKey

#: Of the form of these texts and of the tables that hold them; a file of another version is left alone.
FORMAT_VERSION = 1

_KIND = "kind"
_KINDS = frozenset(step.__name__ for step in get_args(Step))
ValueT = TypeVar("ValueT")


class UnreadableRecord(ValueError):
    """A text is not what this version of the journal writes."""


class UnknownStep(UnreadableRecord):
    """A text is whole, and names a kind of step that this version does not have: another version wrote it."""


def encode_plan(plan: Plan) -> str:
    """A plan as text."""
    return _encode(plan, Plan)


def decode_plan(text: str) -> Plan:
    """A plan out of its text.

    Raises:
        UnknownStep: another version wrote it.
        UnreadableRecord: the text is damaged.
    """
    return _decode(text, Plan)


def encode_step(step: Step) -> str:
    """A step as text."""
    return _encode(step, Step)


def decode_step(text: str) -> Step:
    """A step out of its text.

    Raises:
        UnknownStep: another version wrote it.
        UnreadableRecord: the text is damaged.
    """
    return _decode(text, cast("type[Step]", Step))


def encode_outcome(outcome: StepOutcome) -> str:
    """What became of a step, as text."""
    return _encode(outcome, StepOutcome)


def decode_outcome(text: str) -> StepOutcome:
    """What became of a step, out of its text.

    Raises:
        UnreadableRecord: the text is damaged.
    """
    return _decode(text, StepOutcome)


def encode_locks(locks: tuple[LockKey, ...]) -> str:
    """Keys of locks as text."""
    return _encode(locks, tuple[LockKey, ...])


def decode_locks(text: str) -> tuple[LockKey, ...]:
    """Keys of locks out of their text.

    Raises:
        UnreadableRecord: the text is damaged.
    """
    return _decode(text, tuple[LockKey, ...])


def _encode(value: object, kind: object) -> str:
    return json.dumps(_converter().unstructure(value, unstructure_as=kind), separators=(",", ":"))


def _decode(text: str, kind: type[ValueT]) -> ValueT:
    try:
        data = json.loads(text)
        _refuse_unknown_steps(data)
        return _converter().structure(data, kind)
    except UnknownStep:
        raise
    except BaseValidationError as error:
        raise UnreadableRecord("; ".join(transform_error(error))) from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise UnreadableRecord(f"{type(error).__name__}: {error}") from error


def _refuse_unknown_steps(data: object) -> None:
    """Look at a step, or at the steps of a plan; whatever else is wrong with them is the converter's business."""
    if not isinstance(data, dict):
        return
    steps = data.get("steps")
    for step in steps if isinstance(steps, list) else [data]:
        kind = step.get(_KIND) if isinstance(step, dict) else None
        if isinstance(kind, str) and kind not in _KINDS:
            raise UnknownStep(f"this version has no step {kind}")


def _exactly(*kinds: type) -> Callable[[object, object], object]:
    """A hook that takes a value of one of these types and nothing that could be converted into one."""

    def structure(value: object, _: object) -> object:
        if type(value) not in kinds:
            raise TypeError(f"{value!r} is no {kinds[0].__name__}")
        return value

    return structure


def _one_of(value: object, words: Callable[[object], object]) -> object:
    return words(value)


def _structure_volume_reference(value: object, _: object) -> VolumeReference:
    if isinstance(value, str):
        return DeviceId(value)
    return _converter().structure(value, NewVolume)


@cache
def _converter() -> Converter:
    converter = Converter(forbid_extra_keys=True, unstruct_collection_overrides={AbstractSet: sorted})
    for scalar in (str, int, bool):
        converter.register_structure_hook(scalar, _exactly(scalar))
    converter.register_structure_hook(float, _exactly(float, int))
    # Otherwise the hook for texts would serve them, and leave them texts.
    for words in (PairState, SessionAction):
        converter.register_structure_hook(words, _one_of)
    converter.register_structure_hook(VolumeReference, _structure_volume_reference)
    configure_tagged_union(Step, converter, tag_name=_KIND)
    return converter
