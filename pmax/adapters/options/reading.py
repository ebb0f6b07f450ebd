"""Reads single options and remembers what is wrong with them, so that every mistake is told at once.

Each problem is one text: what is wrong, a colon, the remedy. A value of an option that may hold a password is in none.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TypeVar

from oslo_config import cfg, types

from pmax.adapters.options.inherited import INHERITED_OPTIONS
from pmax.adapters.options.own import OWN_OPTIONS
from pmax.adapters.options.upstream import UPSTREAM_OPTIONS
from pmax.domain.errors import ConfigurationInvalid, InvalidRequest

ValueT = TypeVar("ValueT")

_OPTIONS: dict[str, cfg.Opt] = {option.dest: option for option in (*UPSTREAM_OPTIONS, *OWN_OPTIONS, *INHERITED_OPTIONS)}


class OptionReader:
    """Reads from a group of oslo.config, or from anything with `safe_get`, such as Cinder's `Configuration`.

    An option that the source does not have, or for which it has nothing, has its default. So has one that cannot be
    read: then there is a problem, too.

    Attributes:
        problems: what is wrong so far.
    """

    def __init__(self, source: object) -> None:
        self._source = source
        self.problems: list[str] = []

    def refuse(self, what: str, remedy: str) -> None:
        """Remember a problem."""
        self.problems.append(f"{what}: {remedy}")

    def refuse_request(self, error: InvalidRequest) -> None:
        """Remember a problem that the domain found."""
        self.problems.append(str(error))

    def check(self, make: Callable[[], ValueT], instead: ValueT) -> ValueT:
        """Make a value, or remember why it cannot be made and give another instead."""
        try:
            return make()
        except InvalidRequest as error:
            self.refuse_request(error)
            return instead

    def read_all(self) -> None:
        """Read every option once, so that one that is not needed now is not wrong unnoticed."""
        for name in _OPTIONS:
            self._value(name)

    def raise_problems(self) -> None:
        """Tell every problem.

        Raises:
            ConfigurationInvalid: there is one.
        """
        if self.problems:
            raise ConfigurationInvalid(tuple(dict.fromkeys(self.problems)))

    def text(self, name: str) -> str | None:
        """A text without blanks around it; None for nothing."""
        value = self._value(name)
        return None if value is None else str(value).strip() or None

    def flag(self, name: str) -> bool | None:
        """Yes or no; None for nothing."""
        value = self._value(name)
        return value if isinstance(value, bool) else None

    def whole(self, name: str) -> int | None:
        """A whole number; None for nothing."""
        value = self._value(name)
        return value if isinstance(value, int) else None

    def seconds(self, name: str) -> float:
        """A time; the option has a default."""
        value = self._value(name)
        if not isinstance(value, (int, float)) or not math.isfinite(value):
            self.refuse(f"{name} is no length of time", _form(_OPTIONS[name]))
            return 0.0
        return float(value)

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts."""
        value = self._value(name)
        return tuple(str(item).strip() for item in value) if isinstance(value, (list, tuple)) else ()

    def dictionaries(self, name: str) -> tuple[Mapping[str, str], ...]:
        """One dictionary for each time that the option is given."""
        value = self._value(name)
        return tuple(value) if isinstance(value, (list, tuple)) else ()

    def renamed(self, newer: str, older: str, read: Callable[[str], ValueT]) -> ValueT:
        """The value of an option that has an older name.

        Args:
            newer: its name.
            older: its older name, which counts if the newer one is not given.
            read: how one of them is read; nothing is false.
        """
        value, older_value = read(newer), read(older)
        if value and older_value and value != older_value:
            self.refuse(
                f"{newer} and {older} are both set, and differ", f"remove {older}, which is another name for the same"
            )
        return value or older_value

    def _value(self, name: str) -> object:
        try:
            value = self._raw(name)
        except (cfg.Error, ValueError) as error:
            option = _OPTIONS[name]
            reason = str(error).rpartition(" is not valid: ")[2].replace(": ", " ")
            self.refuse(f"{name} cannot be read" + ("" if option.secret else f" ({reason})"), _form(option))
            value = None
        return _OPTIONS[name].default if value is None else value

    def _raw(self, name: str) -> object:
        """What the source has; None for nothing.

        Cinder's `safe_get` has nothing for a value that refers with a dollar sign to an option that is not there, as if
        it were not written at all. So where it has nothing the attribute is asked for, which tells the two apart.
        """
        safe_get = getattr(self._source, "safe_get", None)
        if safe_get is not None and (value := safe_get(name)) is not None:
            return value
        try:
            return getattr(self._source, name)
        except cfg.NoSuchOptError as error:
            if error.opt_name != name:
                raise
            return None
        except AttributeError:
            return None


def _form(option: cfg.Opt) -> str:
    """How a value of an option is written."""
    match option.type:
        case types.List(bounds=True):
            form = "names in brackets, such as [FIRST, SECOND]"
        case types.Dict():
            form = "key:value pairs on one line, separated by commas"
        case types.Boolean():
            form = "true or false"
        case types.Number(min=None):
            form = "a number"
        case types.Number(min=lowest, max=None):
            form = f"a number, {lowest:g} or more"
        case types.Number(min=lowest, max=highest):
            form = f"a number from {lowest:g} to {highest:g}"
        case types.String(choices=dict(choices)):
            form = f"one of {', '.join(choices)}"
        case _:
            form = "a text, and $$ where a dollar sign is meant"
    return f"write {form}"
