"""The reference of all commands, out of their parsers: a page of Markdown, and a man page."""

from __future__ import annotations

import argparse
import inspect
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pmax import __version__
from pmax.adapters.cli import exit_status
from pmax.adapters.cli.examples import EXAMPLES
from pmax.adapters.cli.overview import ENVIRONMENT
from pmax.adapters.cli.verbs import VERBS

if TYPE_CHECKING:
    from pmax.adapters.cli.main import PmaxApp

#: The options of the formats, which all verbs that list or show have, are told once.
_SHARED_GROUPS = ("output formatters", "table formatter", "json formatter", "CSV Formatter", "shell formatter")


def parser_of(app: PmaxApp, name: str) -> argparse.ArgumentParser:
    """The parser of a command."""
    command_class, _, _ = app.verbs.find_command(name.split())
    return command_class(app, None, cmd_name=name).get_parser(f"{app.NAME} {name}")


def description_of(app: PmaxApp, name: str) -> str:
    """What a command does: the text of its class."""
    command_class, _, _ = app.verbs.find_command(name.split())
    paragraphs = inspect.cleandoc(command_class.__doc__ or "").split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def options_of(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """The options of a parser, without its positional arguments."""
    return [action for action in parser._actions if action.option_strings]  # noqa: SLF001 - argparse has no other way


def _own_actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """Arguments and options, without help and without those of the formats."""
    groups = [group for group in parser._action_groups if group.title not in _SHARED_GROUPS]  # noqa: SLF001 - as above
    for action in (action for group in groups for action in group._group_actions):  # noqa: SLF001 - as above
        if action.help is not argparse.SUPPRESS and "--help" not in action.option_strings:
            yield action


def _usage(parser: argparse.ArgumentParser) -> str:
    return " ".join(parser.format_usage().removeprefix("usage: ").split())


def _written(action: argparse.Action) -> str:
    """How an argument is written: `--size GIB`, `VOLUME ...`."""
    metavar = action.metavar if isinstance(action.metavar, str) else ""
    if action.choices is not None:
        metavar = "|".join(map(str, action.choices))
    if not action.option_strings:
        return metavar or action.dest
    value = "" if action.nargs == 0 else f" {metavar or action.dest.upper()}"
    return ", ".join(f"{flag}{value}" for flag in action.option_strings)


def _help(action: argparse.Action) -> str:
    text = " ".join((action.help or "").split())
    return text.replace("%(default)s", str(action.default)).replace("%%", "%")


def markdown(app: PmaxApp) -> Iterator[str]:
    """The reference as lines of Markdown."""
    yield "# All commands"
    yield ""
    yield "What `pmax help VERB` says, verb by verb. Verbs that list or show also take `-f` (`table`, `json`, `yaml`,"
    yield "`csv` or `shell`, `value`), `-c COLUMN`, `--sort-column`, `--max-width` and `--fit-width`, as the"
    yield "`openstack` command does."
    for name in VERBS:
        parser = parser_of(app, name)
        yield ""
        yield f"## `pmax {name}`"
        yield ""
        yield description_of(app, name)
        yield ""
        yield "```text"
        yield _usage(parser)
        yield "```"
        if examples := EXAMPLES.get(name):
            yield ""
            yield "```console"
            yield from (f"$ pmax {example}" for example in examples)
            yield "```"
        actions = list(_own_actions(parser))
        if actions:
            yield ""
            yield "| argument | meaning |"
            yield "|---|---|"
            for action in actions:
                written = _written(action).replace("|", "\\|")
                yield f"| `{written}` | {_cell(_help(action))} |"


def _cell(text: str) -> str:
    """A text in a table of Markdown, where a bar ends the cell and a star begins emphasis."""
    return text.replace("|", "\\|").replace("*", "\\*")


def man_page(app: PmaxApp) -> Iterator[str]:
    """The reference as a man page."""
    yield f'.TH PMAX 1 "" "pmax {__version__}" "User Commands"'
    yield ".SH NAME"
    yield "pmax \\- storage features of Dell PowerMax and VMAX arrays"
    yield ".SH SYNOPSIS"
    yield ".B pmax"
    yield "[global options] VERB [options]"
    yield ".SH GLOBAL OPTIONS"
    for action in app.parser._actions:  # noqa: SLF001 - argparse has no other way
        yield from _entry(_written(action), _help(action))
    yield ".SH COMMANDS"
    for name in VERBS:
        parser = parser_of(app, name)
        yield f'.SS "{_roff(_usage(parser))}"'
        for paragraph in description_of(app, name).split("\n\n"):
            yield ".PP"
            yield _roff(paragraph)
        for example in EXAMPLES.get(name, ()):
            yield ".RS"
            yield f"pmax {_roff(example)}"
            yield ".RE"
        for action in _own_actions(parser):
            yield from _entry(_written(action), _help(action))
    yield ".SH ENVIRONMENT"
    for variable, meaning in ENVIRONMENT.items():
        yield from _entry(variable, meaning)
    yield ".SH EXIT STATUS"
    for status, meaning in exit_status.MEANINGS.items():
        yield from _entry(str(status), meaning)


def _entry(term: str, text: str) -> Iterator[str]:
    yield ".TP"
    yield f".B {_roff(term)}"
    yield _roff(text) or "\\&"


def _roff(text: str) -> str:
    """A text for roff: backslashes and dashes are escaped, and no line begins with a control character."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-").replace('"', "\\(dq")
    return re.sub(r"^(?=[.'])", "\\\\&", escaped)
