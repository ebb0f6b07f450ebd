"""How help is laid out: paragraphs stay apart, and examples stay as they are."""

from __future__ import annotations

import argparse
import textwrap
from typing import Final

from pmax.adapters.cli.examples import EXAMPLES

#: With what stands before and behind, a line of an example fits 80 columns.
_WIDTH: Final = 70


class HelpFormatter(argparse.HelpFormatter):
    """Folds each paragraph by itself; one that is indented is left as it is."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        paragraphs = text.split("\n\n")
        return "\n\n".join(
            paragraph if paragraph.startswith(" ") else super(HelpFormatter, self)._fill_text(paragraph, width, indent)
            for paragraph in paragraphs
        )


def examples_of(name: str) -> str:
    """What stands below the description of a command: its examples as they would be typed, long ones folded."""
    examples = EXAMPLES.get(name, ())
    return "\n\n".join(("For example:", "\n".join(map(_typed, examples)))) if examples else ""


def _typed(example: str) -> str:
    lines = textwrap.wrap(f"pmax {example}", _WIDTH, break_on_hyphens=False, break_long_words=False)
    return " \\\n".join(f"{'':<{2 if number == 0 else 6}}{line}" for number, line in enumerate(lines))
