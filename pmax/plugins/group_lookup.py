"""Finds storage groups that have room, and tells ours from others'."""

from __future__ import annotations

from collections.abc import Iterable

from pmax.domain.errors import InUse, InvalidRequest
from pmax.domain.identifiers import ArrayId
from pmax.domain.naming import parse_default_storage_group
from pmax.domain.policies import VolumePolicy
from pmax.domain.siblings import base_of, siblings
from pmax.domain.storage_groups import StorageGroup
from pmax.ports.arrays import ArrayReader
from pmax.ports.storage_groups import StorageGroupReader


def find_room(reader: StorageGroupReader, array_id: ArrayId, name: str) -> tuple[str, StorageGroup | None]:
    """Find the group, or the first of its siblings, that another volume fits in.

    Returns:
        Its name, and the group as it is; None if it does not exist yet.

    Raises:
        InUse: the group and all its siblings are full.
    """
    for candidate in siblings(name):
        group = reader.find_storage_group(array_id, candidate)
        if group is None or group.has_room:
            return candidate, group
    raise InUse("storage group", name, "as many volumes as it can hold, and so are its siblings")


def check_srp(reader: ArrayReader, array_id: ArrayId, policy: VolumePolicy) -> None:
    """Refuse a storage resource pool that does not exist, before a group is made for it.

    Raises:
        InvalidRequest: names those that the array has.
    """
    pools = reader.list_srps(array_id)
    if policy.service_level is not None and policy.srp not in pools:
        rule = f"array {array_id} has no such storage resource pool; it has {', '.join(pools) or 'none'}"
        raise InvalidRequest("SRP", policy.srp, rule)


def is_own_default_group(name: str, srp: str, replication_suffixes: Iterable[str] = ()) -> bool:
    """Whether pmax made this group to keep volumes that no host sees, so that it may delete it when it is empty.

    Args:
        name: of the group.
        srp: of the backend.
        replication_suffixes: of the modes that are known.
    """
    return parse_default_storage_group(base_of(name), srp, replication_suffixes) is not None
