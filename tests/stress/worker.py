"""One process of the stress run: `worker PORT STATE SEED SECONDS DEVICE…`.

It does what many Cinder services do at once: it makes, clones, extends, shows, hides, retypes and deletes volumes of
its own; it shows, hides, snapshots and clones volumes that all processes share, on hosts that all share. It recovers at
its start what a process that was killed left. It prints a line for each operation that ended, so that whoever waits
knows that it lives: how long it took, the longest wait for locks in it, and what it was.
"""

from __future__ import annotations

import faulthandler
import logging
import random
import sys
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import attrs

from pmax.adapters.system import FileLocks, SystemClock
from pmax.bootstrap import build_engine
from pmax.domain.capacity import Capacity
from pmax.domain.commands import (
    AttachVolume,
    CloneVolume,
    CreateSnapshot,
    CreateVolume,
    DeleteSnapshot,
    DeleteVolume,
    DetachVolume,
    ExtendVolume,
    RetypeVolume,
    SnapshotTarget,
)
from pmax.domain.errors import PmaxError
from pmax.domain.identifiers import DeviceId, device_id
from pmax.domain.policies import VolumePolicy
from pmax.domain.settings import Secret, Settings, Timeouts, UnisphereServer
from pmax.domain.volumes import VolumeTarget
from pmax.engine import Engine
from pmax.ports.runtime import Deadline, LockKey, Locks
from tests.stage import ARRAY, GOLD, SILVER, connector

_log = logging.getLogger(__name__)

HOSTS = ("host-a", "host-b", "host-c")
READ_SLOTS = 3
WRITE_SLOTS = 2
#: After so long without an end of any operation a process says where it stands and dies.
WATCHDOG_S = 100.0
#: Of every snapshot that a process takes.
SNAPSHOT = "stress-"
#: Begins the last part of the identifier of a clone of a shared volume, before the volume's number.
COPIED = "c0ffee"


class TimedLocks(Locks):
    """The files of this machine, and how long they were waited for.

    Attributes:
        longest_s: the longest wait since this was set to 0.
    """

    def __init__(self, files: FileLocks) -> None:
        self._files = files
        self.longest_s = 0.0

    @contextmanager
    def hold(self, keys: Iterable[LockKey], deadline: Deadline) -> Iterator[None]:
        """Hold them, and note the wait."""
        began_s = time.monotonic()
        with self._files.hold(keys, deadline):
            self.longest_s = max(self.longest_s, time.monotonic() - began_s)
            yield


@attrs.define
class Own:
    """A volume that this process alone makes and deletes."""

    target: VolumeTarget
    policy: VolumePolicy
    gib: int


@attrs.define
class Worker:
    """Does one random operation after another.

    Attributes:
        engine: of this process.
        chance: decides what.
        shared: volumes that all processes attach and detach.
        own: volumes of this process.
        snapshots: that this process took, of its own volumes and of shared ones.
    """

    engine: Engine
    chance: random.Random
    shared: tuple[VolumeTarget, ...]
    own: list[Own] = attrs.field(factory=list)
    snapshots: list[SnapshotTarget] = attrs.field(factory=list)

    def step(self) -> str:
        """Do something; returns what, and how it ended."""
        operation = self.chance.choice(OPERATIONS)
        try:
            done = operation(self)
        except PmaxError as error:
            for recovered in self.engine.recover():
                _log.warning("%s", recovered)
            return f"{operation.__name__.lstrip('_')} {type(error).__name__}"
        return f"{operation.__name__.lstrip('_')} {'done' if done else 'left out'}"


def _create(worker: Worker) -> bool:
    if len(worker.own) >= 3:
        return False
    identifier = _identifier(worker)
    policy = worker.chance.choice((GOLD, SILVER))
    made = worker.engine.execute(
        CreateVolume(array_id=ARRAY, identifier=identifier, capacity=Capacity.from_gib(1), policy=policy)
    )
    target = VolumeTarget(array_id=ARRAY, device_id=made.device_id, identifiers=(identifier,))
    worker.own.append(Own(target, policy, gib=1))
    return True


def _identifier(worker: Worker, copied: int | None = None) -> str:
    """A name as Cinder gives; that of a clone of a shared volume tells which, so that its data can be looked at."""
    name = str(uuid.UUID(int=worker.chance.getrandbits(128)))
    return f"OS-{name}" if copied is None else f"OS-{name[:24]}{COPIED}{copied:06}"


def _clone(worker: Worker) -> bool:
    if len(worker.own) >= 3:
        return False
    if worker.own and worker.chance.random() < 0.5:
        own = worker.chance.choice(worker.own)
        source, policy, gib, copied = own.target, own.policy, own.gib, None
    else:
        copied = worker.chance.randrange(len(worker.shared))
        source, policy, gib = worker.shared[copied], GOLD, 1
    identifier = _identifier(worker, copied)
    made = worker.engine.execute(CloneVolume(source=source, identifier=identifier, capacity=None, policy=policy))
    target = VolumeTarget(array_id=ARRAY, device_id=made.creation.device_id, identifiers=(identifier,))
    worker.own.append(Own(target, policy, gib))
    return True


def _snapshot(worker: Worker) -> bool:
    if len(worker.snapshots) >= 3:
        return False
    target, _ = worker.chance.choice(_all(worker))
    snapshot = SnapshotTarget(volume=target, name=f"{SNAPSHOT}{worker.chance.getrandbits(40):x}")
    worker.engine.execute(CreateSnapshot(volume=target, name=snapshot.name))
    worker.snapshots.append(snapshot)
    return True


def _delete_snapshot(worker: Worker) -> bool:
    if not worker.snapshots:
        return False
    snapshot = worker.chance.choice(worker.snapshots)
    worker.engine.execute(DeleteSnapshot(target=snapshot))
    worker.snapshots.remove(snapshot)
    return True


def _delete(worker: Worker) -> bool:
    if not worker.own:
        return False
    own = worker.chance.choice(worker.own)
    if any(snapshot.volume == own.target for snapshot in worker.snapshots):
        return False
    worker.engine.execute(
        DetachVolume(target=own.target, connector=None, protocol="iscsi", policy=own.policy, other_hosts=HOSTS)
    )
    worker.engine.execute(DeleteVolume(target=own.target))
    worker.own.remove(own)
    return True


def _extend(worker: Worker) -> bool:
    if not worker.own:
        return False
    own = worker.chance.choice(worker.own)
    worker.engine.execute(ExtendVolume(target=own.target, capacity=Capacity.from_gib(own.gib + 1)))
    own.gib += 1
    return True


def _retype(worker: Worker) -> bool:
    if not worker.own:
        return False
    own = worker.chance.choice(worker.own)
    policy = GOLD if own.policy is SILVER else SILVER
    worker.engine.execute(
        RetypeVolume(target=own.target, before=own.policy, after=policy, protocol="iscsi", hosts=HOSTS)
    )
    own.policy = policy
    return True


def _attach(worker: Worker) -> bool:
    target, policy = worker.chance.choice(_all(worker))
    host = worker.chance.choice(HOSTS)
    worker.engine.execute(
        AttachVolume(
            target=target, connector=connector(host), protocol="iscsi", policy=policy, other_hosts=_others(host)
        )
    )
    return True


def _detach(worker: Worker) -> bool:
    target, policy = worker.chance.choice(_all(worker))
    host = worker.chance.choice(HOSTS)
    worker.engine.execute(
        DetachVolume(
            target=target, connector=connector(host), protocol="iscsi", policy=policy, other_hosts=_others(host)
        )
    )
    return True


def _others(host: str) -> tuple[str, ...]:
    return tuple(other for other in HOSTS if other != host)


def _all(worker: Worker) -> list[tuple[VolumeTarget, VolumePolicy]]:
    return [(target, GOLD) for target in worker.shared] + [(own.target, own.policy) for own in worker.own]


OPERATIONS: tuple[Callable[[Worker], bool], ...] = (
    _create,
    _clone,
    _delete,
    _delete,
    _snapshot,
    _delete_snapshot,
    _extend,
    _retype,
    _attach,
    _attach,
    _detach,
    _detach,
)


def settings_for(port: int, state: Path) -> Settings:
    """Settings of every process of the run."""
    return Settings(
        array_id=ARRAY,
        srp="SRP_1",
        servers=(UnisphereServer(host="127.0.0.1", port=port, username="smc", password=Secret("smc"), scheme="http"),),
        port_groups=("OS-iscsi-PG",),
        journal_directory=str(state),
        gate_directory=str(state / "gates"),
        read_slots=READ_SLOTS,
        write_slots=WRITE_SLOTS,
        timeouts=Timeouts(connect_s=5, read_s=2, write_s=2),
        operation_timeout_s=60,
        backoff_factor_s=0.05,
        job_interval_s=0.2,
    )


def shared_targets(devices: tuple[str, ...]) -> tuple[VolumeTarget, ...]:
    """The volumes that all processes share."""
    return tuple(
        VolumeTarget(array_id=ARRAY, device_id=DeviceId(device_id(device)), identifiers=(f"OS-shared-{number}",))
        for number, device in enumerate(devices)
    )


def main(port: str, state: str, seed: str, seconds: str, *devices: str) -> None:
    """Recover, then work until the time is up."""
    clock = SystemClock()
    locks = TimedLocks(FileLocks(Path(state) / "locks", clock))
    engine = build_engine(settings_for(int(port), Path(state)), clock=clock, locks=locks, load_entry_points=False)
    engine.recover()
    chance = random.Random(int(seed))  # noqa: S311 - not a secret
    worker = Worker(engine, chance, shared_targets(devices))
    ends_at_s = time.monotonic() + float(seconds)
    while time.monotonic() < ends_at_s:
        faulthandler.dump_traceback_later(WATCHDOG_S, exit=True)
        began_s, locks.longest_s = time.monotonic(), 0.0
        done = worker.step()
        took_s = time.monotonic() - began_s
        print(f"{took_s:.3f} {locks.longest_s:.3f} {done}", flush=True)  # noqa: T201 - to whoever waits
    faulthandler.cancel_dump_traceback_later()
    engine.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
