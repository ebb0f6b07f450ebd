"""What the command line says about a compute host, and what the array knows about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import attrs

from pmax.adapters.cli.refusals import WrongUsage
from pmax.adapters.cli.surveyor import Surveyor
from pmax.domain.identifiers import ArrayId, iqn, wwn
from pmax.domain.masking import MaskingView
from pmax.domain.naming import NamePolicy
from pmax.plugins.protocols import HostProtocol
from pmax.ports.masking import MaskingReader

_ISCSI: Final = "iscsi"
_FIBRE_CHANNEL: Final = "fc"


@attrs.frozen(kw_only=True)
class HostOptions:
    """Options about a host, as they were given.

    Attributes:
        protocol: name of a protocol; None if it was not given.
        initiator: iSCSI name.
        wwpns: FC ports.
        properties: `KEY=VALUE` for other protocols.
    """

    protocol: str | None = None
    initiator: str | None = None
    wwpns: tuple[str, ...] = ()
    properties: tuple[str, ...] = ()

    def told_protocol(self) -> str | None:
        """The protocol that was given, or the one that the initiators tell.

        Raises:
            WrongUsage: they contradict each other.
        """
        told = {_ISCSI: bool(self.initiator), _FIBRE_CHANNEL: bool(self.wwpns)}
        names = {name for name, is_told in told.items() if is_told} | ({self.protocol} if self.protocol else set())
        if len(names) > 1:
            remedy = "give --initiator for iscsi, --wwpn for fc, and call twice for a host that has both"
            raise WrongUsage(f"the options tell of {' and '.join(sorted(names))} at once", remedy)
        return next(iter(names), None)

    def connector_properties(self) -> dict[str, object]:
        """What the host says about itself, under the keys of os-brick; checked.

        Raises:
            InvalidRequest: an initiator cannot be one.
            WrongUsage: a property is not written as it should be.
        """
        properties: dict[str, object] = {}
        for text in self.properties:
            key, separator, value = text.partition("=")
            if not key or not separator:
                raise WrongUsage(f"property {text!r} has no value", "write --property KEY=VALUE")
            properties[key] = value
        if self.initiator:
            properties["initiator"] = iqn(self.initiator)
        if self.wwpns:
            properties["wwpns"] = [wwn(name) for name in self.wwpns]
        return properties

    @staticmethod
    def of_known(protocol: str, initiators: tuple[str, ...]) -> Mapping[str, object]:
        """What a host would say about itself whose initiators the array knows; empty for protocols of plugins."""
        if protocol == _ISCSI and initiators:
            return {"initiator": initiators[0]}
        return {"wwpns": list(initiators)} if protocol == _FIBRE_CHANNEL and initiators else {}


def known_initiators(reader: MaskingReader, array_id: ArrayId, groups: Iterable[str]) -> tuple[str, ...]:
    """Members of the first of these initiator groups that exists; empty if none does."""
    for name in groups:
        group = reader.find_initiator_group(array_id, name)
        if group is not None:
            return tuple(sorted(group.initiators))
    return ()


def known_host_names(
    name: str, surveyor: Surveyor, protocols: Iterable[HostProtocol], names: NamePolicy
) -> tuple[str, ...]:
    """Initiator groups that a name means: the one of this name, or those that a compute host of this name has.

    Args:
        name: of an initiator group or of a compute host.
        surveyor: reads the array.
        protocols: all that are registered.
        names: how hosts are abbreviated.

    Returns:
        One for each protocol that the host uses, which is rarely more than one; empty if there is none.
    """
    if surveyor.host(name) is not None:
        return (name,)
    present = frozenset(surveyor.all_hosts())
    wanted = (group for protocol in protocols for group in names.known_initiator_groups(name, protocol.letter))
    return tuple(dict.fromkeys(group for group in wanted if group in present))


@attrs.frozen
class Way:
    """How a host sees a volume.

    Attributes:
        protocol: name of the protocol.
        port_group: of the view; None if no view is known.
    """

    protocol: str
    port_group: str | None = None


def way_to(host: str | None, views: Iterable[MaskingView], protocols: Iterable[HostProtocol], names: NamePolicy) -> Way:
    """How a host sees a volume, as the names of the views that show it tell.

    Args:
        host: its name; None for any host.
        views: that show the volume.
        protocols: all that are registered.
        names: how hosts are abbreviated.

    Returns:
        The first that fits; iSCSI when none does, where it makes no difference.
    """
    known = tuple(protocols)
    labels = frozenset(names.known_host_labels(host)) if host else None
    for view in views:
        for protocol in known:
            found = names.host_names_of(view.name, protocol.letter, view.port_group)
            if found is not None and (labels is None or found.host_label in labels):
                return Way(protocol.name, view.port_group)
    return Way(_ISCSI)
