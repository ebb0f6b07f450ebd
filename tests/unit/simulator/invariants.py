"""What must be true of an array at any time, whatever clients did to it."""

from collections import Counter

from pmax.simulator.rules import groups
from pmax.simulator.rules.lun_addresses import overlapping_views
from pmax.simulator.state.snapvx_records import LINKS, SNAPSHOTS
from pmax.simulator.state.srdf_schema import RDF_GROUPS, RDF_PAIRS


def check_world(simulator):
    """Look at all arrays of a simulator; fail if anything contradicts anything else."""
    with simulator.world.changing() as transaction:
        for symmetrix_id in transaction.arrays.sorted_keys():
            array = transaction.array(symmetrix_id)
            check_groups(array)
            check_masking(array)
            check_addresses(array)
            check_snapshots(array)
        check_pairs(transaction)
    for _, table in simulator.world._tables:
        check_indexes(table)


def check_groups(array):
    """Each volume is in groups that exist, one of them managed at most; groups nest one deep (rules 1 to 3)."""
    for volume in array.volumes:
        held_by = [array.storage_groups.get(name) for name in volume.storage_groups]
        assert len(set(volume.storage_groups)) == len(held_by), volume
        assert sum(group.is_fast_managed for group in held_by) <= 1, volume
        assert not any(groups.is_parent(array, group) for group in held_by), volume
        assert 0 <= volume.allocated_percent <= 100, volume
        assert volume.cylinders > 0, volume
    for group in array.storage_groups:
        assert not any(array.storage_groups.get(parent).parents for parent in group.parents), group
        assert group.service_level is None or group.service_level in array.service_levels, group
        assert group.srp is None or group.srp in array.pools, group


def check_masking(array):
    """Hosts, groups and views consist of what exists; an initiator is in one host at most (rules 33, 37 and 43)."""
    owners = Counter(initiator for host in array.hosts for initiator in host.initiators)
    assert not [initiator for initiator, count in owners.items() if count > 1]
    for host in array.hosts:
        assert len({array.initiators.get(each).protocol for each in host.initiators}) <= 1, host
    for host_group in array.host_groups:
        assert all(host in array.hosts for host in host_group.hosts), host_group
    for port_group in array.port_groups:
        assert all(port in array.ports for port in port_group.ports), port_group
    for view in array.masking_views:
        assert (view.host is None) is not (view.host_group is None), view
        assert view.host is None or view.host in array.hosts, view
        assert view.host_group is None or view.host_group in array.host_groups, view
        assert view.port_group in array.port_groups, view
        assert view.storage_group in array.storage_groups, view


def check_addresses(array):
    """A view shows each volume of its group, at one address, and paths never two at the same (rules 39 and 44)."""
    for view in array.masking_views:
        shown = {row.volume_id: row.address for row in array.lun_addresses.where("masking_view", view.name)}
        assert sorted(shown) == groups.volume_ids(array, array.storage_groups.get(view.storage_group)), view
        assert len(set(shown.values())) == len(shown), view
        for other in overlapping_views(array, view):
            for row in array.lun_addresses.where("masking_view", other.name):
                there = [volume_id for volume_id, address in shown.items() if address == row.address]
                assert there in ([], [row.volume_id]), (view, other, row)
    assert {row.masking_view for row in array.lun_addresses} <= set(array.masking_views.ids())


def check_snapshots(array):
    """Snapshots and links are of volumes and snapshots that exist (rules 21 and 48)."""
    snapshots = array.rows(SNAPSHOTS)
    for snapshot in snapshots:
        assert snapshot.source in array.volumes, snapshot
        assert 0 < len(snapshot.name) <= 32, snapshot
    for link in array.rows(LINKS):
        assert link.target in array.volumes, link
        assert link.snapshot_key in snapshots, link


def check_pairs(transaction):
    """Pairs are of volumes and groups that exist; a volume is in a group once (rules 21 and 66)."""
    seen = Counter()
    for pair in transaction.rows(RDF_PAIRS):
        assert pair.group_id in transaction.rows(RDF_GROUPS), pair
        for side in pair.present_sides:
            assert pair.volumes[side] in transaction.array(pair.arrays[side]).volumes, pair
            seen[pair.group_id, side, pair.volumes[side]] += 1
    assert not [place for place, count in seen.items() if count > 1]


def check_indexes(table):
    """An index finds exactly the rows that have its values, and its totals are their sums."""
    rows = list(table)
    for index in table.spec.indexes:
        expected, totals = {}, Counter()
        for row in rows:
            for value in index.values(row):
                expected.setdefault(value, set()).add(table.spec.key(row))
                totals[value] += index.weight(row) if index.weight else 0
        assert {value: set(keys) for value, keys in table._buckets[index.name].items()} == expected, table.spec.name
        assert all(table.total(index.name, value) == total for value, total in totals.items()), table.spec.name
