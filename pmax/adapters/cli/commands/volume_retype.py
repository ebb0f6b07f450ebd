"""`pmax volume retype` and `pmax volume rename`."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from typing import Any

from pmax.adapters.cli.columns import Claim, Maybe, Names, other_side
from pmax.adapters.cli.hosts import way_to
from pmax.adapters.cli.levels import LevelOptions
from pmax.adapters.cli.lookup import target
from pmax.adapters.cli.refusals import WrongUsage
from pmax.adapters.cli.writing import ShowWriting
from pmax.domain import commands
from pmax.domain.commands import Command
from pmax.domain.identifiers import object_name
from pmax.domain.policies import VolumePolicy


class RetypeVolume(ShowWriting):
    """Change the level, compression or replication of a volume.

    No data is copied within the array: the volume moves to another storage group, attached or not. What is not named
    stays as it is. With `--replication None` the pair ends, and the other side is deleted with its data.
    """

    usage = "VOLUME"

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take a volume and what changes."""
        parser = super().get_parser(prog_name)
        parser.add_argument("volume", metavar="VOLUME", help="device id, WWN, identifier or Cinder id")
        parser.add_argument("--service-level", metavar="NAME", help="such as Diamond; None for none")
        parser.add_argument("--workload", metavar="NAME", help="such as OLTP; only before PowerMaxOS 5978")
        parser.add_argument("--pool", metavar="POOL_NAME", help="instead of the two above: a name of `pmax pool list`")
        compression = parser.add_mutually_exclusive_group()
        compression.add_argument(
            "--compression",
            dest="is_uncompressed",
            action="store_false",
            default=None,
            help="let it be compressed",
        )
        compression.add_argument(
            "--no-compression", dest="is_uncompressed", action="store_true", help="ask the array not to compress it"
        )
        parser.add_argument(
            "--replication", metavar="NAME", help="backend_id or mode of a replication_device; None for none"
        )
        return parser

    def commands(self, parsed_args: argparse.Namespace) -> list[tuple[str, Command[Any]]]:
        """Read what the volume has, and check what it shall have."""
        options = LevelOptions(
            pool=parsed_args.pool, service_level=parsed_args.service_level, workload=parsed_args.workload
        )
        wanted = parsed_args.replication
        if options == LevelOptions() and parsed_args.is_uncompressed is None and wanted is None:
            remedy = "give --service-level, --pool, --workload, --no-compression or --replication"
            raise WrongUsage("nothing would change", remedy)
        if options.pool or options.service_level:
            options.check()
        volume = self.finder.find(parsed_args.volume)
        engine = self.session.engine
        way = way_to(None, self.surveyor().views_of(volume), engine.plugins.protocols().values(), engine.settings.names)
        before = self.policies.with_replication_of(volume, self.policies.of_volume(volume, way.port_group))
        after, warnings = self.policies.for_retype(before, options, is_uncompressed=parsed_args.is_uncompressed)
        if wanted is not None:
            after = self.policies.replicated_as(after, wanted, engine.plugins)
        for warning in warnings:
            self.hint(f"pmax: {warning}")
        command = commands.RetypeVolume(target=target(volume), before=before, after=after, protocol=way.protocol)
        level = after.service_level or "no service level"
        compression = ", not compressed" if after.compression_disabled else ""
        replication = f", {_replication_text(after)}" if wanted is not None else ""
        return [(f"Keep volume {volume.device_id} with {level}{compression}{replication}", command)]

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        """Retype it."""
        [(_, command)] = self.commands(parsed_args)
        result: commands.VolumeRetyping = self.session.engine.execute(command)
        for note in result.notes:
            self.hint(f"pmax: {note}")
        fields = {
            "array_id": result.target.array_id,
            "device_id": result.target.device_id,
            "service_level": Maybe(result.after.service_level),
            "workload": Maybe(result.after.workload),
            "compression_disabled": Claim(result.after.compression_disabled),
            "storage_groups": Names(result.storage_groups),
            "other_side": other_side(result.replica),
            "is_changed": Claim(result.is_changed),
        }
        return tuple(fields), tuple(fields.values())


def _replication_text(policy: VolumePolicy) -> str:
    return f"replicated to {policy.replication_backend}" if policy.replication_enabled else "not replicated"


class RenameVolume(ShowWriting):
    """Give a volume another name.

    Cinder knows a volume by the name that it gave it: rename such a volume only if Cinder no longer manages it.
    """

    usage = "VOLUME NAME"

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take a volume and a name."""
        parser = super().get_parser(prog_name)
        parser.add_argument("volume", metavar="VOLUME", help="device id, WWN, identifier or Cinder id")
        parser.add_argument("name", metavar="NAME", help="identifier on the array: up to 64 of A-Z a-z 0-9 _ -")
        return parser

    def commands(self, parsed_args: argparse.Namespace) -> list[tuple[str, Command[Any]]]:
        """Check the name."""
        name = object_name(parsed_args.name, "volume name")
        volume = self.finder.find(parsed_args.volume)
        command = commands.RenameVolume(target=target(volume), identifier=name)
        return [(f"Rename volume {volume.device_id} to {name}", command)]

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        """Rename it."""
        [(_, command)] = self.commands(parsed_args)
        result: commands.VolumeRenaming = self.session.engine.execute(command)
        fields = {
            "array_id": result.target.array_id,
            "device_id": result.target.device_id,
            "before": Maybe(result.before),
            "after": Maybe(result.after),
        }
        return tuple(fields), tuple(fields.values())
