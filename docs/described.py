"""Classes of pmax as text: their fields with types and meanings, their methods, and links between them."""

from __future__ import annotations

import enum
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterable, Iterator
from functools import cache
from types import ModuleType
from typing import Final

import attrs

import pmax.domain
import pmax.plugins
import pmax.ports
import pmax.testing

_WORD: Final = re.compile(r"\b[A-Z]\w+")
_SECTION: Final = re.compile(r"^(Attributes|Args|Raises|Returns):$", re.MULTILINE)
_ITEM: Final = re.compile(r"^    (\w+): ", re.MULTILINE)
_RULE: Final = re.compile(r"\brules? (\d+)")
#: Only these modules of the plugins' package hold what strangers are given.
_GIVEN: Final = ("context", "handlers", "protocols", "signals")


@cache
def classes() -> dict[str, type]:
    """Every public class of the domain and the ports, and what plugins are given, by its name."""
    return {
        name: thing
        for module in _modules()
        for name, thing in vars(module).items()
        if inspect.isclass(thing) and thing.__module__ == module.__name__ and not name.startswith("_")
    }


def _modules() -> Iterator[ModuleType]:
    for package in (pmax.domain, pmax.ports):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            yield importlib.import_module(found.name)
    for name in _GIVEN:
        yield importlib.import_module(f"{pmax.plugins.__name__}.{name}")
    yield importlib.import_module(f"{pmax.testing.__name__}.bench")


def named_in(thing: type) -> set[str]:
    """Names of classes that occur in a class's fields and methods."""
    texts = [_type(field.type) for field in _public(thing)] if attrs.has(thing) else []
    texts += [str(inspect.signature(method)) for _, method in _methods(thing)]
    return {word for text in texts for word in _WORD.findall(text) if word in classes()}


def needed_by(roots: Iterable[str]) -> list[str]:
    """These classes and all that can be reached from them, in the order of the alphabet."""
    found: set[str] = set()
    waiting = [name for name in roots if name in classes()]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += named_in(classes()[name])
    return sorted(found)


def text_of(thing: object) -> str:
    """A docstring, with its sections as lists."""
    text = _SECTION.sub(r"**\1**\n", inspect.getdoc(thing) or "")
    text = _ITEM.sub(r"- `\1`: ", text)
    text = _RULE.sub(r"[rule \1](../simulator-rules.md)", text)
    return re.sub(r"^\.\. versionadded:: (\S+)$", r"*Since \1.*", text, flags=re.MULTILINE)


def description(thing: type, linked: frozenset[str] = frozenset()) -> str:
    """What a class is, and a table of its fields with types and meanings; types that are `linked` are links.

    Enumerations get a list of their members, and protocols one of their methods.
    """
    if not attrs.has(thing):
        return f"{text_of(thing)}\n\n{_members(thing) or _method_list(thing, linked)}\n"
    before, meanings, after = _taken_apart(inspect.getdoc(thing) or "")
    methods = _method_list(thing, linked)
    return f"{_plain(before)}\n\n{_rows(thing, meanings, linked)}\n{methods}\n{_plain(after)}\n"


def fields(thing: type, linked: frozenset[str]) -> str:
    """The table alone."""
    return _rows(thing, _taken_apart(inspect.getdoc(thing) or "")[1], linked)


def _rows(thing: type, meanings: dict[str, str], linked: frozenset[str]) -> str:
    return _table(
        [(each.name, _links(_type(each.type), linked), meanings.get(each.name, "")) for each in _public(thing)]
    )


def _public(thing: type) -> list[attrs.Attribute[object]]:
    return [field for field in attrs.fields(thing) if not field.name.startswith("_")]


def _taken_apart(text: str) -> tuple[str, dict[str, str], str]:
    """What stands before the section of attributes, the meaning of each, and what stands after it."""
    before, _, rest = text.partition("\nAttributes:\n")
    section, _, after = rest.partition("\n\n")
    items = _ITEM.split(f"{section}\n")[1:]
    meanings = {name: " ".join(meaning.split()) for name, meaning in zip(items[::2], items[1::2], strict=True)}
    return before.strip(), meanings, after


def _plain(text: str) -> str:
    return _RULE.sub(r"[rule \1](../simulator-rules.md)", text)


def _table(rows: list[tuple[str, str, str]]) -> str:
    if not rows:
        return ""
    has_meanings = any(meaning for _, _, meaning in rows)
    lines = ["| field | type | meaning |", "|---|---|---|"] if has_meanings else ["| field | type |", "|---|---|"]
    for name, kind, meaning in rows:
        cells = (f"`{name}`", kind, _plain(meaning).replace("|", "\\|"))
        lines.append("| " + " | ".join(cells if has_meanings else cells[:2]) + " |")
    return "\n".join(lines) + "\n"


def _members(thing: type) -> str:
    if not issubclass(thing, enum.Enum):
        return ""
    return "\n".join(f"- `{member.name}`: {member.value}" for member in thing) + "\n"


def _methods(thing: type) -> list[tuple[str, object]]:
    return [
        (name, method)
        for name, method in vars(thing).items()
        if inspect.isfunction(method) and not name.startswith("_") and not issubclass(thing, enum.Enum)
    ]


def _method_list(thing: type, linked: frozenset[str]) -> str:
    lines = []
    for name, method in _methods(thing):
        signature = re.sub(r"\bself(, )?|'", "", re.sub(r"(?:\w+\.)+(?=\w)", "", str(inspect.signature(method))))
        meaning = _plain(" ".join((inspect.getdoc(method) or "").partition("\n\n")[0].split()))
        answers = ", ".join(_links(word, linked) for word in sorted(set(_WORD.findall(signature)) & linked))
        lines.append(f"- `{name}{signature}`: {meaning}" + (f" ({answers})" if answers else ""))
    return "\n".join(lines) + ("\n" if lines else "")


def _links(annotation: str, linked: frozenset[str]) -> str:
    """A type as code; if it names classes that are described, links to them follow."""
    code = f"`{annotation}`".replace("|", "\\|")
    names = [word for word in dict.fromkeys(_WORD.findall(annotation)) if word in linked]
    if names == [annotation]:
        return f"[{code}](values.md#{annotation.lower()})"
    return code + "".join(f" [→ {name}](values.md#{name.lower()})" for name in names)


def _type(annotation: object) -> str:
    text = annotation if isinstance(annotation, str) else ""
    plain = isinstance(annotation, type) and not hasattr(annotation, "__args__")
    text = text or (annotation.__name__ if plain else str(annotation))  # type: ignore[attr-defined]  # a class
    return re.sub(r"(?:\w+\.)+(?=\w)", "", text)
