"""What `pmax masking view verify` looks at: can the host of a view reach every volume behind it?

Each check is a small function that yields findings; what is wrong comes with its remedy.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pmax.adapters.cli.findings import Finding, State
from pmax.adapters.cli.host_views import initiators_of, logged_in_ports, ports_of
from pmax.adapters.cli.surveyor import Surveyor
from pmax.domain.identifiers import DeviceId
from pmax.domain.masking import MaskingView
from pmax.domain.wording import counted

#: How many devices one finding names.
_NAMED_DEVICES: Final = 8


def examine_view(surveyor: Surveyor, view: MaskingView) -> Iterator[Finding]:
    """Check initiators, ports and LUN addresses of a view; at least one finding for each."""
    yield from check_initiators(surveyor, view)
    yield from check_ports(surveyor, view)
    yield from check_volumes(surveyor, view)


def check_initiators(surveyor: Surveyor, view: MaskingView) -> Iterator[Finding]:
    """A view needs initiators; one that is not logged in is a warning, since a host may be down on purpose."""
    names = initiators_of(surveyor, view)
    if not names and view.initiator_group is None:
        what = f"no path leads to host group {view.host_group}"
        yield Finding("initiators", State.FAILED, what, "add hosts with initiators to it in Unisphere")
        return
    if not names:
        remedy = "add the initiators of the host to it in Unisphere, or delete the view if the host is gone"
        yield Finding("initiators", State.FAILED, f"initiator group {view.initiator_group} is empty", remedy)
        return
    ports = ports_of(surveyor, view.port_group)
    absent = [name for name in names if not logged_in_ports(surveyor, name, ports)]
    for name in absent:
        remedy = "check that the host is up, and its zoning or its iSCSI sessions to these ports"
        what = f"{name} is not logged in on any port of {view.port_group}"
        yield Finding("initiators", State.WARNING, what, remedy)
    if not absent:
        yield Finding("initiators", State.FINE, f"{counted(len(names), 'initiator')}, each logged in")


def check_ports(surveyor: Surveyor, view: MaskingView) -> Iterator[Finding]:
    """Every port must be online: each that is not takes paths away."""
    keys = ports_of(surveyor, view.port_group)
    if not keys:
        remedy = "add ports to it in Unisphere"
        yield Finding("ports", State.FAILED, f"port group {view.port_group} has no port", remedy)
        return
    found = {key: surveyor.port(key) for key in keys}
    for key, port in found.items():
        remedy = f"bring it online in Unisphere, or take it out of port group {view.port_group}"
        if port is None:
            yield Finding("ports", State.FAILED, f"the array has no port {key}", remedy)
        elif not port.is_online:
            yield Finding("ports", State.FAILED, f"port {key} is offline", remedy)
    if all(port is not None and port.is_online for port in found.values()):
        names = ", ".join(map(str, keys))
        yield Finding("ports", State.FINE, f"{counted(len(keys), 'port')} online: {names}")


def check_volumes(surveyor: Surveyor, view: MaskingView) -> Iterator[Finding]:
    """Every volume of the group must have a LUN address; the group is listed only if their numbers differ."""
    group = surveyor.group(view.storage_group)
    shown = surveyor.connections(view.name)
    if not group.volume_count and not shown:
        remedy = "delete the view if it is not wanted any more, or put volumes into the group"
        yield Finding("volumes", State.FAILED, f"storage group {group.name} is empty", remedy)
        return
    missing = () if group.volume_count == len(shown) else _without_address(surveyor, group.name, frozenset(shown))
    if not missing:
        yield Finding("volumes", State.FINE, f"{counted(len(shown), 'volume')} with LUN addresses")
        return
    named = ", ".join(missing[:_NAMED_DEVICES]) + (" …" if len(missing) > _NAMED_DEVICES else "")
    what = f"{counted(len(missing), 'volume')} without LUN address: {named}"
    yield Finding("volumes", State.FAILED, what, "verify again in a minute; if it stays so, detach and attach again")


def _without_address(surveyor: Surveyor, group: str, shown: frozenset[DeviceId]) -> tuple[DeviceId, ...]:
    return tuple(device for device in surveyor.devices(group) if device not in shown)
