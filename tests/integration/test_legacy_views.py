"""Volumes that were attached in the SMI-S era: one group for all hosts, each with a view of its own on it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pmax.domain.errors import InUse
from pmax.domain.volumes import VolumeTarget
from tests.stage import GOLD, Stage

GROUP = "OS-SRP_1-Gold-NONE-shared"
VIEW = "OS-{}-SRP_1-Gold-NONE-I-MV"


@pytest.fixture
def old(tmp_path: Path) -> Stage:
    """Two hosts that see whatever is in the old group."""
    return Stage.build(tmp_path)


def old_volume(stage: Stage, *, others: int) -> VolumeTarget:
    """A volume that host-a uses, in a group that host-z sees too."""
    volume = stage.create()
    stage.rename_group("OS-SRP_1-Gold-NONE-SG", GROUP)
    stage.fill(GROUP, others)
    for host in ("host-a", "host-z"):
        stage.make_host(f"OS-{host}-I-IG", stage.initiators(host))
        stage.make_view(VIEW.format(host), f"OS-{host}-I-IG", "OS-iscsi-PG", GROUP)
    return volume


@pytest.mark.parametrize("others", [0, 3])
def test_attach_to_a_second_host(old: Stage, others: int) -> None:
    """The volume moves to the modern layout on the host that uses it, and both hosts see it; no place-holder stays."""
    volume = old_volume(old, others=others)
    before = len(old.array.volumes)

    old.attach(volume, "host-b", GOLD, "host-a")

    assert old.groups_of(volume) == ("OS-host-a-No_SLO-OS-iscsi-PG", "OS-host-b-SRP_1-GoldNONE-OS-iscsi-PG")
    assert old.sees("host-a", volume)
    assert old.sees("host-b", volume)
    assert not old.sees("host-z", volume)
    assert len(old.array.volumes) == before
    assert (GROUP in old.array.storage_groups) == bool(others)
    assert (VIEW.format("host-z") in old.array.masking_views) == bool(others)


def test_migration_goes_on_as_usual(old: Stage) -> None:
    """After the move the volume lives like any other, to the last detach."""
    volume = old_volume(old, others=0)
    old.attach(volume, "host-b", GOLD, "host-a")
    old.detach(volume, "host-a")
    old.detach(volume, "host-b")

    assert old.groups_of(volume) == ("OS-SRP_1-Gold-NONE-SG",)
    old.delete(volume)
    assert [name for name in old.leftovers() if name != "OS-host-z-I-IG"] == []


@pytest.mark.parametrize("others", [0, 3])
def test_detach(old: Stage, others: int) -> None:
    """A volume of that era is detached into the modern default group; views that show nothing any more go."""
    volume = old_volume(old, others=others)

    old.detach(volume, "host-a")

    assert old.groups_of(volume) == ("OS-SRP_1-Gold-NONE-SG",)
    assert not old.sees("host-a", volume)
    assert (GROUP in old.array.storage_groups) == bool(others)


def test_attach_again_on_the_same_host(old: Stage) -> None:
    """The host that uses it is attached already."""
    volume = old_volume(old, others=3)

    with old.calls() as calls:
        assert old.attach(volume, "host-a").was_attached
    assert calls.changes == []


def test_unknown_user_is_not_guessed(old: Stage) -> None:
    """If it is not known which host uses the volume, nothing is moved."""
    volume = old_volume(old, others=3)

    with old.calls() as calls, pytest.raises(InUse, match="detach the volume there first"):
        old.attach(volume, "host-b")

    assert calls.changes == []
