"""How long it takes to judge a full array: which of its volumes may be managed, and why the others may not.

No array is asked: 64,000 volumes are made in memory, of five sizes, every other one in a masking view. The second
figure is what a page of Cinder's list costs besides: everything is sorted before a page is taken.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable

from pmax.domain.capacity import Capacity
from pmax.domain.identifiers import ArrayId, DeviceId
from pmax.domain.inventory import VolumeInFull
from pmax.domain.listings import Piece, take_piece
from pmax.domain.manageability import ManageableVolume, judge_volumes, size_of
from pmax.domain.volumes import Volume

VOLUMES = 64_000
RUNS = 5
BUDGET_S = 1.0
_CYLINDERS = (547, 1093, 5462, 2934, 3)


def inventory() -> list[VolumeInFull]:
    """A full array."""
    return [
        VolumeInFull(
            volume=Volume(
                array_id=ArrayId("000197900999"),
                device_id=DeviceId(f"{number:05X}"),
                identifier=f"data-{number}",
                capacity=Capacity.from_cylinders(_CYLINDERS[number % len(_CYLINDERS)]),
                storage_groups=("theirs",),
            ),
            srp="SRP_1",
            service_state="Normal",
            masking_view_count=number % 2,
        )
        for number in range(VOLUMES)
    ]


def median_s(work: Callable[[], object]) -> float:
    """Median of a few runs, in seconds of this process."""
    times = []
    for _ in range(RUNS):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return statistics.median(times)


def main() -> int:
    """Print both figures beside their budget; fail if judging takes longer than it may."""
    volumes = inventory()

    def judge() -> list[ManageableVolume]:
        return list(judge_volumes(volumes, "SRP_1", {}))

    judged = judge()
    keys = {"size": lambda entry: size_of(entry.full.volume)}
    piece = Piece(limit=1000, offset=VOLUMES // 2, sort_keys=("size",), sort_directions=("desc",))
    judging_s = median_s(judge)
    sorting_s = median_s(lambda: take_piece(judged, piece, keys, lambda entry: entry.full.volume.device_id))
    good = sum(not entry.reasons for entry in judged)
    print(f"Judging {VOLUMES:,} volumes, of which {good:,} may be managed, median of {RUNS} runs, in seconds")
    print(f"  judge all        {judging_s:.3f}  budget {BUDGET_S:.3f}")
    print(f"  sort, take page  {sorting_s:.3f}")
    return int(judging_s > BUDGET_S)


if __name__ == "__main__":
    sys.exit(main())
