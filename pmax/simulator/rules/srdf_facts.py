"""What the rest of the array asks of SRDF: the one seam between volumes and replication.

Nothing here knows a pair yet: every answer is that of a device that is not replicated.
"""

import attrs

from pmax.simulator.dialect import Dialect
from pmax.simulator.refusals import ArrayRefused
from pmax.simulator.state.records import StorageGroup, Volume
from pmax.simulator.state.transaction import ArrayTables
from pmax.simulator.wire import JsonObject


@attrs.frozen(kw_only=True)
class RemoteGroups:
    """`remoteSymmSGInfoParam` of a change to a group: what shall happen on the remote arrays.

    Attributes:
        groups: of each remote array, the names of the groups to change along.
        is_forced: `force` was sent.
    """

    groups: tuple[tuple[str, tuple[str, ...]], ...] = ()
    is_forced: bool = False


def device_type(array: ArrayTables, volume: Volume) -> str:
    """Return the type of a volume: `TDEV`, with `RDF1+` or `RDF2+` before it when it is paired."""
    return "TDEV"


def device_status(array: ArrayTables, volume: Volume) -> str:
    """Return the status of a volume: `Ready`, or what its role in a pair makes of it (reference section 6.4)."""
    return "Ready"


def group_labels(array: ArrayTables, volume: Volume) -> tuple[tuple[int, str], ...]:
    """Return number and label of the RDF groups that a volume is paired in, by number."""
    return ()


def is_group_protected(array: ArrayTables, group: StorageGroup) -> bool:
    """Say whether the volumes of a group are replicated."""
    return False


def rdf_info(array: ArrayTables, volume: Volume, dialect: Dialect) -> JsonObject:
    """Return `rdfInfo` of a private volume answer; all booleans are false without a pair (reference section 6.5)."""
    return {
        "dynamicRDF": False,
        "RDF": False,
        "concurrentRDF": False,
        "getDynamicRDFCapability": "RDF1_Capable",
        "RDFA": False,
    }


def refuse_delete(array: ArrayTables, volume: Volume) -> None:
    """Refuse to delete a volume that is paired (rules 21 and 76)."""


def expand(array: ArrayTables, volume: Volume, cylinders: int, rdf_group_number: int | None) -> None:
    """Expand the other side of a pair along with a volume, or refuse (rule 27). Called before the volume grows."""
    if rdf_group_number is not None:
        raise ArrayRefused(f"The device must be an RDF device: {volume.volume_id} is in no RDF group")


def volumes_will_join(
    array: ArrayTables, group: StorageGroup, volume_ids: tuple[str, ...], remote: RemoteGroups
) -> None:
    """Replicate volumes that are about to join a group, or refuse (rule 76 and reference section 6.18)."""
    if remote.groups:
        raise ArrayRefused(f"Storage Group [{group.name}] is not replicated to another array")


def volumes_have_left(
    array: ArrayTables, group: StorageGroup, volume_ids: tuple[str, ...], remote: RemoteGroups
) -> None:
    """Break the pairs of volumes that left a group, where the remote groups are named (reference section 6.18)."""
    if remote.groups:
        raise ArrayRefused(f"Storage Group [{group.name}] is not replicated to another array")


def volumes_will_move(
    array: ArrayTables, source: StorageGroup, target: StorageGroup, volume_ids: tuple[str, ...], *, is_forced: bool
) -> None:
    """Refuse to move replicated volumes without `force` (rule 14)."""


def refuse_write(array: ArrayTables, volume: Volume) -> None:
    """Refuse that a host writes to a volume that its role in a pair makes write disabled (rule 71)."""


def content_changed(array: ArrayTables, volume_id: str) -> None:
    """Carry what is on a volume now to the other side of its pairs; see `rules/content.py`."""


def remote_devices(array: ArrayTables, volume: Volume) -> tuple[tuple[str, str], ...]:
    """Return the other sides of a volume's pairs as (array, volume), for snapshots on both sides (rule 77)."""
    return ()


def remote_groups(array: ArrayTables, group: StorageGroup) -> tuple[tuple[str, str, str], ...]:
    """Return the groups that hold the other sides of a group's pairs as (array, name, uuid), for section 6.15."""
    return ()
