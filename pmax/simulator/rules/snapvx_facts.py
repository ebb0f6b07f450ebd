"""What the rest of the array asks of SnapVX: the one seam between volumes and snapshots.

Nothing here knows a snapshot yet: every answer is that of a device without sessions.
"""

from pmax.simulator.dialect import Dialect
from pmax.simulator.state.records import StorageGroup, Volume
from pmax.simulator.state.transaction import ArrayTables
from pmax.simulator.wire import JsonObject


def is_source(array: ArrayTables, volume: Volume) -> bool:
    """Say whether at least one snapshot of the volume exists (rule 62)."""
    return False


def is_target(array: ArrayTables, volume: Volume) -> bool:
    """Say whether the volume is linked as a target (rule 62)."""
    return False


def time_finder_info(array: ArrayTables, volume: Volume, dialect: Dialect) -> JsonObject:
    """Return `timeFinderInfo` of a private volume answer (reference section 6.5).

    `snapVXSession` is there only with sessions: one element per role.
    """
    return {
        "snapVXSrc": is_source(array, volume),
        "snapVXTgt": is_target(array, volume),
        "mirror": False,
        "cloneTarget": False,
        "cloneSrc": False,
    }


def number_of_snapshots(array: ArrayTables, group: StorageGroup) -> int:
    """Return how many snapshot names the volumes of a group have (rule 61)."""
    return 0


def refuse_delete(array: ArrayTables, volume: Volume) -> None:
    """Refuse to delete a volume that is in a session (rule 21)."""


def refuse_free(array: ArrayTables, volume: Volume) -> None:
    """Refuse to free the tracks of a volume that is in a session (rule 23)."""


def refuse_expand(array: ArrayTables, volume: Volume) -> None:
    """Refuse to expand a source on code below 5978 (rule 25) and a linked target (rule 26)."""


def terminate_of_volume(array: ArrayTables, volume: Volume) -> None:
    """Terminate the snapshots of a volume that leaves its group (rule 64)."""
