"""Random lives of replicated volumes, with links that fail: both sides agree, no pair and no data are lost."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from pmax.domain.capacity import Capacity
from pmax.domain.commands import (
    ChangeSession,
    DeleteVolume,
    Direction,
    ExtendVolume,
    MoveToOtherArray,
    TwoSidedVolume,
)
from pmax.domain.errors import PmaxError
from pmax.domain.identifiers import ArrayId, DeviceId
from pmax.domain.policies import VolumePolicy
from pmax.domain.srdf import SessionAction
from pmax.domain.volumes import VolumeTarget
from pmax.simulator.rules.srdf_transitions import LINKED
from pmax.simulator.state.srdf_records import PairState, RdfPair
from tests.replicated_stage import ARRAY, ASYNC, METRO, MODES, REMOTE, Mode, ReplicatedStage
from tests.stage import GOLD

PLACES = st.integers(0, 4)
#: Of a pair, in the model; how the array calls them is compared after every step.
RUNS, HELD, OVER, SPLIT = "runs", "held", "failed over", "split"
SHOWN = {HELD: {PairState.SUSPENDED}, OVER: {PairState.FAILED_OVER}, SPLIT: {PairState.SPLIT}, RUNS: LINKED}


@attrs.define
class Life:
    """What the model knows of a volume.

    Attributes:
        policy: by which it is kept.
        near: what was written last on R1, or came there; None if nothing was.
        far: likewise on R2.
        pair: what its pair does.
    """

    policy: VolumePolicy
    near: str | None = None
    far: str | None = None
    pair: str = RUNS

    @property
    def is_paired(self) -> bool:
        """Whether it has another side."""
        return self.policy.replication_enabled

    @property
    def is_used_far(self) -> bool:
        """Whether hosts use R2."""
        return self.pair in {OVER, SPLIT}


class ReplicatedLives(RuleBasedStateMachine):
    """Up to five volumes of one mode."""

    modes: tuple[Mode, ...] = MODES

    def __init__(self) -> None:
        super().__init__()
        self.directory = tempfile.TemporaryDirectory()
        self.stage: ReplicatedStage | None = None
        self.volumes: dict[VolumeTarget, Life] = {}
        self.written = 0
        self.is_cut = False

    @initialize(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        mode = data.draw(st.sampled_from(self.modes))
        self.stage = ReplicatedStage.set_up(Path(self.directory.name), mode)

    def teardown(self) -> None:
        if self.stage is not None:
            self.stage.engine.close()
        self.directory.cleanup()

    # --- the model -------------------------------------------------------------------------------------------------

    @property
    def mode(self) -> Mode:
        return self.stage.mode

    @property
    def is_disturbed(self) -> bool:
        """Whether an operation may be refused for what was done to the link or to a pair."""
        return self.is_cut or any(life.pair != RUNS for life in self.volumes.values())

    def attempt(self, operation: Callable[[], object], *, may_fail: bool = False) -> tuple[Any, bool]:
        """Do it; only a disturbance may keep it from being done, and then nothing is another than before."""
        if not self.is_disturbed and not may_fail:
            return operation(), True
        before = self.stage.everything()
        try:
            return operation(), True
        except PmaxError as error:
            refusal = repr(error)
        assert self.stage.everything() == before, refusal
        return None, False

    @property
    def paired(self) -> dict[VolumeTarget, Life]:
        """Volumes that have another side."""
        return {target: life for target, life in self.volumes.items() if life.is_paired}

    @staticmethod
    def chosen(among: dict[VolumeTarget, Life], place: int) -> VolumeTarget:
        return sorted(among, key=lambda target: target.device_id)[place % len(among)]

    def together(self, target: VolumeTarget) -> list[Life]:
        """Volumes whose pairs change together with that of a volume when its storage group is named."""
        policy = self.volumes[target].policy
        return [life for life in self.paired.values() if self.mode.is_managed or life.policy == policy]

    def change(self, target: VolumeTarget, action: SessionAction, array: ArrayId = ARRAY) -> bool:
        """Do something to the pairs of a storage group by hand; whether it was done."""
        group = "" if self.mode.is_managed else self.groups_of(self.volumes[target]).pop()
        command = ChangeSession(array_id=array, label=self.mode.label, storage_group=group, action=action)
        is_impossible = self.mode is METRO and action is SessionAction.FAILOVER
        _, is_done = self.attempt(lambda: self.stage.engine.execute(command), may_fail=is_impossible)
        assert not (is_done and is_impossible)
        return is_done

    def groups_of(self, life: Life) -> set[str]:
        """Storage groups in which both sides of a volume must be."""
        default = self.mode.default_group.replace("Gold", str(life.policy.service_level))
        if not life.is_paired:
            return {default.replace(self.mode.suffix, "")}
        return {default, self.mode.management_group} if self.mode.is_managed else {default}

    def pair_of(self, target: VolumeTarget) -> RdfPair:
        return self.stage.simulator.srdf.pair_of(ARRAY, target.device_id)

    # --- volumes ---------------------------------------------------------------------------------------------------

    @precondition(lambda self: len(self.volumes) < 5)
    @rule()
    def create(self) -> None:
        made, is_done = self.attempt(self.stage.make)
        if is_done:
            is_held = self.pair_of(made).state is PairState.SUSPENDED
            assert not is_held or any(life.pair == HELD for life in self.volumes.values())
            self.volumes[made] = Life(self.mode.policy, pair=HELD if is_held else RUNS)

    @precondition(lambda self: self.volumes)
    @rule(place=PLACES)
    def delete(self, place: int) -> None:
        target = self.chosen(self.volumes, place)
        command = DeleteVolume(target=target, policy=self.volumes[target].policy)
        _, is_done = self.attempt(lambda: self.stage.engine.execute(command))
        if is_done:
            assert not self.volumes[target].is_used_far
            del self.volumes[target]

    @precondition(lambda self: self.volumes)
    @rule(place=PLACES)
    def extend(self, place: int) -> None:
        target = self.chosen(self.volumes, place)
        gib = self.stage.array.volumes[target.device_id].cylinders // 546 + 1
        policy = self.volumes[target].policy
        command = ExtendVolume(target=target, capacity=Capacity.from_gib(gib), policy=policy)
        _, is_done = self.attempt(lambda: self.stage.engine.execute(command))
        assert not is_done or not self.volumes[target].is_used_far

    @precondition(lambda self: self.volumes)
    @rule(place=PLACES)
    def write(self, place: int) -> None:
        """A host writes where it uses the volume; data flow while the pair runs."""
        target = self.chosen(self.volumes, place)
        life = self.volumes[target]
        self.written += 1
        token = f"token {self.written}"
        if life.is_used_far:
            self.stage.remote.write(self.stage.other(target).volume_id, token)
            life.far = token
            return
        self.stage.write(target, token)
        life.near = token
        if life.is_paired and life.pair == RUNS and not self.is_cut:
            life.far = token

    @precondition(lambda self: self.volumes)
    @rule(place=PLACES, level=st.sampled_from(("Gold", "Silver")), is_replicated=st.booleans())
    def retype(self, place: int, level: str, is_replicated: bool) -> None:
        """To, from and within replicated types; no pair of others leaves its state for it."""
        target = self.chosen(self.volumes, place)
        life = self.volumes[target]
        after = attrs.evolve(self.mode.policy if is_replicated else GOLD, service_level=level)
        _, is_done = self.attempt(lambda: self.stage.retype(target, life.policy, after))
        if not is_done:
            return
        assert not life.is_used_far or life.policy == after
        if not is_replicated:
            life.pair, life.far = RUNS, None
        elif not life.is_paired:
            life.pair, life.far = RUNS, life.near
            if self.pair_of(target).state is PairState.SUSPENDED:
                life.pair, life.far = HELD, None
        life.policy = after

    # --- replication -----------------------------------------------------------------------------------------------

    @precondition(lambda self: self.paired and not self.is_cut)
    @rule(place=PLACES)
    def suspend(self, place: int) -> None:
        target = self.chosen(self.paired, place)
        if self.change(target, SessionAction.SUSPEND):
            for life in self.together(target):
                life.pair = HELD if life.pair == RUNS else life.pair

    @precondition(lambda self: self.paired and not self.is_cut)
    @rule(place=PLACES)
    def resume(self, place: int) -> None:
        target = self.chosen(self.paired, place)
        if self.change(target, SessionAction.RESUME):
            for life in self.together(target):
                life.pair, life.far = RUNS, life.near

    @precondition(lambda self: self.paired and self.mode is not METRO)
    @rule(place=PLACES, all_of_them=st.booleans())
    def fail_over(self, place: int, all_of_them: bool) -> None:
        """As Cinder does it: all volumes, or the one that a group consists of."""
        self.move(
            Direction.OVER,
            list(self.paired) if all_of_them or self.mode.is_managed else [self.chosen(self.paired, place)],
        )

    @precondition(lambda self: any(life.is_used_far for life in self.volumes.values()))
    @rule()
    def fail_back(self) -> None:
        self.move(Direction.BACK, [target for target, life in self.volumes.items() if life.is_used_far])

    def move(self, direction: Direction, targets: list[VolumeTarget]) -> None:
        """Move volumes as the driver does, with both sides as its database has them."""
        (device,) = (each for each in self.stage.engine.settings.replication_devices if each.mode == self.mode.name)
        command = MoveToOtherArray(
            device=device,
            primary_array_id=ARRAY,
            direction=direction,
            volumes=tuple(self.sides(target, direction) for target in targets),
        )
        result, is_done = self.attempt(lambda: self.stage.engine.execute(command))
        if is_done:
            assert not result.not_paired
            self.moved([self.volumes[target] for target in targets], direction)

    def moved(self, lives: list[Life], direction: Direction) -> None:
        for life in lives:
            if direction is Direction.BACK:
                life.pair, life.near = RUNS, life.far
            elif not self.is_cut:
                life.pair = OVER
            elif not life.is_used_far:
                life.pair = SPLIT

    def sides(self, target: VolumeTarget, direction: Direction) -> TwoSidedVolume:
        other = DeviceId(self.stage.other(target).volume_id)
        there = VolumeTarget(array_id=REMOTE, device_id=other, identifiers=target.identifiers)
        over = TwoSidedVolume(used=target, other=there)
        return over if direction is Direction.OVER else over.turned

    @precondition(lambda self: self.paired)
    @rule(place=PLACES)
    def fail_over_by_hand(self, place: int) -> None:
        target = self.chosen(self.paired, place)
        if self.change(target, SessionAction.FAILOVER, REMOTE):
            self.moved(self.together(target), Direction.OVER)

    @precondition(lambda self: any(life.is_used_far for life in self.volumes.values()))
    @rule(place=PLACES)
    def fail_back_by_hand(self, place: int) -> None:
        target = self.chosen(self.paired, place)
        is_split = any(life.pair == SPLIT for life in self.together(target))
        action = SessionAction.RESTORE if is_split else SessionAction.FAILBACK
        if self.change(target, action, REMOTE):
            self.moved([life for life in self.together(target) if life.pair != RUNS], Direction.BACK)

    @precondition(lambda self: not self.is_cut)
    @rule()
    def cut(self) -> None:
        self.stage.simulator.srdf.cut_link(ARRAY, REMOTE)
        self.is_cut = True

    @precondition(lambda self: self.is_cut)
    @rule()
    def repair(self) -> None:
        """Asynchronous pairs go on by themselves; the others wait for somebody who resumes them."""
        self.stage.simulator.srdf.restore_link(ARRAY, REMOTE)
        self.is_cut = False
        for life in self.paired.values():
            if life.pair == RUNS and self.mode is ASYNC:
                life.far = life.near
            elif life.pair == RUNS:
                life.pair = HELD

    # --- what always holds -----------------------------------------------------------------------------------------

    @invariant()
    def every_volume_has_both_sides(self) -> None:
        if self.stage is None:
            return
        pairs = self.stage.simulator.srdf.pairs
        near, far = ({pair.volumes[pair.arrays.index(array)] for pair in pairs} for array in (ARRAY, REMOTE))
        assert near == {target.device_id for target in self.paired}
        everything = near | {target.device_id for target in self.volumes}
        for wanted, handle in ((everything, self.stage.array), (far, self.stage.remote)):
            assert wanted == {device for device, volume in handle.volumes.items() if not volume.is_gatekeeper}

    @invariant()
    def both_sides_are_equal(self) -> None:
        for target, life in self.volumes.items():
            near = self.stage.array.volumes[target.device_id]
            far = self.stage.other(target) if life.is_paired else near
            assert (near.cylinders, near.identifier) == (far.cylinders, far.identifier)
            assert set(near.storage_groups) == set(far.storage_groups) == self.groups_of(life)

    @invariant()
    def no_pair_leaves_its_state(self) -> None:
        for target, life in self.paired.items():
            pair = self.pair_of(target)
            assert pair.state in SHOWN[life.pair], (target, life, pair)
            assert pair.arrays[pair.r1_side] == ARRAY

    @invariant()
    def nothing_is_lost_and_nothing_is_left(self) -> None:
        if self.stage is None:
            return
        for target, life in self.volumes.items():
            assert life.near in {None, self.stage.array.read(target.device_id)}, (target, life)
            if life.far is not None:
                assert life.far == self.stage.remote.read(self.stage.other(target).volume_id), (target, life)
        assert self.stage.engine.unfinished() == ()
        for handle, there in ((self.stage.array, self.volumes), (self.stage.remote, self.paired)):
            assert set(handle.storage_groups) == {name for life in there.values() for name in self.groups_of(life)}


def lives(*modes: Mode, examples: int, steps: int) -> None:
    """Run lives in these modes. One that fails is shown as it was: to look for a shorter one takes minutes."""
    machine = type("Lives", (ReplicatedLives,), {"modes": modes})
    chosen = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.reuse, Phase.generate),
        report_multiple_bugs=False,
    )
    run_state_machine_as_test(machine, settings=chosen)


@pytest.mark.timeout(300)
def test_a_few_lives() -> None:
    """Whatever happens in which order: both sides agree, no pair leaves its state by itself, and no data are lost."""
    lives(*MODES, examples=12, steps=20)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.name)
def test_lives_of_one_mode(mode: Mode) -> None:
    """Likewise, longer ones."""
    lives(mode, examples=25, steps=40)


@pytest.mark.matrix
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.name)
def test_many_lives_of_one_mode(mode: Mode) -> None:
    """Likewise, many of them."""
    lives(mode, examples=400, steps=40)
