"""What `pmax --help` shows: global options, all commands, environment, exit statuses."""

from __future__ import annotations

import argparse
from typing import TextIO

from pmax.adapters.cli import exit_status
from pmax.adapters.cli.verbs import VERBS

ENVIRONMENT = {
    "PMAX_CONFIG": "configuration files, with a colon between them",
    "PMAX_BACKEND": "as --backend",
    "PMAX_ARRAY": "as --array",
}


def write_overview(parser: argparse.ArgumentParser, out: TextIO) -> None:
    """Write the whole overview."""
    out.write(parser.format_help())
    out.write("\ncommands:\n")
    write_summaries(tuple(VERBS), out)
    out.write("\n  `pmax help VERB` shows the options of a command.\n")
    out.write("\nenvironment:\n")
    out.writelines(f"  {name:<19}  {meaning}\n" for name, meaning in ENVIRONMENT.items())
    out.write("\nexit status:\n")
    out.writelines(f"  {status:<19}  {meaning}\n" for status, meaning in exit_status.MEANINGS.items())


def write_summaries(names: tuple[str, ...], out: TextIO) -> None:
    """Write a line for each of these commands."""
    out.writelines(f"  {name:<19}  {VERBS[name].summary}\n" for name in names)
