"""pmax beside the upstream driver: the same simulator, the same rules, one run. Writes docs/benchmarks.md.

Each measurement is a process of its own, so that none inherits anything. Drivers take turns (A B A B), and figures that
vary are medians with their spread. `--quick` shows within a minute or two that everything works.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

DRIVERS = ("pmax", "upstream")
PROTOCOLS = ("iscsi", "fc")
#: Runs of each driver by latency in milliseconds: slow ones vary less.
RUNS = {20: 3, 100: 2, 300: 1}
#: What is measured at each latency; the slowest shows the operation that hurts most.
OPERATIONS = {20: ("create", "attach", "detach", "clone"), 100: ("create", "attach", "detach"), 300: ("attach",)}
LATENCY_OF_QUICK_MS = 20


def work(task: dict[str, Any]) -> object:
    """Measure one thing; see `tasks`."""
    import attrs  # noqa: PLC0415 - in the process that measures only
    from comparison import crowds, growth, operations  # noqa: PLC0415 - likewise

    driver, protocol = task["driver"], task["protocol"]
    match task["kind"]:
        case "calls":
            return operations.calls_of(driver, protocol)
        case "crowd":
            figures = crowds.measure(driver, protocol, task["latency_ms"] / 1000, task["operations"])
            return {name: attrs.asdict(each) for name, each in figures.items()}
        case "group":
            return growth.with_group_size(driver, protocol, task["size"])
        case "array":
            return growth.with_array_size(driver, protocol, task["size"])
        case "memory":
            return growth.memory_mib(driver, protocol)
    raise ValueError(task["kind"])


def tasks(*, is_quick: bool) -> list[dict[str, Any]]:
    """Everything that is measured, in order; drivers alternate."""
    made: list[dict[str, Any]] = []

    def each(kind: str, **more: object) -> None:
        made.extend({"kind": kind, "driver": driver, "protocol": "iscsi", **more} for driver in DRIVERS)

    for protocol in PROTOCOLS:
        each("calls", protocol=protocol)
    for latency_ms, runs in {LATENCY_OF_QUICK_MS: 1}.items() if is_quick else RUNS.items():
        for _ in range(runs):
            each("crowd", latency_ms=latency_ms, operations=OPERATIONS[latency_ms])
    for size in (10, 100) if is_quick else (10, 100, 1000, 4000):
        each("group", size=size)
    for size in (1_000,) if is_quick else (1_000, 64_000):
        each("array", size=size)
    made.append({"kind": "memory", "driver": None, "protocol": "iscsi"})
    each("memory")
    return made


def measured(task: dict[str, Any]) -> dict[str, Any]:
    """Let a process of its own do a task; return the task with its result.

    Raises:
        subprocess.CalledProcessError: it failed; its error text has been shown.
    """
    command = [sys.executable, "-W", "ignore", __file__, "--task", json.dumps(task)]
    finished = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return {**task, "result": json.loads(finished.stdout.splitlines()[-1])}


def machine() -> dict[str, Any]:
    """What the figures depend on."""
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cpus": os.cpu_count(),
        "load_before": round(os.getloadavg()[0], 1),
        "pmax": version("pmax"),
        "cinder": version("cinder"),
        "date": time.strftime("%Y-%m-%d"),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure everything, then write figures and page; or do one task."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="little of everything, nothing written to docs/")
    parser.add_argument("--task", type=json.loads, help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.task:
        print(json.dumps(work(chosen.task)))
        return
    about, started, results = machine(), time.monotonic(), []
    for task in tasks(is_quick=chosen.quick):
        begun = time.monotonic()
        results.append(measured(task))
        shown = {key: value for key, value in task.items() if key != "operations"}
        print(f"{time.monotonic() - begun:6.1f} s  {shown}", flush=True)
    about |= {"load_after": round(os.getloadavg()[0], 1), "minutes": round((time.monotonic() - started) / 60, 1)}
    figures = {"machine": about, "measurements": results}
    if chosen.quick:
        print(json.dumps(figures, indent=1))
        return
    from comparison import page  # noqa: PLC0415 - plots need a library that measuring does not

    page.write(figures, ROOT / "docs")


if __name__ == "__main__":
    main()
