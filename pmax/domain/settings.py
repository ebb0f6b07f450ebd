"""Every limit, time-out and name template, with the unit in the name.

Values only: reading them from a file is the business of `adapters.options`.
"""

from __future__ import annotations

import attrs

from pmax.domain.identifiers import ArrayId
from pmax.domain.load_balancing import LoadBalancing
from pmax.domain.naming import NamePolicy
from pmax.domain.replication_devices import ReplicationDevice


@attrs.frozen(repr=False)
class Secret:
    """A password. It shows itself only to who asks for it by name."""

    reveal: str

    def __repr__(self) -> str:
        return "Secret('***')"

    __str__ = __repr__


@attrs.frozen(kw_only=True)
class UnisphereServer:
    """One Unisphere server.

    Attributes:
        host: name or address.
        port: TCP port.
        username: who logs in.
        password: never shown.
        verify: True to check the certificate against the system's authorities, a path to check it against that CA
            file or directory, False to check nothing.
        scheme: `https`; `http` only ever for a simulator on this machine.
    """

    host: str
    username: str
    password: Secret
    port: int = 8443
    verify: bool | str = True
    scheme: str = "https"

    @property
    def endpoint(self) -> str:
        """Host and port, for messages."""
        return f"{self.host}:{self.port}"


@attrs.frozen(kw_only=True)
class Timeouts:
    """How long to wait for one call, by its class.

    Attributes:
        connect_s: for the connection.
        read_s: for the answer to a GET.
        write_s: for the answer to a change that the array carries out before it answers.
    """

    connect_s: float = 30.0
    read_s: float = 30.0
    write_s: float = 300.0


@attrs.frozen(kw_only=True)
class Chap:
    """One-way CHAP credentials that iSCSI hosts are told to use."""

    username: str
    password: Secret


@attrs.frozen
class OriginalPlace:
    """Where a backend that is failed over was before.

    Attributes:
        srp: storage resource pool.
        array_id: serial of the array.
    """

    srp: str
    array_id: ArrayId


@attrs.frozen(kw_only=True)
class Settings:
    """Everything that can be configured about one backend.

    Attributes:
        array_id: serial of the array.
        srp: storage resource pool for new volumes.
        servers: Unisphere servers, the preferred one first.
        service_level: for volumes whose type names no pool; None for none.
        workload: likewise.
        port_groups: from which new masking views choose.
        names: templates of object names.
        timeouts: per call.
        operation_timeout_s: for one operation as a whole.
        job_interval_s: longest pause between two polls of an asynchronous job.
        job_retries: how many such pauses before the job counts as hung.
        read_slots: reads in flight at a time to one Unisphere.
        write_slots: writes in flight at a time to one Unisphere.
        retries: how often a call that surely had no effect is sent again.
        backoff_factor_s: pause before the first retry; it doubles each time.
        comes_back: whether the first Unisphere is used again once it answers, after another has stood in for it.
        gate_directory: where the processes of this machine count the calls that are open to a Unisphere; None counts
            those of this process only.
        cache_age_s: how long port-group members and ports are believed without asking again.
        settle_timeout_s: how long a LUN address may take to appear.
        initiator_check: whether an initiator group must hold exactly the connector's initiators.
        snapshot_unlink_limit: links of one source that may be unlinked to make room.
        load_balancing: how port groups are compared; None chooses without looking at their load.
        chap: None when CHAP is off.
        journal_directory: where unfinished operations are remembered; None keeps them in memory only.
        coordination_url: tooz backend for locks, which may hold a password; None for files of this machine.
        replication_devices: to which arrays volumes are replicated, and how; at most one for each mode.
        failed_over_from: where the backend is usually; None unless it is failed over.
        blocked_plugins: entry-point names that are not loaded.
    """

    array_id: ArrayId
    srp: str
    servers: tuple[UnisphereServer, ...]
    service_level: str | None = None
    workload: str | None = None
    port_groups: tuple[str, ...] = ()
    names: NamePolicy = attrs.field(factory=NamePolicy)
    timeouts: Timeouts = attrs.field(factory=Timeouts)
    operation_timeout_s: float = 900.0
    job_interval_s: float = 3.0
    job_retries: int = 200
    read_slots: int = 5
    write_slots: int = 4
    retries: int = 3
    backoff_factor_s: float = 1.0
    comes_back: bool = True
    gate_directory: str | None = None
    cache_age_s: float = 60.0
    settle_timeout_s: float = 60.0
    initiator_check: bool = False
    snapshot_unlink_limit: int = 3
    load_balancing: LoadBalancing | None = None
    chap: Chap | None = None
    journal_directory: str | None = None
    coordination_url: Secret | None = None
    replication_devices: tuple[ReplicationDevice, ...] = ()
    failed_over_from: OriginalPlace | None = None
    blocked_plugins: tuple[str, ...] = ()

    def on_other_array(self, device: ReplicationDevice) -> Settings:
        """The settings while the backend is failed over to the array of a replication device."""
        return attrs.evolve(
            self,
            array_id=device.target_array_id,
            srp=device.remote_srp,
            port_groups=(device.remote_port_group,),
            failed_over_from=OriginalPlace(self.srp, self.array_id),
        )

    @property
    def equivalent_pools(self) -> frozenset[tuple[str, ArrayId]]:
        """Pools of other arrays that types may name as if they were this backend's own."""
        place = self.failed_over_from
        pools = {(device.remote_srp, device.target_array_id) for device in self.replication_devices}
        return frozenset(pools | ({(place.srp, place.array_id)} if place else set()))
