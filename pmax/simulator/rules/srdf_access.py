"""What hosts may do with volumes that are paired, and what they read there."""

from pmax.simulator.refusals import ArrayRefused
from pmax.simulator.rules.srdf_pairs import device, pairs_of_volume
from pmax.simulator.rules.srdf_transitions import access
from pmax.simulator.state.records import Volume
from pmax.simulator.state.srdf_records import Access, PairState
from pmax.simulator.state.transaction import ArrayTables


def access_to(array: ArrayTables, volume_id: str) -> Access:
    """Return the least that the pairs of a volume leave to hosts (rules 70 to 72); `Ready` without a pair."""
    found = {
        access(group, pair, group.side_of(array.symmetrix_id)) for group, pair in pairs_of_volume(array, volume_id)
    }
    for least in (Access.NOT_READY, Access.WRITE_DISABLED):
        if least in found:
            return least
    return Access.READY


def refuse_write(array: ArrayTables, volume: Volume) -> None:
    """Refuse that a host writes to a volume that its role in a pair makes write disabled (rule 71)."""
    allowed = access_to(array, volume.volume_id)
    if allowed is not Access.READY:
        raise ArrayRefused(f"Device {volume.volume_id} on Symmetrix [{array.symmetrix_id}] is {allowed}")


def seen_content(array: ArrayTables, volume: Volume) -> str:
    """Return what a host reads from a volume.

    An R1 that is being brought up to date from R2 is usable at once: what it lacks is fetched over the link (assumed).
    """
    for group, pair in pairs_of_volume(array, volume.volume_id):
        side = group.side_of(array.symmetrix_id)
        is_fetching = pair.state is PairState.SYNC_IN_PROGRESS and group.is_connected and pair.copies_to == side
        if is_fetching and pair.r1_side == side and pair.missing_side is None:
            return device(array.transaction, pair, 1 - side).content
    return volume.content
