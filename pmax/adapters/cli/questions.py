"""Asks a person on the terminal, and never where nobody sits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TextIO

import attrs

from pmax.adapters.cli.refusals import WrongUsage


@attrs.frozen
class Questions:
    """Asks questions.

    Attributes:
        keyboard: where answers come from.
        screen: where questions go.
        ask_secret: asks without showing what is typed (`getpass.getpass`).
    """

    keyboard: TextIO
    screen: TextIO
    ask_secret: Callable[[str], str]

    def ask(self, what: str, option: str, default: str = "") -> str:
        """Ask for a text.

        Args:
            what: is wanted, in words.
            option: that would have told it, for when there is nobody to ask.
            default: what an empty answer means.

        Raises:
            WrongUsage: there is nobody to ask.
        """
        self._require(what, option)
        hint = f" [{default}]" if default else ""
        while True:
            self.screen.write(f"{what}{hint}: ")
            self.screen.flush()
            line = self.keyboard.readline()
            if not line:
                raise WrongUsage(f"{what} was not answered", f"give {option}")
            if answer := line.strip() or default:
                return answer

    def choose(self, what: str, option: str, known: Sequence[str]) -> str:
        """Ask for one of several; the only one there is, or the first, is what an empty answer means.

        Raises:
            WrongUsage: there is nobody to ask.
        """
        while True:
            answer = self.ask(f"{what} ({', '.join(known)})", option, known[0])
            if answer in known:
                return answer
            self.screen.write(f"There is no {answer}.\n")

    def secret(self, what: str, option: str) -> str:
        """Ask for a password.

        Raises:
            WrongUsage: there is nobody to ask.
        """
        self._require(what, option)
        while not (answer := self.ask_secret(f"{what}: ")):
            pass
        return answer

    def _require(self, what: str, option: str) -> None:
        if not self.keyboard.isatty():
            raise WrongUsage(f"{what} is not given, and there is nobody to ask", f"give {option}")
