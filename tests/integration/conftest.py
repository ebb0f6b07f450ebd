"""Stages for scenarios."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stage import Stage


@pytest.fixture(params=["iscsi", "fc"])
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    """A simulated array and an engine, once for each built-in protocol."""
    stage = Stage.build(tmp_path, protocol=request.param)
    yield stage
    assert stage.simulator.defects == []
    stage.engine.close()


@pytest.fixture
def iscsi(tmp_path: Path) -> Iterator[Stage]:
    """A simulated array and an engine that attaches over iSCSI, where the protocol makes no difference."""
    stage = Stage.build(tmp_path)
    yield stage
    assert stage.simulator.defects == []
    stage.engine.close()
