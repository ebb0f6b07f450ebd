"""What a compute host says about itself (Cinder's connector) → Connector, and whether two of them are one host."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cinder import objects

from pmax.domain.errors import InvalidRequest
from pmax.domain.masking import Connector


def parse_connector(connector: Mapping[str, Any]) -> Connector:
    """Read a connector as os-brick makes it.

    Returns:
        `host` and `multipath` as fields, everything else as properties for the protocol plugin.

    Raises:
        InvalidRequest: it names no host.
    """
    host = connector.get("host")
    if not isinstance(host, str) or not host.strip():
        raise InvalidRequest("connector", sorted(connector), "it needs the key `host`, the name of the compute host")
    return Connector(
        host=host.strip(),
        is_multipath=bool(connector.get("multipath")),
        properties={key: value for key, value in connector.items() if key not in {"host", "multipath"}},
    )


def is_same_host(one: str, other: str) -> bool:
    """Whether two names mean one compute host.

    Names are compared whole and without case. A short name means the host of that name in whatever domain, since Cinder
    may have seen one host by both; two full names in different domains are two hosts.
    """
    one, other = one.strip().rstrip(".").lower(), other.strip().rstrip(".").lower()
    if "." in one and "." in other:
        return one == other
    return one.partition(".")[0] == other.partition(".")[0]


def attachments_on_host(
    attachments: Iterable[objects.VolumeAttachment], host: str
) -> tuple[objects.VolumeAttachment, ...]:
    """Those of a volume's attachments that are on one compute host, by the connectors that Cinder stored.

    Args:
        attachments: all of the volume; those that were only reserved have no connector.
        host: as a connector names it.
    """
    named = ((each, _host_of(each)) for each in attachments)
    return tuple(each for each, name in named if name and is_same_host(name, host))


def other_hosts(attachments: Iterable[objects.VolumeAttachment], host: str | None) -> tuple[str, ...]:
    """The hosts to which a volume is attached, besides one.

    Args:
        attachments: all of the volume.
        host: the one to leave out, as a connector names it; None for none.
    """
    names = dict.fromkeys(name for name in map(_host_of, attachments) if name)
    return tuple(name for name in names if host is None or not is_same_host(name, host))


def _host_of(attachment: objects.VolumeAttachment) -> str | None:
    name = (attachment.connector or {}).get("host")
    return str(name) if name else None
