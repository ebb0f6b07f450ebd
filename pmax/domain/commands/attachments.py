"""Letting hosts see volumes, and taking volumes away from them."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from pmax.domain.commands.base import Command
from pmax.domain.masking import Connection, Connector
from pmax.domain.policies import VolumePolicy
from pmax.domain.volumes import VolumeTarget


@attrs.frozen(kw_only=True)
class Attachment:
    """Result of `AttachVolume`.

    Attributes:
        target: the volume.
        masking_view: the view through which the host sees it.
        port_group: the port group of that view.
        connections: the paths as the array reports them.
        was_attached: True when the host saw the volume already.
        connection_info: what the protocol tells the host: `driver_volume_type` and `data`. CHAP credentials are in it,
            so it shows itself without them.
    """

    target: VolumeTarget
    masking_view: str
    port_group: str
    connections: tuple[Connection, ...]
    was_attached: bool
    connection_info: Mapping[str, object] = attrs.field(repr=lambda info: repr(_without_secrets(info)))

    def without_secrets(self) -> Attachment:
        """The same for those who only listen."""
        return attrs.evolve(self, connection_info=_without_secrets(self.connection_info))

    @property
    def lun(self) -> int:
        """Logical unit number, the same on all paths of a view."""
        return self.connections[0].lun


def _without_secrets(info: Mapping[str, object]) -> dict[str, object]:
    """What a host is told, with stars in the place of passwords."""
    return {
        key: "***" if "password" in key else _without_secrets(value) if isinstance(value, Mapping) else value
        for key, value in info.items()
    }


@attrs.frozen(kw_only=True)
class AttachVolume(Command[Attachment]):
    """Let a compute host see a volume.

    Attributes:
        target: which volume.
        connector: what the host says about itself.
        protocol: name of a registered protocol (`iscsi`, `fc`…).
        policy: of the volume, for the storage group that it gets on the host.
        volume_key: the caller's own id of the volume, for what the host is told; "" takes the device id.
        other_hosts: hosts that see the volume already, as far as the caller knows. It saves calls; nothing is believed
            of it that the array does not confirm.
        other_side: of a replicated volume, as far as the caller knows; believed only of a device that carries the
            volume's identifier and is paired. None to ask the array.
    """

    target: VolumeTarget
    connector: Connector
    protocol: str
    policy: VolumePolicy
    volume_key: str = ""
    other_hosts: tuple[str, ...] = ()
    other_side: VolumeTarget | None = None


@attrs.frozen(kw_only=True)
class Detachment:
    """Result of `DetachVolume`.

    Attributes:
        target: the volume.
        was_attached: False when no view showed it to the host, so nothing had to be done.
        disconnection_info: what the protocol tells the caller: zoning data when the host has no view left on these
            ports, else empty `data`.
    """

    target: VolumeTarget
    was_attached: bool
    disconnection_info: Mapping[str, object]


@attrs.frozen(kw_only=True)
class DetachVolume(Command[Detachment]):
    """Take a volume away from a compute host, or from every host.

    Attributes:
        target: which volume.
        connector: the host; None takes the volume away from every host.
        protocol: name of a registered protocol.
        policy: of the volume, for the storage group to which it returns.
        other_hosts: hosts that go on seeing the volume, as far as the caller knows. It saves calls; nothing is
            believed of it that the array does not confirm.
        other_side: as of `AttachVolume`.
    """

    target: VolumeTarget
    connector: Connector | None
    protocol: str
    policy: VolumePolicy
    other_hosts: tuple[str, ...] = ()
    other_side: VolumeTarget | None = None
