"""The records of an array that masking is made of: ports, port groups, initiators, hosts, views, LUN addresses."""

from enum import StrEnum

import attrs

from pmax.simulator.pace import Progress


class Protocol(StrEnum):
    """What a port or an initiator speaks; the value is the `type` that hosts and initiators report."""

    FIBRE = "Fibre"
    ISCSI = "iSCSI"
    NVME_TCP = "NVMe_TCP"


class PortKind(StrEnum):
    """What a director port is."""

    FIBRE = "fibre"
    ISCSI_ENDPOINT = "iscsi endpoint"
    ISCSI_PHYSICAL = "iscsi physical"
    NVME_ENDPOINT = "nvme endpoint"
    RDF = "rdf"


@attrs.frozen(kw_only=True)
class Director:
    """A director.

    Attributes:
        director_id: such as `FA-1D`.
        is_online: what ports report as their director's status.
    """

    director_id: str
    number: int
    slot: int
    cores: int = 7
    is_online: bool = True


@attrs.frozen(kw_only=True)
class Port:
    """A port of a director, physical or virtual.

    Attributes:
        director_id: such as `FA-1D`.
        number: within the director.
        identifier: WWN, IQN or NQN; empty for a physical Ethernet port.
        ip_addresses: of an endpoint; on a physical port, those that its endpoints are reached through.
        network_id: of an endpoint.
    """

    director_id: str
    number: int
    kind: PortKind
    identifier: str = ""
    ip_addresses: tuple[str, ...] = ()
    network_id: int = 0
    is_online: bool = True

    @property
    def name(self) -> str:
        """The port as `director:number`."""
        return f"{self.director_id}:{self.number}"

    @property
    def protocol(self) -> Protocol | None:
        """What hosts speak to it; None if no host can be zoned to it."""
        return _PROTOCOLS.get(self.kind)


_PROTOCOLS = {
    PortKind.FIBRE: Protocol.FIBRE,
    PortKind.ISCSI_ENDPOINT: Protocol.ISCSI,
    PortKind.NVME_ENDPOINT: Protocol.NVME_TCP,
}


@attrs.frozen(kw_only=True)
class PortGroup:
    """A port group.

    Attributes:
        ports: `director:number`, in the order in which they were added.
        protocol: None for an empty group that was given none.
    """

    name: str
    ports: tuple[str, ...] = ()
    protocol: Protocol | None = None


@attrs.frozen(kw_only=True)
class Login:
    """That an initiator has reached a port: an entry of the port's login history.

    Attributes:
        port: `director:number`.
        is_logged_in: now, not only once.
    """

    port: str
    is_logged_in: bool = True
    is_on_fabric: bool = True


@attrs.frozen(kw_only=True)
class Initiator:
    """An initiator that logged in, or that a host names.

    Attributes:
        initiator_id: WWN in lower case, IQN in lower case, or `nqn…:HOSTID`.
        logins: empty if it never logged in (rule 34).
        node_name: first half of its alias.
        port_name: second half of its alias.
        enabled_flags: overridden and on.
        disabled_flags: overridden and off.
    """

    initiator_id: str
    protocol: Protocol
    logins: tuple[Login, ...] = ()
    node_name: str = ""
    port_name: str = ""
    fcid: str = ""
    ip_address: str = ""
    enabled_flags: tuple[str, ...] = ()
    disabled_flags: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class Host:
    """A host: an initiator group.

    Attributes:
        initiators: in the order in which they were added; each in at most one host (rule 33).
        bandwidth_limit: in MB/s, 0 without one.
    """

    name: str
    initiators: tuple[str, ...] = ()
    enabled_flags: tuple[str, ...] = ()
    disabled_flags: tuple[str, ...] = ()
    has_consistent_lun: bool = False
    bandwidth_limit: int = 0


@attrs.frozen(kw_only=True)
class HostGroup:
    """A group of hosts: a cascaded initiator group."""

    name: str
    hosts: tuple[str, ...] = ()
    enabled_flags: tuple[str, ...] = ()
    disabled_flags: tuple[str, ...] = ()
    has_consistent_lun: bool = False


@attrs.frozen(kw_only=True)
class MaskingView:
    """A masking view; exactly one of `host` and `host_group` is set."""

    name: str
    storage_group: str
    port_group: str
    host: str | None = None
    host_group: str | None = None

    @property
    def combination(self) -> tuple[str | None, str | None, str, str]:
        """What no two views may share (rule 39)."""
        return (self.host, self.host_group, self.port_group, self.storage_group)


@attrs.frozen(kw_only=True)
class LunAddress:
    """The host LUN address of a volume in a view, the same on all of its paths.

    Attributes:
        settling: until it is done, connections of the view do not show the volume; None if they do.
    """

    masking_view: str
    volume_id: str
    address: int
    settling: Progress | None = None

    @property
    def key(self) -> str:
        """Identifies it on the array."""
        return lun_key(self.masking_view, self.volume_id)


def lun_key(masking_view: str, volume_id: str) -> str:
    """Return the key of the address of a volume in a view."""
    return f"{masking_view}/{volume_id}"


def volume_of_lun_key(key: str) -> str:
    """Return the volume that a key of an address is about."""
    return key.rpartition("/")[2]
