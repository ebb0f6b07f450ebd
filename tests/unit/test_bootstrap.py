"""What an engine is made of, and what making one leaves alone."""

import json
import logging
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import attrs
import pytest

from pmax.adapters.journal import MemoryJournal, SqliteJournal
from pmax.adapters.system import SystemClock
from pmax.bootstrap import BUILT_IN, build_engine
from pmax.domain.capacity import Capacity
from pmax.domain.commands import CreateVolume
from pmax.domain.errors import ConfigurationInvalid, InvalidRequest
from pmax.domain.identifiers import ArrayId
from pmax.domain.plans import CreateVolume as CreateVolumeStep
from pmax.domain.plans import Plan
from pmax.domain.policies import VolumePolicy
from pmax.domain.settings import Chap, Secret, Settings, UnisphereServer
from pmax.engine import Engine
from pmax.ports.runtime import Deadline, LockKey, Locks
from pmax.simulator import Simulator
from pmax.simulator.mount import SimulatorAdapter

ARRAY = ArrayId("000197900999")
OTHER_ARRAY = ArrayId("000197900998")
SECRETS = ("planted-password", "planted-chap-secret", "planted-backup-password")
CREATE = CreateVolume(
    array_id=ARRAY,
    identifier="OS-5d0c7e12-93ab-4f6e-8c21-7b44e0a9d153",
    capacity=Capacity.from_gib(1),
    policy=VolumePolicy(srp="SRP_1", service_level="Gold"),
)
HEAVY = ("requests", "urllib3", "tooz", "cattrs", "oslo_config", "sqlite3")


@pytest.fixture
def simulator() -> Simulator:
    """An array."""
    return Simulator(username="smc", password=SECRETS[0])


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings with a secret wherever one can be."""
    return Settings(
        array_id=ARRAY,
        srp="SRP_1",
        servers=(
            UnisphereServer(host="unisphere.invalid", username="smc", password=Secret(SECRETS[0])),
            UnisphereServer(host="backup.invalid", username="smc", password=Secret(SECRETS[2])),
        ),
        chap=Chap(username="host", password=Secret(SECRETS[1])),
        journal_directory=str(tmp_path / "state"),
    )


@contextmanager
def engine_of(settings: Settings, simulator: Simulator, **parts: object) -> Iterator[Engine]:
    """An engine whose Unisphere is the simulator."""
    adapter = SimulatorAdapter(simulator.application)
    with closing(build_engine(settings, http_adapter=adapter, load_entry_points=False, **parts)) as engine:
        yield engine


def files_below(directory: Path) -> list[str]:
    """Every file below a directory, by its path from there."""
    return sorted(str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_file())


class RecordingLocks(Locks):
    """Grants everything and remembers what was asked for."""

    def __init__(self) -> None:
        self.asked: list[LockKey] = []

    @contextmanager
    def hold(self, keys: Iterable[LockKey], deadline: Deadline) -> Iterator[None]:
        """Grant it."""
        self.asked += keys
        yield


def test_building_sends_and_writes_nothing(settings: Settings, simulator: Simulator, tmp_path: Path) -> None:
    """Until an engine is used, nothing is sent to Unisphere and nothing is made on the disk."""
    with engine_of(settings, simulator):
        pass
    assert len(simulator.requests) == 0
    assert list(tmp_path.iterdir()) == []


def test_reading_writes_nothing(settings: Settings, simulator: Simulator, tmp_path: Path) -> None:
    """Who only looks at an array leaves no trace on the disk."""
    with engine_of(settings, simulator) as engine:
        assert engine.readers.arrays.get_array(ARRAY).array_id == ARRAY
        engine.preview(CREATE)
        assert engine.recover() == ()
    assert list(tmp_path.iterdir()) == []


def test_a_command_reaches_the_array(settings: Settings, simulator: Simulator, tmp_path: Path) -> None:
    """A command goes through handler, locks, journal and REST to the array; afterwards nothing is under way."""
    with engine_of(settings, simulator) as engine:
        made = engine.execute(CREATE)
        assert engine.readers.volumes.find_volume(ARRAY, made.device_id).identifier == CREATE.identifier
    assert files_below(tmp_path) == []


def test_every_built_in_plugin_is_there(settings: Settings, simulator: Simulator) -> None:
    """The plugins of pmax register as strangers' plugins do, each under its module's name."""
    with engine_of(settings, simulator) as engine:
        assert set(engine.plugins.names()) == {name for name, _ in BUILT_IN}
        assert set(engine.plugins.protocols()) == {"iscsi", "fc"}


def test_a_blocked_plugin_is_not_there(settings: Settings, simulator: Simulator) -> None:
    """What the operator blocks is not registered, and what needs it says so."""
    blocked = attrs.evolve(settings, blocked_plugins=("provisioning", "protocol_fc"))
    with engine_of(blocked, simulator) as engine:
        assert set(engine.plugins.protocols()) == {"iscsi"}
        with pytest.raises(InvalidRequest, match="no plugin carries it out"):
            engine.execute(CREATE)


def test_parts_that_a_caller_brings_are_used(settings: Settings, simulator: Simulator, tmp_path: Path) -> None:
    """Clock, locks and journal of the caller take the place of those that the settings name."""
    clock = SystemClock()
    locks, journal = RecordingLocks(), MemoryJournal(clock)
    with engine_of(settings, simulator, clock=clock, locks=locks, journal=journal) as engine:
        begun = []
        engine.signals.operation_started.connect(lambda event: begun.append(journal._entries[event.operation_id]))
        engine.execute(CREATE)
    assert locks.asked
    assert [entry.command for entry in begun] == ["CreateVolume"]
    assert list(tmp_path.iterdir()) == []


def test_locks_and_journal_stand_beside_each_other(settings: Settings, simulator: Simulator, tmp_path: Path) -> None:
    """While an operation runs, its locks are below the journal's directory, and the journal has a place per array."""
    seen: list[str] = []
    with engine_of(settings, simulator) as engine:
        engine.signals.step_applied.connect(lambda _: seen.extend(files_below(tmp_path / "state")))
        engine.execute(CREATE)
    assert any(path.startswith("locks/pmax-000197900999-") for path in seen)
    assert any(path.startswith(f"{ARRAY}/") and path.endswith(".journal") for path in seen)


def test_without_a_directory_locks_are_in_the_users_home(
    settings: Settings, simulator: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A journal in memory still has locks among processes."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))
    seen: list[str] = []
    with engine_of(attrs.evolve(settings, journal_directory=None), simulator) as engine:
        engine.signals.step_applied.connect(lambda _: seen.extend(files_below(tmp_path / "home")))
        engine.execute(CREATE)
    assert seen
    assert all(path.startswith("pmax/locks/") for path in seen)


def test_a_lock_service_is_used_if_there_is_one(settings: Settings, simulator: Simulator, tmp_path: Path) -> None:
    """With a coordination URL the locks are tooz's, and none of this machine's are taken."""
    with engine_of(attrs.evolve(settings, coordination_url=Secret(f"file://{tmp_path}/tooz")), simulator) as engine:
        engine.execute(CREATE)
    assert [path for path in files_below(tmp_path / "tooz") if path.startswith("pmax-000197900999-")]
    assert not (tmp_path / "state" / "locks").exists()


def test_without_its_lock_service_nothing_is_changed(settings: Settings, simulator: Simulator) -> None:
    """An engine whose lock service cannot be had still reads, and changes nothing."""
    with engine_of(attrs.evolve(settings, coordination_url=Secret("unheard-of://10.0.0.1")), simulator) as engine:
        assert engine.readers.arrays.get_array(ARRAY).array_id == ARRAY
        with pytest.raises(ConfigurationInvalid, match="pmax_coordination_url"):
            engine.execute(CREATE)
    assert {request.verb for request in simulator.requests} == {"GET"}


def test_an_operation_left_open_is_recovered_by_an_engine_of_its_array(
    settings: Settings, simulator: Simulator, tmp_path: Path
) -> None:
    """What a dead process left is taken back by the next engine of the same array, and by no other."""
    step = CreateVolumeStep(
        array_id=ARRAY, storage_group="none-yet", identifier=CREATE.identifier, capacity=CREATE.capacity
    )
    with closing(SqliteJournal(tmp_path / "state" / ARRAY, SystemClock())) as dead:
        operation_id = dead.begin("CreateVolume", Plan(steps=(step,)), ())
        dead.intend(operation_id, 0, step)
    with engine_of(attrs.evolve(settings, array_id=OTHER_ARRAY), simulator) as other:
        assert other.recover() == ()
    with engine_of(settings, simulator) as engine:
        assert [(one.entry.operation_id, one.verdict) for one in engine.recover()] == [(operation_id, "undone")]
        assert engine.recover() == ()


def test_no_secret_reaches_the_disk_or_the_log(
    settings: Settings, simulator: Simulator, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever is on the disk after each step, and whatever is logged at any level, holds no password."""
    written: list[bytes] = []

    def look(_event: object) -> None:
        written.extend(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())

    with caplog.at_level(logging.DEBUG), engine_of(settings, simulator) as engine:
        engine.signals.operation_started.connect(look)
        engine.signals.step_applied.connect(look)
        engine.execute(CREATE)
    assert any(CREATE.identifier.encode() in content for content in written)
    everything = b"".join(written) + caplog.text.encode() + repr(settings).encode()
    assert not [secret for secret in SECRETS if secret.encode() in everything]


def test_a_file_of_authorities_that_holds_none_is_a_mistake_in_the_configuration(
    settings: Settings, tmp_path: Path
) -> None:
    """A wrong CA file is told when the engine is built, with the option."""
    (tmp_path / "ca.pem").write_text("no certificate")
    [first, _] = settings.servers
    wrong = attrs.evolve(settings, servers=(attrs.evolve(first, verify=str(tmp_path / "ca.pem")),))
    with pytest.raises(ConfigurationInvalid, match="driver_ssl_cert_path"):
        build_engine(wrong, load_entry_points=False)


def test_the_module_loads_nothing_heavy() -> None:
    """Importing bootstrap loads none of the libraries that an engine needs later."""
    script = "import json, sys; before = set(sys.modules); import pmax.bootstrap; "
    script += "print(json.dumps(sorted(set(sys.modules) - before)))"
    printed = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert not set(json.loads(printed)) & set(HEAVY)
