"""Replication modes are plugins: who gives one, how it is chosen, and what may not be given twice."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pmax.bootstrap import BUILT_IN
from pmax.domain.errors import ConfigurationInvalid, InvalidRequest
from pmax.domain.replication_modes import ReplicationMode
from pmax.domain.srdf import PairState
from pmax.plugins.hookspecs import hookimpl
from pmax.plugins.manager import PluginManager


class Weekly:
    """A mode that nobody ships."""

    def __init__(self, name: str = "Weekly", suffix: str = "-RW") -> None:
        self.mode = ReplicationMode(
            name=name,
            aliases=frozenset({"sundays"}),
            sent_mode="AdaptiveCopyDisk",
            suffix=suffix,
            steady_states=frozenset({PairState.SYNCHRONIZED}),
        )

    @hookimpl
    def pmax_register_replication_modes(self) -> Sequence[ReplicationMode]:
        """Give it."""
        return (self.mode,)


def manager(*plugins: object, blocked: tuple[str, ...] = ()) -> PluginManager:
    """The built-in plugins and some more."""
    more = [(f"more{number}", plugin) for number, plugin in enumerate(plugins)]
    return PluginManager([*BUILT_IN, *more], blocked, load_entry_points=False)


@pytest.mark.parametrize(
    ("written", "name", "suffix"),
    [
        ("", "Synchronous", "-RE"),
        ("sync", "Synchronous", "-RE"),
        ("SYNCHRONOUS", "Synchronous", "-RE"),
        ("async", "Asynchronous", "-RA"),
        ("Asynchronous", "Asynchronous", "-RA"),
        ("metro", "Metro", "-RM"),
        ("Sundays", "Weekly", "-RW"),
    ],
)
def test_how_a_mode_is_written(written: str, name: str, suffix: str) -> None:
    """A mode is chosen by its name or an alias in any case; who writes none means Synchronous."""
    mode = manager(Weekly()).replication_mode(written)
    assert (mode.name, mode.suffix) == (name, suffix)


def test_a_mode_that_nobody_gives() -> None:
    """The error lists the modes that there are."""
    with pytest.raises(InvalidRequest) as raised:
        manager().replication_mode("Sundays")
    assert raised.value.field == "replication_device mode"
    assert "Asynchronous, Metro, Synchronous" in str(raised.value)


def test_a_mode_goes_with_its_plugin() -> None:
    """A blocked plugin gives nothing."""
    with pytest.raises(InvalidRequest):
        manager(blocked=("replication_metro",)).replication_mode("metro")


@pytest.mark.parametrize("other", [Weekly(suffix="-RX"), Weekly(name="Yearly"), Weekly(name="Sync", suffix="-RY")])
def test_modes_must_be_told_apart(other: Weekly) -> None:
    """Two modes with a word or a suffix in common are refused, since a name would not tell which is meant."""
    with pytest.raises(ConfigurationInvalid):
        manager(Weekly(), other).replication_modes()


def test_pairs_may_be_changed_while_they_are_steady_suspended_or_copying() -> None:
    """Unless a mode says otherwise."""
    assert Weekly().mode.changeable_states == {
        PairState.SYNCHRONIZED,
        PairState.SUSPENDED,
        PairState.SYNC_IN_PROGRESS,
    }
