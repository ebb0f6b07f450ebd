"""What hosts, ports and masking views have in common when they are shown: login states, port states, LUNs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from pmax.adapters.cli.columns import Told
from pmax.adapters.cli.drawing import online
from pmax.adapters.cli.surveyor import Surveyor
from pmax.domain.identifiers import DeviceId
from pmax.domain.masking import Connection, MaskingView, PortKey
from pmax.domain.wording import counted

#: How many volumes people see; programs get all of them.
_SHOWN_VOLUMES: Final = 50


def logged_in_ports(surveyor: Surveyor, initiator: str, among: Iterable[PortKey] | None = None) -> tuple[PortKey, ...]:
    """The ports on which an initiator is logged in at this moment, sorted; all of them or those among some."""
    wanted = None if among is None else frozenset(among)
    logins = (login for login in surveyor.logins(initiator) if login.is_logged_in)
    return tuple(sorted(login.port for login in logins if wanted is None or login.port in wanted))


def initiators_of(surveyor: Surveyor, view: MaskingView) -> tuple[str, ...]:
    """The initiators that a view shows its volumes to, sorted.

    Those of a host group are told by the paths of the view: no reader lists its members.
    """
    if view.initiator_group is not None:
        host = surveyor.host(view.initiator_group)
        return tuple(sorted(host.initiators)) if host else ()
    paths = surveyor.connections(view.name).values()
    return tuple(sorted({path.initiator for each in paths for path in each}))


def ports_of(surveyor: Surveyor, port_group: str) -> tuple[PortKey, ...]:
    """The ports of a port group; none if there is no such group."""
    group = surveyor.port_group(port_group)
    return group.ports if group else ()


def told_initiators(surveyor: Surveyor, names: Iterable[str], among: Iterable[PortKey] | None = None) -> Told:
    """Initiators with the ports on which they are logged in, all or those among some."""
    wanted = None if among is None else tuple(among)
    found = {name: [str(port) for port in logged_in_ports(surveyor, name, wanted)] for name in names}
    data = [{"name": name, "is_logged_in": bool(ports), "logged_in_on": ports} for name, ports in found.items()]
    lines = (f"{name}  " + (f"on {', '.join(ports)}" if ports else "not logged in") for name, ports in found.items())
    return Told(data, "\n".join(lines))


def told_ports(surveyor: Surveyor, keys: Iterable[PortKey]) -> Told:
    """Ports with their state and address; a port that the array does not have has no state."""
    found = [(key, surveyor.port(key)) for key in keys]
    data = [
        {
            "port": str(key),
            "is_online": port.is_online if port else None,
            "identifier": port.identifier if port else None,
            "ip_addresses": list(port.ip_addresses) if port else [],
        }
        for key, port in found
    ]
    lines = [
        f"{key}  {online(port and port.is_online)}  "
        + (", ".join(port.ip_addresses) or port.identifier if port else "")
        for key, port in found
    ]
    return Told(data, "\n".join(line.rstrip() for line in lines))


def told_volumes(views: Mapping[str, Mapping[DeviceId, tuple[Connection, ...]]]) -> Told:
    """Volumes with their LUNs.

    Args:
        views: paths by volume, by the name of the view.
    """
    found = [
        (view, device, paths)
        for view, volumes in views.items()
        for device, paths in sorted(volumes.items(), key=lambda each: (each[1][0].lun, each[0]))
    ]
    rows = [
        {"device_id": device, "lun": paths[0].lun, "masking_view": view, "paths": len(paths)}
        for view, device, paths in found
    ]
    lines = [
        f"{device} as LUN {paths[0].lun} ({counted(len(paths), 'path')}"
        + (f", view {view})" if len(views) > 1 else ")")
        for view, device, paths in found[:_SHOWN_VOLUMES]
    ]
    if len(found) > _SHOWN_VOLUMES:
        lines.append(f"… and {len(found) - _SHOWN_VOLUMES:,} more volumes")
    return Told(rows, "\n".join(lines))
