"""A full array: 2,000 hosts, each with a masking view of a parent group, its child and 32 volumes.

That makes 4,000 storage groups and 64,000 volumes, so that lists have pages and clients show what they cost.
"""

import random

import attrs

from pmax.simulator.rules.views import create_view
from pmax.simulator.rules.volumes import Naming, NewVolumes, make_volumes
from pmax.simulator.site import Site
from pmax.simulator.state.masking_records import Host, Initiator, Login, MaskingView, Protocol
from pmax.simulator.state.records import StorageGroup
from pmax.simulator.state.transaction import ArrayTables

HOSTS = 2000
VOLUMES_PER_HOST = 32

_CYLINDERS = (547, 1093, 5462)
"""1, 2 and 10 GiB."""

_HOSTS_PER_TRANSACTION = 50
_USABLE_TB = 100.0
_MOST_ALLOCATED_PERCENT = 40
_SERVICE_LEVELS = ("Diamond", "Platinum", "Gold", "Silver", "Bronze")
_FABRICS = (("FA-1D:4", "FA-2D:4"), ("FA-1D:5", "FA-2D:5"))
_PORT_GROUP = "OS-fibre-PG"


def fill(simulator: Site, symmetrix_id: str) -> None:
    """Fill an array that has pools and ports; the simulator's seed decides what is random."""
    chance = random.Random(simulator.seed)  # nosec B311 # simulated, not secret
    with simulator.world.changing() as transaction:
        pools = transaction.array(symmetrix_id).pools
        for pool in tuple(pools):
            pools.put(attrs.evolve(pool, usable_tb=_USABLE_TB))
    for first in range(0, HOSTS, _HOSTS_PER_TRANSACTION):
        with simulator.world.changing() as transaction:
            array = transaction.array(symmetrix_id)
            for number in range(first, first + _HOSTS_PER_TRANSACTION):
                _add_host(array, number)
                child = _add_groups(array, number)
                _add_volumes(array, number, child, chance)
                view = MaskingView(
                    name=f"host-{number:04}-MV",
                    host=f"host-{number:04}",
                    port_group=_PORT_GROUP,
                    storage_group=f"host-{number:04}-SG",
                )
                create_view(array, view, None, are_empty_groups_refused=True)


def _add_host(array: ArrayTables, number: int) -> None:
    wwns = tuple(f"10000000c9{number:04x}{card:02x}" for card in range(len(_FABRICS)))
    for wwn, ports in zip(wwns, _FABRICS, strict=True):
        logins = tuple(Login(port=port) for port in ports)
        array.initiators.put(Initiator(initiator_id=wwn, protocol=Protocol.FIBRE, logins=logins))
    array.hosts.put(Host(name=f"host-{number:04}", initiators=wwns))


def _add_groups(array: ArrayTables, number: int) -> str:
    """Add a parent group with one child, and return the child's name."""
    level = _SERVICE_LEVELS[number % len(_SERVICE_LEVELS)]
    parent = StorageGroup(name=f"host-{number:04}-SG", uuid=f"{2 * number:032x}")
    child = StorageGroup(
        name=f"host-{number:04}-{level}",
        uuid=f"{2 * number + 1:032x}",
        srp=array.record.default_srp,
        service_level=level,
        is_compressed=True,
        parents=(parent.name,),
    )
    array.storage_groups.put(parent)
    array.storage_groups.put(child)
    return child.name


def _add_volumes(array: ArrayTables, number: int, group: str, chance: random.Random) -> None:
    wanted = NewVolumes(
        number=VOLUMES_PER_HOST,
        cylinders=_CYLINDERS[number % len(_CYLINDERS)],
        naming=Naming(name=f"data-{number:04}-", first_number=0),
    )
    for volume_id in make_volumes(array, wanted, None):
        allocated = chance.randrange(_MOST_ALLOCATED_PERCENT)
        volume = array.volumes.get(volume_id)
        array.volumes.put(attrs.evolve(volume, storage_groups=(group,), allocated_percent=allocated))
