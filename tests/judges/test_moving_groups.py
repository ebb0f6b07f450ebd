"""Replicated groups from the upstream driver to pmax and back: the same groups on both arrays, to the letter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.judges.backend import Backend, location_of
from tests.judges.cinder_records import REPLICATED_TOGETHER
from tests.judges.replication import REPLICATED, SYNC, r1, r2, states
from tests.judges.upstream import UPSTREAM, CinderBench
from tests.judges.volume_groups import VolumeGroups

pytestmark = [pytest.mark.judge, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

PMAX = "pmax.adapters.cinder.iscsi.PowerMaxISCSIDriver"
PATHS = {"upstream": UPSTREAM["iscsi"], "pmax": PMAX}


def started(bench: CinderBench, name: str) -> Backend:
    """A driver on a back end that replicates."""
    return bench.start(PATHS[name], "iscsi", replication_device=SYNC.device("iscsi"))


def groups_of(backend: Backend, group_id: str) -> dict[str, dict[str, tuple[Any, ...]]]:
    """Storage groups of a group on both arrays: service level, and identifiers of the volumes in them."""
    found: dict[str, dict[str, tuple[Any, ...]]] = {}
    for side, array in (("local", backend.array), ("remote", backend.remote)):
        for name, each in array.storage_groups.items():
            if name.endswith(group_id):
                inside = [volume.identifier for volume in array.volumes.values() if name in volume.storage_groups]
                found.setdefault(side, {})[name] = (each.srp, each.service_level, *sorted(map(str, inside)))
    return found


@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.parametrize(("maker", "taker"), [("upstream", "pmax"), ("pmax", "upstream")])
def test_a_replicated_group_goes_on(bench: CinderBench, maker: str, taker: str) -> None:
    """What one driver made, the other one stops, resumes, fails over and back; hosts find their data on both arrays."""
    before, after = (started(bench, name) for name in (maker, taker))
    with bench.leaving_nothing():
        mirrored = before.volume_type("mirrored", **REPLICATED)
        groups = VolumeGroups(before, REPLICATED_TOGETHER)
        group = groups.create("both", mirrored)
        volumes = [groups.create_volume(group, mirrored) for _ in range(2)]
        assert groups_of(after, group.id) == {
            side: {f"both_{group.id}": (None, None, *sorted(f"OS-{volume.id}" for volume in volumes))}
            for side in ("local", "remote")
        }
        for volume in volumes:
            before.array.write(r1(volume), f"data of {volume.id}")
        context, driver = after.records.context, after.driver

        def asked(call: Callable[..., Any], *more: Any) -> str:
            members = groups.members(group)
            update, updates = call(context, after.records.group_again(group), members, *more)
            groups.store(group, update, members, updates or [{"id": each.id} for each in members])
            return str(update["replication_status"])

        assert asked(driver.disable_replication) == "disabled"
        assert states(after) == {"Suspended"}
        assert asked(driver.enable_replication) == "enabled"
        assert states(after) == {"Synchronized"}
        assert asked(driver.failover_replication, None) == "failed-over"
        assert states(after) == {"Failed Over"}
        for volume in groups.members(group):
            assert location_of(volume)["array"] != after.symmetrix_id
            assert after.remote.read(r1(volume)) == f"data of {volume.id}"
        assert asked(driver.failover_replication, "default") == "enabled"
        assert states(after) == {"Synchronized"}
        added = after.create(mirrored)
        groups.on(after).add(group, added)
        assert all(len(each[f"both_{group.id}"]) == 5 for each in groups_of(after, group.id).values())
        assert r2(added)
        # The upstream driver cannot delete a replicated group (driver reference, T23).
        groups.on(after if taker == "pmax" else before).delete(group)
