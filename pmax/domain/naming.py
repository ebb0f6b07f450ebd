"""Names of the objects that pmax makes on an array, to the letter those of the upstream driver.

What belongs here: how a name is built, and how it is taken apart where that is possible. What does not: the short forms
of hosts and port groups (`labels`) and names of the SMI-S era (`legacy_names`).

Most names cannot be taken apart: their parts may contain the dash that separates them (`OS-node-1-I-OS-ISCSI-PG-MV`),
and truncation loses characters for good. So nothing is ever guessed from a name alone:
- A masking view gives away its host only to who knows its port group, which the view itself names (`host_names_of`).
- A default storage group gives away its traits only to who knows the SRP.
- Child storage groups and initiator groups are recognised by building the names they could have, never by parsing.
- Truncated snapshot names are compared, never turned back into ids.

Source: driver-provisioning.md 3, driver-attach-replication.md 2.1 and 7.2, and the manual.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

import attrs

from pmax.domain.identifiers import DeviceId, object_name
from pmax.domain.identifiers import snapshot_name as checked_snapshot_name
from pmax.domain.labels import HOST_LABELS, PORT_GROUP_LABELS, truncate
from pmax.domain.service_levels import NONE_IN_NAMES, WORKLOADS

#: Begins the name of everything that is managed by Cinder, and of nothing else.
MANAGED_PREFIX: Final = "OS-"

#: Holds volumes that Cinder gave up but that stay on the array.
UNMANAGED_STORAGE_GROUP: Final = "OS-Unmanaged"

#: Ends the name of a storage group while it is being deleted.
GOING_SUFFIX: Final = "-pmax-going"

_GATHERED: Final = "-temp-rdf-sg"
_UUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_TEMPORARY_SNAPSHOT: Final = re.compile(r"temp-([0-9A-F]{5})-snapshot_for_clone")
_NOT_IN_NAMES: Final = re.compile(r"[^A-Za-z0-9_-]")
_COMPRESSION_DISABLED: Final = "-CD"
_SRP_LENGTH: Final = 12
_LEVEL_LENGTH: Final = 10
_SNAPSHOT_LENGTH: Final = 19
_VOLUME_GROUP_LENGTH: Final = 27


@attrs.frozen(kw_only=True)
class GroupTraits:
    """What decides in which storage group a volume belongs: volumes that share these share a group.

    Attributes:
        srp: storage resource pool.
        service_level: None for none.
        workload: None for none, which arrays from PowerMaxOS 5978 on always have.
        compression_disabled: without a service level it makes no difference.
        replication_suffix: `""`, or what the replication mode adds (`-RE`, `-RA`, `-RM`…).
    """

    srp: str
    service_level: str | None = None
    workload: str | None = None
    compression_disabled: bool = False
    replication_suffix: str = ""

    @property
    def default_storage_group(self) -> str:
        """The storage group in which such a volume waits while no host sees it."""
        return default_storage_group(
            self.srp,
            self.service_level,
            self.workload,
            compression_disabled=self.compression_disabled,
            replication_suffix=self.replication_suffix,
        )


@attrs.frozen
class HostNames:
    """Names of everything that a compute host has on an array over one protocol and one port group.

    Attributes:
        host_label: short form of the host.
        letter: the protocol's (`I` iSCSI, `F` Fibre Channel…).
        port_group_label: short form of the port group.
    """

    host_label: str
    letter: str
    port_group_label: str

    @property
    def masking_view(self) -> str:
        """The view through which the host sees its volumes."""
        name = f"OS-{self.host_label}-{self.letter}-{self.port_group_label}-MV"
        return object_name(name, "masking view")

    @property
    def parent_storage_group(self) -> str:
        """The storage group of that view; its children hold the volumes."""
        name = f"OS-{self.host_label}-{self.letter}-{self.port_group_label}-SG"
        return object_name(name, "storage group")

    @property
    def initiator_group(self) -> str:
        """The host's initiators; it does not depend on the port group."""
        return object_name(f"OS-{self.host_label}-{self.letter}-IG", "initiator group")

    def child_storage_group(self, traits: GroupTraits) -> str:
        """The child group for volumes with these traits. It does not depend on the protocol."""
        if traits.service_level is None:
            return self.no_service_level_child(traits.replication_suffix)
        level = truncate(traits.service_level + (traits.workload or NONE_IN_NAMES), _LEVEL_LENGTH)
        compression = _COMPRESSION_DISABLED if traits.compression_disabled else ""
        name = f"OS-{self.host_label}-{truncate(traits.srp, _SRP_LENGTH)}-{level}-{self.port_group_label}"
        return object_name(name + compression + traits.replication_suffix, "storage group")

    def no_service_level_child(self, replication_suffix: str = "") -> str:
        """The child group for volumes without a service level.

        A volume that several hosts see waits here on all hosts but one, since it can be in one group with a service
        level only. Such a group never disables compression.
        """
        return object_name(f"OS-{self.host_label}-No_SLO-{self.port_group_label}{replication_suffix}", "storage group")


def _check_host_template(_instance: object, _attribute: object, value: str) -> None:
    HOST_LABELS.check(value)


def _check_port_group_template(_instance: object, _attribute: object, value: str) -> None:
    PORT_GROUP_LABELS.check(value)


@attrs.frozen
class NamePolicy:
    """How hosts and port groups are abbreviated in names.

    Methods that take a host take the name that the compute host gives itself, with or without its domain; those that
    take a port group take its real name. All raise `InvalidRequest` if no valid name can be made of them.

    Two hosts that are told apart only by what follows the first dot have the same names; hosts that call themselves by
    IP addresses do so, and so do some templates. Whoever finds an object by its name must check whose it is.

    Attributes:
        host_template: the word `shortHostName` alone for the default form.
        port_group_template: the word `portGroupName` alone for the default form.
    """

    host_template: str = attrs.field(default=HOST_LABELS.base, validator=_check_host_template)
    port_group_template: str = attrs.field(default=PORT_GROUP_LABELS.base, validator=_check_port_group_template)

    def known_host_labels(self, host: str) -> tuple[str, ...]:
        """Labels that the host may have: to match existing objects try all, to write use the first."""
        return HOST_LABELS.known(self.host_template, host.partition(".")[0])

    def host_label(self, host: str) -> str:
        """The label to write."""
        return self.known_host_labels(host)[0]

    def known_port_group_labels(self, port_group: str) -> tuple[str, ...]:
        """Labels that the port group may have: to match existing objects try all, to write use the first."""
        return PORT_GROUP_LABELS.known(self.port_group_template, port_group)

    def port_group_label(self, port_group: str) -> str:
        """The label to write."""
        return self.known_port_group_labels(port_group)[0]

    def known(self, host: str, letter: str, port_group: str) -> tuple[HostNames, ...]:
        """Every set of names that the host's objects may have, the one to write first; most often there is only one."""
        return tuple(
            HostNames(host_label, letter, port_group_label)
            for host_label in self.known_host_labels(host)
            for port_group_label in self.known_port_group_labels(port_group)
        )

    def current(self, host: str, letter: str, port_group: str) -> HostNames:
        """The names to write."""
        return HostNames(self.host_label(host), letter, self.port_group_label(port_group))

    def host_names_of(self, masking_view: str, letter: str, port_group: str) -> HostNames | None:
        """Take the name of a masking view apart, with the help of its port group.

        Args:
            masking_view: a name as found on the array.
            letter: of the protocol that is expected.
            port_group: the port group that the view names.

        Returns:
            The names of that host, exactly as they are on the array; None if the view is not one of ours, or is of
            another protocol.
        """
        for label in self.known_port_group_labels(port_group):
            end = f"-{letter}-{label}-MV"
            host_label = masking_view.removeprefix(MANAGED_PREFIX).removesuffix(end)
            if host_label and masking_view == f"{MANAGED_PREFIX}{host_label}{end}":
                return HostNames(host_label, letter, label)
        return None

    def masking_view(self, host: str, letter: str, port_group: str) -> str:
        """Name of the view to write."""
        return self.current(host, letter, port_group).masking_view

    def parent_storage_group(self, host: str, letter: str, port_group: str) -> str:
        """Name of the parent storage group to write."""
        return self.current(host, letter, port_group).parent_storage_group

    def initiator_group(self, host: str, letter: str) -> str:
        """Name of the initiator group to write."""
        return HostNames(self.host_label(host), letter, "").initiator_group

    def known_initiator_groups(self, host: str, letter: str) -> tuple[str, ...]:
        """Names that the host's initiator group may have, the one to write first."""
        return tuple(HostNames(label, letter, "").initiator_group for label in self.known_host_labels(host))

    def child_storage_group(self, host: str, port_group: str, traits: GroupTraits) -> str:
        """Name of the child storage group to write; it does not depend on the protocol."""
        return self.current(host, "", port_group).child_storage_group(traits)


def default_storage_group(
    srp: str,
    service_level: str | None,
    workload: str | None,
    *,
    compression_disabled: bool = False,
    replication_suffix: str = "",
) -> str:
    """The storage group in which a volume waits while no host sees it. Nothing in it is truncated.

    Without a service level it is one group for all SRPs, and compression makes no difference.

    Raises:
        InvalidRequest: the name is longer than the array takes.
    """
    if service_level is None:
        return object_name(f"OS-no_SLO{replication_suffix}-SG", "storage group")
    compression = _COMPRESSION_DISABLED if compression_disabled else ""
    name = f"OS-{srp}-{service_level}-{workload or NONE_IN_NAMES}{compression}{replication_suffix}-SG"
    return object_name(name, "storage group")


def parse_default_storage_group(name: str, srp: str, replication_suffixes: Iterable[str]) -> GroupTraits | None:
    """Take the name of a default storage group apart.

    The SRP must be known, since both it and a renamed service level may contain dashes.

    Args:
        name: as found on the array.
        srp: the storage resource pool of the group.
        replication_suffixes: of every known mode, such as `-RE`.

    Returns:
        Its traits, or None if it is no default storage group of this SRP. Of a group without a service level, the name
        tells neither the SRP (it is taken over from `srp`) nor whether compression was disabled.
    """
    suffixes = "|".join(re.escape(suffix) for suffix in ("", *replication_suffixes))
    levels = "|".join((NONE_IN_NAMES, *WORKLOADS))
    match = re.fullmatch(
        rf"OS-(?:no_SLO|{re.escape(srp)}-(?P<level>[A-Za-z0-9_-]+)-(?P<workload>{levels})(?P<compression>-CD)?)"
        rf"(?P<suffix>{suffixes})-SG",
        name,
    )
    if match is None:
        return None
    return GroupTraits(
        srp=srp,
        service_level=match["level"],
        workload=None if match["workload"] == NONE_IN_NAMES else match["workload"],
        compression_disabled=match["compression"] is not None,
        replication_suffix=match["suffix"],
    )


def volume_identifier(cinder_id: str) -> str:
    """What a managed volume is called on the array; the other side of a replicated one is called the same.

    Args:
        cinder_id: id of the volume, or a name that contains it (`volume-<id>`).

    Returns:
        `OS-` and the first UUID in the text; the text itself if there is none.

    Raises:
        InvalidRequest: a text without a UUID is longer than the array takes.
    """
    match = _UUID.search(cinder_id)
    return MANAGED_PREFIX + match[0] if match else object_name(cinder_id, "volume identifier")


def unmanaged_volume_identifier(cinder_id: str) -> str:
    """What a volume is called after Cinder gave it up: its UUID without the prefix."""
    return volume_identifier(cinder_id).removeprefix(MANAGED_PREFIX)


def snapshot_name(snapshot_id: str) -> str:
    """What a snapshot is called on the array: 18 characters of `OS-` and its UUID."""
    return truncate(MANAGED_PREFIX + snapshot_id, _SNAPSHOT_LENGTH)


def group_snapshot_name(group_snapshot_id: str) -> str:
    """What the snapshot of a volume group is called: 18 characters of its UUID, without a prefix."""
    return truncate(group_snapshot_id, _SNAPSHOT_LENGTH)


def temporary_snapshot_name(device: DeviceId) -> str:
    """The snapshot through which a device is cloned; all clones of a device share the name."""
    return f"temp-{device}-snapshot_for_clone"


def device_of_temporary_snapshot(name: str) -> DeviceId | None:
    """The device that a temporary snapshot was taken of; None if the name is not exactly that of such a snapshot."""
    match = _TEMPORARY_SNAPSHOT.fullmatch(name)
    return DeviceId(match[1]) if match else None


def managed_snapshot_name(name: str) -> str:
    """What a snapshot is called after Cinder took it over.

    Raises:
        InvalidRequest: its name leaves no room for the prefix.
    """
    return checked_snapshot_name(MANAGED_PREFIX + name)


def unmanaged_snapshot_name(name: str) -> str:
    """What a snapshot is called after Cinder gave it up; a name without the prefix stays as it is."""
    return name.removeprefix(MANAGED_PREFIX)


def volume_group_storage_group(name: str | None, group_id: str) -> str:
    """The storage group of a generic volume group.

    Args:
        name: what the user called the group; None, or the id again, if nothing.
        group_id: its UUID.

    Returns:
        The id, after up to 27 characters of the name. Characters that the array refuses become `_`: the id alone
        makes the name unique.
    """
    if name is None or name == group_id:
        return object_name(group_id, "volume group")
    return object_name(f"{_NOT_IN_NAMES.sub('_', truncate(name, _VOLUME_GROUP_LENGTH))}_{group_id}", "volume group")


def volume_group_of(storage_group: str) -> str | None:
    """Id of the volume group to which a storage group belongs, by its name; None if it is not the name of one.

    The users' name for the group is not recovered: it may have been truncated, and it may have changed since.
    """
    before, _, group_id = storage_group.rpartition("_")
    belongs = _UUID.fullmatch(group_id) and len(before) <= _VOLUME_GROUP_LENGTH
    return group_id if belongs else None


def rdf_management_storage_group(label: str, mode: str) -> str:
    """The group that holds all volumes of an SRDF group whose volumes change state only together.

    Args:
        label: of the SRDF group.
        mode: as the REST service and the configuration spell it (`Asynchronous`, `Metro`).
    """
    return object_name(f"OS-{label}-{mode}-rdf-sg", "storage group")


def is_management_storage_group(name: str) -> bool:
    """Whether a group has the name of one that holds all volumes of an SRDF group."""
    return name.startswith(MANAGED_PREFIX) and name.endswith("-rdf-sg") and not name.endswith("-temp-rdf-sg")


def temporary_failover_storage_group(label: str) -> str:
    """The group in which volumes are gathered for a failover."""
    return object_name(f"OS-{label}{_GATHERED}", "storage group")


def is_of_a_moment(storage_group: str) -> bool:
    """Whether a storage group exists, by its name, only while something is done: left behind, it is debris."""
    is_gathered = storage_group.startswith(MANAGED_PREFIX) and storage_group.endswith(_GATHERED)
    return is_gathered or storage_group.endswith(GOING_SUFFIX)
