"""SRDF and SnapVX together: rules 77 and 79, and data that a snapshot brings back."""

import pytest

from pmax.simulator import AfterSeconds, Behaviour
from tests.unit.simulator.srdf_client import ARRAY

COPY_S = 60


@pytest.mark.parametrize("both_sides", ["true", "false"])
def test_snapshots_on_both_sides(make_sides, both_sides):
    """A snapshot of R1 with `bothSides` makes one of R2 (rule 77)."""
    sides = make_sides()
    (volume,) = sides.protect()
    sides.write(volume, "data")
    body = {"deviceNameListSource": [{"name": volume}], "bothSides": both_sides, "star": "false", "force": "false"}
    path = f"/private/92/replication/symmetrix/{ARRAY}/snapshot/twice"
    assert sides.near.post(path, body).status in {200, 201}
    assert [(each.source, each.name, each.content) for each in sides.near.array.snapshots] == [
        (volume, "twice", "data")
    ]
    twin = sides.twin(volume)
    expected = [(twin, "twice", "data")] if both_sides == "true" else []
    assert [(each.source, each.name, each.content) for each in sides.far.array.snapshots] == expected


@pytest.mark.parametrize(
    ("mode", "action"), [("Synchronous", "Resume"), ("Asynchronous", "Resume"), ("Active", "Establish")]
)
def test_resume_waits_for_a_copy(make_sides, mode, action):
    """Replication cannot be resumed while a snapshot is still being copied onto R1 (rule 79)."""
    sides = make_sides(mode, behaviour=Behaviour(copy_pace=AfterSeconds(COPY_S)))
    (target,) = sides.protect()
    (source,) = sides.near.group("source", volumes=1)
    sides.write(source, "cloned")
    sides.act("Suspend", force=True)
    path = f"/private/92/replication/symmetrix/{ARRAY}/snapshot/clone"
    names = {"deviceNameListSource": [{"name": source}]}
    assert sides.near.post(path, {**names, "bothSides": "false"}).status in {200, 201}
    link = {**names, "deviceNameListTarget": [{"name": target}], "action": "Link", "copy": "true", "generation": 0}
    assert sides.near.put(path, link).status in {200, 201}
    assert sides.ask(action).status == 500
    assert sides.states() == ["Suspended"]
    sides.simulator.clock.advance(COPY_S)
    sides.act(action)
    assert sides.data(target) == ("cloned", "cloned")


@pytest.mark.parametrize("mode", ["Synchronous", "Active"])
def test_restored_snapshots_are_replicated(make_sides, mode):
    """A snapshot that is restored on R1 reaches R2 as a write would."""
    sides = make_sides(mode)
    (volume,) = sides.protect()
    sides.write(volume, "good")
    path = f"/private/92/replication/symmetrix/{ARRAY}/snapshot/before"
    names = {"deviceNameListSource": [{"name": volume}]}
    sides.near.post(path, {**names, "bothSides": "false"})
    sides.write(volume, "bad")
    reply = sides.near.put(path, {**names, "deviceNameListTarget": [{"name": volume}], "action": "Restore"})
    assert reply.status in {200, 201}
    assert sides.data(volume) == ("good", "good")
