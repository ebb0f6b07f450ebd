"""The stress run: several processes over one served array, with faults, latency and deaths, and what must hold.

As a script, `python -m tests.stress.crowd MINUTES PROCESSES SEED`, it prints its figures: `make stress`.
"""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import TextIO

import attrs

from pmax.adapters.system import SystemClock
from pmax.bootstrap import build_engine
from pmax.domain.commands import DeleteSnapshot, DeleteVolume, DetachVolume, SnapshotTarget, TidySnapshots
from pmax.domain.identifiers import device_id
from pmax.domain.volumes import VolumeTarget
from pmax.engine import Engine
from pmax.simulator import Drop, Fault, Refuse, Simulator
from pmax.simulator.fault_effects import CutBody, Effect, Garbage, Moment
from pmax.simulator.wire import Response
from tests.faults.bystanders import furnish, is_foreign
from tests.faults.cells import held_locks
from tests.faults.facts import Facts, empty_ones, facts_of, named, twins
from tests.stage import ARRAY, GOLD, Stage
from tests.stress.worker import COPIED, HOSTS, READ_SLOTS, SNAPSHOT, WRITE_SLOTS, settings_for, shared_targets

SHARED = 5
#: What each answer takes, so that calls meet.
LATENCY_S = 0.01
#: Volumes that are in no group from the beginning: gatekeepers, and one that waits for its use.
SPARE = frozenset({"999/00001", "999/00002", "998/00001", "998/00002", "999/intruder"})
#: Without a line from any process for so long, something waits for itself.
SILENCE_S = 60.0

EFFECTS: tuple[Effect, ...] = (
    Refuse(status=500),
    Refuse(status=503, headers={"Retry-After": "0"}),
    Refuse(status=429, headers={"Retry-After": "0"}),
    Drop(is_applied=False),
    Drop(is_applied=True),
    CutBody(),
    Garbage(),
)


@attrs.frozen(kw_only=True)
class Meter(Effect):
    """Counts the calls that are in flight at a time.

    Attributes:
        peaks: how many that read, and how many that write, were at most.
        blind_until_s: until then nothing is counted, because calls of a process that was killed are still in flight.
    """

    usual_turns = "every"

    peaks: dict[str, int] = attrs.field(factory=lambda: {"read": 0, "write": 0})
    blind_until_s: list[float] = attrs.field(factory=lambda: [0.0])

    def before(self, moment: Moment) -> Response | None:
        """Count those that are there when another one comes."""
        if time.monotonic() >= self.blind_until_s[0]:
            reads = [call.verb == "GET" for call in moment.application.in_flight]
            self.peaks["read"] = max(self.peaks["read"], sum(reads))
            self.peaks["write"] = max(self.peaks["write"], len(reads) - sum(reads))
        return None

    def blink(self) -> None:
        """Look away for a moment."""
        self.blind_until_s[0] = time.monotonic() + 2 * LATENCY_S + 0.2


@attrs.define
class Crowd:
    """A run.

    Attributes:
        processes: how many work at a time.
        seconds: how long.
        seed: decides everything that is random, except the order in which processes run.
        ended: operation and how it ended → how often.
        longest_s: the longest operation, waiting for locks included.
        longest_wait_s: the longest wait for locks.
        kills: how many processes were killed and started again.
    """

    processes: int
    seconds: float
    seed: int
    ended: Counter[str] = attrs.field(factory=Counter)
    longest_s: float = 0.0
    longest_wait_s: float = 0.0
    kills: int = 0
    peaks: dict[str, int] = attrs.field(factory=dict)
    problems: list[str] = attrs.field(factory=list)
    _heard_at_s: float = attrs.field(factory=time.monotonic)
    _guard: threading.Lock = attrs.field(factory=threading.Lock)
    _listeners: list[threading.Thread] = attrs.field(factory=list)

    def run(self, state: Path) -> None:
        """Let the processes work, then look what is left."""
        with Simulator(clock="real", latency_s=LATENCY_S) as simulator:
            port = int(simulator.url.rsplit(":", 1)[1])
            engine = build_engine(settings_for(port, state), clock=SystemClock(), load_entry_points=False)
            stage = Stage(simulator, engine, "iscsi", SystemClock())  # type: ignore[arg-type]
            furnish(stage)
            devices = tuple(_shared_volume(stage, number) for number in range(SHARED))
            before = facts_of(simulator)
            meter = Meter()
            simulator.faults.add(Fault(effect=meter))
            self._work(stage, port, state, devices, meter)
            simulator.faults.clear()
            self.peaks = dict(meter.peaks)
            self._tidy(engine, devices, stage)
            self._look(stage, state, before)
            engine.close()

    def _work(self, stage: Stage, port: int, state: Path, devices: tuple[str, ...], meter: Meter) -> None:
        chance = random.Random(self.seed)  # noqa: S311 - not a secret
        ends_at_s = time.monotonic() + self.seconds
        running = [self._start(port, state, devices, chance, ends_at_s) for _ in range(self.processes)]
        while (left_s := ends_at_s - time.monotonic()) > 0:
            SystemClock().sleep(min(0.2, left_s))
            turn = chance.randint(1, 30)
            stage.simulator.faults.add(Fault(effect=chance.choice(EFFECTS), nth=turn))
            if chance.random() < 0.05 and left_s > 3:
                victim = chance.randrange(len(running))
                meter.blink()
                running[victim].send_signal(signal.SIGKILL)
                running[victim].wait()
                meter.blink()
                self.kills += 1
                running[victim] = self._start(port, state, devices, chance, ends_at_s)
            if time.monotonic() - self._heard_at_s > SILENCE_S:
                self.problems.append(f"no operation ended in {SILENCE_S:.0f} s")
                break
        for process in running:
            try:
                status = process.wait(90)
            except subprocess.TimeoutExpired:
                process.kill()
                status = process.wait()
            if status != 0:
                self.problems.append(f"a process ended with {status}")
        for listener in self._listeners:
            listener.join(10)

    def _start(
        self, port: int, state: Path, devices: tuple[str, ...], chance: random.Random, ends_at_s: float
    ) -> subprocess.Popen[str]:
        left_s = max(1.0, ends_at_s - time.monotonic())
        arguments = (str(port), str(state), str(chance.getrandbits(30)), f"{left_s:.1f}", *devices)
        command = [sys.executable, "-W", "ignore", "-m", "tests.stress.worker", *arguments]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        listener = threading.Thread(target=self._listen, args=(process.stdout,), daemon=True)
        listener.start()
        self._listeners.append(listener)
        return process

    def _listen(self, lines: TextIO) -> None:
        with lines:
            for line in lines:
                self._hear(line)

    def _hear(self, line: str) -> None:
        took_s, waited_s, what = (*line.strip().split(" ", 2), "", "")[:3]
        if not line.endswith("\n") or not what:  # a process that was killed may have left half a line
            return
        with self._guard:
            self._heard_at_s = time.monotonic()
            self.ended[what] += 1
            self.longest_s = max(self.longest_s, float(took_s))
            self.longest_wait_s = max(self.longest_wait_s, float(waited_s))

    def _tidy(self, engine: Engine, devices: tuple[str, ...], stage: Stage) -> None:
        """Recover what is open, and take away what the processes made, as an administrator would."""
        for recovered in engine.recover():
            if recovered.verdict not in {"undone", "finished"}:
                what = f"{recovered.entry.command}: {recovered.verdict}, {'; '.join(recovered.left_behind)}"
                self.problems.append(f"recovery left {what}")
        self.problems += _mixed_up(stage)
        targets = {
            VolumeTarget(array_id=ARRAY, device_id=device_id(device), identifiers=(volume.identifier or "",))
            for device, volume in stage.array.volumes.items()
            if (volume.identifier or "").startswith("OS-")
        }
        for target in targets:
            engine.execute(
                DetachVolume(target=target, connector=None, protocol="iscsi", policy=GOLD, other_hosts=HOSTS)
            )
            for name in filter(lambda name: name.startswith(SNAPSHOT), stage.snapshots_of(target)):
                engine.execute(DeleteSnapshot(target=SnapshotTarget(volume=target, name=name)))
            engine.execute(TidySnapshots(array_id=ARRAY, device_id=target.device_id))
        for target in sorted(targets, key=lambda target: target.device_id, reverse=True):
            if target.device_id not in devices:
                engine.execute(DeleteVolume(target=target))

    def _look(self, stage: Stage, state: Path, before: Facts) -> None:
        found = facts_of(stage.simulator)
        kept = {"volume", "data", "view", "address", "snapshot", "link"}
        lost = {fact for fact in before - found if fact[0] in {"volume", "data"}}
        checks = {
            "foreign objects changed": frozenset(filter(is_foreign, before)) - found,
            "one identifier on several devices": twins(found),
            "left empty": empty_ones(found) - empty_ones(before),
            "left": {fact for fact in found - before if fact[0] in kept},
            "lost": lost,
            "in no group": named(found, "volume") - {fact[1] for fact in found if fact[0] == "member"} - SPARE,
            "locks are held": held_locks(state / "locks"),
            "defects of the simulator": stage.simulator.defects,
            "the journal has": [entry.command for entry in stage.engine.unfinished()],
        }
        self.problems += [f"{what}: {sorted(map(str, wrong))}" for what, wrong in checks.items() if wrong]
        for kind, slots in (("read", READ_SLOTS), ("write", WRITE_SLOTS)):
            if self.peaks[kind] > slots:
                self.problems.append(f"{self.peaks[kind]} calls that {kind} were in flight at a time, not {slots}")

    def report(self) -> str:
        """Figures, in lines."""
        done = sum(number for what, number in self.ended.items() if what.endswith(" done"))
        failed = Counter[str]()
        for what, number in self.ended.items():
            if not what.endswith((" done", " left out")):
                failed[what.rpartition(" ")[2]] += number
        lines = [
            f"{self.processes} processes, {self.seconds:.0f} s, seed {self.seed}",
            f"{done} operations done, {done / self.seconds:.1f} a second",
            f"{sum(failed.values())} operations failed: {dict(failed)}",
            f"{self.kills} processes killed; longest operation {self.longest_s:.1f} s, waiting for locks included",
            f"longest wait for locks {self.longest_wait_s:.1f} s",
            f"calls in flight at most: {self.peaks} of {READ_SLOTS} that read and {WRITE_SLOTS} that write",
            *(f"PROBLEM: {problem}" for problem in self.problems),
        ]
        return "\n".join(lines)


def _mixed_up(stage: Stage) -> list[str]:
    """Clones of shared volumes that hold something else than their source."""
    found = []
    for device, volume in stage.array.volumes.items():
        _, is_copy, number = (volume.identifier or "").partition(COPIED)
        if is_copy and stage.array.read(device) != f"data of shared {int(number)}":
            groups = ", ".join(volume.storage_groups) or "no group"
            found.append(f"{volume.identifier}, device {device} in {groups}, holds {stage.array.read(device)!r}")
    return found


def _shared_volume(stage: Stage, number: int) -> str:
    made = stage.create()
    stage.array.update_volume(made.device_id, identifier=f"OS-shared-{number}")
    stage.array.write(made.device_id, f"data of shared {number}")
    assert shared_targets((made.device_id,))
    return str(made.device_id)


def main(minutes: str, processes: str, seed: str) -> int:
    """Run and print."""
    crowd = Crowd(processes=int(processes), seconds=60 * float(minutes), seed=int(seed))
    with tempfile.TemporaryDirectory(prefix="pmax-stress-") as directory:
        crowd.run(Path(directory))
    print(crowd.report())  # noqa: T201 - that is what it is for
    return len(crowd.problems)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
