"""What `pmax --help` shows: global options, all commands, environment, exit statuses."""

from __future__ import annotations

import argparse
from typing import TextIO

from pmax.adapters.cli import exit_status
from pmax.adapters.cli.folding import columns, folded
from pmax.adapters.cli.verbs import VERBS

ENVIRONMENT = {
    "PMAX_CONFIG": "configuration files, with a colon between them",
    "PMAX_BACKEND": "as --backend",
    "PMAX_ARRAY": "as --array",
}


#: How wide the names of the longest commands are.
_NAMES = max(map(len, VERBS))


def write_overview(parser: argparse.ArgumentParser, out: TextIO) -> None:
    """Write the whole overview."""
    out.write(parser.format_help())
    out.write("\ncommands:\n")
    write_summaries(tuple(VERBS), out)
    out.write("\n  `pmax help VERB` shows the options of a command, and examples.\n")
    out.write("\nenvironment:\n")
    out.writelines(f"  {name:<{_NAMES}}  {meaning}\n" for name, meaning in ENVIRONMENT.items())
    out.write("\nexit status:\n")
    out.writelines(f"  {status:<{_NAMES}}  {meaning}\n" for status, meaning in exit_status.MEANINGS.items())


def write_summaries(names: tuple[str, ...], out: TextIO, indent: int = 2, before: str = "") -> None:
    """Write a line for each of these commands, `before` standing before each."""
    longest = _NAMES if len(names) == len(VERBS) else max(map(len, names), default=0)
    for name in names:
        margin = f"{'':<{indent}}{before}{name:<{longest}}  "
        lines = folded(VERBS[name].summary, columns(out), margin, " " * len(margin))
        out.writelines(f"{line}\n" for line in lines)
