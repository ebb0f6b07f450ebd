"""`pmax volume manage` and `pmax volume unmanage`."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from typing import Any

from pmax.adapters.cli.columns import Claim, Maybe, Names, other_side, size
from pmax.adapters.cli.levels import LevelOptions
from pmax.adapters.cli.lookup import target
from pmax.adapters.cli.writing import ShowWriting
from pmax.domain import commands
from pmax.domain.commands import Command
from pmax.domain.errors import AlreadyExists
from pmax.domain.identifiers import object_name
from pmax.domain.naming import MANAGED_PREFIX, volume_identifier


class ManageVolume(ShowWriting):
    """Take a volume over from the array.

    It gets a name and the storage group of its service level, and keeps its data. It must not be in use:
    `pmax volume list --manageable --reasons` says what stands in the way.
    """

    usage = "VOLUME NAME"

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take volume, name and level."""
        parser = super().get_parser(prog_name)
        parser.add_argument("volume", metavar="VOLUME", help="device id, WWN, identifier or former Cinder id")
        parser.add_argument("name", metavar="NAME", help="what it shall be called; a Cinder id gets OS- before it")
        parser.add_argument("--service-level", metavar="NAME", help="such as Diamond; None for none")
        parser.add_argument("--workload", metavar="NAME", help="such as OLTP; only before PowerMaxOS 5978")
        parser.add_argument("--pool", metavar="POOL_NAME", help="instead of the two above: a name of `pmax pool list`")
        parser.add_argument("--no-compression", action="store_true", help="ask the array not to compress it")
        parser.add_argument("--replication", metavar="NAME", help="backend_id or mode of a replication_device")
        return parser

    def commands(self, parsed_args: argparse.Namespace) -> list[tuple[str, Command[Any]]]:
        """Check the name, what the array offers, and that nobody else has the name."""
        identifier = volume_identifier(object_name(parsed_args.name, "volume name"))
        options = LevelOptions(
            pool=parsed_args.pool,
            service_level=parsed_args.service_level,
            workload=parsed_args.workload,
            is_uncompressed=parsed_args.no_compression,
        )
        options.check()
        volume = self.finder.find(parsed_args.volume)
        policy, warnings = self.policies.for_new(options)
        if parsed_args.replication is not None:
            policy = self.policies.replicated_as(policy, parsed_args.replication, self.session.engine.plugins)
        for warning in warnings:
            self.hint(f"pmax: {warning}")
        others = self.readers.volumes.find_devices_by_identifier(self.array_id, identifier)
        if set(others) - {volume.device_id}:
            raise AlreadyExists("volume", identifier)
        command = commands.ManageVolume(
            array_id=self.array_id, device_id=volume.device_id, identifier=identifier, policy=policy
        )
        return [(f"Manage volume {volume.device_id} as {identifier}", command)]

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        """Take it over."""
        [(_, command)] = self.commands(parsed_args)
        managed: commands.VolumeManagement = self.session.engine.execute(command)
        fields = {
            "array_id": managed.array_id,
            "device_id": managed.device_id,
            "identifier": managed.identifier,
            "before": Maybe(managed.before),
            "size_gib": size(managed.capacity),
            "storage_group": managed.storage_group,
            "other_side": other_side(managed.replica),
        }
        return tuple(fields), tuple(fields.values())


class UnmanageVolume(ShowWriting):
    """Give a volume up, which stays on the array.

    It keeps its data, loses OS- from its name, and leaves the storage groups that pmax and Cinder made. A volume that a
    host sees is not given up.
    """

    usage = "VOLUME"

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take a volume."""
        parser = super().get_parser(prog_name)
        parser.add_argument("volume", metavar="VOLUME", help="device id, WWN, identifier or Cinder id")
        return parser

    def commands(self, parsed_args: argparse.Namespace) -> list[tuple[str, Command[Any]]]:
        """Find the volume."""
        volume = self.finder.find(parsed_args.volume)
        identifier = (volume.identifier or "").removeprefix(MANAGED_PREFIX)
        command = commands.UnmanageVolume(target=target(volume), identifier=identifier)
        return [(f"Unmanage volume {volume.device_id}", command)]

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        """Give it up."""
        [(_, command)] = self.commands(parsed_args)
        result: commands.VolumeUnmanagement = self.session.engine.execute(command)
        fields = {
            "array_id": result.target.array_id,
            "device_id": result.target.device_id,
            "identifier": Maybe(result.identifier),
            "storage_groups": Names(result.storage_groups),
            "was_present": Claim(result.was_present),
        }
        return tuple(fields), tuple(fields.values())
