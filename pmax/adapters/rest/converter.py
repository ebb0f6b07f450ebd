"""JSON of the service → values: the one cattrs converter.

Strict by default, since stock cattrs turns `None` into `'None'` and `'false'` into `True`. Where the service really
sends text for a number or a boolean, the field says so here, one by one. Unknown keys are ignored, because the service
grows; a key whose value is null counts as absent. Whatever does not fit becomes `MalformedReply`, never another
exception.

Which key is which attribute stands in `keys`; shapes that differ from the domain's stand in `wire`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final, TypeVar, get_args, get_origin

import cattrs
from cattrs.gen import make_dict_structure_fn, override

from pmax.adapters.rest import fields as read
from pmax.adapters.rest import wire
from pmax.adapters.rest.keys import KEYS, Hook, Key
from pmax.domain.arrays import Array
from pmax.domain.errors import InvalidRequest, MalformedReply
from pmax.domain.identifiers import ArrayId, DeviceId, array_id, device_id
from pmax.domain.masking import DirectorPort, PortKey
from pmax.domain.snapvx import LinkState
from pmax.domain.srdf import PairState
from pmax.domain.srps import StorageResourcePool

T = TypeVar("T")

_COLLECTIONS: Final[frozenset[object]] = frozenset({tuple, frozenset})


class Structurer:
    """Turns JSON into values."""

    def __init__(self, converter: cattrs.Converter) -> None:
        """Take a converter with all its hooks."""
        self._converter = converter

    def structure(self, payload: object, form: type[T], path: str, array: ArrayId | None = None) -> T:
        """Make a value.

        Args:
            payload: JSON as parsed.
            form: the class of the value.
            path: the resource that sent it, for messages.
            array: serial for values that carry one, since the service does not repeat it.

        Raises:
            MalformedReply: it does not fit, with one sentence for each problem.
        """
        if array is not None and isinstance(payload, Mapping):
            payload = {**payload, "array_id": array}
        try:
            return self._converter.structure(payload, form)
        except cattrs.BaseValidationError as error:
            problems = cattrs.transform_error(error, path="reply", format_exception=_in_words)
            raise MalformedReply(path, tuple(problems)) from error
        except (TypeError, ValueError, ArithmeticError, LookupError, InvalidRequest) as error:
            raise MalformedReply(path, (_in_words(error, None),)) from error


def _in_words(error: BaseException, _type: type | None) -> str:
    match error:
        case KeyError():
            return f"{error.args[0]!r} is missing"
        case _:
            return str(error) or type(error).__name__


@cache
def make_structurer() -> Structurer:
    """Make the converter with everything that it needs to know.

    cattrs writes and compiles code for each class, which takes some 40 ms. Nothing in it changes afterwards, so one is
    enough for a process.
    """
    converter = cattrs.Converter()
    _register_fields(converter)
    for form, keys in KEYS.items():
        _register(converter, form, keys)
    _register_detours(converter)
    return Structurer(converter)


def _register_fields(converter: cattrs.Converter) -> None:
    converter.register_structure_hook(str, read.text)
    converter.register_structure_hook(int, read.integer)
    converter.register_structure_hook(bool, read.boolean)
    converter.register_structure_hook(float, read.decimal)
    # By a predicate: registered like the others, it would catch every class.
    converter.register_structure_hook_func(lambda form: form is object, lambda value, _: value)
    converter.register_structure_hook(ArrayId, lambda value, _: array_id(read.text(value)))
    converter.register_structure_hook(DeviceId, lambda value, _: device_id(read.text(value)))
    converter.register_structure_hook(PortKey, read.port_key)
    converter.register_structure_hook(LinkState, lambda value, _: LinkState(read.text(value)))
    converter.register_structure_hook(PairState, read.pair_state)

    def make_list_hook(form: Any) -> Hook:  # noqa: ANN401 - any annotation of a collection
        element = get_args(form)[0]
        collection = get_origin(form)

        def hook(value: object, _type: object) -> object:
            # A text would do as a sequence of characters, and an object as one of keys.
            if not isinstance(value, list):
                raise read.expected("a list", value)
            return collection(converter.structure(each, element) for each in value)

        return hook

    converter.register_structure_hook_factory(lambda form: get_origin(form) in _COLLECTIONS, make_list_hook)


def _register_detours(converter: cattrs.Converter) -> None:
    """Values of the domain that are made by way of a class of their own."""

    def array(value: object, _type: object) -> Array:
        return converter.structure(value, wire.ArrayReply).to_domain()

    def srp(value: object, _type: object) -> StorageResourcePool:
        return converter.structure(value, wire.SrpReply).to_domain()

    def port(value: object, _type: object) -> DirectorPort:
        return converter.structure(value, wire.PortReply).to_domain()

    converter.register_structure_hook(Array, array)
    converter.register_structure_hook(StorageResourcePool, srp)
    converter.register_structure_hook(DirectorPort, port)


def _register(converter: cattrs.Converter, form: type, keys: Mapping[str, Key | None]) -> None:
    """Teach the converter one class; an attribute without a key is not read."""
    overrides = {
        attribute: override(omit=True) if key is None else override(rename=key.name, struct_hook=key.hook)
        for attribute, key in keys.items()
    }
    structure: Hook = make_dict_structure_fn(form, converter, **overrides)  # type: ignore[arg-type]  # by attribute name
    known = [key for key in keys.values() if key is not None]
    absent = {key.name: key.absent for key in known if key.absent is not None}
    required = {key.name for key in known if key.is_required}

    def hook(value: object, _type: object) -> object:
        if not isinstance(value, Mapping):
            raise read.expected("an object", value)
        present = {**absent, **{key: each for key, each in value.items() if each is not None}}
        missing = required - present.keys()
        if missing:
            raise KeyError(min(missing))
        return structure(present, form)

    converter.register_structure_hook(form, hook)
