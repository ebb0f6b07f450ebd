"""Host LUN addresses: given when a volume comes into a view, kept while it stays, gone when it leaves.

An address is the same on all paths of a view. On an array it may differ from port to port unless the host asks for
consistent ones; the first address that is free on every path is a possible outcome of both (rule 44, assumed).
"""

from collections.abc import Iterable

from pmax.simulator.refusals import ArrayRefused
from pmax.simulator.rules.groups import views_of_groups, volume_ids
from pmax.simulator.state.masking_records import LunAddress, MaskingView, lun_key
from pmax.simulator.state.transaction import ArrayTables

FIRST_ADDRESS = 1
"""0 is often the access-control device (reference section 6.12, inferred)."""

LAST_ADDRESS = 0xFFFF


def hosts_of_view(array: ArrayTables, view: MaskingView) -> tuple[str, ...]:
    """Return the hosts that a view shows volumes to."""
    if view.host is not None:
        return (view.host,)
    return array.host_groups.get(view.host_group or "").hosts


def initiators_of_view(array: ArrayTables, view: MaskingView) -> tuple[str, ...]:
    """Return the initiators that a view shows volumes to, host by host."""
    return tuple(initiator for host in hosts_of_view(array, view) for initiator in array.hosts.get(host).initiators)


def views_of_volume(array: ArrayTables, volume_id: str) -> list[MaskingView]:
    """Return the views that show a volume, by name."""
    return views_of_groups(array, array.volumes.get(volume_id).storage_groups)


def ports_of_volume(array: ArrayTables, volume_id: str) -> list[str]:
    """Return the ports that show a volume, as `director:number`, each once."""
    views = array.lun_addresses.where("volume", volume_id)
    groups = {array.masking_views.get(address.masking_view).port_group for address in views}
    return sorted({port for name in groups for port in array.port_groups.get(name).ports})


def refresh_volumes(array: ArrayTables, ids: Iterable[str], first_address: int | None = None) -> None:
    """Give addresses to volumes that came into a view and take them from those that left one.

    A volume that moved between groups of the same view keeps its address (rules 14 and 45).

    Args:
        array: where.
        ids: of the volumes whose groups changed.
        first_address: where to look for free addresses first, for `starting_lun_address`.
    """
    spaces: dict[str, _AddressSpace] = {}
    for volume_id in ids:
        views = {view.name: view for view in views_of_volume(array, volume_id)}
        for address in array.lun_addresses.where("volume", volume_id):
            if address.masking_view not in views:
                array.lun_addresses.delete(address.key)
        for name in [name for name in views if lun_key(name, volume_id) not in array.lun_addresses]:
            if name not in spaces:
                spaces[name] = _AddressSpace(array, views[name], first_address or FIRST_ADDRESS)
            address = LunAddress(masking_view=name, volume_id=volume_id, address=spaces[name].give(volume_id))
            array.lun_addresses.put(address)


def refresh_view(array: ArrayTables, view: MaskingView, first_address: int | None = None) -> None:
    """Give addresses to all volumes of a view."""
    refresh_volumes(array, volume_ids(array, array.storage_groups.get(view.storage_group)), first_address)


def drop_view(array: ArrayTables, view: MaskingView) -> None:
    """Take all addresses of a view away (rule 41)."""
    for address in array.lun_addresses.where("masking_view", view.name):
        array.lun_addresses.delete(address.key)


def refuse_conflicts(array: ArrayTables, view: MaskingView) -> None:
    """Refuse that the paths of a view show two volumes at one address, because it came to share paths (rule 39).

    Raises:
        ArrayRefused: they would.
    """
    shown = {address.address: address.volume_id for address in array.lun_addresses.where("masking_view", view.name)}
    for other in overlapping_views(array, view):
        for address in array.lun_addresses.where("masking_view", other.name):
            if shown.get(address.address, address.volume_id) != address.volume_id:
                both = f"[{view.name}] and [{other.name}]"
                raise ArrayRefused(f"Host LUN address {address.address:04x} is in use in Masking Views {both}")


def overlapping_views(array: ArrayTables, view: MaskingView) -> list[MaskingView]:
    """Return the other views that share a host and a port with a view: their addresses lie in the same space."""
    names: set[str] = set()
    for host in hosts_of_view(array, view):
        names.update(array.masking_views.keys_where("host", host))
        for group in array.host_groups.keys_where("host", host):
            names.update(array.masking_views.keys_where("host_group", group))
    names.discard(view.name)
    ports = set(array.port_groups.get(view.port_group).ports)
    others = [array.masking_views.get(name) for name in sorted(names)]
    return [other for other in others if ports & set(array.port_groups.get(other.port_group).ports)]


class _AddressSpace:
    """The addresses that the paths of a view have in common with other views."""

    def __init__(self, array: ArrayTables, view: MaskingView, first_address: int) -> None:
        self._array = array
        self._view = view
        self._others = overlapping_views(array, view)
        self._next = first_address
        self._taken = {
            address.address
            for name in (view.name, *(other.name for other in self._others))
            for address in array.lun_addresses.where("masking_view", name)
        }

    def give(self, volume_id: str) -> int:
        """Return the address of a volume that has none in the view.

        Raises:
            ArrayRefused: none is free.
        """
        # A volume that the same paths show already has one address there, never two (rule 39).
        for other in self._others:
            known = self._array.lun_addresses.find(lun_key(other.name, volume_id))
            if known is not None:
                return known.address
        while self._next in self._taken:
            self._next += 1
        if self._next > LAST_ADDRESS:
            raise ArrayRefused(f"No host LUN address is free in Masking View [{self._view.name}]")
        self._taken.add(self._next)
        return self._next
