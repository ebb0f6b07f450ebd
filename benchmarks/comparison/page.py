"""Figures → docs/benchmarks.json, docs/benchmarks.md and the plots in docs/benchmarks/."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("svg")
mpl.rcParams.update({"svg.hashsalt": "pmax", "svg.fonttype": "none", "font.size": 9, "axes.spines.right": False})

from matplotlib import pyplot as plt  # noqa: E402 - after the choice of what it draws on
from matplotlib.axes import Axes  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402

#: As `stage` and `crowds` have them; a page is written without a driver being loaded.
SLOTS, HOSTS = 8, 10
#: For which the limits are told.
LATENCY_MS = 100
COLOURS = {"pmax": "#1b7f5c", "upstream": "#8a8f98"}

PAGE = """\
# Benchmarks

pmax beside the driver that ships with Cinder, in front of the same simulator, under the same rules. The page is made by
`make bench`, which takes about a quarter of an hour on an idle machine; the figures are in `docs/benchmarks.json`.

{machine}

Both drivers run with Cinder's own objects, database and coordinator, each measurement in a process of its own; they
take turns. A call to the simulated Unisphere takes the latency that is named, and it works on eight calls at a time. It
is a simulator: ratios carry over to an array better than seconds do.

## Calls to Unisphere for each operation

Groups, views and initiator groups exist, and a job is done at the first look.

{calls}

![Calls for each operation](benchmarks/calls.svg)

## Fifty operations at once

Over ten hosts, with native threads. Seconds until the last one is done: the median, and the fastest and the slowest run
where there was more than one.

{crowds}

![Fifty attaches at once](benchmarks/crowds.svg)

{limits}

## With the size of storage groups

One operation where every storage group involved has so many volumes; Unisphere answers at once.

{groups}

![Growth with the size of storage groups](benchmarks/groups.svg)

## With the size of the array

{arrays}

## Memory

{memory}
"""

LIMITS = """\
What limits pmax: at {latency_ms} ms its fifty attaches make {calls:.0f} calls, for which eight slots need at least
{slots_s:.1f} s; the five volumes of one host follow each other, and their calls alone, one after the other, take
{chain_s:.1f} s. It took {wall_s:.1f} s.\
"""


def write(figures: dict[str, Any], docs: Path) -> None:
    """Write everything."""
    (docs / "benchmarks").mkdir(exist_ok=True)
    (docs / "benchmarks.json").write_text(json.dumps(figures, indent=1) + "\n")
    results = figures["measurements"]
    text = PAGE.format(
        machine=_machine(figures["machine"]),
        calls=_calls(results, docs / "benchmarks" / "calls.svg"),
        crowds=_crowds(results, docs / "benchmarks" / "crowds.svg"),
        limits=_limits(results),
        groups=_groups(results, docs / "benchmarks" / "groups.svg"),
        arrays=_arrays(results),
        memory=_memory(results),
    )
    (docs / "benchmarks.md").write_text(text)


def _machine(about: dict[str, Any]) -> str:
    load = max(about["load_before"], about["load_after"])
    busy = " **The machine was busy with other work: take seconds with caution.**" if load > about["cpus"] + 1 else ""
    return (
        f"Measured on {about['date']} with Python {about['python']} on {about['system']}, {about['cpus']} CPUs (load "
        f"{about['load_before']} before, {about['load_after']} after), pmax {about['pmax']}, Cinder {about['cinder']} "
        f"with its own PowerMax driver. The run took {about['minutes']} minutes.{busy}"
    )


def _of(results: Iterable[dict[str, Any]], kind: str, **wanted: object) -> list[dict[str, Any]]:
    return [
        each for each in results if each["kind"] == kind and all(each[key] == value for key, value in wanted.items())
    ]


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [head, ["---", *("---:" for _ in head[1:])], *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def _ratio(ours: float | None, theirs: float | None) -> str:
    return f"{ours / theirs:.2f}" if ours is not None and theirs else "–"


def _calls(results: list[dict[str, Any]], plot: Path) -> str:
    by = {(each["driver"], each["protocol"]): each["result"] for each in _of(results, "calls")}
    rows, names = [], list(by["pmax", "iscsi"])
    for name in names:
        cells: list[object] = [name]
        for protocol in ("iscsi", "fc"):
            ours, theirs = by["pmax", protocol][name], by["upstream", protocol][name]
            cells += [_ratio(ours, theirs), "–" if ours is None else ours, "–" if theirs is None else theirs]
        rows.append(cells)
    figure, axes = plt.subplots(figsize=(7, 0.32 * len(names) + 0.8))
    for offset, driver in ((-0.2, "upstream"), (0.2, "pmax")):
        heights = [by[driver, "iscsi"][name] or 0 for name in names]
        axes.barh([place + offset for place in range(len(names))], heights, 0.4, color=COLOURS[driver], label=driver)
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.set_xlabel("calls (iSCSI)")
    _save(figure, axes, plot)
    return _table(["", "iSCSI ratio", "pmax", "upstream", "FC ratio", "pmax", "upstream"], rows)


def _crowds(results: list[dict[str, Any]], plot: Path) -> str:
    rows, attaches = [], {driver: [] for driver in COLOURS}
    for latency_ms in sorted({each["latency_ms"] for each in _of(results, "crowd")}):
        runs = {driver: _of(results, "crowd", driver=driver, latency_ms=latency_ms) for driver in COLOURS}
        for name in runs["pmax"][0]["result"]:
            of = {driver: [run["result"][name] for run in runs[driver]] for driver in COLOURS}
            wall_s = {driver: [each["wall_s"] for each in found] for driver, found in of.items()}
            median = {driver: statistics.median(found) for driver, found in wall_s.items()}
            failed = {driver: sum(each["failures"] for each in found) for driver, found in of.items()}
            calls = {driver: statistics.median(each["calls"] for each in found) / 50 for driver, found in of.items()}
            rows.append(
                [
                    f"{name}, {latency_ms} ms",
                    f"**{_ratio(median['pmax'], median['upstream'])}**",
                    *(_spread(wall_s[driver]) for driver in COLOURS),
                    *(f"{calls[driver]:.1f}" for driver in COLOURS),
                    *(failed[driver] or "–" for driver in COLOURS),
                ]
            )
            if name == "attach":
                for driver in COLOURS:
                    attaches[driver].append((latency_ms, wall_s[driver]))
    figure, axes = plt.subplots(figsize=(6, 3))
    for driver, points in attaches.items():
        x = [latency_ms for latency_ms, _ in points]
        y = [statistics.median(found) for _, found in points]
        low = [middle - min(found) for middle, (_, found) in zip(y, points, strict=True)]
        high = [max(found) - middle for middle, (_, found) in zip(y, points, strict=True)]
        axes.errorbar(x, y, yerr=[low, high], marker="o", capsize=3, color=COLOURS[driver], label=driver)
    axes.set(xlabel="latency of a call, ms", ylabel="seconds for 50 attaches", ylim=(0, None))
    _save(figure, axes, plot)
    head = ["", "ratio", "pmax s", "upstream s", "calls each", "upstream", "failed", "upstream"]
    return _table(head, rows)


def _limits(results: list[dict[str, Any]]) -> str:
    """How far the attaches are from what their calls take in any case."""
    latencies = sorted({each["latency_ms"] for each in _of(results, "crowd")})
    latency_ms = LATENCY_MS if LATENCY_MS in latencies else latencies[0]
    runs = [each["result"]["attach"] for each in _of(results, "crowd", driver="pmax", latency_ms=latency_ms)]
    calls = statistics.median(each["calls"] for each in runs)
    return LIMITS.format(
        latency_ms=latency_ms,
        calls=calls,
        slots_s=calls * latency_ms / 1000 / SLOTS,
        chain_s=calls * latency_ms / 1000 / HOSTS,
        wall_s=statistics.median(each["wall_s"] for each in runs),
    )


def _spread(found: Sequence[float]) -> str:
    middle = f"{statistics.median(found):.1f}"
    return f"{middle} ({min(found):.1f}–{max(found):.1f})" if len(found) > 1 else middle


def _growth(
    results: list[dict[str, Any]], kind: str, unit: str
) -> tuple[list[int], list[str], Callable[[str, int, str, str], float | None], str]:
    found = {(each["driver"], each["size"]): each["result"] for each in _of(results, kind)}
    sizes = sorted({size for _, size in found})
    names = list(found["pmax", sizes[0]])

    def figure_of(driver: str, size: int, name: str, what: str) -> float | None:
        value = found[driver, size][name].get(what)
        return None if value is None else float(value)

    rows = []
    for name in names:
        for size in sizes:
            calls = {driver: figure_of(driver, size, name, "calls") for driver in COLOURS}
            took = {driver: figure_of(driver, size, name, "seconds") for driver in COLOURS}
            rows.append(
                [
                    f"{name}, {size:,} {unit}",
                    _ratio(calls["pmax"], calls["upstream"]),
                    *("–" if calls[driver] is None else f"{calls[driver]:.0f}" for driver in COLOURS),
                    *("–" if took[driver] is None else f"{1000 * took[driver]:.0f}" for driver in COLOURS),
                ]
            )
    head = ["", "ratio of calls", "pmax", "upstream", "pmax ms", "upstream ms"]
    return sizes, names, figure_of, _table(head, rows)


def _groups(results: list[dict[str, Any]], plot: Path) -> str:
    sizes, _, figure_of, table = _growth(results, "group", "volumes in a group")
    figure, axes = plt.subplots(figsize=(6, 3))
    for driver, colour in COLOURS.items():
        for name, style in (("attach", "-"), ("detach", "--")):
            y = [1000 * (figure_of(driver, size, name, "seconds") or 0) for size in sizes]
            axes.plot(sizes, y, style, marker="o", color=colour, label=f"{driver}, {name}")
    axes.set(xscale="log", yscale="log", xlabel="volumes in the storage group", ylabel="milliseconds")
    _save(figure, axes, plot)
    return table


def _arrays(results: list[dict[str, Any]]) -> str:
    return _growth(results, "array", "volumes")[3]


def _memory(results: list[dict[str, Any]]) -> str:
    found = {each["driver"]: each["result"] for each in _of(results, "memory")}
    rest = found[None]
    rows = [[driver, f"{found[driver] - rest:.0f}"] for driver in COLOURS]
    return f"Beyond the {rest:.0f} MiB of Cinder and the simulator in the same process:\n\n" + _table(["", "MiB"], rows)


def _save(figure: Figure, axes: Axes, path: Path) -> None:
    axes.legend(frameon=False)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None, "Creator": None})
    plt.close(figure)
