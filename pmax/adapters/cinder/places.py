"""Directories of a backend: those that the operator names, or some below Cinder's state_path.

They are made when the backend starts, so that a place that cannot be used is told then, and not by the first operation.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import attrs

from pmax.domain.errors import ConfigurationInvalid
from pmax.domain.settings import Settings


def with_directories(settings: Settings, state_path: str, host: str) -> Settings:
    """The settings with a journal and a gate that this process can use.

    Args:
        settings: of the backend.
        state_path: Cinder's own directory.
        host: what Cinder calls the backend; each has a journal of its own, and all of a machine share a gate.

    Raises:
        ConfigurationInvalid: a directory cannot be used.
    """
    journal = settings.journal_directory or str(Path(state_path) / "pmax" / quote(host, safe="@"))
    gate = settings.gate_directory or str(Path(state_path) / "pmax" / "gates")
    places = (("pmax_journal_directory", journal, 0o700), ("pmax_gate_directory", gate, 0o755))
    problems = tuple(problem for place in places for problem in _problems(*place))
    if problems:
        raise ConfigurationInvalid(problems)
    return attrs.evolve(settings, journal_directory=journal, gate_directory=gate)


def _problems(option: str, directory: str, mode: int) -> Iterator[str]:
    try:
        Path(directory).mkdir(mode=mode, parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or type(error).__name__
    else:
        if os.access(directory, os.W_OK | os.X_OK):
            return
        reason = "this user may not write there"
    yield f"{option} {directory} cannot be used ({reason}): name a directory that the service may write to"
