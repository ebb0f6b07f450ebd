"""`pmax plugin`: what is plugged in."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from typing import Any, Final

from pmax.adapters.cli.base import ListAction
from pmax.adapters.cli.columns import Maybe, Names

_COLUMNS: Final = ("name", "state", "hooks", "problem")
_PREFIX: Final = "pmax_"


class ListPlugins(ListAction):
    """List the plugins and what they add.

    Those that come with pmax register like all others. A plugin that could not be loaded is listed with the reason.
    """

    nothing = "No plugin is registered."

    def take_action(self, _parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        """Ask the plugin host."""
        engine = self.session.engine
        plugins = engine.plugins
        rows: list[tuple[Any, ...]] = [
            (name, "loaded", Names([hook.removeprefix(_PREFIX) for hook in plugins.hooks_of(name)]), Maybe(None))
            for name in plugins.names()
        ]
        rows += [(problem.name, "failed", Names(()), Maybe(problem.reason)) for problem in plugins.problems]
        rows += [(name, "blocked", Names(()), Maybe(None)) for name in engine.settings.blocked_plugins]
        return _COLUMNS, rows
