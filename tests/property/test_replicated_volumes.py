"""Random lives of replicated volumes, with links that fail: both sides agree, no pair and no data are lost."""

import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from pmax.domain.errors import PmaxError
from pmax.simulator.state.srdf_records import PairState
from tests.replicated_stage import ARRAY, MODES, REMOTE, ReplicatedStage

PLACES = st.integers(0, 4)


class ReplicatedLives(RuleBasedStateMachine):
    """Up to five volumes of one mode; `volumes` is the model: target → what a host wrote last."""

    def __init__(self):
        super().__init__()
        self.directory = tempfile.TemporaryDirectory()
        self.stage = None
        self.volumes = {}
        self.written = 0
        self.is_cut = False
        self.is_held = False

    @initialize(mode=st.sampled_from(MODES))
    def begin(self, mode):
        self.stage = ReplicatedStage.set_up(Path(self.directory.name), mode)

    def teardown(self):
        if self.stage is not None:
            self.stage.engine.close()
        self.directory.cleanup()

    @property
    def is_disturbed(self):
        """Whether an operation may be refused for what was done to the link or the group."""
        return self.is_cut or self.is_held

    def attempt(self, operation):
        """Do it; only a disturbance may keep it from being done."""
        if not self.is_disturbed:
            return operation(), True
        try:
            return operation(), True
        except PmaxError:
            return None, False

    def chosen(self, place):
        return sorted(self.volumes, key=lambda target: target.device_id)[place % len(self.volumes)]

    @precondition(lambda self: len(self.volumes) < 5)
    @rule()
    def create(self):
        made, is_done = self.attempt(self.stage.make)
        if is_done:
            self.volumes[made] = None

    @precondition(lambda self: self.volumes)
    @rule(place=PLACES)
    def delete(self, place):
        target = self.chosen(place)
        _, is_done = self.attempt(lambda: self.stage.remove(target))
        if is_done:
            del self.volumes[target]

    @precondition(lambda self: self.volumes)
    @rule(place=PLACES)
    def extend(self, place):
        target = self.chosen(place)
        gib = self.stage.array.volumes[target.device_id].cylinders // 546 + 1
        self.attempt(lambda: self.stage.extend(target, gib))

    @precondition(lambda self: self.volumes)
    @rule(place=PLACES)
    def write(self, place):
        target = self.chosen(place)
        self.written += 1
        self.stage.write(target, f"token {self.written}")
        self.volumes[target] = f"token {self.written}"

    @precondition(lambda self: self.volumes and not self.is_cut)
    @rule()
    def hold_or_resume(self):
        """An administrator suspends all pairs, or resumes them."""
        mode = self.stage.mode
        group = mode.management_group if mode.is_managed else mode.default_group
        action = ("Establish" if mode.name == "Metro" else "Resume") if self.is_held else "Suspend"
        options = {"force": "true"} if action == "Suspend" else {}
        url = f"{self.stage.rest}/replication/symmetrix/{ARRAY}/storagegroup/{group}/rdf_group/{mode.number}"
        answer = self.stage.session().put(url, json={"action": action, action.lower(): options})
        assert answer.ok or "already" in answer.text, answer.text
        self.is_held = not self.is_held

    @precondition(lambda self: not self.is_cut)
    @rule()
    def cut(self):
        self.stage.simulator.srdf.cut_link(ARRAY, REMOTE)
        self.is_cut = True

    @precondition(lambda self: self.is_cut)
    @rule()
    def restore(self):
        self.stage.simulator.srdf.restore_link(ARRAY, REMOTE)
        self.is_cut = False
        # Synchronous and Metro pairs wait for somebody who resumes them.
        self.is_held = any(pair.state is PairState.SUSPENDED for pair in self.stage.simulator.srdf.pairs)

    @invariant()
    def every_volume_has_both_sides(self):
        if self.stage is None:
            return
        pairs = self.stage.simulator.srdf.pairs
        assert {pair.volumes[pair.arrays.index(ARRAY)] for pair in pairs} == {each.device_id for each in self.volumes}
        for array, handle in ((ARRAY, self.stage.array), (REMOTE, self.stage.remote)):
            own = {device for device, volume in handle.volumes.items() if not volume.is_gatekeeper}
            assert own == {pair.volumes[pair.arrays.index(array)] for pair in pairs}

    @invariant()
    def both_sides_are_equal(self):
        for target in self.volumes:
            near, far = self.stage.array.volumes[target.device_id], self.stage.other(target)
            assert (near.cylinders, near.identifier) == (far.cylinders, far.identifier)
            assert set(near.storage_groups) == set(far.storage_groups) == self.stage.mode.groups

    @invariant()
    def nothing_is_lost(self):
        for target, token in self.volumes.items():
            if token is not None:
                assert self.stage.array.read(target.device_id) == token
        if self.stage is not None:
            assert self.stage.engine.unfinished() == ()


TestReplicatedLives = ReplicatedLives.TestCase
TestReplicatedLives.settings = settings(max_examples=15, stateful_step_count=20, deadline=None)
