"""The tour that newcomers take."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_the_tour_ends_well(tmp_path: Path) -> None:
    """The demo ends with exit status 0 and the table of calls, whatever the directory from which it is started."""
    finished = subprocess.run(
        [sys.executable, str(ROOT / "demo/tour.py")],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=170,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert finished.stdout.rstrip().endswith("every operation stayed within its budget.")
    assert max(map(len, finished.stdout.splitlines())) <= 80
