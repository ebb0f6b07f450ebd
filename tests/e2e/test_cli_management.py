"""Taking volumes over and giving them up from the command line, and how full pools are."""

import pytest

from tests.e2e.cli_process import ARRAY, CommandLine

pytestmark = pytest.mark.powermax_simulator(tls=True)

UUID = "5d0c7e12-93ab-4f6e-8c21-7b44e0a9d153"
GROUP = "OS-SRP_1-Diamond-NONE-SG"


@pytest.fixture
def shell(powermax_simulator, tmp_path) -> CommandLine:
    """A shell with a configured `pmax`, and a volume of somebody else."""
    made = CommandLine.of(powermax_simulator, tmp_path)
    made.simulator.arrays[ARRAY].add_volume(1093, "theirs")
    made.simulator.arrays[ARRAY].add_volume(2934, "odd")
    return made


def on_array(shell: CommandLine, device: str = "00003") -> tuple[str | None, tuple[str, ...]]:
    """Name and groups of the volume."""
    volume = shell.simulator.arrays[ARRAY].volumes[device]
    return volume.identifier, volume.storage_groups


def test_manage_and_unmanage(shell) -> None:
    """A volume is found by its name, gets a Cinder id as its own, and is given up again."""
    managed = shell.json("volume", "manage", "theirs", UUID)
    assert managed["identifier"] == f"OS-{UUID}"
    assert (managed["before"], managed["size_gib"], managed["storage_group"]) == ("theirs", 2.0, GROUP)
    assert on_array(shell) == (f"OS-{UUID}", (GROUP,))

    given_up = shell.json("volume", "unmanage", UUID)
    assert (given_up["identifier"], given_up["storage_groups"]) == (UUID, ["OS-Unmanaged"])
    assert on_array(shell) == (UUID, ("OS-Unmanaged",))


def test_a_dry_run_shows_what_would_be_done(shell) -> None:
    """Name and group are in the plan, and nothing is sent."""
    finished = shell.call("volume", "manage", "00003", "mine", "--service-level", "Gold", "--dry-run")
    assert finished.status == 0
    assert "Rename volume 00003 from 'theirs' to 'mine'" in finished.out
    assert "OS-SRP_1-Gold-NONE-SG" in finished.out
    assert shell.changes() == []


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("manage", "odd", "mine"), 4, "whole number"),
        (("manage", "nobody", "mine"), 3, "nobody"),
        (("manage", "theirs", "odd"), 4, "odd exists already"),
        (("manage", "theirs", "no good"), 2, "Volume name"),
        (("manage", "theirs", "mine", "--service-level", "Ruby"), 2, "Ruby"),
        (("unmanage", "nobody"), 3, "nobody"),
    ],
)
def test_refusals(shell, arguments: tuple[str, ...], status: int, said: str) -> None:
    """What cannot be done is refused with its reason and its exit status, and nothing is sent."""
    finished = shell.call("volume", *arguments)
    assert (finished.status, said in finished.err) == (status, True), finished.err
    assert shell.changes() == []


def test_the_list_says_why(shell) -> None:
    """Without reasons the list has what can be managed; with them it has everything, and each reason."""
    assert [row["device_id"] for row in shell.json("volume", "list", "--manageable")] == ["00003"]
    reasons = {
        row["identifier"]: row["not_manageable_because"]
        for row in shell.json("volume", "list", "--manageable", "--reasons")
    }
    assert reasons["theirs"] == []
    assert reasons["odd"] == ["its size of 5.37 GB is not a whole number"]
    assert [row["identifier"] for row in shell.json("volume", "list", "--manageable", "--reasons", "--identifier", "o")]
    finished = shell.call("volume", "list", "--reasons")
    assert (finished.status, "--manageable" in finished.err) == (2, True)


def test_how_full_pools_are(shell) -> None:
    """List, single pool and capacity agree with the array and with each other."""
    [row] = shell.json("srp", "list", "--long")
    shown, capacity = shell.json("srp", "show", "SRP_1"), shell.json("capacity")
    assert row["srp"] == shown["srp"] == capacity["srp"] == "SRP_1"
    assert row["is_configured"] is True
    assert row["total_gib"] == shown["total_gib"] == capacity["total_gib"] == 26 * 1024
    assert capacity["available_gib"] == capacity["free_gib"] - capacity["reserved_gib"]
    assert capacity["reserved_gib"] == 2662.4
    assert shell.call("srp", "show", "SRP_9").status == 3
