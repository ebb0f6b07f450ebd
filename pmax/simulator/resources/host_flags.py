"""Reads and shows host flags (reference section 6.7)."""

from typing import TypeVar

import attrs

from pmax.simulator.body import Fields
from pmax.simulator.state.masking_records import Host, HostGroup, Initiator
from pmax.simulator.wire import JsonObject

FLAGS = {
    "volume_set_addressing": "Volume_Set_Addressing(V)",
    "disable_q_reset_on_ua": "Disable_Q_Reset_on_UA(D)",
    "environ_set": "Environ_Set(E)",
    "avoid_reset_broadcast": "Avoid_Reset_Broadcast(ARB)",
    "openvms": "OpenVMS(OVMS)",
    "scsi_3": "SCSI_3(SC3)",
    "spc2_protocol_version": "SPC2_Protocol_Version(SPC2)",
    "scsi_support1": "SCSI_Support1(OS2007)",
}
"""What each flag is called in answers; two names are evidenced (reference section 6.9), the rest follows them."""

FlagOwner = TypeVar("FlagOwner", Host, HostGroup)


def with_flags(owner: FlagOwner, flags: Fields) -> FlagOwner:
    """Return a host or host group with the flags of a body; all of them must be there."""
    enabled, disabled = read_flags(flags)
    has_consistent_lun = flags.boolean("consistent_lun")
    return attrs.evolve(owner, enabled_flags=enabled, disabled_flags=disabled, has_consistent_lun=has_consistent_lun)


def read_flags(flags: Fields) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the flags that are overridden: those on, and those off."""
    enabled: list[str] = []
    disabled: list[str] = []
    for name in FLAGS:
        flag = flags.fields(name)
        is_on, is_overridden = flag.boolean("enabled"), flag.boolean("override")
        if is_overridden:
            (enabled if is_on else disabled).append(name)
    return tuple(enabled), tuple(disabled)


def flags_body(owner: Host | HostGroup) -> JsonObject:
    """Return the flags of a host or host group as JSON."""
    return {
        "port_flags_override": bool(owner.enabled_flags or owner.disabled_flags),
        "consistent_lun": owner.has_consistent_lun,
        "enabled_flags": _texts(owner.enabled_flags),
        "disabled_flags": _texts(owner.disabled_flags),
    }


def flags_in_effect(initiator: Initiator) -> str:
    """Return the flags of an initiator: the usual ones of a port, changed by its own."""
    usual = ("scsi_3", "spc2_protocol_version")
    names = [name for name in (*usual, *initiator.enabled_flags) if name not in initiator.disabled_flags]
    return ", ".join(("Common_Serial_Number(C)", *(FLAGS[name] for name in dict.fromkeys(names))))


def _texts(names: tuple[str, ...]) -> str:
    return ",".join(FLAGS[name] for name in names)
