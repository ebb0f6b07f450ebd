"""The hooks: what the host asks of its plugins, built-in ones and strangers' alike.

A hook asks and uses the answer; what only tells is a signal (`signals.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pmax.domain.commands import AttachVolume
    from pmax.domain.masking import PortGroup
    from pmax.domain.replication_modes import ReplicationMode
    from pmax.plugins.context import PluginContext
    from pmax.plugins.handlers import AnyHandler
    from pmax.plugins.protocols import HostProtocol
    from pmax.plugins.signals import Signals

hookspec = pluggy.HookspecMarker("pmax")
hookimpl = pluggy.HookimplMarker("pmax")

#: Raised when a hook is added (minor) or changed in a way that breaks plugins (major).
API_VERSION = (1, 0)


@hookspec
def pmax_register_protocols() -> Sequence[HostProtocol]:  # type: ignore[empty-body]
    """Give the protocols over which hosts reach volumes.

    Called once when an engine is built, without any lock. Return one object for each protocol; a name that is taken
    already is an error that names both plugins. An exception keeps the engine from being built.

    .. versionadded:: 0.1
    """


@hookspec
def pmax_register_replication_modes() -> Sequence[ReplicationMode]:  # type: ignore[empty-body]
    """Give the modes in which SRDF can replicate volumes.

    Called once when an engine is built, without any lock. Return one value for each mode; a name or an alias that is
    taken already is an error. A `replication_device` chooses one by its `mode`. An exception keeps the engine from
    being built.

    .. versionadded:: 0.1
    """


@hookspec
def pmax_register_handlers(context: PluginContext) -> Sequence[AnyHandler]:  # type: ignore[empty-body]
    """Give the handlers of the commands that this plugin carries out.

    Called once when an engine is built, after the protocols are known, without any lock. `context` has the settings,
    the readers and the clock that handlers may keep. Two handlers for one command are an error that names both
    plugins. An exception keeps the engine from being built.

    .. versionadded:: 0.1
    """


@hookspec(firstresult=True)
def pmax_choose_port_group(
    context: PluginContext, command: AttachVolume, candidates: tuple[PortGroup, ...]
) -> str | None:
    """Pick the port group of a new masking view.

    Called at most once per attach, under the lock of the compute host, before anything is changed, and only if there
    is a choice: neither the volume's type nor a view that the host has already decides. `candidates` exist, have a port
    that is online, and are at least two. `context` gives settings and readers, to look at the array. Return the name of
    one of them, or None to let the next plugin decide. An exception fails the attach; nothing has to be undone.

    .. versionadded:: 0.1
    """


@hookspec
def pmax_connect_listeners(signals: Signals) -> None:
    """Connect listeners to the engine's signals.

    Called once when an engine is built, without any lock. Connect with `signals.volume_created.connect(function)`.
    An exception keeps the engine from being built.

    .. versionadded:: 0.1
    """
