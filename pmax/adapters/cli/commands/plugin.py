"""`pmax plugin`: what is plugged in."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from typing import Any, Final

from pmax.adapters.cli.columns import Maybe, Names
from pmax.adapters.cli.listing import Listing

_PREFIX: Final = "pmax_"


class ListPlugins(Listing):
    """List the plugins and what they add.

    Those that come with pmax register like all others. A plugin that could not be loaded is listed with the reason.
    """

    nothing = "No plugin is registered."
    columns = ("plugin", "state", "hooks", "problem")

    def rows(self, _parsed_args: argparse.Namespace) -> Iterator[Sequence[Any]]:
        """Ask the plugin host."""
        engine = self.session.engine
        plugins = engine.plugins
        for name in plugins.names():
            yield name, "loaded", Names([hook.removeprefix(_PREFIX) for hook in plugins.hooks_of(name)]), Maybe(None)
        for problem in plugins.problems:
            yield problem.name, "failed", Names(()), Maybe(problem.reason)
        for name in engine.settings.blocked_plugins:
            yield name, "blocked", Names(()), Maybe(None)
