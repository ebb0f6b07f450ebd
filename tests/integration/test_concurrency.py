"""Many hosts, volumes and processes at once."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import attrs
import pytest

from pmax.adapters.system import SystemClock
from pmax.bootstrap import build_engine
from pmax.domain.settings import Secret, Settings, UnisphereServer
from pmax.engine import Engine
from pmax.simulator import Simulator
from tests.stage import ARRAY, Stage

HOSTS = ("host-a", "host-b", "host-c")


def served_engine(port: int, state: Path) -> Engine:
    """An engine that reaches the simulator through a socket, as another process does."""
    settings = Settings(
        array_id=ARRAY,
        srp="SRP_1",
        servers=(UnisphereServer(host="127.0.0.1", port=port, username="smc", password=Secret("smc"), scheme="http"),),
        port_groups=("OS-iscsi-PG",),
        journal_directory=str(state),
        operation_timeout_s=60,
    )
    return build_engine(settings, clock=SystemClock(), load_entry_points=False)


@pytest.fixture
def busy(tmp_path: Path) -> Iterator[Stage]:
    """A stage whose array answers through a socket."""
    with Simulator() as simulator:
        port = int(simulator.url.rsplit(":", 1)[1])
        engine = served_engine(port, tmp_path)
        stage = Stage(simulator, engine, "iscsi", SystemClock())
        yield stage
        assert simulator.defects == []
        engine.close()


def untidy(stage: Stage) -> list[str]:
    """What should not be there: groups that hold nothing, views without volumes, groups of initiators without views."""
    held = {name for volume in stage.array.volumes.values() for name in volume.storage_groups}
    parents = {parent for name in held for parent in stage.array.storage_groups[name].parents}
    used = {view.host for view in stage.array.masking_views.values()}
    return sorted({*stage.array.storage_groups} - held - parents | {*stage.array.hosts} - used)


def test_many_volumes_on_one_host_at_once(busy: Stage) -> None:
    """Twelve volumes attached and detached at the same time: one view, distinct LUNs, and then nothing."""
    volumes = [busy.create() for _ in range(12)]
    with ThreadPoolExecutor(8) as pool:
        attachments = list(pool.map(lambda volume: busy.attach(volume, "host-a"), volumes))
    assert len({attachment.lun for attachment in attachments}) == 12
    assert len(busy.array.masking_views) == 1

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda volume: busy.detach(volume, "host-a"), volumes))

    assert busy.array.masking_views == {}
    assert untidy(busy) == []
    assert {busy.groups_of(volume) for volume in volumes} == {("OS-SRP_1-Gold-NONE-SG",)}


def test_many_hosts_at_once(busy: Stage) -> None:
    """A volume that three hosts detach at the same moment goes back where it was."""
    volume = busy.create()
    for host in HOSTS:
        busy.attach(volume, host)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda host: busy.detach(volume, host), HOSTS))

    assert busy.groups_of(volume) == ("OS-SRP_1-Gold-NONE-SG",)
    assert untidy(busy) == []
    assert busy.array.masking_views == {}


def test_creating_while_the_group_is_emptied(busy: Stage) -> None:
    """Volumes are made and deleted in one service level at once: none is ever in no group."""

    def life() -> None:
        volume = busy.create()
        (group,) = busy.groups_of(volume)
        # Somebody may just be about to delete the group, and will find that it is not empty any more.
        assert group.startswith("OS-SRP_1-Gold-NONE-SG")
        busy.delete(volume)

    with ThreadPoolExecutor(6) as pool:
        for done in [pool.submit(life) for _ in range(30)]:
            done.result()

    assert busy.leftovers() == []


@pytest.mark.timeout(120)
def test_two_processes(busy: Stage, tmp_path: Path) -> None:
    """Two processes attach and detach the same volumes on the same hosts: every end is tidy, and no call is refused."""
    volumes = [busy.create() for _ in range(4)]
    port = busy.simulator.url.rsplit(":", 1)[1]
    devices = [volume.device_id for volume in volumes]
    script = [sys.executable, "-m", "tests.integration.attacher", port, str(tmp_path)]
    processes = [subprocess.Popen([*script, str(seed), *devices]) for seed in (1, 2)]

    assert [process.wait(100) for process in processes] == [0, 0]

    for volume in volumes:
        busy.detach(attrs.evolve(volume, identifiers=()), None)
    assert busy.array.masking_views == {}
    assert untidy(busy) == []
    assert {busy.groups_of(volume) for volume in volumes} == {("OS-SRP_1-Gold-NONE-SG",)}
