"""Masking views come into being and go, and what they forbid their parts (rules 35 and 37 to 42)."""

from pmax.simulator.refusals import ArrayRefused, Conflict, text_of_missing
from pmax.simulator.rules import groups
from pmax.simulator.rules.initiators import protocol_of_hosts
from pmax.simulator.rules.lun_addresses import drop_view, hosts_of_view, refresh_view
from pmax.simulator.state.masking_records import HostGroup, MaskingView
from pmax.simulator.state.transaction import ArrayTables


def create_view(
    array: ArrayTables, view: MaskingView, first_address: int | None, *, are_empty_groups_refused: bool
) -> None:
    """Make a view; its volumes get their LUN addresses.

    Raises:
        Conflict: its name is taken.
        ArrayRefused: a part is missing (rule 37), the combination exists (rule 39, inferred), protocols differ (rule
            40, inferred), or the group is empty (rule 12, assumed).
    """
    refuse_existing_view(array, view.name)
    refuse_missing_parts(array, view)
    if array.masking_views.count("combination", view.combination):
        raise ArrayRefused("A masking view with the same host, port group and storage group exists")
    ports = array.port_groups.get(view.port_group)
    protocol = protocol_of_hosts(array, hosts_of_view(array, view))
    if protocol is not None and ports.protocol is not None and protocol is not ports.protocol:
        raise ArrayRefused(f"Port Group [{ports.name}] speaks {ports.protocol}, the host speaks {protocol}")
    if not ports.ports:
        raise ArrayRefused(f"Port Group [{ports.name}] has no ports")
    group = array.storage_groups.get(view.storage_group)
    if are_empty_groups_refused and not groups.number_of_volumes(array, group):
        raise ArrayRefused(f"Storage Group [{group.name}] has no devices")
    array.masking_views.put(view)
    refresh_view(array, view, first_address)


def refuse_existing_view(array: ArrayTables, name: str) -> None:
    """Refuse a name that is taken, in whatever case (that case does not matter is assumed)."""
    if array.masking_views.count("folded", name.lower()):
        raise Conflict("The requested masking view resource already exists")


def refuse_missing_parts(array: ArrayTables, view: MaskingView) -> None:
    """Refuse a view of something that does not exist (rule 37)."""
    if view.host is not None and view.host not in array.hosts:
        raise ArrayRefused(text_of_missing("Initiator Group", view.host, array.symmetrix_id))
    if view.host_group is not None and view.host_group not in array.host_groups:
        raise ArrayRefused(text_of_missing("Initiator Group", view.host_group, array.symmetrix_id))
    if view.port_group not in array.port_groups:
        raise ArrayRefused(text_of_missing("Port Group", view.port_group, array.symmetrix_id))
    if view.storage_group not in array.storage_groups:
        raise ArrayRefused(text_of_missing("Storage Group", view.storage_group, array.symmetrix_id))


def delete_view(array: ArrayTables, view: MaskingView) -> None:
    """Delete a view; its parts stay (rule 41)."""
    drop_view(array, view)
    array.masking_views.delete(view.name)


def views_of_host(array: ArrayTables, host: str) -> list[str]:
    """Return the names of the views that show volumes to a host, directly or through a host group."""
    names = set(array.masking_views.keys_where("host", host))
    for group in array.host_groups.keys_where("host", host):
        names.update(array.masking_views.keys_where("host_group", group))
    return sorted(names)


def refuse_used_host(array: ArrayTables, host: str) -> None:
    """Refuse to delete a host that a view or a host group holds (rule 35)."""
    if array.masking_views.count("host", host):
        raise ArrayRefused(f"Host [{host}] is in a masking view")
    if array.host_groups.count("host", host):
        raise ArrayRefused(f"Host [{host}] is in a host group")


def refuse_used_host_group(array: ArrayTables, group: HostGroup) -> None:
    """Refuse to delete a host group that a view holds (rule 35)."""
    if array.masking_views.count("host_group", group.name):
        raise ArrayRefused(f"Host Group [{group.name}] is in a masking view")


def refuse_other_protocol(array: ArrayTables, host: str) -> None:
    """Refuse initiators that do not speak what the port groups of a host's views speak (rule 40, inferred)."""
    spoken = protocol_of_hosts(array, (host,))
    for name in views_of_host(array, host):
        ports = array.port_groups.get(array.masking_views.get(name).port_group)
        if spoken is not None and ports.protocol is not None and ports.protocol is not spoken:
            raise ArrayRefused(f"Host [{host}] is masked to Port Group [{ports.name}], which speaks {ports.protocol}")
