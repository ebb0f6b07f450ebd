"""Random lives of snapshots and links, held against a model that knows nothing of the simulator."""

import json

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from pmax.simulator import ManualClock, Simulator
from pmax.simulator.rules.content import NOTHING
from pmax.simulator.wire import Request

ARRAY = "000197900999"
PRIVATE = f"/univmax/restapi/private/92/replication/symmetrix/{ARRAY}"
PLACES = st.integers(0, 3)
AUTHORIZATION = "Basic c21jOnNtYw=="
DONE = {200, 201, 204}


class SnapvxStates(RuleBasedStateMachine):
    """Four volumes; `tokens`, `snapshots` and `links` are the model.

    A snapshot is a list [volume, name, token, snap id] at the place of its number; `gone` has the numbers of those that
    were terminated. A link is a list [number of the snapshot, copy, written], a restore session just the number.
    """

    numbers = Bundle("numbers")

    def __init__(self):
        super().__init__()
        self.simulator = Simulator(clock=ManualClock())
        self.array = self.simulator.arrays[ARRAY]
        self.volumes = [self.array.add_volume(10) for _ in range(4)]
        self.tokens = dict.fromkeys(self.volumes, NOTHING)
        self.snapshots = []
        self.gone = set()
        self.links = {}
        self.restores = {}

    def send(self, verb, name, body):
        request = Request(
            verb=verb,
            path=f"{PRIVATE}/snapshot/{name}",
            headers={"authorization": AUTHORIZATION},
            body=json.dumps(body).encode(),
        )
        response = self.simulator.application.handle(request)
        assert not self.simulator.defects
        return response.status in DONE

    def selector(self, number, by_id):
        """How a client means a snapshot: by its id, or by its place among those of its name, newest first."""
        volume, name, _, snap_id = self.snapshots[number]
        if by_id:
            return {"snap_id": snap_id}
        newer = [
            each
            for each in range(number + 1, len(self.snapshots))
            if each not in self.gone and self.snapshots[each][:2] == [volume, name]
        ]
        return {"generation": 99 if number in self.gone else len(newer)}

    def change(self, action, number, other, by_id, **fields):
        source, name, *_ = self.snapshots[number]
        lists = {"deviceNameListSource": [{"name": source}], "deviceNameListTarget": [{"name": other}]}
        return self.send("PUT", name, {"action": action, **self.selector(number, by_id), **lists, **fields})

    @rule(place=PLACES)
    def write(self, place):
        volume = self.volumes[place]
        self.tokens[volume] = self.array.write(volume)
        if volume in self.links:
            self.links[volume][2] = True

    @rule(target=numbers, place=PLACES, name=st.sampled_from(["a", "b"]))
    def create(self, place, name):
        volume = self.volumes[place]
        assert self.send("POST", name, {"deviceNameListSource": [{"name": volume}]})
        snap_id = max(each.snap_id for each in self.array.snapshots)
        self.snapshots.append([volume, name, self.tokens[volume], snap_id])
        return len(self.snapshots) - 1

    @rule(number=numbers, offset=PLACES, by_id=st.booleans(), copy=st.booleans())
    def link(self, number, offset, by_id, copy):
        source = self.snapshots[number][0]
        other = self.volumes[(self.volumes.index(source) - offset) % 4]
        is_free = other != source and other not in self.links and other not in self.restores
        done = self.change("Link", number, other, by_id, copy=copy)
        assert done == (number not in self.gone and is_free)
        if done:
            self.links[other] = [number, copy, False]
            self.tokens[other] = self.snapshots[number][2]

    @rule(number=numbers, offset=PLACES, by_id=st.booleans())
    def relink(self, number, offset, by_id):
        source = self.snapshots[number][0]
        other = self.volumes[(self.volumes.index(source) - offset) % 4]
        old = self.links.get(other)
        is_linked = old is not None and self.snapshots[old[0]][0] == source
        done = self.change("Relink", number, other, by_id)
        assert done == (number not in self.gone and is_linked)
        if done:
            self.links[other] = [number, old[1], False]
            self.tokens[other] = self.snapshots[number][2]

    @rule(number=numbers, place=PLACES, by_id=st.booleans(), is_own=st.booleans())
    def unlink(self, number, place, by_id, is_own):
        other = self.volumes[place]
        link = self.links.get(other)
        if link is not None and is_own:
            number = link[0]
        done = self.change("Unlink", number, other, by_id)
        assert done == (number not in self.gone and link is not None and link[0] == number)
        if done:
            # A target is defined at once here, and what was defined keeps its data, copied or not.
            del self.links[other]

    @rule(number=numbers, by_id=st.booleans())
    def restore(self, number, by_id):
        volume = self.snapshots[number][0]
        is_free = volume not in self.restores and volume not in self.links
        done = self.change("Restore", number, volume, by_id)
        assert done == (number not in self.gone and is_free)
        if done:
            self.restores[volume] = number
            self.tokens[volume] = self.snapshots[number][2]

    @rule(number=numbers, by_id=st.booleans(), ends_restore=st.booleans())
    def terminate(self, number, by_id, ends_restore):
        volume, name, *_ = self.snapshots[number]
        body = {"deviceNameListSource": [{"name": volume}], "restore": ends_restore, **self.selector(number, by_id)}
        done = self.send("DELETE", name, body)
        has_session = self.restores.get(volume) == number
        is_held = has_session or number in self.gone or any(link[0] == number for link in self.links.values())
        assert done == (has_session if ends_restore else not is_held)
        if done and ends_restore:
            del self.restores[volume]
        elif done:
            self.gone.add(number)

    @invariant()
    def data_are_where_they_belong(self):
        assert {volume: self.array.read(volume) for volume in self.volumes} == self.tokens

    @invariant()
    def snapshots_are_those_of_the_model(self):
        shown = {each.snap_id: [each.source, each.name, each.content, each.snap_id] for each in self.array.snapshots}
        living = [each for number, each in enumerate(self.snapshots) if number not in self.gone]
        assert shown == {each[3]: each for each in living}

    @invariant()
    def sessions_are_those_of_the_model(self):
        sessions = self.array.links
        assert set(sessions) == {*self.links, *self.restores}
        assert {target for target, link in sessions.items() if link.is_restore} == set(self.restores)


TestSnapvxStates = SnapvxStates.TestCase
TestSnapvxStates.settings = settings(max_examples=20, stateful_step_count=30, deadline=None)
