"""Reference pages that are made out of the code each time the documentation is built.

Hooks, signals, values, errors, steps, states and options. A Sphinx extension. The pages lie in `reference/from-code`,
which git ignores, so they can never be out of date.
"""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from described import classes, description, fields, needed_by, text_of
from oslo_config import cfg

from pmax.adapters.cli import manual
from pmax.adapters.cli.main import PmaxApp
from pmax.adapters.options.inherited import INHERITED_OPTIONS
from pmax.adapters.options.own import OWN_OPTIONS
from pmax.adapters.options.upstream import (
    ARRAY_OPTIONS,
    FAILOVER_OPTIONS,
    JOB_OPTIONS,
    LOAD_OPTIONS,
    OLDER_NAMES,
    SNAPSHOT_OPTIONS,
)
from pmax.domain import commands, errors, plans, snapvx, srdf
from pmax.plugins import hookspecs
from pmax.plugins.signals import Signals

if TYPE_CHECKING:
    from sphinx.application import Sphinx

#: Options by what they are about; in Cinder, those of the first group are Cinder's own.
_OPTION_GROUPS = {
    "Unisphere and Cinder": INHERITED_OPTIONS,
    "The array": ARRAY_OPTIONS,
    "Jobs and waiting": JOB_OPTIONS,
    "Snapshots": SNAPSHOT_OPTIONS,
    "Other Unispheres": FAILOVER_OPTIONS,
    "Load balancing": LOAD_OPTIONS,
    "Older names": OLDER_NAMES,
    "Options of pmax alone": OWN_OPTIONS,
}

_SIGNALS = {name: signal for name, signal in vars(Signals()).items() if hasattr(signal, "event_type")}

#: Steps and events.
_ON_THEIR_OWN = frozenset(
    {step.__name__ for step in get_args(plans.Step)} | {signal.event_type.__name__ for signal in _SIGNALS.values()}
)

_FOLDER = Path(__file__).parent / "reference" / "from-code"


def hooks() -> dict[str, Callable[..., object]]:
    """Every hook by its name, in the order of their declaration."""
    return {name: spec for name, spec in vars(hookspecs).items() if name.startswith("pmax_")}


def _hooks() -> Iterator[str]:
    yield "# Hooks\n"
    yield "What the host asks of its plugins. A hook asks and uses the answer; a [signal](signals.md) tells."
    major, minor = hookspecs.API_VERSION
    yield f"This is version {major}.{minor} of the hooks (`pmax.plugins.hookspecs.API_VERSION`). [How to write a"
    yield "plugin](../../how-to/write-a-plugin.md) uses them, step by step.\n"
    known = frozenset(_values())
    for name, spec in hooks().items():
        signature = re.sub(r"'", "", str(inspect.signature(spec)))
        yield f"## {name}\n\n```python\n@hookimpl\ndef {name}{signature}: ...\n```\n\n{text_of(spec)}\n"
        given = [word for word in dict.fromkeys(re.findall(r"[A-Z]\w+", signature)) if word in known]
        if given:
            yield "What these are: " + ", ".join(f"[`{word}`](values.md#{word.lower()})" for word in given) + ".\n"
        yield f"Implemented by {_users(rf'def {name}[(]')}.\n"


def _signals() -> Iterator[str]:
    yield "# Signals\n"
    yield "What the host tells whoever listens. A listener's failure is logged and changes nothing. Events about things"
    yield "(all from `volume_created` on) come beside `operation_succeeded`, which every operation ends with;"
    yield "`examples/pmax-audit-trail` listens to each of them.\n"
    linked = frozenset(_values())
    for name, signal in _SIGNALS.items():
        yield f"## {name}\n\n{signal.purpose} The event is `{signal.event_type.__name__}`:\n"
        yield fields(signal.event_type, linked)
        listeners = _users(rf"signals[.]{name}[.]connect")
        if listeners:
            yield f"Heard by {listeners}.\n"


def _values() -> list[str]:
    """Classes that plugins, listeners and callers of the engine meet; steps, events and errors have their own pages."""
    roots = {name for name, thing in classes().items() if issubclass(thing, commands.Command)}
    roots |= {
        "PluginContext",
        "AttachVolume",
        "PortGroup",
        "HostProtocol",
        "ReplicationMode",
        "Handler",
        "Outcomes",
        "Bench",
        *_ON_THEIR_OWN,
    }
    return [name for name in needed_by(roots) if name not in _ON_THEIR_OWN]


def _value_page() -> Iterator[str]:
    yield "# Values, commands and readers\n"
    yield "What hooks, signals and steps carry, in the order of the alphabet. All values are frozen. Where a class is"
    yield "imported from stands below its name. `ArrayId`, `DeviceId` and the like are texts in a form that was"
    yield "checked; a `VolumeReference` is a device id, or stands for a volume that the same plan makes.\n"
    linked = frozenset(_values())
    for name in _values():
        thing = classes()[name]
        yield f"## {name}\n\n`from {_home(thing)} import {name}`\n\n{description(thing, linked)}"


def _home(thing: type) -> str:
    """The package that offers a class, or else its module."""
    package = thing.__module__.rpartition(".")[0]
    return package if hasattr(importlib.import_module(package), thing.__name__) else thing.__module__


def _users(pattern: str) -> str:
    """Built-in plugins, other modules and examples in which something is found, as a text."""
    root = Path(__file__).parents[1]
    found = [
        path.relative_to(root)
        for folder in ("pmax", "examples")
        for path in sorted((root / folder).rglob("*.py"))
        if path.name != "hookspecs.py" and "tests" not in path.parts and re.search(pattern, path.read_text("utf-8"))
    ]
    names = [f"`{'/'.join(each.parts[:2])}`" if each.parts[0] == "examples" else f"`{each.stem}`" for each in found]
    return ", ".join(dict.fromkeys(names))


def _errors() -> Iterator[str]:
    yield "# Errors\n"
    yield "What pmax raises. Callers branch on the type and the fields, never on the text.\n"
    tree = (inspect.getdoc(errors) or "").partition("\n\n")[2].partition("\n\nCallers")[0]
    yield f"```text\n{inspect.cleandoc(tree)}\n```\n"
    for name, error in vars(errors).items():
        if inspect.isclass(error) and issubclass(error, errors.PmaxError):
            yield f"## {name}\n\n{text_of(error)}\n"


def _steps() -> Iterator[str]:
    yield "# Steps\n"
    yield "What plans are made of: each step is one change to the array, or one wait.\n"
    yield "All are imported from `pmax.domain.plans`.\n"
    linked = frozenset(_values())
    for step in get_args(plans.Step):
        yield f"## {step.__name__}\n\n{description(step, linked)}\n"


def _snapvx() -> Iterator[str]:
    yield "# States of snapshots and links\n"
    yield "What pmax does in which state. An action that is not here is refused, and nothing is sent.\n"
    for title, table in (
        ("Snapshots", snapvx.SNAPSHOT_TRANSITIONS),
        ("Links", snapvx.LINK_TRANSITIONS),
    ):
        yield f"## {title}\n\nBroken lines, and what stands in parentheses, are the array's doing.\n"
        yield f"```{{states}} {title.lower()}\n```\n\n```text"
        for phase, actions in table.items():
            for action, following in actions.items():
                yield f"{phase.value:>14} ── {action.value} ──▸ {following.value}"
            if not actions:
                yield f"{phase.value:>14}    (an administrator has to look)"
        yield "```\n"


def _srdf() -> Iterator[str]:
    yield "# States of SRDF sessions\n"
    yield "What pmax does with the pairs of a storage group in which state. An action that is not here is refused, and"
    yield "nothing is sent; in the states of the last column nothing is left to do.\n"
    yield "```{states} pairs\n```\n"
    yield "Broken lines are what one array can do alone, while it cannot reach the other one.\n"
    yield "| action | from | while the arrays cannot talk | leads to | needless in |\n|---|---|---|---|---|"
    for action, transition in srdf.TRANSITIONS.items():
        columns = (
            sorted(transition.origins),
            sorted(transition.alone_origins),
            list(transition.results),
            sorted(transition.needless_in),
        )
        yield f"| {action.value} | " + " | ".join(", ".join(column) for column in columns) + " |"
    yield ""


def _options() -> Iterator[str]:
    yield "# Options\n"
    yield "What a backend's section of `cinder.conf` or `pmax.conf` may say. The `pmax` command reads all of it; in"
    yield "Cinder, the options of the first table are Cinder's own."
    yield "[What happens at the start](../../explanation/starting.md) says how mistakes are told.\n"
    for title, group in _OPTION_GROUPS.items():
        yield f"## {title}\n\n| option | form | default | meaning |\n|---|---|---|---|"
        for option in group:
            default = "" if option.default in (None, "", []) else f"`{option.default}`"
            text = " ".join((option.help or "").split()).replace("|", "\\|")
            yield f"| `{option.name}` | {_form(option)} | {default} | {text} |"
        yield ""


def _form(option: cfg.Opt) -> str:
    """How its value is written."""
    words = {"boolean value": "true or false", "integer value": "number", "floating point value": "number"}
    words |= {"string value": "text", "port value": "port", "list value": "names in brackets", "dict value": "pairs"}
    kind = getattr(option.type, "type_name", "text")
    return words.get(kind, kind) + (", repeatable" if option.multi else "")


def _commands() -> Iterator[str]:
    return manual.markdown(PmaxApp())


PAGES: dict[str, Callable[[], Iterator[str]]] = {
    "hooks": _hooks,
    "signals": _signals,
    "values": _value_page,
    "errors": _errors,
    "steps": _steps,
    "snapvx": _snapvx,
    "srdf": _srdf,
    "commands": _commands,
    "options": _options,
}


def write(_app: Sphinx) -> None:
    """Write every page."""
    _FOLDER.mkdir(exist_ok=True)
    for name, page in PAGES.items():
        (_FOLDER / f"{name}.md").write_text("\n".join(page()), encoding="utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    """Have the pages written before Sphinx reads any."""
    app.connect("builder-inited", write)
    return {"parallel_read_safe": True}
