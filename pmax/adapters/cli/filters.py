"""`--filter KEY=VALUE`: which rows of a list somebody wants to see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase

import attrs
from cliff.columns import FormattableColumn

from pmax.adapters.cli.refusals import WrongUsage
from pmax.domain.errors import InvalidRequest

_YES = frozenset({"yes", "true"})
_NO = frozenset({"no", "false"})
_NOTHING = frozenset({"-", "none", ""})


@attrs.frozen
class Filters:
    """Conditions on columns; all must hold, and of several on one column, one.

    Attributes:
        wanted: texts by the name of the column, in lower case; `*` and `?` stand for any characters.
    """

    wanted: Mapping[str, tuple[str, ...]]

    @classmethod
    def read(cls, texts: Iterable[str], columns: Sequence[str]) -> Filters:
        """Understand what was given.

        Args:
            texts: `KEY=VALUE` each.
            columns: that there are, shown or not.

        Raises:
            WrongUsage: a text is no condition.
            InvalidRequest: there is no such column.
        """
        wanted: dict[str, tuple[str, ...]] = {}
        for text in texts:
            key, separator, value = text.partition("=")
            if not separator:
                raise WrongUsage(f"filter {text!r} has no value", "write --filter KEY=VALUE, such as identifier='OS-*'")
            name = key.strip().lower().replace(" ", "_")
            if name not in columns:
                raise InvalidRequest("--filter", key, f"there are {', '.join(columns)}")
            wanted[name] = (*wanted.get(name, ()), value.strip().lower())
        return cls(wanted)

    def admits(self, column: str, value: object) -> bool:
        """Whether a value passes the conditions on its column."""
        texts = self.wanted.get(column)
        return texts is None or any(_matches(text, value) for text in texts)

    def admits_row(self, columns: Sequence[str], row: Sequence[object]) -> bool:
        """Whether a whole row passes."""
        return all(self.admits(name, row[columns.index(name)]) for name in self.wanted)


def _matches(text: str, value: object) -> bool:
    inner = value.machine_readable() if isinstance(value, FormattableColumn) else value
    match inner:
        case bool():
            return text in (_YES if inner else _NO)
        case None | "":
            return text in _NOTHING
        case int() | float():
            return _number(text) == inner
        case list() | tuple():
            return any(_matches(text, each) for each in inner) or (not inner and text in _NOTHING)
    return fnmatchcase(str(inner).lower(), text)


def _number(text: str) -> float | None:
    try:
        return float(text.replace(",", ""))
    except ValueError:
        return None
