"""Lives that cross: threads do things to the same volumes, hosts and groups at once, and the array is looked at after.

One machine of hypothesis. A round is a handful of operations that run at the same time, and faults that they meet. When
it ends, the faults are over, what is open is recovered, and everything that anybody was told must be so.
"""

from __future__ import annotations

import faulthandler
import itertools
import shutil
import tempfile
import threading
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import attrs
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from pmax.adapters.system import SystemClock
from pmax.bootstrap import build_engine
from pmax.domain.commands import (
    CreateVolumeGroup,
    DeleteGroupSnapshot,
    DeleteSnapshot,
    DeleteVolume,
    DeleteVolumeGroup,
    DetachVolume,
    SnapshotTarget,
)
from pmax.domain.errors import PmaxError
from pmax.domain.identifiers import device_id
from pmax.domain.naming import device_of_temporary_snapshot
from pmax.domain.policies import VolumePolicy
from pmax.domain.settings import Secret, Settings, UnisphereServer
from pmax.domain.volumes import VolumeTarget
from pmax.engine import Engine
from pmax.engine.janitor import tidy_snapshots
from pmax.ports.runtime import Clock
from pmax.simulator import CutBody, Drop, Fault, Garbage, Refuse, Simulator
from pmax.simulator.fault_effects import Effect
from pmax.simulator.mount import SimulatorAdapter
from tests.faults.bystanders import furnish, is_foreign
from tests.faults.cells import held_locks
from tests.faults.facts import empty_ones, facts_of, twins
from tests.stage import ARRAY, GOLD, SILVER, Stage
from tests.stress.acts import ACTS, GROUP, GROUP_SNAPSHOT, HOSTS, KINDS, MAKING, SNAPSHOT, Act, Doing, Done

#: Real seconds after which a round that has not ended waits for itself.
WATCHDOG_S: Final = 40.0
#: The engine's seconds in a real one: pauses and time-outs are shorter, their order is the same.
HURRY: Final = 20.0
LATENCY_S: Final = 0.001

EFFECTS: tuple[Effect, ...] = (
    Refuse(status=500),
    Refuse(status=503, headers={"Retry-After": "0"}),
    Refuse(status=429, headers={"Retry-After": "0"}),
    Drop(is_applied=False),
    Drop(is_applied=True),
    CutBody(),
    Garbage(),
)


class HurriedClock(SystemClock):
    """Real time, that passes faster."""

    def now_s(self) -> float:
        """Monotonic."""
        return super().now_s() * HURRY

    def sleep(self, seconds: float) -> None:
        """Wait a part of it."""
        super().sleep(seconds / HURRY)


FAULTS = st.builds(lambda effect, nth: Fault(effect=effect, nth=nth), st.sampled_from(EFFECTS), st.integers(1, 40))


class Lives(RuleBasedStateMachine):
    """Rounds of operations at the same time."""

    def __init__(self) -> None:
        super().__init__()
        self.state = Path(tempfile.mkdtemp(prefix="pmax-lives-"))
        self.simulator = Simulator(clock="real", latency_s=LATENCY_S)
        self.clock = HurriedClock()
        self.engine = _engine(self.simulator, self.clock, self.state)
        self.stage = Stage(self.simulator, self.engine, "iscsi", self.clock)  # type: ignore[arg-type]
        furnish(self.stage)
        self.before = facts_of(self.simulator)
        self.engine.execute(CreateVolumeGroup(target=GROUP))
        self.empty = empty_ones(facts_of(self.simulator))
        self.numbers = itertools.count(1)
        self.tokens: dict[str, str] = {}
        for policy in (GOLD, GOLD, SILVER):
            self.engine.execute(KINDS["create"](Doing(Act("create", 0, ""), _nobody(), policy, self._identifier())))
        self._write()

    # --- a round -----------------------------------------------------------------------------------------------------

    @rule(acts=st.lists(ACTS, min_size=4, max_size=7), faults=st.lists(FAULTS, max_size=3))
    def at_once(self, acts: list[Act], faults: list[Fault]) -> None:
        """Do several things at the same time, among faults, and look."""
        volumes = self._volumes()
        if not volumes:
            acts = [attrs.evolve(act, kind="create") for act in acts]
        doings = [self._doing(act, volumes) for act in acts]
        self.tokens |= {each.made: self.tokens[each.name] for each in doings if each.kind in {"copy", "clone"}}
        self.simulator.faults.add(*faults)
        done = self._together(doings)
        self.simulator.faults.clear()
        verdicts = {recovered.verdict for recovered in self.engine.recover()}
        assert verdicts <= {"undone", "finished"}, verdicts
        list(tidy_snapshots(self.engine))
        self._look(done)
        self._write()

    def _doing(self, act: Act, volumes: Sequence[tuple[VolumeTarget, VolumePolicy]]) -> Doing:
        made = self._identifier() if act.kind in MAKING else ""
        target, policy = volumes[act.volume % len(volumes)] if volumes else (_nobody(), GOLD)
        return Doing(act, target, policy, made)

    def _together(self, doings: Iterable[Doing]) -> list[Done]:
        done = [Done(doing) for doing in doings]
        threads = [threading.Thread(target=self._do, args=(each,), daemon=True) for each in done]
        for thread in threads:
            thread.start()
        ends_s = time.monotonic() + WATCHDOG_S
        for thread in threads:
            thread.join(max(0.0, ends_s - time.monotonic()))
        waiting = [each.doing for each in done if not each.has_ended]
        if waiting:
            faulthandler.dump_traceback(all_threads=True)
        assert not waiting, f"no end in {WATCHDOG_S} s: {waiting}"
        strange = [each for each in done if each.error is not None and not isinstance(each.error, PmaxError)]
        assert not strange, strange
        return done

    def _do(self, done: Done) -> None:
        try:
            self.engine.execute(KINDS[done.doing.kind](done.doing))
        except BaseException as error:  # noqa: BLE001 - it is looked at when all have ended
            done.error = error
        done.has_ended = True

    # --- what must be so ---------------------------------------------------------------------------------------------

    def _look(self, done: list[Done]) -> None:
        found = facts_of(self.simulator)
        members = {fact[1] for fact in found if fact[0] == "member"}
        ours = {f"999/{name}" for name in self._names()}
        problems = {
            "foreign objects changed": frozenset(filter(is_foreign, self.before)) - found,
            "one identifier on several devices": twins(found),
            "left empty": empty_ones(found) - self.empty,
            "in no group": ours - members,
            "locks are held": held_locks(self.state / "locks"),
            "defects of the simulator": self.simulator.defects,
            "the journal has": [entry.command for entry in self.engine.unfinished()],
            "temporary snapshots": self._forgotten_snapshots(),
            "data": self._wrong_data(),
            "told wrongly": [wrong for each in done if (wrong := self._contradiction(each, done))],
        }
        wrong = {what: sorted(map(str, things)) for what, things in problems.items() if things}
        assert not wrong, (
            wrong,
            [(each.doing.kind, each.doing.name, each.doing.act.host, each.error) for each in done],
        )

    def _contradiction(self, one: Done, done: list[Done]) -> str:
        """What the array says against what somebody was told, where nobody else can have changed it since."""
        doing = one.doing
        others = {other.doing.kind for other in done if other is not one and other.doing.name == doing.name}
        on_host = {
            other.doing.kind
            for other in done
            if other is not one and (other.doing.name, other.doing.act.host) == (doing.name, doing.act.host)
        }
        names = self._names()
        claims = {
            "create": doing.made in names,
            "copy": doing.made in names,
            "clone": doing.made in names,
            "delete": doing.name not in names,
            "attach": "delete" in others or "detach" in on_host or self._sees(doing),
            "detach": "attach" in on_host or not self._sees(doing),
            "snap": bool(others & {"delete snapshot", "delete"}) or self._has_snapshot(doing),
            "delete snapshot": "snap" in others or not self._has_snapshot(doing),
            "join": bool(others & {"leave", "delete"}) or self._is_member(doing),
            "leave": "join" in others or not self._is_member(doing),
        }
        if one.succeeded and not claims.get(doing.kind, True):
            return f"{doing.kind} of {doing.made or doing.name} was reported done and is not"
        if one.failed and doing.kind in MAKING and doing.made in names:
            return f"{doing.kind} of {doing.made} was reported failed, and it is there"
        if one.failed and doing.kind == "delete" and "delete" not in others and doing.name not in names:
            return f"{doing.name} was not deleted, and it is gone"
        return ""

    def _sees(self, doing: Doing) -> bool:
        return doing.name in self._names() and self.stage.sees(doing.act.host, doing.target)

    def _has_snapshot(self, doing: Doing) -> bool:
        return SNAPSHOT in self.stage.snapshots_of(doing.target)

    def _is_member(self, doing: Doing) -> bool:
        volume = self.stage.array.volumes.get(doing.target.device_id)
        return volume is not None and volume.identifier == doing.name and GROUP.storage_group in volume.storage_groups

    def _forgotten_snapshots(self) -> list[str]:
        used = {(link.source, link.snap_id) for link in self.stage.array.links.values()}
        return [
            f"{each.name} of {each.source}"
            for each in self.stage.array.snapshots
            if device_of_temporary_snapshot(each.name) and (each.source, each.snap_id) not in used
        ]

    def _wrong_data(self) -> list[str]:
        """Volumes that do not have the data of their source, or what a host wrote to them."""
        return [
            f"{name}: {data!r}, not {self.tokens[name]!r}"
            for name, device in self._devices().items()
            if name in self.tokens and (data := self.stage.array.read(device)) != self.tokens[name]
        ]

    # --- what there is -----------------------------------------------------------------------------------------------

    def _devices(self) -> dict[str, str]:
        volumes = self.stage.array.volumes.items()
        return {name: device for device, each in volumes if (name := each.identifier or "").startswith("OS-")}

    def _names(self) -> set[str]:
        return set(self._devices())

    def _volumes(self) -> list[tuple[VolumeTarget, VolumePolicy]]:
        found = []
        for name, device in sorted(self._devices().items()):
            groups = self.stage.array.volumes[device].storage_groups
            policy = SILVER if any("Silver" in group for group in groups) else GOLD
            target = VolumeTarget(array_id=ARRAY, device_id=device_id(device), identifiers=(name,))
            found.append((target, policy))
        return found

    def _identifier(self) -> str:
        return f"OS-5d0c7e12-93ab-4f6e-8c21-{next(self.numbers):012d}"

    def _write(self) -> None:
        """Let a host write to volumes that are new; what copies have must be right already, and stays."""
        for name, device in self._devices().items():
            if name not in self.tokens:
                self.tokens[name] = self.stage.array.read(device) or f"data of {name}"
                if device not in self.stage.array.links:
                    self.stage.array.write(device, self.tokens[name])

    # --- the end -----------------------------------------------------------------------------------------------------

    def teardown(self) -> None:
        """Take everything away; that it can be is the last claim."""
        try:
            self._take_down()
            left = facts_of(self.simulator) - self.before
            assert not {fact for fact in left if fact[0] != "data"}, left
        finally:
            self.engine.close()
            self.simulator.close()
            shutil.rmtree(self.state, ignore_errors=True)

    def _take_down(self) -> None:
        volumes = self._volumes()
        targets = tuple(target for target, _ in volumes)
        self.engine.execute(DeleteGroupSnapshot(target=GROUP, name=GROUP_SNAPSHOT))
        self.engine.execute(DeleteVolumeGroup(target=GROUP, members=targets))
        for target, policy in volumes:
            self.engine.execute(
                DetachVolume(target=target, connector=None, protocol="iscsi", policy=policy, other_hosts=HOSTS)
            )
            self.engine.execute(DeleteSnapshot(target=SnapshotTarget(volume=target, name=SNAPSHOT)))
        for target in reversed(targets):  # copies are younger than what they were made of
            self.engine.execute(DeleteVolume(target=target))


def _nobody() -> VolumeTarget:
    return VolumeTarget(array_id=ARRAY, device_id=device_id("0FFFF"), identifiers=("OS-nobody",))


def _engine(simulator: Simulator, clock: Clock, state: Path) -> Engine:
    settings = Settings(
        array_id=ARRAY,
        srp="SRP_1",
        servers=(UnisphereServer(host="localhost", username="smc", password=Secret("smc"), port=8443),),
        port_groups=("OS-iscsi-PG",),
        journal_directory=str(state),
        backoff_factor_s=0.5,
    )
    adapter = SimulatorAdapter(simulator.application)
    return build_engine(settings, clock=clock, http_adapter=adapter, load_entry_points=False)
