"""Settings → Engine, fully wired. The only module that constructs driven adapters.

Libraries that take long to load (requests, cattrs, tooz) are imported when they are needed, so that `pmax --help` and
commands that read only do not wait for them.
"""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pmax.domain.errors import ConfigurationInvalid, InvalidRequest
from pmax.domain.settings import Settings
from pmax.engine import Engine
from pmax.plugins import (
    attachments,
    audit,
    clones,
    failover,
    group_replication,
    group_snapshots,
    load_balancing,
    management,
    metadata_log,
    port_groups,
    protocol_fc,
    protocol_iscsi,
    provisioning,
    rdf_groups,
    repairs,
    replication_async,
    replication_metro,
    replication_sync,
    retype,
    snapshot_management,
    snapshots,
    storage_groups,
    volume_groups,
)
from pmax.plugins.manager import PluginManager
from pmax.plugins.signals import Signals
from pmax.ports.runtime import Clock, Journal, Locks

if TYPE_CHECKING:
    from requests.adapters import BaseAdapter

    from pmax.adapters.rest.unisphere import Unisphere

#: The plugins that come with pmax, by the names under which they can be blocked.
BUILT_IN: Final = tuple(
    (module.__name__.rpartition(".")[2], module)
    for module in (
        provisioning,
        snapshots,
        clones,
        attachments,
        volume_groups,
        group_snapshots,
        group_replication,
        protocol_iscsi,
        protocol_fc,
        replication_sync,
        replication_async,
        replication_metro,
        management,
        snapshot_management,
        failover,
        rdf_groups,
        port_groups,
        load_balancing,
        audit,
        metadata_log,
        repairs,
        retype,
        storage_groups,
    )
)


def build_engine(  # noqa: PLR0913 - everything that can be chosen, each by keyword
    settings: Settings,
    *,
    clock: Clock | None = None,
    locks: Locks | None = None,
    journal: Journal | None = None,
    http_adapter: BaseAdapter | None = None,
    plugins: Iterable[tuple[str, object]] = (),
    load_entry_points: bool = True,
) -> Engine:
    """Wire an engine. Nothing is sent, and nothing is written to a disk, before it is used.

    Args:
        settings: of the backend.
        clock: time; None for the machine's own.
        locks: None for those that the settings name: a service, or files of this machine.
        journal: None for the one that the settings name: a directory, or memory.
        http_adapter: carries the requests instead of the network, for a simulator in this process.
        plugins: further ones by name, that are not installed.
        load_entry_points: whether installed plugins are looked for.

    Raises:
        ConfigurationInvalid: a file of authorities cannot be used, or plugins are in each other's way.
    """
    if clock is None:
        from pmax.adapters.system import SystemClock

        clock = SystemClock()
    signals = Signals()
    known = PluginManager((*BUILT_IN, *plugins), settings.blocked_plugins, load_entry_points=load_entry_points)
    opened = ExitStack()
    with ExitStack() as unless_built:
        unless_built.callback(opened.close)
        unisphere = _connect(settings, clock, signals, http_adapter)
        opened.callback(unisphere.close)
        engine = Engine(
            settings=settings,
            readers=unisphere.readers,
            commands=unisphere.commands,
            plugins=known,
            signals=signals,
            clock=clock,
            locks=locks or _locks(settings, clock, opened),
            journal=journal or _journal(settings, clock, opened),
            close=opened.close,
        )
        unless_built.pop_all()
    return engine


def _connect(settings: Settings, clock: Clock, signals: Signals, http_adapter: BaseAdapter | None) -> Unisphere:
    from pmax.adapters.rest.unisphere import connect

    try:
        return connect(settings, clock, signals, http_adapter)
    except InvalidRequest as error:
        raise ConfigurationInvalid((str(error),)) from error


def _locks(settings: Settings, clock: Clock, opened: ExitStack) -> Locks:
    """Locks of a service if there is one, else files beside the journal, or in the user's home if that has no place.

    Keys hold the serial of the array, so all backends can share one directory.
    """
    if settings.coordination_url is not None:
        from pmax.adapters.coordination import ToozLocks

        member = f"pmax-{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
        shared = ToozLocks(settings.coordination_url.reveal, member, clock)
        opened.callback(shared.close)
        return shared
    from pmax.adapters.options import state_directory
    from pmax.adapters.system import FileLocks

    place = state_directory() if settings.journal_directory is None else Path(settings.journal_directory)
    return FileLocks(place / "locks", clock)


def _journal(settings: Settings, clock: Clock, opened: ExitStack) -> Journal:
    """A journal for this array alone: whoever recovers an operation must be able to reach its array."""
    from pmax.adapters.journal import MemoryJournal, SqliteJournal

    if settings.journal_directory is None:
        return MemoryJournal(clock)
    journal = SqliteJournal(Path(settings.journal_directory) / settings.array_id, clock)
    opened.callback(journal.close)
    return journal
