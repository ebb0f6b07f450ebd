"""`make demo`: a tour with Cinder's drivers and the pmax command, over HTTPS, on a simulated array. Nothing is faked.

It ends with the array as it was, and with a table of the calls that every operation cost. The exit status is 1 if
anything was not as it should be.
"""

from __future__ import annotations

import logging
import sys
import tempfile
import textwrap
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

# Cinder and what it is built on announce their own changes; they are no part of the tour.
warnings.simplefilter("ignore")

import cloud  # noqa: E402 - after the line above
from stage import SERVE, Stage  # noqa: E402

if TYPE_CHECKING:
    from cinder import objects

T = TypeVar("T")

WIDTH: Final = 78
NODES: Final = {name: cloud.connector(name, number) for number, name in enumerate(("node1", "node2", "node3"), 1)}

#: Calls that an operation may cost, and what it costs with the upstream driver of 2019 and of 2026.
BUDGETS: Final = {
    "statistics": (1, "1", "1"),
    "create": (3, "9", "15"),
    "first attach on a host, iSCSI": (9, "42", "47"),
    "first attach on a host, FC": (9, "50", "51"),
    "next attach on that host": (5, "34-41", "39-42"),
    "attach to a second host": (14, "66-74", "73-77"),
    "extend, attached": (3, "9", "6"),
    "detach, others remain": (5, "20-37", "16-30"),
    "detach, last of the host": (9, "29-46", "27-41"),
    "delete": (4, "18", "15"),
}


def say(text: str) -> None:
    """Say what is going on."""
    print("\n".join(textwrap.wrap(text, WIDTH)))


def chapter(title: str) -> None:
    """Begin something new."""
    print(f"\n== {title} {'=' * (WIDTH - len(title) - 4)}")


def show(text: str) -> None:
    """Show what a command or a driver gave."""
    print(textwrap.indent(text, "    "))


class Tour:
    """The tour, step by step.

    Attributes:
        stage: what it plays on.
        counts: calls that each operation cost; the dearest counts, if one was done more than once.
        faults: what was not as it should be.
    """

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.counts: dict[str, int] = {}
        self.faults: list[str] = []
        self.drivers: dict[str, Any] = {}

    def take(self) -> None:
        """From the start of the simulator to the empty array."""
        self.serve()
        before = self.stage.on_the_array()
        self.look()
        self.start_cinder()
        first, second, third = self.create()
        self.attach(first, second, third)
        self.see(first)
        self.extend(first)
        self.detach(first, second, third)
        self.administrate()
        self.expect_as_before(before)
        self.sum_up()

    def serve(self) -> None:
        """A certificate, a simulator, and the two files that users have."""
        chapter("A PowerMax, simulated")
        say("This machine gets a certificate for itself and serves a simulated Unisphere over HTTPS:")
        print(f"  $ {' '.join(self.stage.make_certificate())}")
        print(textwrap.fill(f"$ {' '.join(SERVE)}", WIDTH, initial_indent="  ", subsequent_indent="      "))
        show(self.stage.serve())
        say(
            "An OpenStack operator has this stanza in cinder.conf, and another like it for Fibre Channel; a storage "
            "administrator has it in pmax.conf:"
        )
        show(self.stage.write_configuration())

    def look(self) -> None:
        """What an administrator does first."""
        chapter("Is everything as it should be?")
        self.pmax("doctor")
        self.pmax("array", "list")

    def start_cinder(self) -> None:
        """Load the drivers as Cinder's volume service does."""
        chapter("Cinder starts")
        say(
            "Cinder's own classes read cinder.conf, load the two drivers by the paths in it, set them up, and ask for "
            "statistics:"
        )
        cloud.read_cinder_conf(self.stage)
        for protocol in ("iscsi", "fc"):
            driver = self.drivers[protocol] = cloud.start_driver(f"powermax-{protocol}")
            stats = self.count("statistics", lambda driver=driver: driver.get_volume_stats(refresh=True))
            pool = stats["pools"][0]
            show(
                f"{stats['volume_backend_name']}: {stats['storage_protocol']}, {len(stats['pools'])} pools, "
                f"{pool['free_capacity_gb']:.0f} of {pool['total_capacity_gb']:.0f} GiB free"
            )
            self.expect(bool(stats["pools"]), "the backend offers no pools")

    def create(self) -> tuple[objects.Volume, objects.Volume, objects.Volume]:
        """Three volumes."""
        chapter("Cinder creates volumes")
        volumes = tuple(cloud.new_volume(name, 1) for name in ("database", "logs", "archive"))
        for number, volume in enumerate(volumes):
            # The first one makes the storage group that the others find.
            operation = "create" if number else ""
            volume.update(self.count(operation, lambda volume=volume: self.drivers["iscsi"].create_volume(volume)))
            show(f"{volume.display_name:<9} OS-{volume.id}\n{'':<9} {volume.provider_location}")
        first, second, third = volumes
        return first, second, third

    def attach(self, first: objects.Volume, second: objects.Volume, third: objects.Volume) -> None:
        """Over both protocols, to three hosts, one volume to two of them."""
        chapter("Cinder attaches them, over iSCSI and over Fibre Channel")
        for operation, protocol, volume, node in (
            ("first attach on a host, iSCSI", "iscsi", first, "node1"),
            ("next attach on that host", "iscsi", second, "node1"),
            ("first attach on a host, FC", "fc", third, "node3"),
            ("attach to a second host", "iscsi", first, "node2"),
        ):
            driver = self.drivers[protocol]
            driver.validate_connector(NODES[node])
            told = self.count(
                operation,
                lambda driver=driver, volume=volume, node=node: driver.initialize_connection(volume, NODES[node]),
            )
            say(f"{volume.display_name} to {node}; the host is told:")
            show("\n".join(f"{key}: {value}" for key, value in sorted(told["data"].items())))
            self.expect(isinstance(told["data"]["target_lun"], int), f"{volume.display_name} has no LUN on {node}")

    def see(self, volume: objects.Volume) -> None:
        """The administrator's view."""
        chapter("What the administrator sees")
        self.pmax("tree")
        shown = self.pmax("volume", "show", f"OS-{volume.id}")
        self.expect("node2" in shown or "node1" in shown, "the volume's hosts are not shown")

    def extend(self, volume: objects.Volume) -> None:
        """While two hosts use it."""
        chapter("Cinder extends a volume while two hosts use it")
        self.count("extend, attached", lambda: self.drivers["iscsi"].extend_volume(volume, 3))
        self.pmax("volume", "list", "-c", "identifier", "-c", "size_gib")

    def detach(self, first: objects.Volume, second: objects.Volume, third: objects.Volume) -> None:
        """Everything, and delete the volumes."""
        chapter("Cinder detaches and deletes them")
        iscsi, fibre = self.drivers["iscsi"], self.drivers["fc"]
        for operation, driver, volume, node in (
            ("detach, last of the host", iscsi, first, "node2"),
            ("detach, others remain", iscsi, second, "node1"),
            ("detach, last of the host", iscsi, first, "node1"),
            ("detach, last of the host", fibre, third, "node3"),
        ):
            told = self.count(
                operation,
                lambda driver=driver, volume=volume, node=node: driver.terminate_connection(volume, NODES[node]),
            )
            zones = (told or {}).get("data", {}).get("initiator_target_map")
            show(f"{volume.display_name} from {node}{': zones may go' if zones else ''}")
        for volume in (first, second, third):
            self.count("delete", lambda volume=volume: iscsi.delete_volume(volume))
        self.pmax("tree")

    def administrate(self) -> None:
        """The same without Cinder."""
        chapter("The same by hand, without Cinder")
        say("Everything that changes the array can be looked at first:")
        self.pmax("volume", "create", "by-hand", "--size", "5", "--dry-run")
        self.pmax("volume", "create", "by-hand", "--size", "5")
        self.pmax("volume", "attach", "by-hand", "--host", "node1", "--initiator", str(NODES["node1"]["initiator"]))
        self.pmax("tree", "volume", "by-hand")
        self.pmax("volume", "detach", "by-hand", "--host", "node1")
        self.pmax("volume", "delete", "by-hand", "--yes")

    def expect_as_before(self, before: dict[str, int]) -> None:
        """Ask the array whether anything is left."""
        chapter("What is left on the array")
        after = self.stage.on_the_array()
        show("\n".join(f"{kind:<15}{after[kind]:>3}" for kind in after))
        say(f"The {before['volumes']} volumes are gatekeepers, which the array had from the beginning.")
        self.expect(after == before, f"the array is not as it was: {before} became {after}")

    def sum_up(self) -> None:
        """What everything cost, beside what it may cost."""
        chapter("What it cost: calls to Unisphere, by the simulator's own log")
        print(f"{'operation':<32}{'calls':>6}{'at most':>9}{'upstream 2019':>15}{'2026':>8}")
        for operation, (budget, old, new) in BUDGETS.items():
            calls = self.counts.get(operation, 0)
            print(f"{operation:<32}{calls:>6}{budget:>9}{old:>15}{new:>8}")
            self.expect(0 < calls <= budget, f"{operation} cost {calls} calls, and the budget is {budget}")
        verbs: dict[str, int] = {}
        for call in self.stage.calls():
            verbs[call["verb"]] = verbs.get(call["verb"], 0) + 1
        print(
            f"{'everything on this tour':<32}{sum(verbs.values()):>6}   "
            + ", ".join(f"{count} {verb}" for verb, count in sorted(verbs.items()))
        )

    def pmax(self, *arguments: str) -> str:
        """Let a user type a command; show it, and what it prints."""
        print(f"  $ pmax {' '.join(arguments)}")
        printed = self.stage.pmax(*arguments)
        show(printed)
        return printed

    def count(self, operation: str, work: Callable[[], T]) -> T:
        """Do something, and remember what it cost; an operation without a name is not remembered."""
        before = len(self.stage.calls())
        result = work()
        calls = len(self.stage.calls()) - before
        if operation:
            self.counts[operation] = max(calls, self.counts.get(operation, 0))
        return result

    def expect(self, is_so: object, fault: str) -> None:
        """Remember what was not as it should be."""
        if not is_so:
            self.faults.append(fault)


def main() -> int:
    """Take the tour; return the exit status."""
    logging.disable(logging.ERROR)
    with tempfile.TemporaryDirectory(prefix="pmax-tour-") as directory:
        tour = Tour(Stage(Path(directory)))
        try:
            tour.take()
        finally:
            cloud.stop()
            status = tour.stage.stop()
        tour.expect(status == 0, f"the simulator ended with exit status {status}")
    for fault in tour.faults:
        print(f"tour: {fault}", file=sys.stderr)
    if not tour.faults:
        print("\nThe array is as it was, and every operation stayed within its budget.")
    return 1 if tour.faults else 0


if __name__ == "__main__":
    sys.exit(main())
