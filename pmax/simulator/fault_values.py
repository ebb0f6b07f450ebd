"""What the fields of faults may hold: validators whose messages say what is wrong with which field."""

from collections.abc import Callable
from typing import Any

import attrs

Validator = Callable[[Any, "attrs.Attribute[Any]", Any], None]


class WrongField(ValueError):
    """A field of a fault holds what it cannot.

    Attributes:
        field: its name.
        problem: what is wrong with it.
    """

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(field, problem)
        self.field = field
        self.problem = problem

    def __str__(self) -> str:
        return f"{self.field} {self.problem}"


def _refuse(attribute: "attrs.Attribute[Any]", expected: str, value: object) -> None:
    raise WrongField(attribute.name, f"must be {expected}, not {value!r}")


def whole(lowest: int, highest: int) -> Validator:
    """Return a validator of whole numbers between two, both included."""

    def check(_instance: object, attribute: "attrs.Attribute[int]", value: object) -> None:
        if not isinstance(value, int) or isinstance(value, bool) or not lowest <= value <= highest:
            _refuse(attribute, f"a whole number from {lowest} to {highest}", value)

    return check


def optional(inner: Validator) -> Validator:
    """Return a validator that lets None pass."""

    def check(instance: object, attribute: "attrs.Attribute[Any]", value: object) -> None:
        if value is not None:
            inner(instance, attribute, value)

    return check


def seconds(_instance: object, attribute: "attrs.Attribute[float]", value: object) -> None:
    """Refuse what is no finite duration."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not 0 <= value < float("inf"):  # type: ignore[operator]
        _refuse(attribute, "a number of seconds, 0 or more", value)


def text(_instance: object, attribute: "attrs.Attribute[str]", value: object) -> None:
    """Refuse what is no text."""
    if not isinstance(value, str):
        _refuse(attribute, "a text", value)


def flag(_instance: object, attribute: "attrs.Attribute[bool]", value: object) -> None:
    """Refuse what is neither true nor false."""
    if not isinstance(value, bool):
        _refuse(attribute, "true or false", value)


def header_text(_instance: object, attribute: "attrs.Attribute[str]", value: object) -> None:
    """Refuse what no header can hold."""
    if not _is_header("X", value):
        _refuse(attribute, "a text of printable ASCII characters", value)


def header_texts(_instance: object, attribute: "attrs.Attribute[Any]", value: object) -> None:
    """Refuse what is no mapping of names to texts that a header can hold."""
    if not isinstance(value, dict) or not all(_is_header(name, content) for name, content in value.items()):
        _refuse(attribute, "names of headers with their texts, such as {Retry-After: '5'}", value)


def one_of(*allowed: str) -> Validator:
    """Return a validator of a choice among texts."""

    def check(_instance: object, attribute: "attrs.Attribute[str]", value: object) -> None:
        if value not in allowed:
            _refuse(attribute, f"one of {', '.join(allowed)}", value)

    return check


def _is_header(name: object, content: object) -> bool:
    if not isinstance(name, str) or not isinstance(content, str):
        return False
    both = name + content
    return bool(name) and both.isascii() and both.isprintable() and not set(name) & set(' ():;"')
