"""`pmax volume clone`."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from typing import Any

from pmax.adapters.cli.columns import size
from pmax.adapters.cli.commands.volume_change import take_level, whole_gib
from pmax.adapters.cli.levels import LevelOptions
from pmax.adapters.cli.listing import natural
from pmax.adapters.cli.lookup import target
from pmax.adapters.cli.refusals import WrongUsage
from pmax.adapters.cli.writing import ShowWriting
from pmax.domain import commands
from pmax.domain.capacity import Capacity
from pmax.domain.commands import Command, SnapshotTarget
from pmax.domain.errors import AlreadyExists
from pmax.domain.identifiers import object_name
from pmax.domain.policies import VolumePolicy
from pmax.domain.volumes import Volume


class CloneVolume(ShowWriting):
    """Make a volume with the data of another or of a snapshot.

    The source may be attached. The new volume can be used at once; nothing is copied in the background. Unless options
    say otherwise, it is kept as its source is.
    """

    usage = "VOLUME NAME"

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take source, name, size and level."""
        parser = super().get_parser(prog_name)
        parser.add_argument("volume", metavar="VOLUME", help="the source: device id, WWN, identifier or Cinder id")
        parser.add_argument("name", metavar="NAME", help="identifier of the new volume: up to 64 of A-Z a-z 0-9 _ -")
        parser.add_argument("--size", metavar="GIB", type=whole_gib, help="in whole GiB; the source's if not given")
        parser.add_argument("--snapshot", metavar="NAME", help="take the data of this snapshot of the source")
        parser.add_argument("--generation", metavar="N", type=natural, help="of that snapshot; 0 is the newest")
        take_level(parser)
        return parser

    def commands(self, parsed_args: argparse.Namespace) -> list[tuple[str, Command[Any]]]:
        """Check everything that can be checked before the array is asked, then find the source, then the name."""
        if parsed_args.generation is not None and parsed_args.snapshot is None:
            raise WrongUsage("a generation is one of a snapshot", "give --snapshot too")
        name = object_name(parsed_args.name, "volume name")
        capacity = Capacity.for_volume(parsed_args.size) if parsed_args.size is not None else None
        source = self.finder.find(parsed_args.volume)
        policy = self._policy(parsed_args, source)
        if self.readers.volumes.find_devices_by_identifier(self.array_id, name):
            raise AlreadyExists("volume", name)
        subject = f"Clone volume {source.device_id} to {name}"
        if parsed_args.snapshot is None:
            clone = commands.CloneVolume(source=target(source), identifier=name, capacity=capacity, policy=policy)
            return [(subject, clone)]
        snapshot = SnapshotTarget(volume=target(source), name=parsed_args.snapshot, generation=parsed_args.generation)
        copy = commands.CreateVolumeFromSnapshot(
            snapshot=snapshot, identifier=name, capacity=capacity or source.capacity, policy=policy
        )
        return [(f"Copy snapshot {snapshot} to volume {name}", copy)]

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        """Clone it."""
        [(_, command)] = self.commands(parsed_args)
        made: commands.VolumeCopy = self.session.engine.execute(command)
        volume = self.readers.volumes.find_volume(made.creation.array_id, made.creation.device_id)
        fields = {
            "array_id": made.creation.array_id,
            "device_id": made.creation.device_id,
            "identifier": made.creation.identifier,
            "size_gib": size(volume.capacity) if volume else None,
            "storage_group": made.creation.storage_group,
            "source": made.source.device_id,
            "snapshot": made.snapshot_name,
        }
        return tuple(fields), tuple(fields.values())

    def _policy(self, parsed_args: argparse.Namespace, source: Volume) -> VolumePolicy:
        options = LevelOptions(
            pool=parsed_args.pool,
            service_level=parsed_args.service_level,
            workload=parsed_args.workload,
            is_uncompressed=parsed_args.no_compression,
        )
        options.check()
        if options == LevelOptions():
            return self.policies.of_volume(source)
        policy, warnings = self.policies.for_new(options)
        for warning in warnings:
            self.hint(f"pmax: {warning}")
        return policy
