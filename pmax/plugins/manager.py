"""A typed method for each hook. Nothing else in the project touches pluggy's untyped relay."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from itertools import chain
from types import FunctionType, ModuleType

import attrs
import pluggy

from pmax.domain.commands import AttachVolume
from pmax.domain.errors import ConfigurationInvalid, InvalidRequest
from pmax.domain.masking import PortGroup
from pmax.domain.replication_modes import ReplicationMode
from pmax.plugins import hookspecs
from pmax.plugins.context import PluginAnswers, PluginContext
from pmax.plugins.handlers import AnyHandler
from pmax.plugins.protocols import HostProtocol
from pmax.plugins.signals import Signals

ENTRY_POINT_GROUP = "pmax.plugins"

_log = logging.getLogger(__name__)


@cache
def _installed() -> tuple[EntryPoint, ...]:
    """Plugins of installed packages; kept, since looking through all packages takes as long as a whole command."""
    return tuple(entry_points(group=ENTRY_POINT_GROUP))


@attrs.frozen
class PluginProblem:
    """A plugin that could not be loaded.

    Attributes:
        name: its entry-point name.
        reason: why, in words.
    """

    name: str
    reason: str


@attrs.frozen
class PluginPackage:
    """What was installed to have a plugin.

    Attributes:
        name: of the distribution.
        version: of it.
    """

    name: str
    version: str


class _Relay(pluggy.PluginManager):
    """pluggy's own, quick with modules: its careful look at each of their names takes a fifth of making an engine."""

    def parse_hookimpl_opts(self, plugin: object, name: str) -> pluggy.HookimplOpts | None:
        """Only functions of a module can be hooks of it."""
        if isinstance(plugin, ModuleType) and not isinstance(vars(plugin).get(name), FunctionType):
            return None
        return super().parse_hookimpl_opts(plugin, name)


class PluginManager(PluginAnswers):
    """The plugins of one engine.

    Args:
        builtin: modules or objects with hook implementations, by name.
        blocked: names that are neither loaded nor registered.
        load_entry_points: whether installed plugins are looked for.

    Attributes:
        problems: installed plugins that could not be loaded; the operation that needs one fails with its reason.
        blocked: names that are blocked, sorted.
        blocked_in_vain: those of them that no plugin has.
    """

    def __init__(
        self,
        builtin: Iterable[tuple[str, ModuleType | object]],
        blocked: Iterable[str] = (),
        *,
        load_entry_points: bool,
    ) -> None:
        self._manager = _Relay("pmax")
        self._manager.add_hookspecs(hookspecs)
        builtin = tuple(builtin)
        self.problems: tuple[PluginProblem, ...] = ()
        self._packages: dict[str, PluginPackage] = {}
        self.blocked = tuple(sorted(set(blocked)))
        there_are = {name for name, _ in builtin} | {each.name for each in _installed() if load_entry_points}
        self.blocked_in_vain = tuple(name for name in self.blocked if name not in there_are)
        for name in self.blocked:
            self._manager.set_blocked(name)
        for name, plugin in builtin:
            if not self._manager.is_blocked(name):
                self._manager.register(plugin, name=name)
        if load_entry_points:
            self._load_entry_points()
        self._manager.check_pending()
        self._protocols: dict[str, HostProtocol] = {}
        self._modes: tuple[ReplicationMode, ...] | None = None

    def _load_entry_points(self) -> None:
        for entry_point in _installed():
            if entry_point.dist is not None:
                self._packages[entry_point.name] = PluginPackage(entry_point.dist.name, entry_point.dist.version)
            if self._manager.is_blocked(entry_point.name) or self._manager.has_plugin(entry_point.name):
                continue
            try:
                self._manager.register(entry_point.load(), name=entry_point.name)
            except Exception as error:  # noqa: BLE001 - foreign code: it must not take the host down, nor be lost silently
                _log.exception("plugin %s could not be loaded", entry_point.name)
                self.problems += (PluginProblem(entry_point.name, f"{type(error).__name__}: {error}"),)

    def names(self) -> tuple[str, ...]:
        """Names of the registered plugins."""
        return tuple(sorted(name for name, _ in self._manager.list_name_plugin() if self._manager.has_plugin(name)))

    def hooks_of(self, name: str) -> tuple[str, ...]:
        """Names of the hooks that a plugin implements."""
        callers = self._manager.get_hookcallers(self._manager.get_plugin(name)) or []
        return tuple(sorted(caller.name for caller in callers))

    def package_of(self, name: str) -> PluginPackage | None:
        """What was installed to have a plugin, be it blocked or broken; None for one that comes with pmax."""
        return self._packages.get(name)

    def protocols(self) -> dict[str, HostProtocol]:
        """See `PluginAnswers`."""
        if not self._protocols:
            for protocol in chain.from_iterable(self._manager.hook.pmax_register_protocols()):
                if protocol.name in self._protocols:
                    message = f"two plugins register the protocol {protocol.name}: block one (pmax_blocked_plugins)"
                    raise ConfigurationInvalid((message,))
                self._protocols[protocol.name] = protocol
        return self._protocols

    def protocol(self, name: str) -> HostProtocol:
        """See `PluginAnswers`."""
        protocols = self.protocols()
        if name in protocols:
            return protocols[name]
        rule = f"known protocols are {', '.join(sorted(protocols)) or 'none'}"
        for problem in self.problems:
            rule += f"; plugin {problem.name} could not be loaded ({problem.reason})"
        raise InvalidRequest("protocol", name, rule)

    def replication_modes(self) -> tuple[ReplicationMode, ...]:
        """See `PluginAnswers`."""
        if self._modes is None:
            modes = tuple(chain.from_iterable(self._manager.hook.pmax_register_replication_modes()))
            written = Counter(word for mode in modes for word in {mode.name.lower(), *mode.aliases})
            suffixes = Counter(mode.suffix for mode in modes)
            twice = sorted(word for word, count in (written + suffixes).items() if count > 1)
            if twice:
                message = f"two replication modes are called {', '.join(twice)}: block one (pmax_blocked_plugins)"
                raise ConfigurationInvalid((message,))
            self._modes = modes
        return self._modes

    def replication_mode(self, written: str) -> ReplicationMode:
        """See `PluginAnswers`."""
        modes = self.replication_modes()
        for mode in modes:
            if mode.is_called(written):
                return mode
        rule = f"known modes are {', '.join(sorted(mode.name for mode in modes)) or 'none'}"
        for problem in self.problems:
            rule += f"; plugin {problem.name} could not be loaded ({problem.reason})"
        raise InvalidRequest("replication_device mode", written, rule)

    def handlers(self, context: PluginContext) -> dict[type[object], AnyHandler]:
        """Every handler by the command that it carries out.

        Raises:
            ConfigurationInvalid: two plugins carry out one command.
        """
        handlers: dict[type[object], AnyHandler] = {}
        for handler in chain.from_iterable(self._manager.hook.pmax_register_handlers(context=context)):
            if handler.command in handlers:
                message = f"two plugins carry out {handler.command.__name__}: block one (pmax_blocked_plugins)"
                raise ConfigurationInvalid((message,))
            handlers[handler.command] = handler
        return handlers

    def choose_port_group(
        self, context: PluginContext, command: AttachVolume, candidates: tuple[PortGroup, ...]
    ) -> PortGroup:
        """See `PluginAnswers`."""
        chosen = self._manager.hook.pmax_choose_port_group(context=context, command=command, candidates=candidates)
        for candidate in candidates:
            if candidate.name == chosen:
                return candidate
        names = ", ".join(candidate.name for candidate in candidates)
        raise InvalidRequest("port group", chosen, f"the plugin had to choose one of {names}")

    def connect_listeners(self, signals: Signals) -> None:
        """Let every plugin connect its listeners."""
        self._manager.hook.pmax_connect_listeners(signals=signals)
