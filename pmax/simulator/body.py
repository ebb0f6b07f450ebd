"""Strict reading of JSON bodies: every field that arrives must be asked for, and be what it should be.

The service takes booleans and numbers also as texts (reference section 0.2, fact 5), in every field.
"""

import json
import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import NoReturn

from pmax.simulator.identifiers import GROUP_NAME
from pmax.simulator.refusals import BadRequest

_MISSING = object()
_LONGEST_NUMBER = 20
_INTEGER = re.compile(r"-?\d{1,18}")


def parse(text: str) -> "Fields":
    """Return the fields of a body; an absent body has none.

    Raises:
        BadRequest: it is not a JSON object.
    """
    if not text.strip():
        return Fields({}, "")
    try:
        value = json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_unique_keys)
    except (ValueError, RecursionError) as error:
        raise BadRequest("The request body is not valid JSON") from error
    if not isinstance(value, dict):
        raise BadRequest("The request body must be a JSON object")
    return Fields(value, "")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _unique_keys(pairs: list[tuple[str, object]]) -> dict[str, object]:
    values = dict(pairs)
    if len(values) != len(pairs):
        raise ValueError("a key is repeated")
    return values


class Fields:
    """A JSON object that is read field by field.

    `close` refuses what was never asked for; it also closes every object that was read out of this one.
    """

    def __init__(self, values: dict[str, object], where: str) -> None:
        self._values = values
        self._where = where
        self._read: set[str] = set()
        self._parts: list[Fields] = []

    def __contains__(self, name: str) -> bool:
        """Say whether the field is there and not null; asking does not read it."""
        return self._values.get(name) is not None

    @property
    def where(self) -> str:
        """The place of this object in the body, for messages."""
        return self._where or "body"

    def close(self) -> None:
        """Refuse the fields that nobody asked for.

        Raises:
            BadRequest: there is one.
        """
        for part in self._parts:
            part.close()
        unknown = sorted(self._values.keys() - self._read)
        if unknown:
            raise BadRequest(f"Unrecognized field [{unknown[0][:80]}] in {self.where}")

    def ignore(self, *names: str) -> None:
        """Take note of fields that the service knows and that change nothing in the simulator."""
        self._read.update(names)

    def choose(self, *names: str) -> str:
        """Return which of several fields is there.

        Raises:
            BadRequest: none is, or more than one (rule 83).
        """
        present = [name for name in names if name in self]
        if len(present) != 1:
            raise BadRequest(f"Exactly one of {', '.join(names)} must be given in {self.where}, not {len(present)}")
        return present[0]

    def text(self, name: str) -> str:
        """Return a text that must be there."""
        value = self._required(name)
        if not isinstance(value, str):
            self._wrong(name, "a string")
        return value

    def optional_text(self, name: str) -> str | None:
        """Return a text, or None when it is absent."""
        return self.text(name) if self._is_there(name) else None

    def choice(self, name: str, allowed: Iterable[str]) -> str:
        """Return one of several texts, found without regard to case."""
        value = self.text(name)
        for each in allowed:
            if each.lower() == value.lower():
                return each
        return self._wrong(name, f"one of {', '.join(allowed)}")

    def holds_text(self, name: str, text: str) -> bool:
        """Say whether a field, which counts as read, is a given text without regard to case."""
        self._read.add(name)
        value = self._values.get(name)
        return isinstance(value, str) and value.lower() == text.lower()

    def group_name(self, name: str) -> str:
        """Return a name that follows the rule for names of groups (reference section 5)."""
        value = self.text(name)
        if not GROUP_NAME.fullmatch(value):
            self._wrong(name, "1 to 64 letters, digits, underscores or hyphens")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts that must be there and not be empty."""
        values = self.optional_texts(name)
        if not values:
            self._wrong(name, "a list that is not empty")
        return values

    def optional_texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts, empty when it is absent."""
        if not self._is_there(name):
            return ()
        values = self._required(name)
        if not isinstance(values, list):
            self._wrong(name, "a list of strings")
        texts = tuple(value for value in values if isinstance(value, str))
        if len(texts) != len(values):
            self._wrong(name, "a list of strings")
        return texts

    def boolean(self, name: str, *, default: bool | None = None) -> bool:
        """Return a boolean, also out of a text; it must be there if there is no default."""
        if default is not None and not self._is_there(name):
            return default
        value = self._required(name)
        text = value.lower() if isinstance(value, str) else value
        if text is True or text == "true":
            return True
        if text is False or text == "false":
            return False
        return self._wrong(name, "true or false")

    def integer(self, name: str, default: int | None = None) -> int:
        """Return a whole number, also out of a text; it must be there if there is no default."""
        if default is not None and not self._is_there(name):
            return default
        value = self._required(name)
        text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
        if not _INTEGER.fullmatch(text):
            self._wrong(name, "a whole number")
        return int(text)

    def optional_integer(self, name: str) -> int | None:
        """Return a whole number, or None when it is absent."""
        return self.integer(name) if self._is_there(name) else None

    def decimal(self, name: str) -> Decimal:
        """Return a finite number that is not negative, also out of a text."""
        value = self._required(name)
        if isinstance(value, bool) or not isinstance(value, int | float | str) or len(str(value)) > _LONGEST_NUMBER:
            self._wrong(name, "a number")
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            self._wrong(name, "a number")
        if not number.is_finite() or number < 0:
            self._wrong(name, "a number that is not negative")
        return number

    def fields(self, name: str) -> "Fields":
        """Return an object that must be there."""
        value = self._required(name)
        if not isinstance(value, dict):
            self._wrong(name, "an object")
        return self._part(value, name)

    def optional_fields(self, name: str) -> "Fields | None":
        """Return an object, or None when it is absent."""
        return self.fields(name) if self._is_there(name) else None

    def list_of_fields(self, name: str) -> "list[Fields]":
        """Return a list of objects, empty when it is absent."""
        if not self._is_there(name):
            return []
        values = self._required(name)
        if not isinstance(values, list):
            self._wrong(name, "a list of objects")
        parts = []
        for position, value in enumerate(values):
            if not isinstance(value, dict):
                self._wrong(name, "a list of objects")
            parts.append(self._part(value, f"{name}[{position}]"))
        return parts

    def _is_there(self, name: str) -> bool:
        self._read.add(name)
        return name in self

    def _required(self, name: str) -> object:
        self._read.add(name)
        value = self._values.get(name, _MISSING)
        if value is _MISSING or value is None:
            raise BadRequest(f"Field [{name}] is missing in {self.where}")
        return value

    def _part(self, values: dict[str, object], name: str) -> "Fields":
        part = Fields(values, f"{self._where}.{name}".lstrip("."))
        self._parts.append(part)
        return part

    def _wrong(self, name: str, expected: str) -> NoReturn:
        raise BadRequest(f"Field [{name}] in {self.where} must be {expected}")
