"""How long a person waits before anything happens: importing pmax, and asking the command for help.

Each figure is the median of ten fresh interpreters, after one run that fills the caches. The time of an interpreter
that does nothing is measured beside them, because no code of ours can be faster than that.
"""

import statistics
import subprocess
import sys
import sysconfig
import time
from collections.abc import Sequence
from pathlib import Path

import attrs

RUNS = 10


@attrs.frozen(kw_only=True)
class Measurement:
    """One command and how long it may take.

    Attributes:
        name: what is shown.
        command: the program and its arguments.
        budget_s: the most that the median may be, in seconds, with the interpreter's own start; None for a baseline.
    """

    name: str
    command: tuple[str, ...]
    budget_s: float | None = None


def measurements() -> tuple[Measurement, ...]:
    """Say what is measured; the command is the one installed beside this interpreter."""
    pmax = str(Path(sysconfig.get_path("scripts")) / "pmax")
    return (
        Measurement(name="python -c pass", command=(sys.executable, "-c", "pass")),
        Measurement(name="import pmax", command=(sys.executable, "-c", "import pmax"), budget_s=0.1),
        Measurement(name="pmax --help", command=(pmax, "--help"), budget_s=0.4),
    )


def run_times_s(command: Sequence[str]) -> list[float]:
    """Run a command once to warm up and ten times more; return the ten durations in seconds.

    Raises:
        subprocess.CalledProcessError: the command failed; its error text has been shown.
    """
    times: list[float] = []
    for _ in range(RUNS + 1):
        start = time.perf_counter()
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
        times.append(time.perf_counter() - start)
    return times[1:]


def main() -> None:
    """Print one line per measurement: median, spread and budget."""
    print(f"Start-up, median of {RUNS} runs (fastest to slowest), in seconds")
    for measurement in measurements():
        times = run_times_s(measurement.command)
        spread = f"({min(times):.3f} to {max(times):.3f})"
        budget = f"budget {measurement.budget_s:.3f}" if measurement.budget_s is not None else "baseline"
        print(f"  {measurement.name:<16} {statistics.median(times):.3f}  {spread}  {budget}")


if __name__ == "__main__":
    main()
