"""`pmax volume create` and `pmax volume extend`."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from typing import Any

from pmax.adapters.cli.columns import size
from pmax.adapters.cli.levels import LevelOptions
from pmax.adapters.cli.lookup import target
from pmax.adapters.cli.writing import ShowWriting
from pmax.domain import commands
from pmax.domain.capacity import Capacity
from pmax.domain.commands import Command
from pmax.domain.errors import AlreadyExists, InvalidRequest
from pmax.domain.identifiers import object_name


def whole_gib(text: str) -> int:
    """A size in whole GiB; which sizes are possible is the domain's business."""
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number of GiB") from None


def take_level(parser: argparse.ArgumentParser) -> None:
    """Take what says how a new volume is to be kept."""
    parser.add_argument("--service-level", metavar="NAME", help="such as Diamond; None for none")
    parser.add_argument("--workload", metavar="NAME", help="such as OLTP; only before PowerMaxOS 5978")
    parser.add_argument("--pool", metavar="POOL_NAME", help="instead of the two above: a name of `pmax pool list`")
    parser.add_argument("--no-compression", action="store_true", help="ask the array not to compress it")


class CreateVolume(ShowWriting):
    """Create a volume.

    It waits in the default storage group of its service level until a host is to see it.
    """

    usage = "NAME --size GIB"

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take name, size and level."""
        parser = super().get_parser(prog_name)
        parser.add_argument("name", metavar="NAME", help="identifier on the array: up to 64 of A-Z a-z 0-9 _ -")
        parser.add_argument("--size", metavar="GIB", type=whole_gib, required=True, help="in whole GiB")
        take_level(parser)
        return parser

    def commands(self, parsed_args: argparse.Namespace) -> list[tuple[str, Command[Any]]]:
        """Check everything that can be checked before the array is asked, then its offer, then the name."""
        name = object_name(parsed_args.name, "volume name")
        capacity = Capacity.for_volume(parsed_args.size)
        options = LevelOptions(
            pool=parsed_args.pool,
            service_level=parsed_args.service_level,
            workload=parsed_args.workload,
            is_uncompressed=parsed_args.no_compression,
        )
        options.check()
        policy, warnings = self.policies.for_new(options)
        for warning in warnings:
            self.hint(f"pmax: {warning}")
        if self.readers.volumes.find_devices_by_identifier(self.array_id, name):
            raise AlreadyExists("volume", name)
        command = commands.CreateVolume(array_id=self.array_id, identifier=name, capacity=capacity, policy=policy)
        return [(f"Create volume {name} of {parsed_args.size} GiB", command)]

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        """Create it."""
        [(_, command)] = self.commands(parsed_args)
        made: commands.VolumeCreation = self.session.engine.execute(command)
        fields = {
            "array_id": made.array_id,
            "device_id": made.device_id,
            "identifier": made.identifier,
            "size_gib": parsed_args.size,
            "storage_group": made.storage_group,
        }
        return tuple(fields), tuple(fields.values())


class ExtendVolume(ShowWriting):
    """Make a volume larger, attached or not.

    The array cannot make a volume smaller again.
    """

    usage = "VOLUME --size GIB"

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take volume and size."""
        parser = super().get_parser(prog_name)
        parser.add_argument("volume", metavar="VOLUME", help="device id, WWN, identifier or Cinder id")
        parser.add_argument("--size", metavar="GIB", type=whole_gib, required=True, help="its new size in whole GiB")
        return parser

    def commands(self, parsed_args: argparse.Namespace) -> list[tuple[str, Command[Any]]]:
        """Check the size against the volume's."""
        capacity = Capacity.for_volume(parsed_args.size)
        volume = self.finder.find(parsed_args.volume)
        if capacity.cylinders < volume.capacity.cylinders:
            rule = f"volume {volume.device_id} has {size(volume.capacity)} GiB already, and none can be made smaller"
            raise InvalidRequest("--size", parsed_args.size, rule)
        command = commands.ExtendVolume(target=target(volume), capacity=capacity)
        return [(f"Extend volume {volume.device_id} to {parsed_args.size} GiB", command)]

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        """Extend it."""
        [(_, command)] = self.commands(parsed_args)
        result: commands.VolumeExtension = self.session.engine.execute(command)
        fields = {
            "array_id": result.target.array_id,
            "device_id": result.target.device_id,
            "before_gib": size(result.before),
            "after_gib": size(result.after),
        }
        return tuple(fields), tuple(fields.values())
