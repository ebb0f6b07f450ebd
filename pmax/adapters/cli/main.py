"""The application: global options, finding the command, and what its outcome means to the shell."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from typing import TYPE_CHECKING, Any, Final

from cliff._argparse import ArgumentParser
from cliff.app import App
from cliff.command import Command

from pmax import __version__
from pmax.adapters.cli import exit_status
from pmax.adapters.cli.overview import write_overview, write_summaries
from pmax.adapters.cli.verbs import Verbs
from pmax.domain.errors import PmaxError

DESCRIPTION = "Storage features of Dell PowerMax and VMAX arrays, through Unisphere's REST API."

if TYPE_CHECKING:
    from pmax.adapters.cli.progress import Progress
    from pmax.adapters.cli.session import Session

#: What the terminal gets without -v, with it, and with it twice.
_LEVELS: Final = (logging.WARNING, logging.INFO, logging.DEBUG)
#: The log of the built-in plugin that writes down what was done.
_AUDIT: Final = "pmax.audit"

_log = logging.getLogger("pmax")


class PmaxApp(App):
    """One run of the command.

    Attributes:
        session: configuration and engine; None until a command asks for it.
        timeout_s: for one operation; None for the configured time.
        progress: tells what the session is doing; None until there is one.
    """

    NAME = "pmax"
    DEFAULT_VERBOSE_LEVEL = 0

    def __init__(self) -> None:
        self.verbs = Verbs()
        self.session: Session | None = None
        self.timeout_s: float | None = None
        self.progress: Progress | None = None
        super().__init__(DESCRIPTION, __version__, self.verbs, deferred_help=True)
        self.verbs.add_table()
        self.interactive_mode = False

    def build_option_parser(
        self, description: str | None, version: str | None, argparse_kwargs: dict[str, Any] | None = None
    ) -> argparse.ArgumentParser:
        """Give the parser of the global options; what it does not know is left for the command's own parser."""
        parser = ArgumentParser(
            prog=self.NAME,
            description=description,
            usage="pmax [global options] VERB [options]",
            add_help=False,
            allow_abbrev=False,
            **(argparse_kwargs or {}),
        )
        group = parser.add_argument_group("global options")
        group.add_argument(
            "--config-file",
            metavar="FILE",
            action="append",
            dest="config_files",
            help="pmax.conf or cinder.conf; can be repeated, later files win [PMAX_CONFIG]",
        )
        group.add_argument("--backend", metavar="STANZA", help="section of the configuration [PMAX_BACKEND]")
        group.add_argument(
            "--array", metavar="SERIAL", help="another array than the configured one; last digits will do [PMAX_ARRAY]"
        )
        group.add_argument("--explain", action="store_true", help="show the calls and the array's text with an error")
        group.add_argument("--debug", action="store_true", help="log everything, and show where an error came from")
        group.add_argument(
            "-v", "--verbose", action="count", dest="verbose_level", default=0, help="show steps and log more"
        )
        group.add_argument("-q", "--quiet", action="store_true", help="no progress, no hints")
        group.add_argument("--log-file", metavar="FILE", help="log to this file too")
        group.add_argument("--version", action="version", version=f"{self.NAME} {version}")
        group.add_argument(
            "-h", "--help", dest="deferred_help", action="store_true", help="show help, of a verb or of all"
        )
        return parser

    def configure_logging(self) -> None:
        """Warnings to the terminal, more with -v and --debug; everything to the log file."""
        level = _LEVELS[min(self.options.verbose_level, len(_LEVELS) - 1)]
        console = logging.StreamHandler(self.stderr)
        console.setLevel(logging.DEBUG if self.options.debug else level)
        console.setFormatter(logging.Formatter("pmax: %(message)s"))
        if not self.options.debug:
            # Progress and errors tell the same in a form for people.
            console.addFilter(lambda record: record.name != _AUDIT)
        handlers: list[logging.Handler] = [console]
        if self.options.log_file:
            file = self._log_file(self.options.log_file)
            file.setFormatter(logging.Formatter(self.LOG_FILE_MESSAGE_FORMAT))
            handlers.append(file)
        logging.basicConfig(level=logging.DEBUG, handlers=handlers, force=True)

    def _log_file(self, name: str) -> logging.FileHandler:
        try:
            return logging.FileHandler(name)
        except OSError as error:
            self.stderr.write(f"pmax: {name}: {error.strerror}.\n      Correct --log-file.\n")
            raise SystemExit(exit_status.USAGE) from error

    def initialize_app(self, argv: list[str]) -> None:
        """Show the overview when no command is given; asked for, that is success."""
        if argv:
            return
        asked = self.options.deferred_help
        write_overview(self.parser, self.stdout if asked else self.stderr)
        raise SystemExit(exit_status.DONE if asked else exit_status.USAGE)

    def run_subcommand(self, argv: list[str]) -> int:
        """Run the command that `argv` names, and turn whatever happens into an exit status."""
        try:
            command_class, name, rest = self.command_manager.find_command(argv)
        except ValueError:
            return self.unknown_command(argv)
        try:
            return self._outcome(command_class, name, rest)
        finally:
            if self.session is not None:
                self.session.close()
                self.session = None

    def _outcome(self, command_class: type[Command], name: str, rest: list[str]) -> int:
        from pmax.adapters.cli.complaints import Complaints

        complaints = Complaints(self.stderr, is_debug=self.options.debug)
        try:
            command = command_class(self, self.options, cmd_name=name)
            return command.run(command.get_parser(f"{self.NAME} {name}").parse_args(rest))
        except PmaxError as error:
            return complaints.explain(error, self.session if self.options.explain else None)
        except KeyboardInterrupt:
            return complaints.interrupted()
        except BrokenPipeError:
            raise
        except Exception as error:  # noqa: BLE001 - the last edge: whatever escaped is a fault of ours
            _log.debug("unexpected", exc_info=True)
            return complaints.fault(error)

    def unknown_command(self, argv: list[str]) -> int:
        """Say that there is no such command, and which ones come near."""
        if len(argv) > 1 and argv[0].startswith("-"):
            self.stderr.write(f"pmax: pmax does not take {argv[0]}.\n")
            self.stderr.write("      `pmax --help` shows its options; those of a verb stand behind the verb.\n")
            return exit_status.USAGE
        words = [word for word in argv if not word.startswith("-")] or argv
        begun = self.verbs.beginning_with(words[:1])
        self.stderr.write(f"pmax: `pmax {' '.join(words)}` is not a command.\n")
        self.stderr.write("      These are near:\n" if begun else "      `pmax --help` shows all commands.\n")
        write_summaries(begun, self.stderr, indent=8, before="pmax ")
        return exit_status.USAGE


def run(argv: list[str]) -> int:
    """Run the command line.

    Args:
        argv: arguments without the program's name.

    Returns:
        The exit status.
    """
    try:
        status = PmaxApp().run(argv)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read our output has gone. Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return exit_status.BROKEN_PIPE
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else exit_status.FAILED
    return status
