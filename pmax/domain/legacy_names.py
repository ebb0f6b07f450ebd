"""Names of the SMI-S era and of the move away from it. pmax recognises them; it makes only the staging ones.

Before 2017 one storage group served all hosts, and the names of views carried an SRP and a service level where they now
carry a protocol and a port group. The pattern is anchored so that no modern view is mistaken for an old one: a modern
view has a protocol letter after its host, and a port group may well be called like an SRP.

Source: driver-provisioning.md 3.7 and 10, driver-attach-replication.md 3.6.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

import attrs

from pmax.domain.identifiers import object_name
from pmax.domain.service_levels import NONE_IN_NAMES, WORKLOADS

#: Begins the names of groups and views that exist only while a volume moves to the modern layout.
STAGING_PREFIX: Final = "STG-"

_END: Final = r"(?:-[IF])?(?:-CD)?(?:-RE)?(?:-[0-9a-f]{8})?-MV"
_WORKLOADS: Final = "|".join((NONE_IN_NAMES, *WORKLOADS))


@attrs.frozen
class StagingNames:
    """Names of the objects through which a volume moves from the old layout to the modern one.

    Attributes:
        host_label: short form of the host.
        token: distinguishes this move from every other; a UUID.
    """

    host_label: str
    token: str

    @property
    def storage_group(self) -> str:
        """Holds the volume for a moment."""
        return object_name(f"{STAGING_PREFIX}{self.host_label}-{self.token}-SG", "storage group")

    @property
    def masking_view(self) -> str:
        """Shows the volume to the host meanwhile."""
        return object_name(f"{STAGING_PREFIX}{self.host_label}-{self.token}-MV", "masking view")

    @property
    def seed_volume(self) -> str:
        """Keeps the staging group from being empty."""
        return f"tempvol-{self.token}"

    @property
    def placeholder_volume(self) -> str:
        """Keeps the old group from being empty."""
        return f"hold-{self.token}"


def is_staging_name(name: str) -> bool:
    """Whether a group or view exists only while a volume moves."""
    return name.startswith(STAGING_PREFIX)


def legacy_host(masking_view: str, srp: str, protocol_letters: Collection[str]) -> str | None:
    """The host of a masking view of the SMI-S era.

    Args:
        masking_view: a name as found on the array.
        srp: the configured storage resource pool.
        protocol_letters: of every known protocol; a host label that ends in one means a modern view.

    Returns:
        The host's short name, or None if the view is not of that era.
    """
    levels = rf"(?:No_SLO|{re.escape(srp)}-[A-Za-z0-9_]+-(?:{_WORKLOADS}))"
    match = re.fullmatch(rf"OS-(?P<host>[A-Za-z0-9_-]+?)-{levels}{_END}", masking_view)
    if match is None or any(match["host"].endswith(f"-{letter}") for letter in protocol_letters):
        return None
    return match["host"]
