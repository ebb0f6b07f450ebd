"""Arrays to begin with (reference section 12)."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from pmax.simulator.large_fixture import fill
from pmax.simulator.rules.families import family_of
from pmax.simulator.site import Site
from pmax.simulator.state.masking_records import PortKind

if TYPE_CHECKING:
    from pmax.simulator.array_handle import ArrayHandle

LOCAL_ARRAY = "000197900999"
REMOTE_ARRAY = "000197900998"
V4_ARRAY = "000120000548"
HYBRID_ARRAY = "000197800123"
RDF_GROUP_NUMBERS = (70, 71, 72)
"""Between the first two arrays; clients use one group per mode."""

_GATEKEEPER_CYLINDERS = 3
_GATEKEEPERS = 2
_USABLE_TB = 26.0


def empty(_simulator: Site) -> None:
    """Make nothing: no array at all."""


def default(simulator: Site) -> None:
    """Make two PowerMax 2000 with ports, port groups and empty RDF groups, but no hosts and no storage groups."""
    for symmetrix_id in (LOCAL_ARRAY, REMOTE_ARRAY):
        furnish(simulator.add_array(symmetrix_id, model="PowerMax_2000"))
    for number in RDF_GROUP_NUMBERS:
        simulator.srdf.add_group(f"23_24_{number:03d}", (LOCAL_ARRAY, number), (REMOTE_ARRAY, number))


def families(simulator: Site) -> None:
    """Make the arrays of `default`, a PowerMax 8500 and a VMAX 250F."""
    default(simulator)
    furnish(simulator.add_array(V4_ARRAY, model="PowerMax_8500"))
    furnish(simulator.add_array(HYBRID_ARRAY, model="VMAX250F"))


def large(simulator: Site) -> None:
    """Make the arrays of `default`, the first of them full: 64,000 volumes, 4,000 storage groups and 2,000 hosts."""
    default(simulator)
    fill(simulator, LOCAL_ARRAY)


FIXTURES: dict[str, Callable[[Site], None]] = {
    "empty": empty,
    "default": default,
    "families": families,
    "large": large,
}


def furnish(array: "ArrayHandle") -> None:
    """Give a new array a pool, gatekeepers, ports of every kind and two port groups."""
    array.add_pool("SRP_1", _USABLE_TB)
    for _ in range(_GATEKEEPERS):
        array.add_volume(_GATEKEEPER_CYLINDERS, is_gatekeeper=True)
    family = family_of(array.record.model)
    last = array.symmetrix_id[-3:]
    fibre = [f"{family.fibre_director}-{director}:{port}" for director in ("1D", "2D") for port in (4, 5)]
    for number, name in enumerate(fibre):
        array.add_port(name, PortKind.FIBRE, identifier=f"5000097398{last}{number:03d}")
    host_part = int(last) % 250 + 1
    endpoints = [f"{family.ip_director}-4E:0", f"{family.ip_director}-5E:0"]
    for number, name in enumerate(endpoints):
        address = f"10.{10 + number}.0.{host_part}"
        iqn = f"iqn.1992-04.com.emc:600009700bd41ac02f{last}0000000000{number + 1}"
        array.add_port(name, PortKind.ISCSI_ENDPOINT, identifier=iqn, ip_addresses=[address], network_id=9 + number)
        physical = name.replace(":0", ":1")
        array.add_port(physical, PortKind.ISCSI_PHYSICAL, ip_addresses=[address], network_id=9 + number)
    if array.record.is_v4:
        nqn = f"nqn.1988-11.com.dell:PowerMax_8500:00:{array.symmetrix_id}"
        array.add_port(
            f"{family.ip_director}-6E:0", PortKind.NVME_ENDPOINT, identifier=nqn, ip_addresses=[f"10.20.0.{host_part}"]
        )
    for director in ("1E", "2E"):
        array.add_port(f"RF-{director}:8", PortKind.RDF, identifier=f"5000097399{last}{director[0]}08")
    array.add_port_group("OS-fibre-PG", [name for name in fibre if name.endswith(":4")])
    array.add_port_group("OS-iscsi-PG", endpoints)
