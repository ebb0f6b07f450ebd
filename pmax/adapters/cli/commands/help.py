"""`pmax help`: the options of one command, or the commands of one noun."""

from __future__ import annotations

import argparse

from pmax.adapters.cli import exit_status, manual
from pmax.adapters.cli.base import Action
from pmax.adapters.cli.overview import write_overview, write_summaries


class Help(Action):
    """Show help for a command."""

    usage = "[VERB]"

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take the words of a command, all or the first ones."""
        parser = super().get_parser(prog_name)
        parser.add_argument(
            "words", metavar="VERB", nargs=argparse.REMAINDER, help="a command, or the first words of one"
        )
        form = parser.add_mutually_exclusive_group()
        form.add_argument("--man", action="store_true", help="everything, as a man page")
        form.add_argument("--markdown", action="store_true", help="every command, as a page of Markdown")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> int:
        """Write the help of the command, or the list of those that begin so."""
        if parsed_args.man or parsed_args.markdown:
            lines = manual.man_page(self.app) if parsed_args.man else manual.markdown(self.app)
            self.app.stdout.writelines(f"{line}\n" for line in lines)
            return exit_status.DONE
        words: list[str] = parsed_args.words
        if not words:
            write_overview(self.app.parser, self.app.stdout)
            return exit_status.DONE
        try:
            command_class, name, _ = self.app.verbs.find_command(words)
        except ValueError:
            return self._list(words)
        command = command_class(self.app, self.app_args, cmd_name=name)
        self.app.stdout.write(command.get_parser(f"{self.app.NAME} {name}").format_help())
        return exit_status.DONE

    def _list(self, words: list[str]) -> int:
        names = self.app.verbs.beginning_with(words)
        if not names:
            return self.app.unknown_command(words)
        self.app.stdout.write("commands:\n")
        write_summaries(names, self.app.stdout)
        return exit_status.DONE
