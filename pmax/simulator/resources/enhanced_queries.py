"""The query language of the enhanced API: `select`, `filter` and `order` over named attributes (section 6.23).

    filter=identifier ilike data,num_of_storage_groups eq 1

Operators are `eq`, `ne`, `gt`, `ge`, `lt`, `le` and, for texts, `like` and `ilike`, in any case. Several conditions,
separated by commas or in several `filter` parameters, must all hold (assumed: one client joins them so). An attribute
of a part is named `part.attribute`; where there are many parts, one of them must match.
"""

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import attrs

from pmax.simulator.query import Query
from pmax.simulator.refusals import BadRequest
from pmax.simulator.wire import JsonObject

Reader = Callable[[str], object]
"""Returns the attribute of an object, by the object's key: a JSON value."""

_CONDITION = re.compile(r"\s*([a-z_][\w.]*)\s+(eq|ne|gt|ge|lt|le|like|ilike)\s+(.*?)\s*", re.IGNORECASE | re.DOTALL)
_ORDER = re.compile(r"\s*([a-z_]\w*)(?:\s+(asc|desc))?\s*", re.IGNORECASE)

_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}


@attrs.frozen
class Condition:
    """One condition of a filter.

    Attributes:
        path: the attribute, and the attribute of a part if there is one.
        comparison: the operator, in lower case.
        wanted: as it was sent.
    """

    path: tuple[str, ...]
    comparison: str
    wanted: str

    def holds(self, value: object) -> bool:
        """Say whether the value of the attribute meets the condition; what is absent only differs.

        Raises:
            BadRequest: the operator or the value does not suit the attribute.
        """
        values = _values(value, self.path[1:])
        if self.comparison == "ne":
            return not any(self._compare(each, "eq") for each in values)
        return any(self._compare(each, self.comparison) for each in values)

    def _compare(self, value: object, comparison: str) -> bool:
        if isinstance(value, bool):
            return value == self._boolean(comparison)
        if isinstance(value, int | float):
            return _ordered(comparison, float(value), self._number())
        text = str(value)
        match comparison:
            case "like":
                return self.wanted in text
            case "ilike":
                return self.wanted.lower() in text.lower()
            case _:
                return _ordered(comparison, text, self.wanted)

    def _boolean(self, comparison: str) -> bool:
        if self.wanted.lower() not in {"true", "false"} or comparison != "eq":
            raise BadRequest(f"Attribute [{'.'.join(self.path)}] is true or false")
        return self.wanted.lower() == "true"

    def _number(self) -> float:
        try:
            return float(self.wanted)
        except ValueError as error:
            raise BadRequest(f"Attribute [{'.'.join(self.path)}] is a number, not [{self.wanted[:40]}]") from error


def read_conditions(query: Query, readers: Mapping[str, Reader]) -> list[Condition]:
    """Return the conditions of a query.

    Raises:
        BadRequest: one is malformed or about an attribute that does not exist.
    """
    conditions = []
    for text in query.values("filter"):
        for part in text.split(","):
            match = _CONDITION.fullmatch(part)
            if match is None:
                raise BadRequest(f"[{part[:80]}] is no condition of a filter")
            path = tuple(match[1].lower().split("."))
            _refuse_unknown(path[0], readers)
            conditions.append(Condition(path, match[2].lower(), match[3]))
    return conditions


def read_select(query: Query, readers: Mapping[str, Reader]) -> tuple[str, ...]:
    """Return the attributes that a query selects, each once; only the id without any.

    Raises:
        BadRequest: one does not exist.
    """
    names = [name.strip().lower() for text in query.values("select") for name in text.split(",")]
    chosen = tuple(dict.fromkeys(["id", *filter(None, names)]))
    for name in chosen:
        _refuse_unknown(name.split(".")[0], readers)
    return chosen


def in_order(query: Query, keys: Iterable[str], readers: Mapping[str, Reader]) -> list[str]:
    """Return keys in the order that a query asks for; by default as they come.

    Raises:
        BadRequest: an attribute does not exist, or cannot be ordered by.
    """
    ordered = list(keys)
    parts = [part for text in query.values("order") for part in text.split(",")]
    for part in reversed(parts):
        match = _ORDER.fullmatch(part)
        if match is None:
            raise BadRequest(f"[{part[:80]}] is no order")
        _refuse_unknown(match[1].lower(), readers)
        reader = readers[match[1].lower()]
        values = {key: reader(key) for key in ordered}
        if any(isinstance(value, dict | list) for value in values.values()):
            raise BadRequest(f"Results cannot be ordered by [{match[1]}]")
        is_descending = (match[2] or "asc").lower() == "desc"
        ordered.sort(key=lambda key: _sortable(values[key]), reverse=is_descending)
    return ordered


def render(key: str, select: Iterable[str], readers: Mapping[str, Reader]) -> JsonObject:
    """Return an object with the attributes that were selected; those that it does not have are left out."""
    body: JsonObject = {}
    parts: dict[str, list[str]] = {}
    for name in select:
        attribute, _, part = name.partition(".")
        if part:
            parts.setdefault(attribute, []).append(part)
        elif (value := readers[attribute](key)) is not None:
            body[attribute] = value
    for attribute, wanted in parts.items():
        if attribute not in body and (value := readers[attribute](key)) is not None:
            body[attribute] = _cut(value, wanted)
    return body


def _cut(value: object, wanted: list[str]) -> object:
    if isinstance(value, list):
        return [_cut(each, wanted) for each in value]
    return {name: value[name] for name in wanted if name in value} if isinstance(value, dict) else value


def _values(value: object, path: tuple[str, ...]) -> list[object]:
    """Return what an attribute, or one of its parts, has as simple values."""
    if isinstance(value, list):
        return [found for each in value for found in _values(each, path)]
    if isinstance(value, dict):
        return _values(value.get(path[0]), path[1:]) if path else []
    return [] if value is None else [value]


def _ordered(name: str, value: float | str, wanted: float | str) -> bool:
    if name not in _COMPARISONS:
        raise BadRequest(f"Operator [{name}] is for texts only")
    return _COMPARISONS[name](value, wanted)


def _sortable(value: object) -> tuple[bool, object]:
    return (value is not None, value if value is not None else 0)


def _refuse_unknown(name: str, readers: Mapping[str, Reader]) -> None:
    if name not in readers:
        raise BadRequest(f"Attribute [{name[:80]}] does not exist")
