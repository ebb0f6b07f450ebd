"""The built-in replication modes against the suite that authors of modes inherit, and modes that it must not pass."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Sequence
from typing import Any, ClassVar

import attrs
import pytest

from pmax.domain.errors import PmaxError
from pmax.domain.replication_modes import FailoverWay, ReplicationMode
from pmax.domain.srdf import PairState, SessionAction
from pmax.plugins.hookspecs import hookimpl
from pmax.plugins.replication_async import ASYNCHRONOUS
from pmax.plugins.replication_metro import METRO
from pmax.plugins.replication_sync import SYNCHRONOUS
from pmax.testing import ReplicationModeContract


class TestSynchronous(ReplicationModeContract):
    """Of which volumes share nothing but their RDF group."""

    mode_name = "Synchronous"


class TestAsynchronous(ReplicationModeContract):
    """Of which all volumes of an RDF group change state together."""

    mode_name = "Asynchronous"


class TestMetro(ReplicationModeContract):
    """Of which hosts use both sides, and which ends only where the operator permits it."""

    mode_name = "Metro"
    device_options: ClassVar = {"allow_delete_metro": True}


class Wrong:
    """A plugin that gives a mode with a mistake in it."""

    def __init__(self, mode: ReplicationMode) -> None:
        self.mode = attrs.evolve(mode, name="Wrong", suffix="-RX" if mode.suffix[0] == "-" else mode.suffix)

    @hookimpl
    def pmax_register_replication_modes(self) -> Sequence[ReplicationMode]:
        """Give it."""
        return (self.mode,)


def of(mode: ReplicationMode, **changes: Any) -> ReplicationMode:
    """A built-in mode that is another one now."""
    return attrs.evolve(mode, aliases=frozenset(), **changes)


STEADY_NEVER = {"steady_states": frozenset({PairState.CONSISTENT}), "changeable_states": frozenset(PairState)}
MISTAKES = {
    "a suffix that is none": (of(SYNCHRONOUS, suffix="_rx"), "words"),
    "a key that replication devices do not have": (of(SYNCHRONOUS, deletion_option="allow_delete"), "words"),
    "an alias that nobody can write": (attrs.evolve(SYNCHRONOUS, aliases=frozenset({"Wronger"})), "how_it_is_written"),
    "a word that the array does not know": (of(SYNCHRONOUS, sent_mode="Weekly"), "first_volume"),
    "a state in which no pair comes to rest": (of(SYNCHRONOUS, **STEADY_NEVER), "first_volume"),
    "a first pair that stands still": (of(SYNCHRONOUS, establishes_first=False), "first_volume"),
    "shown as something else": (of(SYNCHRONOUS, sent_mode="AdaptiveCopyDisk"), "next_volumes"),
    "next pairs that are not exempt": (of(ASYNCHRONOUS, exempts_new_pairs=False), "other_service_level"),
    "exempt where nothing is together": (of(SYNCHRONOUS, exempts_new_pairs=True), "other_service_level"),
    "extended offline only": (of(SYNCHRONOUS, can_extend_online=lambda _local, _remote: False), "extension"),
    "ended while it is active": (of(METRO, suspends_last=False), "deletion"),
    "ended without permission": (of(SYNCHRONOUS, deletion_option="allow_extend"), "deletion"),
    "undone while it is active": (of(METRO, suspends_last=False), "refused_calls"),
    "resumed by the wrong action": (of(METRO, resume_action=SessionAction.RESUME), "suspension"),
    "a failover that leaves R2 read-only": (of(SYNCHRONOUS, failover=FailoverWay.LOCATION), "failover"),
    "a failover that the array refuses": (of(METRO, failover=FailoverWay.SESSION), "failover"),
    "paths to a side that cannot be written": (of(SYNCHRONOUS, attaches_both_sides=True), "attachment"),
    "no paths to a side that can": (of(METRO, attaches_both_sides=False), "attachment"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_wrong_mode_fails(mistake: str) -> None:
    """A mode with a mistake in it breaks the rule of the suite that is about it."""
    mode, rule = MISTAKES[mistake]

    class Suite(ReplicationModeContract):
        mode_name = "Wrong"
        plugins = (("wrong", Wrong(mode)),)
        device_options: ClassVar = {"allow_delete_metro": True}

    suite = Suite()
    benches = inspect.unwrap(Suite.bench).__get__(suite)()
    with contextlib.closing(benches), pytest.raises((AssertionError, PmaxError)):
        getattr(suite, f"test_{rule}")(next(benches))
