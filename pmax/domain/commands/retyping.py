"""Keeping a volume in another way, and giving it another name; its data stays where it is."""

from __future__ import annotations

import attrs

from pmax.domain.commands.base import Command
from pmax.domain.commands.volumes import Replica
from pmax.domain.policies import VolumePolicy
from pmax.domain.volumes import VolumeTarget


@attrs.frozen(kw_only=True)
class VolumeRetyping:
    """Result of `RetypeVolume`.

    Attributes:
        target: the volume.
        before: the policy that it had.
        after: the policy that it has.
        storage_groups: the groups that hold it now.
        is_changed: False when nothing on the array had to be changed.
        notes: what the caller should know, in words: what has no effect yet, or an effect on other volumes.
        replica: its other side; None if it has none.
        has_left_replication: whether its other side was deleted, and it has none now.
    """

    target: VolumeTarget
    before: VolumePolicy
    after: VolumePolicy
    storage_groups: tuple[str, ...]
    is_changed: bool
    notes: tuple[str, ...] = ()
    replica: Replica | None = None
    has_left_replication: bool = False


@attrs.frozen(kw_only=True)
class RetypeVolume(Command[VolumeRetyping]):
    """Keep a volume by another policy, attached or not, without copying its data within the array.

    Where the policies differ in replication, the volume gets an other side, or loses it.

    Attributes:
        target: which.
        before: its policy so far, which says where it is expected.
        after: its policy from now on.
        protocol: name of the protocol over which it is attached.
        hosts: those that see the volume, as far as the caller knows. It saves calls; nothing is believed of it that the
            array does not confirm.
    """

    target: VolumeTarget
    before: VolumePolicy
    after: VolumePolicy
    protocol: str
    hosts: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class VolumeRenaming:
    """Result of `RenameVolume`; both names are "" for none."""

    target: VolumeTarget
    before: str
    after: str


@attrs.frozen(kw_only=True)
class RenameVolume(Command[VolumeRenaming]):
    """Give a volume another identifier.

    Attributes:
        target: which.
        identifier: the new one, which no other volume of the array may carry; "" for none.
    """

    target: VolumeTarget
    identifier: str
