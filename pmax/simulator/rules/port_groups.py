"""Which ports a port group may hold, and when it may change (rules 42 and 43)."""

from collections.abc import Sequence

import attrs

from pmax.simulator.refusals import ArrayRefused
from pmax.simulator.rules.lun_addresses import refuse_conflicts
from pmax.simulator.state.masking_records import PortGroup
from pmax.simulator.state.transaction import ArrayTables

MAX_PORTS = 32
"""A public limit of the product (inferred)."""


def ports_for_group(array: ArrayTables, group: PortGroup, joining: Sequence[str]) -> PortGroup:
    """Return a group with more ports; the first ones decide its protocol if it has none.

    Raises:
        ArrayRefused: a port does not exist (rule 43), no host can reach it, it speaks another protocol, or it is in the
            group already.
    """
    protocol = group.protocol
    for name in joining:
        port = array.ports.find(name)
        if port is None:
            raise ArrayRefused(f"Port [{name}] on Symmetrix [{array.symmetrix_id}] cannot be found")
        if port.protocol is None:
            raise ArrayRefused(f"Port [{name}] cannot be in a port group")
        protocol = protocol or port.protocol
        if port.protocol is not protocol:
            raise ArrayRefused(f"Port [{name}] speaks {port.protocol}, the port group speaks {protocol}")
    ports = (*group.ports, *joining)
    if len(set(ports)) != len(ports):
        raise ArrayRefused(f"A port is already in the port group [{group.name}]")
    if len(ports) > MAX_PORTS:
        raise ArrayRefused(f"Port Group [{group.name}] cannot have more than {MAX_PORTS} ports")
    return attrs.evolve(group, ports=ports, protocol=protocol)


def with_ports(array: ArrayTables, group: PortGroup, joining: Sequence[str]) -> None:
    """Add ports to a group; its views get more paths.

    Raises:
        ArrayRefused: a port does not fit, or the new paths show other volumes at the same addresses.
    """
    array.port_groups.put(ports_for_group(array, group, joining))
    for view in array.masking_views.where("port_group", group.name):
        refuse_conflicts(array, view)


def without_ports(array: ArrayTables, group: PortGroup, leaving: Sequence[str]) -> None:
    """Remove ports from a group.

    Raises:
        ArrayRefused: one is not in it, or the last one of a masked group would go (rule 42, inferred).
    """
    for name in leaving:
        if name not in group.ports:
            raise ArrayRefused(f"Port [{name}] is not in the port group [{group.name}]")
    ports = tuple(name for name in group.ports if name not in leaving)
    if not ports and array.masking_views.count("port_group", group.name):
        raise ArrayRefused(f"The last port cannot be removed from Port Group [{group.name}]: it is in a masking view")
    array.port_groups.put(attrs.evolve(group, ports=ports))


def delete_port_group(array: ArrayTables, group: PortGroup) -> None:
    """Delete a port group.

    Raises:
        ArrayRefused: a view holds it (rule 42).
    """
    if array.masking_views.count("port_group", group.name):
        raise ArrayRefused(f"Port Group [{group.name}] is in a masking view")
    array.port_groups.delete(group.name)
