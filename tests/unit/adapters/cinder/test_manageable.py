"""Lists of what can be managed, in Cinder's form and order."""

import json
from typing import Any

import attrs
import pytest
from cinder import objects
from cinder.context import get_admin_context
from cinder.volume import volume_utils
from hypothesis import given
from hypothesis import strategies as st

from pmax.adapters.cinder.manageable import piece_of, snapshot_entries, volume_entries
from pmax.adapters.cinder.references import named
from pmax.domain.capacity import Capacity
from pmax.domain.errors import InvalidRequest
from pmax.domain.inventory import SnapshotHeader, VolumeInFull
from pmax.domain.manageability import judge_snapshots, judge_volumes
from tests.builders import IDENTIFIER, volume

DEVICES = ["00001", "00002", "0000A", "0001F"]


def inventory(sizes: list[int]) -> list[VolumeInFull]:
    """A volume of each size, in GiB."""
    return [
        VolumeInFull(
            volume=volume(device_id=device, capacity=Capacity.from_gib(gib), identifier="theirs", storage_groups=()),
            service_state="Normal",
        )
        for device, gib in zip(DEVICES, sizes, strict=False)
    ]


def entries(sizes: list[int], **wanted: Any) -> list[dict[str, Any]]:
    """What is listed."""
    asked = {"marker": None, "limit": 100, "offset": 0, "sort_keys": ["reference"], "sort_dirs": ["asc"], **wanted}
    return volume_entries(judge_volumes(inventory(sizes), "SRP_1", {}), piece_of(**asked))


ORDERS = st.lists(st.tuples(st.sampled_from(["reference", "size"]), st.sampled_from(["asc", "desc"])), max_size=2)


@given(
    sizes=st.lists(st.integers(1, 3), max_size=4),
    order=ORDERS,
    limit=st.integers(0, 5),
    offset=st.integers(0, 5),
    place=st.integers(0, 8),
)
def test_pieces_are_those_of_cinders_own_helper(
    sizes: list[int], order: list[tuple[str, str]], limit: int, offset: int, place: int
) -> None:
    """Sorting, marker, limit and offset do what Cinder's helper for lists does, for every order and every place."""
    whole = entries(sizes)
    marker = whole[place]["reference"] if place < len(whole) else None
    keys, directions = [key for key, _ in order], [direction for _, direction in order]
    expected = volume_utils.paginate_entries_list(whole, marker, limit, offset, keys, directions)
    for asked in (marker, json.dumps(marker) if marker else None):
        found = entries(sizes, marker=asked, limit=limit, offset=offset, sort_keys=keys, sort_dirs=directions)
        assert found == expected


@pytest.mark.parametrize("marker", ["00001", "[1]", {"source-id": "FFFFF"}, '{"source-name": "00001"}'])
def test_a_marker_that_is_no_entry(marker: object) -> None:
    """It is refused, as by Cinder's helper, and never read as the beginning of the list."""
    with pytest.raises(InvalidRequest):
        entries([1, 2], marker=marker)


def test_a_cluster_of_services_can_pass_the_entries_on() -> None:
    """Entries become Cinder's own objects, whose fields are checked."""
    full = attrs.evolve(
        inventory([1])[0],
        volume=volume(is_snapshot_source=True, identifier=IDENTIFIER),
        snapshots=(
            SnapshotHeader(name="nightly", generation=0, snap_id=7, created_at_s=1_693_400_000.0),
            SnapshotHeader(name="nightly", generation=1, is_secure=True, expires_at_s=1_693_400_000.0),
        ),
    )
    piece = piece_of(None, None, None, ["reference"], ["asc"])
    cinder_id = "5d0c7e12-93ab-4f6e-8c21-7b44e0a9d153"
    volumes = volume_entries(judge_volumes([full], "SRP_1", {(full.volume.device_id, IDENTIFIER): cinder_id}), piece)
    snapshots = snapshot_entries(judge_snapshots([full], {}), piece)

    [made] = objects.ManageableVolumeList.from_primitives(get_admin_context(), volumes)
    assert (made.cinder_id, made.safe_to_manage) == (cinder_id, False)
    first, second = objects.ManageableSnapshotList.from_primitives(get_admin_context(), snapshots)
    assert (first.safe_to_manage, second.safe_to_manage) == (True, False)
    assert first.extra_info["timestamp"] == "2023/08/30, 12:53:20"
    assert (first.extra_info["timeToLive"], second.extra_info["secured"]) == ("N/A", "True")
    assert first.reference != second.reference
    assert first.source_reference == {"source-id": full.volume.device_id}


@pytest.mark.parametrize(
    ("reference", "text"),
    [
        ({"source-name": "finance"}, "finance"),
        ({"source-id": " 0012F "}, "0012F"),
        ({"source-name": "finance", "source-id": "0012F"}, "finance"),
    ],
)
def test_references(reference: dict[str, object], text: str) -> None:
    """A name goes before an id, as in the upstream driver."""
    assert named(reference) == text


@pytest.mark.parametrize("reference", [{}, {"source-name": ""}, {"source-id": 5}, {"uuid": "0012F"}])
def test_references_that_name_nothing(reference: dict[str, object]) -> None:
    """What is neither source-name nor source-id is refused with the rule."""
    with pytest.raises(InvalidRequest, match="source-id or source-name"):
        named(reference)
