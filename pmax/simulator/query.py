"""The query of a request and the filters of lists (reference section 4.3).

`key=value` is equality, `key=<like>text` containment, `key=>10` or `key<10` a comparison, a repeated key means OR,
different keys mean AND. Keys that no filter knows are ignored (rule 87, assumed), with a note in the debug log.
"""

import logging
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Generic, TypeVar

import attrs

from pmax.simulator.refusals import BadRequest

R = TypeVar("R")

_LIKE = "<like>"
_COMPARISON = re.compile(r"([<>]=?)(.*)", re.DOTALL)
_LOG = logging.getLogger(__name__)

FilterValue = str | int | float | bool | None | tuple[str, ...]
"""What a filter compares with: the type says how, and a tuple matches by any of its texts."""


class Query:
    """The pairs of a query string, by name."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in pairs:
            # One client sends `cap_gb>10`, without an equals sign.
            match = re.match(r"(\w+)([<>].*)", name, re.DOTALL)
            if match:
                name, value = match[1], match[2] + (f"={value}" if value else "")  # noqa: PLW2901 - normalised
            self._values.setdefault(name, []).append(value)

    @property
    def names(self) -> frozenset[str]:
        """The names that occur."""
        return frozenset(self._values)

    def values(self, name: str) -> list[str]:
        """Return all values of a name, in their order."""
        return self._values.get(name, [])

    def text(self, name: str) -> str | None:
        """Return the first value of a name, or None."""
        return next(iter(self.values(name)), None)

    def exact(self, name: str) -> list[str] | None:
        """Return the values of a name if all of them ask for equality, else None."""
        values = self.values(name)
        if not values or any(value.startswith(("<", ">")) for value in values):
            return None
        return values

    def boolean(self, name: str) -> bool | None:
        """Return a boolean, or None when it is absent.

        Raises:
            BadRequest: it is neither `true` nor `false`, in any case.
        """
        text = self.text(name)
        return None if text is None else _boolean(name, text)

    def integer(self, name: str, lowest: int) -> int | None:
        """Return a whole number, or None when it is absent.

        Raises:
            BadRequest: it is none, or below the lowest allowed.
        """
        text = self.text(name)
        if text is None:
            return None
        if not re.fullmatch(r"\d{1,9}", text, re.ASCII) or int(text) < lowest:
            raise BadRequest(f"Query parameter [{name}] must be a whole number of at least {lowest}")
        return int(text)


@attrs.frozen
class Filters(Generic[R]):
    """The filters of a list.

    Attributes:
        fields: what each query key compares with, out of a row.
        others: query keys that mean something else to this list.
    """

    fields: Mapping[str, Callable[[R], FilterValue]]
    others: frozenset[str] = frozenset()

    def apply(self, query: Query, rows: Iterable[R]) -> list[R]:
        """Return the rows that pass every filter of a query.

        Raises:
            BadRequest: a value cannot be compared with what the key is about.
        """
        unknown = query.names - self.fields.keys() - self.others
        if unknown:
            _LOG.debug("ignored query parameters %s", sorted(unknown))
        active = [(name, self.fields[name], query.values(name)) for name in query.names & self.fields.keys()]
        if not active:
            return list(rows)
        return [
            row
            for row in rows
            if all(any(_matches(name, read(row), wanted) for wanted in values) for name, read, values in active)
        ]


def _matches(name: str, value: FilterValue, wanted: str) -> bool:
    if isinstance(value, bool):
        return value is _boolean(name, wanted)
    if isinstance(value, int | float):
        return _compares(name, value, wanted)
    texts = value if isinstance(value, tuple) else () if value is None else (value,)
    if wanted.startswith(_LIKE):
        return any(wanted[len(_LIKE) :] in text for text in texts)
    return wanted in texts


def _boolean(name: str, text: str) -> bool:
    folded = text.lower()
    if folded not in {"true", "false"}:
        raise BadRequest(f"Query parameter [{name}] must be true or false")
    return folded == "true"


def _compares(name: str, value: float, wanted: str) -> bool:
    match = _COMPARISON.fullmatch(wanted)
    operator, text = (match[1], match[2]) if match else ("=", wanted)
    try:
        number = float(text)
    except ValueError as error:
        raise BadRequest(f"Query parameter [{name}] must be a number") from error
    match operator:
        case "<":
            return value < number
        case "<=":
            return value <= number
        case ">":
            return value > number
        case ">=":
            return value >= number
        case _:
            return value == number
