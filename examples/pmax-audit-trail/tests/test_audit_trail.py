"""The trail tells what happened, and changes nothing of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from pmax.simulator import Fault, Refuse, Simulator
from pmax.testing import Bench

ARRAY = "000197900999"


@pytest.fixture
def trail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the trail goes."""
    path = tmp_path / "trail.jsonl"
    monkeypatch.setenv("PMAX_AUDIT_TRAIL", str(path))
    return path


@pytest.fixture
def bench(trail: Path) -> Iterator[Bench]:
    """An engine that found the plugin by its entry point."""
    with Bench.of(Simulator(), ARRAY) as bench:
        yield bench


def lines(trail: Path) -> list[tuple[str, str]]:
    """What was done, in order."""
    return [(line["what"], line["text"]) for line in map(json.loads, trail.read_text().splitlines())]


def test_tells_every_change(bench: Bench, trail: Path) -> None:
    """Each step that changed the array is in the file, then what is so now, and the operation."""
    bench.create()

    what = [entry for entry, _ in lines(trail)]
    assert sorted(what) == ["did", "did", "done", "fact"]
    assert {("fact", "A volume was made."), ("done", "CreateVolume")} < set(lines(trail))


def test_tells_failures(bench: Bench, trail: Path) -> None:
    """A refused creation leaves its steps, that they were taken back, and the reason."""
    bench.simulator.faults.add(Fault(verb="PUT", path="storagegroup/*", nth=1, effect=Refuse(status=500)))
    with pytest.raises(Exception, match="500"):
        bench.create()

    assert [entry for entry, _ in lines(trail)] == ["did", "took back", "failed"]


def test_costs_nothing(bench: Bench, trail: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the trail or without it, the same calls are made."""
    bench.create()
    monkeypatch.delenv("PMAX_AUDIT_TRAIL")
    with Bench.of(Simulator(), ARRAY) as silent:
        silent.create()

        def told(of: Bench) -> list[str]:
            return [f"{call.verb} {re.sub('/job/.*', '/job/…', call.path)}" for call in of.simulator.requests]

        assert told(silent) == told(bench)
