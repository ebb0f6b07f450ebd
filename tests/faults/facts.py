"""What is on the arrays, as a set of facts that can be compared: everything but times and numbers that nobody promised.

A volume goes by its identifier, because one that is made again has another device id.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

import attrs

from pmax.simulator import ArrayHandle, Simulator
from pmax.simulator.state.snapvx_records import SNAPVX_TABLES
from pmax.simulator.state.srdf_schema import SRDF_TABLES

Fact: TypeAlias = tuple[str, ...]
Facts: TypeAlias = frozenset[Fact]

#: What somebody can see of an operation's result; everything else is how it was reached.
VISIBLE = frozenset({"volume", "data", "address", "snapshot", "link", "pair"})

_GROUP_DETAILS = ("srp", "service_level", "workload", "is_compressed", "host_io_limit", "tags", "snapshot_policies")
_PAIR_DETAILS = ("mode", "state", "is_exempt", "has_bias", "has_consistency_protection", "missing_side")
_TABLES = {spec.name: spec for spec in (*SNAPVX_TABLES, *SRDF_TABLES)}


@attrs.frozen
class Names:
    """Device ids → names that outlive a device."""

    of: Mapping[tuple[str, str], str]

    @classmethod
    def on(cls, arrays: Mapping[str, ArrayHandle]) -> Names:
        """Read them."""
        found: dict[tuple[str, str], str] = {}
        for serial, array in arrays.items():
            seen: Counter[str] = Counter()
            for device, volume in sorted(array.volumes.items()):
                name = volume.identifier or device
                seen[name] += 1
                again = f" (number {seen[name]})" if seen[name] > 1 else ""
                found[serial, device] = f"{serial[-3:]}/{name}{again}"
        return cls(found)

    def __call__(self, serial: str, device: str) -> str:
        return self.of.get((serial, device), f"{serial[-3:]}/{device}")


def facts_of(simulator: Simulator) -> Facts:
    """Everything that is there."""
    arrays = simulator.arrays
    names = Names.on(arrays)
    found: set[Fact] = set()
    for serial, array in arrays.items():
        found |= set(_volumes(serial, array, names))
        found |= set(_groups(serial, array))
        found |= set(_masking(serial, array, names))
        found |= set(_copies(serial, array, names))
    return frozenset(found | set(_replication(simulator, names)))


def _volumes(serial: str, array: ArrayHandle, names: Names) -> Iterator[Fact]:
    for device, volume in array.volumes.items():
        name = names(serial, device)
        yield ("volume", name, f"{volume.cylinders} cylinders", str(volume.identifier), volume.emulation)
        yield ("data", name, array.read(device))
        for group in volume.storage_groups:
            yield ("member", name, f"{serial[-3:]}/{group}")


def _groups(serial: str, array: ArrayHandle) -> Iterator[Fact]:
    for name, group in array.storage_groups.items():
        yield ("storage group", f"{serial[-3:]}/{name}", _details(group, _GROUP_DETAILS))
        for parent in group.parents:
            yield ("child", f"{serial[-3:]}/{parent}", f"{serial[-3:]}/{name}")


def _masking(serial: str, array: ArrayHandle, names: Names) -> Iterator[Fact]:
    for name, view in array.masking_views.items():
        parts = (str(view.host), str(view.host_group), view.port_group, view.storage_group)
        yield ("view", f"{serial[-3:]}/{name}", *parts)
    for name, host in array.hosts.items():
        yield ("host", f"{serial[-3:]}/{name}", _details(host, ("enabled_flags", "disabled_flags")))
        for initiator in host.initiators:
            yield ("initiator", f"{serial[-3:]}/{name}", initiator)
    for name, group in array.port_groups.items():
        yield ("port group", f"{serial[-3:]}/{name}", *group.ports)
    for view_name, device in array.lun_addresses:
        yield ("address", f"{serial[-3:]}/{view_name}", names(serial, device))


def _copies(serial: str, array: ArrayHandle, names: Names) -> Iterator[Fact]:
    seen: Counter[Fact] = Counter()
    named: dict[tuple[str, int], str] = {}
    for snapshot in array.snapshots:
        named[snapshot.source, snapshot.snap_id] = snapshot.name
        fact = ("snapshot", names(serial, snapshot.source), snapshot.name, snapshot.content, snapshot.policy)
        seen[fact] += 1
        yield (*fact, f"number {seen[fact]}")
    for target, link in array.links.items():
        name = named.get((link.source, link.snap_id), "no snapshot")
        yield ("link", names(serial, target), names(serial, link.source), name, f"copy {link.is_copy}")


def _replication(simulator: Simulator, names: Names) -> Iterator[Fact]:
    with simulator.world.changing() as transaction:
        groups = {group.group_id: group for group in transaction.rows(_TABLES["rdf_groups"])}
        pairs = tuple(transaction.rows(_TABLES["rdf_pairs"]))
    for group in groups.values():
        ends = tuple(f"{side.symmetrix_id[-3:]}:{side.number}" for side in group.sides)
        yield ("rdf group", group.label, *ends, f"connected {group.is_connected}")
    for pair in pairs:
        sides = [names(array, device) for array, device in zip(pair.arrays, pair.volumes, strict=True)]
        yield ("pair", groups[pair.group_id].label, *sides, _details(pair, _PAIR_DETAILS))


def _details(row: Any, fields: tuple[str, ...]) -> str:
    return ", ".join(f"{field}={getattr(row, field)}" for field in fields)


def named(facts: Facts, *kinds: str) -> frozenset[str]:
    """Names of the objects of these kinds."""
    return frozenset(fact[1] for fact in facts if fact[0] in kinds)


def empty_ones(facts: Facts) -> frozenset[str]:
    """Groups that hold nothing, views that show nothing, initiator groups that no view uses."""
    filled = {fact[2] for fact in facts if fact[0] == "member"}
    parents = {(fact[1], fact[2]) for fact in facts if fact[0] == "child"}
    filled |= {parent for parent, child in parents if child in filled}
    views = [fact for fact in facts if fact[0] == "view"]
    used = {f"{fact[1][:3]}/{fact[2]}" for fact in views}
    shown = {fact[1] for fact in facts if fact[0] == "address"}
    return frozenset(
        {f"storage group {name}" for name in named(facts, "storage group") - filled}
        | {f"initiator group {name}" for name in named(facts, "host") - used}
        | {f"masking view {fact[1]}" for fact in views if fact[1] not in shown}
    )


def twins(facts: Facts) -> frozenset[str]:
    """Volumes that carry the identifier of another volume on the same array."""
    return frozenset(name for name in named(facts, "volume") if " (number " in name)


def difference(wanted: Facts, found: Facts) -> str:
    """What is missing and what is too much, for a message; empty when they are equal."""
    missing, surplus = sorted(wanted - found), sorted(found - wanted)
    return "\n".join([*(f"  missing: {fact}" for fact in missing), *(f"  surplus: {fact}" for fact in surplus)])
