"""Unisphere, ready for use: everything of this package wired together."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path

import attrs
from requests.adapters import BaseAdapter

from pmax.adapters.rest.arrays import RestArrayReader
from pmax.adapters.rest.client import Client, Patience
from pmax.adapters.rest.commands import RestArrayCommands
from pmax.adapters.rest.converter import make_structurer
from pmax.adapters.rest.gate import shared_gate
from pmax.adapters.rest.handling import ArrayAccess
from pmax.adapters.rest.jobs import Jobs
from pmax.adapters.rest.loads import RestLoadReader
from pmax.adapters.rest.masking import RestMaskingReader
from pmax.adapters.rest.replication import RestReplicationReader
from pmax.adapters.rest.resources import Resources
from pmax.adapters.rest.retry import RetryPolicy
from pmax.adapters.rest.servers import Server
from pmax.adapters.rest.snapshots import RestSnapshotReader
from pmax.adapters.rest.storage_groups import RestStorageGroupReader
from pmax.adapters.rest.surveys import RestSurveyReader
from pmax.adapters.rest.transport import Transport
from pmax.adapters.rest.volumes import RestVolumeReader
from pmax.domain.settings import Settings, UnisphereServer
from pmax.ports.array_commands import ArrayCommands
from pmax.ports.readers import Readers
from pmax.ports.runtime import Clock, EventSink


@attrs.frozen(kw_only=True)
class Unisphere:
    """The ports to the arrays behind one or several Unisphere servers.

    Attributes:
        readers: all reading ports.
        commands: the one that changes arrays.
        client: below both.
    """

    readers: Readers
    commands: ArrayCommands
    client: Client

    def close(self) -> None:
        """Close every connection."""
        self.client.close()


def connect(settings: Settings, clock: Clock, events: EventSink, http_adapter: BaseAdapter | None = None) -> Unisphere:
    """Prepare to speak with Unisphere; nothing is sent yet.

    Args:
        settings: servers, time-outs, limits.
        clock: does all waiting.
        events: is told of each call.
        http_adapter: carries the requests instead of the network, for a simulator in this process.

    Raises:
        InvalidRequest: a CA file cannot be used.
    """
    client = _client(settings, clock, events, http_adapter)
    resources = Resources(client, make_structurer())
    arrays = RestArrayReader(resources, clock)
    volumes = RestVolumeReader(resources)
    storage_groups = RestStorageGroupReader(resources)
    masking = RestMaskingReader(resources, clock, settings.cache_age_s)
    snapshots = RestSnapshotReader(resources)
    replication = RestReplicationReader(resources, clock, settings.cache_age_s)
    jobs = Jobs(resources=resources, clock=clock, interval_s=settings.job_interval_s, retries=settings.job_retries)
    access = ArrayAccess(
        resources=resources,
        jobs=jobs,
        arrays=arrays,
        volumes=volumes,
        storage_groups=storage_groups,
        masking=masking,
        snapshots=snapshots,
        replication=replication,
        clock=clock,
        operation_timeout_s=settings.operation_timeout_s,
    )
    return Unisphere(
        readers=Readers(
            arrays=arrays,
            volumes=volumes,
            storage_groups=storage_groups,
            masking=masking,
            snapshots=snapshots,
            loads=RestLoadReader(resources),
            surveys=RestSurveyReader(resources),
            replication=replication,
        ),
        commands=RestArrayCommands(access),
        client=client,
    )


def _client(settings: Settings, clock: Clock, events: EventSink, http_adapter: BaseAdapter | None) -> Client:
    patience = Patience(
        timeouts=settings.timeouts,
        policy=RetryPolicy(retries=settings.retries, backoff_factor_s=settings.backoff_factor_s),
        operation_timeout_s=settings.operation_timeout_s,
        comes_back=settings.comes_back,
    )
    servers = tuple(_server(index, server, settings, http_adapter) for index, server in enumerate(settings.servers))
    return Client(servers, patience, clock, events)


def _gate_directory(settings: Settings) -> Path | None:
    return None if settings.gate_directory is None else Path(settings.gate_directory)


def _server(index: int, server: UnisphereServer, settings: Settings, http_adapter: BaseAdapter | None) -> Server:
    # What does not go over the network is a server of its own, however it is called.
    identity: Hashable = (server.endpoint, http_adapter)
    slots = (settings.read_slots, settings.write_slots)
    return Server(
        index=index,
        transport=Transport(server, sum(slots), http_adapter),
        gate=shared_gate(identity, server.endpoint, *slots, None if http_adapter else _gate_directory(settings)),
    )
