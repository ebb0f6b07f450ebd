"""Replication devices: where volumes are replicated to, as the operator configures it.

What belongs here: the dictionary of one `replication_device` option as a value, and which devices go together. What
does not: what a mode does; modes are plugins, so a mode that is not known here is kept as it is written.

Source: the manual, "Volume replication support"; driver-provisioning.md 1.3 and driver-attach-replication.md 7.1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeVar

import attrs

from pmax.domain.errors import InvalidRequest
from pmax.domain.identifiers import ArrayId, array_id, object_name

OPTION: Final = "replication_device"
#: The device of volume types that name none, when there are several devices.
LEGACY_BACKEND_ID: Final = "backend_id_legacy_rep"
#: In the upstream driver, the target that begins to make the other array the primary one. No device may be called so.
PROMOTION_ID: Final = "pmax_failover_start_array_promotion"
_MAXIMUM_DEVICES: Final = 3

_TRUE: Final = frozenset({"1", "t", "true", "on", "y", "yes"})
_FALSE: Final = frozenset({"0", "f", "false", "off", "n", "no"})

ValueT = TypeVar("ValueT")


@attrs.frozen(kw_only=True)
class ReplicationDevice:
    """An array to which volumes are replicated, and how.

    Attributes:
        target_array_id: its serial.
        remote_srp: storage resource pool there (`remote_pool`).
        remote_port_group: port group there, for the time after a failover.
        rdf_group_label: label of the SRDF group between the arrays, the same on both.
        mode: as it is written (`async`, `Metro`…), or "" if it is not; the plugin of a mode knows its spellings.
        backend_id: what volume types and failovers call it; empty if it is the only one and has no name.
        allow_extend: whether replicated volumes may be extended where their pair has to be broken for it.
        metro_use_bias: whether Metro pairs use bias and not a witness.
        allow_delete_metro: whether Metro volumes may be deleted, for which the whole group is suspended a moment.
        sync_retries: how often the upstream driver looks whether a pair has synchronised; pmax waits for none.
        sync_interval_s: length of its pauses.
    """

    target_array_id: ArrayId
    remote_srp: str
    remote_port_group: str
    rdf_group_label: str
    mode: str = ""
    backend_id: str = ""
    allow_extend: bool = False
    metro_use_bias: bool = False
    allow_delete_metro: bool = False
    sync_retries: int = 200
    sync_interval_s: int = 3

    def has(self, option: str) -> bool:
        """Whether a key that says yes or no says yes; "" is a key that nobody has to set."""
        return not option or getattr(self, option) is True


class _Keys:
    """Reads the keys of one dictionary and collects what is wrong with them."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self.unread = {key.strip(): value.strip() for key, value in values.items()}
        self.problems: list[InvalidRequest] = []

    def refuse(self, key: str, value: str, rule: str) -> None:
        self.problems.append(InvalidRequest(f"{OPTION} {key}", value, rule))

    def required(self, key: str, check: Callable[[str], ValueT], instead: ValueT) -> ValueT:
        value = self.unread.pop(key, "")
        if not value:
            self.refuse(key, value, f"every {OPTION} needs the key {key}")
            return instead
        try:
            return check(value)
        except InvalidRequest as error:
            self.refuse(key, value, error.rule)
            return instead

    def optional(self, key: str) -> str:
        return self.unread.pop(key, "")

    def flag(self, key: str) -> bool:
        value = self.unread.pop(key, "false")
        if value.lower() not in _TRUE | _FALSE:
            self.refuse(key, value, "write true or false")
        return value.lower() in _TRUE

    def count(self, key: str, default: int) -> int:
        value = self.unread.pop(key, str(default))
        if not value.isdecimal() or not value.isascii():
            self.refuse(key, value, "write a whole number, 0 or more")
            return default
        return int(value)


def read_replication_device(values: Mapping[str, str]) -> tuple[ReplicationDevice, tuple[InvalidRequest, ...]]:
    """Read the dictionary of one `replication_device`.

    Unlike upstream, each of `sync_retries` and `sync_interval` counts without the other, and a value that cannot be
    understood is refused instead of being replaced by a default.

    Returns:
        The device and what is wrong with it; a device with which something is wrong must not be used. Every problem
        names its key. The value of an unknown key is in none: it could be a password that belongs elsewhere.
    """
    keys = _Keys(values)
    device = ReplicationDevice(
        target_array_id=keys.required("target_device_id", array_id, ArrayId("")),
        remote_srp=keys.required("remote_pool", lambda text: object_name(text, "SRP"), ""),
        remote_port_group=keys.required("remote_port_group", lambda text: object_name(text, "port group"), ""),
        rdf_group_label=keys.required("rdf_group_label", str, ""),
        mode=keys.optional("mode"),
        backend_id=keys.optional("backend_id"),
        allow_extend=keys.flag("allow_extend"),
        metro_use_bias=keys.flag("metro_use_bias"),
        allow_delete_metro=keys.flag("allow_delete_metro"),
        sync_retries=keys.count("sync_retries", 200),
        sync_interval_s=keys.count("sync_interval", 3),
    )
    if device.backend_id == PROMOTION_ID:
        keys.refuse("backend_id", device.backend_id, "this name is reserved, so choose another")
    unknown = [InvalidRequest(f"{OPTION} key", key, "there is no such key, so remove it") for key in keys.unread]
    return device, (*keys.problems, *unknown)


def problems_of_devices(devices: Sequence[ReplicationDevice], own_array: ArrayId) -> tuple[InvalidRequest, ...]:
    """Check that devices can stand beside each other in one backend.

    Returns:
        A problem for each device whose target is the backend's own array; and if there are several devices, for being
        too many, for naming different arrays, and for each key that does not tell them apart.
    """
    own = [device for device in devices if device.target_array_id == own_array]
    rule = "a volume is replicated to another array than its own"
    problems = [InvalidRequest(f"{OPTION} target_device_id", device.target_array_id, rule) for device in own]
    if len(devices) > _MAXIMUM_DEVICES:
        problems.append(InvalidRequest(OPTION, len(devices), f"a backend has at most {_MAXIMUM_DEVICES} of them"))
    if len(devices) > 1:
        targets = sorted({device.target_array_id for device in devices})
        if len(targets) > 1:
            rule = "all devices of a backend replicate to one array"
            problems.append(InvalidRequest(f"{OPTION} target_device_id", ", ".join(targets), rule))
        problems += _not_told_apart("backend_id", [device.backend_id for device in devices])
        modes = [device.mode.lower() for device in devices]
        if len(set(modes)) < len(modes):
            rule = "where there are several devices, each needs a mode of its own"
            problems.append(InvalidRequest(f"{OPTION} mode", ", ".join(modes), rule))
        problems += _not_told_apart("rdf_group_label", [device.rdf_group_label for device in devices])
    return tuple(problems)


def _not_told_apart(key: str, values: list[str]) -> list[InvalidRequest]:
    if all(values) and len(set(values)) == len(values):
        return []
    rule = f"where there are several devices, each needs a {key} of its own"
    return [InvalidRequest(f"{OPTION} {key}", ", ".join(values), rule)]
