"""What faults, deaths and crowds do, in figures: a sample of the matrices, a minute of stress, a change of Unisphere.

The whole of it takes an hour: `make matrix`, `make stress`. The sample is the one of `make test`.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import attrs

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from pmax.bootstrap import build_engine  # noqa: E402 - the tests are not installed, so their place is named first
from pmax.domain.settings import Settings  # noqa: E402
from pmax.engine import Engine  # noqa: E402
from pmax.simulator import Simulator  # noqa: E402
from tests.stage import ARRAY  # noqa: E402
from tests.stress.worker import settings_for  # noqa: E402

RUNS = 20
STRESS_MINUTES = 1
PROCESSES = 4


def sample() -> int:
    """Run the cells that every run of the tests takes, and print their table; returns pytest's status."""
    tests = ("tests/faults/test_matrix.py", "tests/kills/test_kills.py")
    command = [sys.executable, "-m", "pytest", "-q", "-n", "auto", "-m", "not matrix", "-p", "no:warnings", *tests]
    ran = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    _, found, table = ran.stdout.partition("matrix: operations x calls x effects")
    print("Faults and deaths, a sample\n" + "\n".join(table.splitlines()[1:-1]) if found else ran.stdout, flush=True)
    return ran.returncode


def stress() -> int:
    """Let processes work on one array for a minute; returns how many problems there were."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.stress.crowd", str(STRESS_MINUTES), str(PROCESSES), "1"]
    print("\nCrowd", flush=True)
    return subprocess.run(command, cwd=ROOT, stderr=subprocess.DEVNULL, check=False).returncode


def change_of_unisphere() -> None:
    """Print what a call takes whose server is alive, and one whose server has just gone."""
    with Simulator(clock="real") as simulator, tempfile.TemporaryDirectory() as state:
        alive = settings_for(int(simulator.url.rsplit(":", 1)[1]), Path(state))
        (server,) = alive.servers
        with Simulator() as other:
            gone = attrs.evolve(server, port=int(other.url.rsplit(":", 1)[1]))
        usual = [_first_read_s(alive) for _ in range(RUNS)]
        changed = [_first_read_s(attrs.evolve(alive, servers=(gone, server))) for _ in range(RUNS)]
    figures = " ms, ".join(
        f"{what} {1000 * median(times):.1f}" for what, times in (("usual", usual), ("after", changed))
    )
    print(f"\nFirst call of an engine, median of {RUNS}: {figures} ms where the first Unisphere refuses connections")


def _first_read_s(settings: Settings) -> float:
    engine: Engine = build_engine(settings, load_entry_points=False)
    try:
        began_s = time.perf_counter()
        engine.readers.volumes.find_volume(ARRAY, "00001")
        return time.perf_counter() - began_s
    finally:
        engine.close()


def main() -> int:
    """Print everything; fail if something was lost."""
    change_of_unisphere()
    return sample() or stress()


if __name__ == "__main__":
    sys.exit(main())
