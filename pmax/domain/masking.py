"""Who sees what: initiators, initiator groups, ports, port groups, masking views, LUN addresses.

"Host" is what Unisphere calls an initiator group; here it always says `initiator_group`.
"""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from pmax.domain.identifiers import ArrayId, DeviceId


@attrs.frozen(order=True)
class PortKey:
    """A director port, such as `FA-1D:4`.

    Attributes:
        director: `FA-1D`, `SE-4E`, `OR-1C`…
        port: its number on the director, without the director ("4").
    """

    director: str
    port: str

    def __str__(self) -> str:
        return f"{self.director}:{self.port}"


@attrs.frozen(kw_only=True)
class DirectorPort:
    """A front-end port.

    Attributes:
        key: director and number.
        identifier: WWN of an FC port, IQN of an iSCSI target…; "" if it has none.
        ip_addresses: of an endpoint that hosts reach over IP, without prefix length.
        is_online: both the director and the port are up.
        tcp_port: where the endpoint listens; None where the service does not say.
    """

    key: PortKey
    identifier: str
    ip_addresses: tuple[str, ...] = ()
    is_online: bool = True
    tcp_port: int | None = None


@attrs.frozen(kw_only=True)
class PortGroup:
    """Ports through which a masking view shows its volumes.

    Attributes:
        array_id: serial of the array.
        name: unique on the array.
        ports: in the order in which the service lists them.
        protocol: the service's own word (`SCSI_FC`, `iSCSI`, `Fibre`…); None where it does not say.
        masking_views: views that use it.
    """

    array_id: ArrayId
    name: str
    ports: tuple[PortKey, ...]
    protocol: str | None = None
    masking_views: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class InitiatorGroup:
    """Initiators of one compute host.

    Attributes:
        array_id: serial of the array.
        name: unique on the array.
        initiators: WWPNs in lower case, IQNs and NQNs as the array keeps them.
        masking_views: views that use it.
        protocol: the service's own word (`Fibre`, `iSCSI`…); None where it does not say.
        host_groups: number of host groups that hold it.
    """

    array_id: ArrayId
    name: str
    initiators: frozenset[str]
    masking_views: tuple[str, ...] = ()
    protocol: str | None = None
    host_groups: int = 0

    def holds_exactly(self, initiators: frozenset[str]) -> bool:
        """Whether its members are these and no others, compared without case (the array keeps WWPNs in lower case)."""
        return {name.lower() for name in self.initiators} == {name.lower() for name in initiators}


@attrs.frozen(kw_only=True)
class Initiator:
    """An initiator in the login table of the array.

    Attributes:
        name: WWPN, IQN or NQN.
        initiator_group: the group that holds it; None if it is in none.
        port: where this entry was seen; an initiator has one entry for each port on which it logged in.
        is_logged_in: at this moment.
    """

    name: str
    initiator_group: str | None
    port: PortKey | None = None
    is_logged_in: bool = False


@attrs.frozen(kw_only=True)
class Login:
    """An initiator on one port, as the whole login table lists it; which group holds it, only `Initiator` says.

    Attributes:
        name: WWPN, IQN or NQN.
        port: where it logged in at some time.
        is_logged_in: at this moment.
    """

    name: str
    port: PortKey
    is_logged_in: bool


@attrs.frozen(kw_only=True)
class MaskingView:
    """Shows the volumes of a storage group to an initiator group through a port group. Its parts never change.

    Attributes:
        array_id: serial of the array.
        name: unique on the array.
        storage_group: a parent or a standalone group.
        port_group: name of the port group.
        initiator_group: None when the view is for a host group.
        host_group: None when the view is for a single initiator group.
    """

    array_id: ArrayId
    name: str
    storage_group: str
    port_group: str
    initiator_group: str | None = None
    host_group: str | None = None


@attrs.frozen(kw_only=True)
class Connection:
    """One path: a volume, seen by one initiator through one port, under one LUN.

    Attributes:
        device_id: the volume.
        lun: logical unit number.
        initiator: WWPN, IQN or NQN.
        port: director port.
        is_logged_in: whether the initiator is logged in on that port; None where the service does not say.
    """

    device_id: DeviceId
    lun: int
    initiator: str
    port: PortKey
    is_logged_in: bool | None = None


@attrs.frozen(kw_only=True)
class Connector:
    """What a compute host says about itself when it wants a volume.

    Attributes:
        host: its name, as it gives it (short or fully qualified).
        is_multipath: whether it will use more than one path.
        properties: everything else it said (`initiator`, `wwpns`…); protocol plugins know the keys.
    """

    host: str
    is_multipath: bool = False
    properties: Mapping[str, object] = attrs.field(factory=dict)

    def __hash__(self) -> int:
        return hash((self.host, self.is_multipath))
