"""`pmax plugin`: what is plugged in."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from pmax import __version__
from pmax.adapters.cli.base import ShowAction
from pmax.adapters.cli.columns import Maybe, Names
from pmax.adapters.cli.listing import Listing
from pmax.domain.errors import NotFound
from pmax.engine import Engine
from pmax.plugins.manager import PluginPackage

_PREFIX: Final = "pmax_"


class ListPlugins(Listing):
    """List the plugins and what they add.

    Those that come with pmax register like all others. A plugin that could not be loaded is listed with the reason.
    """

    nothing = "No plugin is registered."
    columns = ("plugin", "state", "hooks", "problem")

    def rows(self, _parsed_args: argparse.Namespace) -> Iterator[Sequence[Any]]:
        """Ask the plugin host."""
        yield from _plugins(self.session.engine)


class ShowPlugin(ShowAction):
    """Show a plugin, its package and its hooks."""

    usage = "PLUGIN"

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take a plugin."""
        parser = super().get_parser(prog_name)
        parser.add_argument("plugin", metavar="PLUGIN", help="its name, as `pmax plugin list` shows it")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        """Ask the plugin host.

        Raises:
            NotFound: there is no such plugin.
        """
        engine = self.session.engine
        for name, state, hooks, problem in _plugins(engine):
            if name == parsed_args.plugin:
                package = engine.plugins.package_of(name) or PluginPackage("pmax", __version__)
                fields = {
                    "plugin": name,
                    "state": state,
                    "package": package.name,
                    "version": package.version,
                    "hooks": hooks,
                    "problem": problem,
                }
                return tuple(fields), tuple(fields.values())
        raise NotFound("plugin", parsed_args.plugin)


def _plugins(engine: Engine) -> Iterator[tuple[str, str, Names, Maybe]]:
    """Name, state, hooks, and what is wrong, of every plugin."""
    plugins = engine.plugins
    for name in plugins.names():
        yield name, "loaded", Names([hook.removeprefix(_PREFIX) for hook in plugins.hooks_of(name)]), Maybe(None)
    for problem in plugins.problems:
        yield problem.name, "failed", Names(()), Maybe(problem.reason)
    for name in engine.settings.blocked_plugins:
        yield name, "blocked", Names(()), Maybe(None)
