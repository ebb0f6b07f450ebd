"""`pmax group list`, `pmax group show` and `pmax group snapshot list`: generic volume groups, which Cinder manages.

They are only looked at: who changes them past Cinder leaves it with a wrong idea of them.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from pmax.adapters.cli.base import ShowAction
from pmax.adapters.cli.columns import Claim, Maybe, Names
from pmax.adapters.cli.listing import Listing
from pmax.domain.errors import InvalidRequest, NotFound
from pmax.domain.identifiers import ArrayId
from pmax.domain.naming import volume_group_of
from pmax.domain.snapvx import ListedSnapshot
from pmax.domain.storage_groups import StorageGroup
from pmax.ports.readers import Readers


def find_group(readers: Readers, array_id: ArrayId, name: str) -> StorageGroup:
    """The storage group of a volume group, by its own name, by the volume group's id, or by a part of either.

    Raises:
        NotFound: there is none.
        InvalidRequest: there are several.
    """
    groups = readers.storage_groups
    found = [each for each in groups.list_storage_groups(array_id, name_contains=name) if volume_group_of(each)]
    found = [each for each in found if each == name] or found
    if len(found) > 1:
        raise InvalidRequest("volume group", name, f"it means {', '.join(found)}; write more of it")
    group = groups.find_storage_group(array_id, found[0]) if found else None
    if group is None:
        raise NotFound("volume group", name)
    return group


class ListVolumeGroups(Listing):
    """List the volume groups of the array."""

    nothing = "No volume group matches."
    columns = ("storage_group", "group_id", "volumes", "snapshots")

    def rows(self, _parsed_args: argparse.Namespace) -> Iterator[Sequence[Any]]:
        """Read the storage groups whose names are those of volume groups."""
        groups = self.readers.storage_groups
        names = self.wanted(filter(volume_group_of, groups.list_storage_groups(self.array_id)))
        for group in self.read_each(partial(groups.find_storage_group, self.array_id), names):
            if group is not None:
                yield group.name, Maybe(volume_group_of(group.name)), group.volume_count, group.snapshot_count


class ShowVolumeGroup(ShowAction):
    """Show a volume group, its volumes and its snapshots."""

    usage = "NAME"

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take a volume group."""
        parser = super().get_parser(prog_name)
        parser.add_argument("name", metavar="NAME", help="or id of the volume group, or a part of it")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        """Read the storage group and what is in it."""
        group = find_group(self.readers, self.array_id, parsed_args.name)
        devices = self.readers.volumes.list_devices(self.array_id, storage_group=group.name)
        members = sorted(devices) if group.volume_count else []
        snapshots = _snapshots_of(self.readers, self.array_id, members) if group.snapshot_count else {}
        fields = {
            "array_id": group.array_id,
            "group_id": Maybe(volume_group_of(group.name)),
            "storage_group": group.name,
            "volumes": Names(members),
            "snapshots": Names(sorted(snapshots)),
            "masking_views": Names(group.masking_views),
        }
        return tuple(fields), tuple(fields.values())


class ListGroupSnapshots(Listing):
    """List the snapshots of a volume group."""

    nothing = "No snapshot matches."
    usage = "NAME"
    columns = ("snapshot", "volumes", "is_whole", "is_linked")

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take a volume group."""
        parser = super().get_parser(prog_name)
        parser.add_argument("name", metavar="NAME", help="or id of the volume group, or a part of it")
        return parser

    def rows(self, parsed_args: argparse.Namespace) -> Iterator[Sequence[Any]]:
        """Read the snapshots of the volumes in the group: whole is what all of them have."""
        group = find_group(self.readers, self.array_id, parsed_args.name)
        if not group.volume_count:
            return
        members = sorted(self.readers.volumes.list_devices(self.array_id, storage_group=group.name))
        snapshots = _snapshots_of(self.readers, self.array_id, members)
        for name in self.wanted(snapshots):
            found = snapshots[name]
            volumes = {each.source for each in found}
            yield name, len(volumes), Claim(len(volumes) == len(members)), Claim(any(each.is_linked for each in found))


def _snapshots_of(readers: Readers, array_id: ArrayId, members: Sequence[str]) -> dict[str, list[ListedSnapshot]]:
    """Snapshots of these volumes by name: one read."""
    found: dict[str, list[ListedSnapshot]] = {}
    for snapshot in readers.snapshots.list_snapshots(array_id):
        if snapshot.source in members:
            found.setdefault(snapshot.name, []).append(snapshot)
    return found
