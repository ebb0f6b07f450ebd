"""`pmax storage group create`, `qos` and `delete`."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from typing import Any

from pmax.adapters.cli.columns import Maybe
from pmax.adapters.cli.levels import LevelOptions
from pmax.adapters.cli.refusals import WrongUsage
from pmax.adapters.cli.writing import ShowWriting
from pmax.domain import commands
from pmax.domain.commands import Command
from pmax.domain.errors import NotFound
from pmax.domain.identifiers import object_name
from pmax.domain.qos import Distribution, HostIoLimits, limits_by_hand
from pmax.domain.storage_groups import StorageGroup


class CreateStorageGroup(ShowWriting):
    """Create an empty storage group.

    A volume can be in only one group with a service level; with `--service-level None` the group is for volumes that
    are in such a group already.
    """

    usage = "NAME"

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take name and level."""
        parser = super().get_parser(prog_name)
        parser.add_argument("name", metavar="NAME", help="up to 64 of A-Z a-z 0-9 _ -")
        parser.add_argument("--service-level", metavar="NAME", help="such as Diamond; None for none")
        parser.add_argument("--workload", metavar="NAME", help="such as OLTP; only before PowerMaxOS 5978")
        parser.add_argument("--no-compression", action="store_true", help="ask the array not to compress its volumes")
        parser.add_argument("--parent", metavar="GROUP", help="put it under this group, whose views then show it")
        return parser

    def commands(self, parsed_args: argparse.Namespace) -> list[tuple[str, Command[Any]]]:
        """Check the name, and the level against what the array offers."""
        name = object_name(parsed_args.name, "storage group")
        options = LevelOptions(
            service_level=parsed_args.service_level,
            workload=parsed_args.workload,
            is_uncompressed=parsed_args.no_compression,
        )
        policy, warnings = self.policies.for_new(options)
        for warning in warnings:
            self.hint(f"pmax: {warning}")
        command = commands.CreateStorageGroup(
            array_id=self.array_id, name=name, policy=policy, parent=parsed_args.parent
        )
        return [(f"Create storage group {name}", command)]

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        """Create it."""
        [(_, command)] = self.commands(parsed_args)
        made: commands.StorageGroupCreation = self.session.engine.execute(command)
        return ("array_id", "storage_group"), (made.array_id, made.name)


class LimitStorageGroup(ShowWriting):
    """Limit the I/O of a storage group.

    What is not named stays as it is. Groups in which volumes of several types are never get limits.
    """

    usage = "NAME"

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take a group and its limits."""
        parser = super().get_parser(prog_name)
        parser.add_argument("name", metavar="NAME", help="of the storage group")
        parser.add_argument("--iops", metavar="N", help="I/O operations a second, 100 to 100000; None for no limit")
        parser.add_argument("--mbps", metavar="N", help="megabytes a second, from 1 to 100000; None for no limit")
        parser.add_argument(
            "--distribution", metavar="HOW", help="among the ports: Never, OnFailure or Always; Never if not set yet"
        )
        parser.add_argument("--none", action="store_true", help="remove all limits")
        return parser

    def commands(self, parsed_args: argparse.Namespace) -> list[tuple[str, Command[Any]]]:
        """Read what the group has, and check what it shall have."""
        given = (parsed_args.iops, parsed_args.mbps, parsed_args.distribution)
        if (parsed_args.none and any(given)) or not (parsed_args.none or any(given)):
            raise WrongUsage(
                "it is not clear which limits are wanted", "give --iops, --mbps or --distribution, or --none"
            )
        group = self.readers.storage_groups.find_storage_group(self.array_id, parsed_args.name)
        if group is None:
            raise NotFound("storage group", parsed_args.name)
        limits = None if parsed_args.none else _limits(parsed_args, group)
        command = commands.SetQos(array_id=self.array_id, storage_group=group.name, limits=limits)
        return [(f"Limit storage group {group.name} to {limits or 'nothing'}", command)]

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        """Limit it."""
        [(_, command)] = self.commands(parsed_args)
        result: commands.StorageGroupLimiting = self.session.engine.execute(command)
        fields = {
            "array_id": self.array_id,
            "storage_group": result.storage_group,
            "before": Maybe(str(result.before) if result.before else None),
            "after": Maybe(str(result.after) if result.after else None),
        }
        return tuple(fields), tuple(fields.values())


def _limits(parsed_args: argparse.Namespace, group: StorageGroup) -> HostIoLimits | None:
    """The wanted limits; where the arguments say nothing, those that the group has.

    Raises:
        InvalidRequest: a number is out of its range, with the range and the unit.
        WrongUsage: a distribution alone limits nothing.
    """
    has = group.limits
    texts = {
        "iops": parsed_args.iops or (str(has.iops) if has and has.iops else "None"),
        "mbps": parsed_args.mbps or (str(has.megabytes_per_second) if has and has.megabytes_per_second else "None"),
        "distribution": parsed_args.distribution or (has.distribution if has else Distribution.NEVER).value,
    }
    limits = limits_by_hand({key: text for key, text in texts.items() if text.lower() != "none"})
    if limits is None and parsed_args.distribution:
        raise WrongUsage("a distribution alone limits nothing", "give --iops or --mbps too")
    return limits


class DeleteStorageGroup(ShowWriting):
    """Delete an empty storage group.

    One that holds volumes or groups, or that a masking view shows, is refused.
    """

    usage = "NAME"

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take a group."""
        parser = super().get_parser(prog_name)
        parser.add_argument("name", metavar="NAME", help="of the storage group")
        return parser

    def commands(self, parsed_args: argparse.Namespace) -> list[tuple[str, Command[Any]]]:
        """Name it."""
        name = object_name(parsed_args.name, "storage group")
        return [(f"Delete storage group {name}", commands.DeleteStorageGroup(array_id=self.array_id, name=name))]

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        """Delete it."""
        [(_, command)] = self.commands(parsed_args)
        gone: commands.StorageGroupDeletion = self.session.engine.execute(command)
        return ("array_id", "storage_group"), (gone.array_id, gone.name)
