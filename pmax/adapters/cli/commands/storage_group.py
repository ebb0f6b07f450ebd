"""`pmax storage group list` and `pmax storage group show`."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from pmax.adapters.cli.base import ShowAction
from pmax.adapters.cli.columns import Claim, Maybe, Names
from pmax.adapters.cli.listing import Listing
from pmax.domain.errors import NotFound
from pmax.domain.storage_groups import StorageGroup


class ListStorageGroups(Listing):
    """List the storage groups of the array."""

    nothing = "No storage group matches."
    columns = ("storage_group", "service_level", "volumes", "is_masked")
    more_columns = ("workload", "srp", "is_compressed", "parents", "children", "masking_views", "limits", "tags")

    def rows(self, _parsed_args: argparse.Namespace) -> Iterator[Sequence[Any]]:
        """Read the storage groups whose names pass."""
        reader = self.readers.storage_groups
        names = self.wanted(reader.list_storage_groups(self.array_id))
        for group in self.read_each(partial(reader.find_storage_group, self.array_id), names):
            if group is not None:
                yield _row(group)


def _row(group: StorageGroup) -> Sequence[Any]:
    return (
        group.name,
        Maybe(group.service_level),
        group.volume_count,
        Claim(bool(group.masking_views)),
        Maybe(group.workload),
        Maybe(group.srp),
        Claim(group.is_compressed),
        Names(group.parents),
        Names(group.children),
        Names(group.masking_views),
        Maybe(str(group.limits) if group.limits else None),
        Names(group.tags),
    )


class ShowStorageGroup(ShowAction):
    """Show a storage group and what holds it."""

    usage = "NAME"

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take a storage group."""
        parser = super().get_parser(prog_name)
        parser.add_argument("name", metavar="NAME", help="of the storage group")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        """Read the group.

        Raises:
            NotFound: there is no such storage group.
        """
        group = self.readers.storage_groups.find_storage_group(self.array_id, parsed_args.name)
        if group is None:
            raise NotFound("storage group", parsed_args.name)
        limits = group.limits
        fields = {
            "array_id": group.array_id,
            "storage_group": group.name,
            "service_level": Maybe(group.service_level),
            "workload": Maybe(group.workload),
            "srp": Maybe(group.srp),
            "is_compressed": Claim(group.is_compressed),
            "volumes": group.volume_count,
            "parents": Names(group.parents),
            "children": Names(group.children),
            "masking_views": Names(group.masking_views),
            "iops": Maybe(limits.iops if limits else None),
            "mbps": Maybe(limits.megabytes_per_second if limits else None),
            "distribution": Maybe(limits.distribution.value if limits else None),
            "tags": Names(group.tags),
            "snapshots": group.snapshot_count,
        }
        return tuple(fields), tuple(fields.values())
