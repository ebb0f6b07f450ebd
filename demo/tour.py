"""`make demo`: a tour with Cinder's drivers and the pmax command, over HTTPS, on a simulated array. Nothing is faked.

It ends with the array as it was, and with a table of the calls that every operation cost. The exit status is 1 if
anything was not as it should be.
"""

from __future__ import annotations

import ast
import logging
import sys
import tempfile
import textwrap
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

# Cinder and what it is built on announce their own changes; they are no part of the tour.
warnings.simplefilter("ignore")

import cloud  # noqa: E402 - after the line above
from stage import ARRAY, SERVE, Stage  # noqa: E402

if TYPE_CHECKING:
    from cinder import objects
    from cinder.volume import driver

T = TypeVar("T")

WIDTH: Final = 78
HOSTS: Final = {name: cloud.connector(name, number) for number, name in enumerate(("node1", "node2", "node3"), 1)}

#: Calls that an operation may cost, and what it costs with the upstream drivers of 2019 and 2026. Without a budget:
#: what is looked up once, or done with a volume that two hosts see.
BUDGETS: Final[dict[str, tuple[int | None, str, str]]] = {
    "statistics": (1, "1", "1"),
    "create": (3, "9", "15"),
    "first attach on a host, iSCSI": (9, "42", "47"),
    "first attach on a host, FC": (9, "50", "51"),
    "  where ports are looked up too": (None, "", ""),
    "next attach on that host": (5, "34-41", "39-42"),
    "attach to a second host": (14, "66-74", "73-77"),
    "extend, attached": (3, "9", "6"),
    "retype, detached": (5, "28", "20"),
    "  where two hosts use it": (None, "", ""),
    "detach, others remain": (5, "20-37", "16-30"),
    "detach, last of the host": (9, "29-46", "27-41"),
    "  where another host keeps it": (None, "49-68", "38-64"),
    "take a snapshot": (3, "7-10", "6-10"),
    "volume from a snapshot": (6, "17", "28"),
    "clone": (7, "16", "23"),
    "revert to a snapshot": (5, "10", "10"),
    "delete a snapshot": (3, "4", "4"),
    "  that a volume presents": (None, "5", "5"),
    "manage, both calls": (5, "22", "20"),
    "unmanage": (4, "25", "20"),
    "delete": (4, "18", "15"),
    "  a clone, or what was cloned": (None, "24-26", "23-25"),
    "  with the group's last volume": (None, "16", "17"),
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


def laid_out(data: dict[str, Any]) -> str:
    """What a host is told, a line for each value."""
    lines = []
    for key, value in sorted(data.items()):
        entries = value if isinstance(value, list) else [value]
        if isinstance(value, dict):
            entries = [f"{name} -> {', '.join(targets)}" for name, targets in value.items()]
        lines += [f"{key + ':' if not place else '':<22}{entry}" for place, entry in enumerate(entries)]
    return "\n".join(lines)


class Tour:
    """The tour, step by step.

    Attributes:
        stage: what it plays on.
        counts: calls that each operation cost; the dearest counts, if one was done more than once.
        faults: what was not as it should be.
        drivers: Cinder's, by protocol.
    """

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.counts: dict[str, int] = {}
        self.faults: list[str] = []
        self.drivers: dict[str, driver.VolumeDriver] = {}

    def take(self) -> None:
        """From the start of the simulator to the array as it was."""
        self.serve()
        before = self.stage.on_the_array()
        self.look()
        self.start_cinder()
        volumes = self.create("database", "logs", "archive", "images", "mail", "spare")
        self.attach(volumes)
        self.see(volumes["database"])
        self.extend(volumes["database"])
        self.retype(volumes["database"])
        self.detach(volumes)
        self.copy(volumes["archive"])
        self.retype_detached(volumes["logs"], volumes["mail"])
        self.delete(volumes)
        self.administrate()
        self.take_over("finance", "archive-2019")
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
            started = self.drivers[protocol] = cloud.start_driver(f"powermax-{protocol}")
            stats = self.count("statistics", lambda started=started: started.get_volume_stats(refresh=True))
            self.expect(stats["pools"], f"{protocol} offers no pools")
            for pool in stats["pools"][:1]:
                room = f"{pool['free_capacity_gb']:,.0f} of {pool['total_capacity_gb']:,.0f} GiB free"
                show(
                    f"{stats['volume_backend_name']}: {stats['storage_protocol']}, {len(stats['pools'])} pools, {room}"
                )

    def create(self, *names: str) -> dict[str, objects.Volume]:
        """Create volumes; the first one makes the storage group that the others find, and the spare one keeps it."""
        chapter("Cinder creates volumes, and learns where they are")
        volumes = {name: cloud.new_volume(name, 1) for name in names}
        for place, volume in enumerate(volumes.values()):
            update = self.count(
                "create" if place else "", lambda volume=volume: self.drivers["iscsi"].create_volume(volume)
            )
            volume.update(update)
            show(f"{volume.display_name:<9} OS-{volume.id}\n{'':<9} {volume.provider_location}")
        return volumes

    def attach(self, volumes: dict[str, objects.Volume]) -> None:
        """Over both protocols, to three hosts, one volume to two of them."""
        chapter("Cinder attaches them, over iSCSI and over Fibre Channel")
        for operation, protocol, name, host in (
            ("  where ports are looked up too", "iscsi", "database", "node1"),
            ("next attach on that host", "iscsi", "logs", "node1"),
            ("first attach on a host, iSCSI", "iscsi", "archive", "node2"),
            ("  where ports are looked up too", "fc", "images", "node1"),
            ("first attach on a host, FC", "fc", "mail", "node2"),
            ("attach to a second host", "iscsi", "database", "node3"),
        ):
            told = self.count(
                operation,
                lambda protocol=protocol, name=name, host=host: cloud.attach(
                    self.drivers[protocol], volumes[name], HOSTS[host]
                ),
            )
            say(f"{name} to {host} over {self.drivers[protocol].storage_protocol}: LUN {told['data']['target_lun']}")
            if operation.startswith(" "):
                show(laid_out(told["data"]))

    def see(self, volume: objects.Volume) -> None:
        """The administrator's view."""
        chapter("What the administrator sees")
        self.pmax("tree")
        shown = self.pmax("volume", "show", f"OS-{volume.id}")
        self.expect("node1" in shown and "node3" in shown, "pmax volume show does not name both hosts")

    def extend(self, volume: objects.Volume) -> None:
        """While two hosts use it."""
        chapter("Cinder extends a volume while two hosts use it")
        self.count("extend, attached", lambda: self.drivers["iscsi"].extend_volume(volume, 3))
        shown = self.pmax("volume", "show", f"OS-{volume.id}", "-c", "identifier", "-c", "size_gib")
        self.expect("3" in shown.split(), "the volume has not become larger")

    def retype(self, volume: objects.Volume) -> None:
        """To another service level, while two hosts use the volume, and back."""
        chapter("Cinder retypes it while they use it")
        say("No data is copied, and no host loses the volume for a moment: it moves to another storage group.")
        for level in ("Silver", "Diamond"):
            to = cloud.new_type(level, {"pool_name": f"{level}+None+SRP_1+{ARRAY}"})
            is_done = self.count(
                "  where two hosts use it", lambda to=to: cloud.retype(self.drivers["iscsi"], volume, to)
            )
            self.expect(is_done, f"the volume was not retyped to {level}")
            shown = self.pmax("volume", "show", f"OS-{volume.id}", "-c", "service_level", "-c", "storage_groups")
            self.expect(level in shown, f"the volume does not have service level {level}")

    def retype_detached(self, *volumes: objects.Volume) -> None:
        """The first makes the group that the second finds; on the way back the group goes with its last volume."""
        chapter("Cinder retypes volumes that no host sees, and back")
        for level in ("Silver", "Diamond"):
            to = cloud.new_type(level, {"pool_name": f"{level}+None+SRP_1+{ARRAY}"})
            for place, volume in enumerate(volumes):
                name = "retype, detached" if place and level == "Silver" else ""
                is_done = self.count(name, lambda volume=volume, to=to: cloud.retype(self.drivers["iscsi"], volume, to))
                self.expect(is_done, f"a volume was not retyped to {level}")
        self.pmax("storage", "group", "list")

    def detach(self, volumes: dict[str, objects.Volume]) -> None:
        """Everything, from every host."""
        chapter("Cinder detaches them")
        for operation, protocol, name, host in (
            ("  where another host keeps it", "iscsi", "database", "node3"),
            ("detach, others remain", "iscsi", "logs", "node1"),
            ("detach, last of the host", "iscsi", "database", "node1"),
            ("detach, last of the host", "iscsi", "archive", "node2"),
            ("detach, last of the host", "fc", "images", "node1"),
            ("detach, last of the host", "fc", "mail", "node2"),
        ):
            told = self.count(
                operation,
                lambda protocol=protocol, name=name, host=host: cloud.detach(
                    self.drivers[protocol], volumes[name], HOSTS[host]
                ),
            )
            zones = (told or {}).get("data", {}).get("initiator_target_map")
            show(f"{name} from {host}{'; its zones may go' if zones else ''}")

    def copy(self, source: objects.Volume) -> None:
        """Snapshots and clones of a volume, and back to a snapshot; then all of it away again."""
        chapter("Cinder takes snapshots and copies volumes")
        cinder = self.drivers["iscsi"]
        before, after = (cloud.new_snapshot(name, source) for name in ("before-upgrade", "after-upgrade"))
        for snapshot in (before, after):
            update = self.count("take a snapshot", lambda snapshot=snapshot: cinder.create_snapshot(snapshot))
            snapshot.provider_location = update["provider_location"]
            show(f"{snapshot.display_name:<15} {snapshot.provider_location}")
        copy, clone = cloud.new_volume("copy", 2), cloud.new_volume("clone", 1)
        copy.update(self.count("volume from a snapshot", lambda: cinder.create_volume_from_snapshot(copy, before)))
        spare = cloud.new_volume("origin", 1)
        spare.update(self.count("", lambda: cinder.create_volume(spare)))
        clone.update(self.count("clone", lambda: cinder.create_cloned_volume(clone, spare)))
        for volume in (copy, clone):
            where = ast.literal_eval(volume.provider_location)
            show(f"{volume.display_name:<15} {where['device_id']}, a copy of {where['source_device_id']}")
            show(f"{'':<15} through the snapshot {where['snap_name']}")
        listed = self.pmax("snapshot", "list")
        self.expect("snapshot_for_clone" in listed, "the clone's temporary snapshot is not listed")
        self.count("revert to a snapshot", lambda: cinder.revert_to_snapshot(None, source, before))
        say("The volume is back where it was before the upgrade. Then everything goes; copies keep their data:")
        self.count("delete a snapshot", lambda: cinder.delete_snapshot(after))
        self.count("  that a volume presents", lambda: cinder.delete_snapshot(before))
        self.count("delete", lambda: cinder.delete_volume(copy))
        for volume in (clone, spare):
            self.count("  a clone, or what was cloned", lambda volume=volume: cinder.delete_volume(volume))

    def delete(self, volumes: dict[str, objects.Volume]) -> None:
        """Every volume; the last one takes the storage group with it."""
        chapter("Cinder deletes them")
        for name, volume in volumes.items():
            operation = "  with the group's last volume" if name == "spare" else "delete"
            self.count(operation, lambda volume=volume: self.drivers["iscsi"].delete_volume(volume))
        self.pmax("tree")

    def administrate(self) -> None:
        """The same without Cinder."""
        chapter("The same by hand, without Cinder")
        say("Everything that changes the array can be looked at first:")
        self.pmax("volume", "create", "by-hand", "--size", "5", "--dry-run")
        self.pmax("volume", "create", "by-hand", "--size", "5")
        self.pmax("volume", "attach", "by-hand", "--host", "node1", "--initiator", HOSTS["node1"]["initiator"])
        self.pmax("tree", "volume", "by-hand")
        self.pmax("volume", "detach", "by-hand", "--host", "node1")
        self.pmax("volume", "delete", "by-hand", "--yes")

    def take_over(self, *names: str) -> None:
        """Cinder manages volumes that somebody else made, and gives them up; the first one makes the groups."""
        chapter("Cinder takes over what is on the array, and gives it up")
        backend = self.drivers["iscsi"]
        self.pmax("volume", "create", "bystander", "--size", "2")
        left = ["bystander", "stays-theirs"]
        for name in ("stays-theirs", *names):
            self.pmax("volume", "create", name, "--size", "2", "--service-level", "Gold", "-c", "device_id")
        for place, name in enumerate(names):
            volume = cloud.new_volume(name, 0)
            reference = {"source-id": self.device_called(name)}

            def manage(volume: objects.Volume = volume, reference: dict[str, str] = reference) -> None:
                size = backend.manage_existing_get_size(volume, reference)
                volume.update({**backend.manage_existing(volume, reference), "size": size})

            self.count("manage, both calls" if place else "", manage)
            show(f"{name} is OS-{volume.id} now, of {volume.size} GiB")
            self.count("unmanage" if place else "", lambda volume=volume: backend.unmanage(volume))
            left.append(volume.id)
        self.pmax("volume", "list", "--manageable", "--reasons")
        self.pmax("volume", "delete", *left, "--yes")

    def device_called(self, name: str) -> str:
        """The device of a volume, as a program would ask for it."""
        return self.stage.pmax("volume", "show", name, "-f", "value", "-c", "device_id").strip()

    def expect_as_before(self, before: dict[str, int]) -> None:
        """Ask the array whether anything is left."""
        chapter("What is left on the array")
        after = self.stage.on_the_array()
        show("\n".join(f"{kind:<15}{after[kind]:>3}" for kind in after))
        say(f"The array had {before['volumes']} volumes from the beginning: gatekeepers, for itself.")
        self.expect(after == before, f"the array is not as it was: {before} became {after}")

    def sum_up(self) -> None:
        """What everything cost, beside what it may cost."""
        chapter("What it cost: calls to Unisphere, by the simulator's own log")
        print(f"{'operation':<34}{'calls':>6}{'at most':>9}{'upstream 2019':>16}{'2026':>9}")
        for operation, (budget, old, new) in BUDGETS.items():
            calls = self.counts.get(operation, 0)
            print(f"{operation:<34}{calls:>6}{budget or '':>9}{old:>16}{new:>9}")
            self.expect(calls, f"{operation.strip()} was not counted")
            self.expect(
                budget is None or calls <= budget, f"{operation} cost {calls} calls, and at most {budget} are fine"
            )
        verbs = Counter(str(call["verb"]) for call in self.stage.calls())
        parts = ", ".join(f"{count} {verb}" for verb, count in sorted(verbs.items()))
        print(f"{'everything on this tour':<34}{sum(verbs.values()):>6}  {parts}")

    def pmax(self, *arguments: str) -> str:
        """Let a user type a command; show it, and what it prints."""
        command = f"$ pmax {' '.join(arguments)}"
        print(textwrap.fill(command, WIDTH, initial_indent="  ", subsequent_indent="      ", break_on_hyphens=False))
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
    sys.stdout.flush()
    for fault in tour.faults:
        print(f"tour: {fault}", file=sys.stderr)
    if not tour.faults:
        print("\nThe array is as it was, and every operation stayed within its budget.")
    return 1 if tour.faults else 0


if __name__ == "__main__":
    sys.exit(main())
