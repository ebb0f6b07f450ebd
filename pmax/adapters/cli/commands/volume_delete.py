"""`pmax volume delete`."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from pmax.adapters.cli import exit_status
from pmax.adapters.cli.columns import Claim, Maybe, size
from pmax.adapters.cli.commands.attachment import detach_from_all
from pmax.adapters.cli.harm import Harm, harm_of_deleting
from pmax.adapters.cli.lookup import target
from pmax.adapters.cli.refusals import WouldHurt
from pmax.adapters.cli.writing import ListWriting
from pmax.domain import commands
from pmax.domain.capacity import Capacity
from pmax.domain.commands import Command
from pmax.domain.volumes import Volume

_COLUMNS: Final = ("device_id", "identifier", "was_present")


class DeleteVolumes(ListWriting):
    """Delete volumes and their data.

    Every volume is looked at first: if one of them is in use, none is deleted, and it is told who would be hurt. With
    --force volumes are taken away from their hosts before; snapshots and SRDF pairs are never deleted on the way.
    """

    usage = "VOLUME [VOLUME ...]"

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take volumes."""
        parser = super().get_parser(prog_name)
        parser.add_argument("volumes", metavar="VOLUME", nargs="+", help="device id, WWN, identifier or Cinder id")
        parser.add_argument("--yes", action="store_true", help="do not ask")
        parser.add_argument("--force", action="store_true", help="take volumes away from the hosts that see them")
        return parser

    def commands(self, parsed_args: argparse.Namespace) -> list[tuple[str, Command[Any]]]:
        """Find every volume."""
        return [
            (f"Delete {_named(volume)}", commands.DeleteVolume(target=target(volume)))
            for volume in self._found(parsed_args)
        ]

    def previewed(self, parsed_args: argparse.Namespace) -> list[tuple[str, Command[Any]]]:
        """A volume that hosts see is taken away from them first; its deletion can be planned only then."""
        harms = self._harms(parsed_args)
        return [
            (f"Take {_named(harm.volume)} away from all hosts, and then delete it", detach_from_all(self, harm.volume))
            if harm
            else (f"Delete {_named(harm.volume)}", commands.DeleteVolume(target=target(harm.volume)))
            for harm in harms
        ]

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        """Look who would be hurt, ask, and delete one after the other."""
        harms = self._harms(parsed_args)
        for line in (line for harm in harms for line in harm.lines()):
            self.hint(f"pmax: {line}")
        volumes = tuple(harm.volume for harm in harms)
        self.confirm(f"{_question(volumes)} This cannot be undone.", parsed_args, len(volumes))
        return _COLUMNS, self._delete(harms)

    def produce_output(
        self, parsed_args: argparse.Namespace, column_names: Sequence[str], data: Iterable[Sequence[Any]]
    ) -> int:
        """Show what was deleted, even if an error ended it before the last one."""
        gone: list[Sequence[Any]] = []
        try:
            gone.extend(data)
        finally:
            super().produce_output(parsed_args, column_names, gone)
        return exit_status.DONE

    def _found(self, parsed_args: argparse.Namespace) -> tuple[Volume, ...]:
        found = (self.finder.find(text) for text in parsed_args.volumes)
        return tuple({volume.device_id: volume for volume in found}.values())

    def _harms(self, parsed_args: argparse.Namespace) -> tuple[Harm, ...]:
        """Every volume with who needs it.

        Raises:
            WouldHurt: somebody does, and that is not forced or cannot be.
        """
        surveyor = self.surveyor()
        found = self._found(parsed_args)
        harms = tuple(harm_of_deleting(volume, surveyor, self.readers.snapshots) for volume in found)
        hurt = [harm for harm in harms if harm and not (parsed_args.force and harm.is_only_attachment)]
        if hurt:
            devices = ", ".join(harm.volume.device_id for harm in hurt)
            what = f"volume{'' if len(hurt) == 1 else 's'} {devices} cannot be deleted, so nothing was"
            remedy = "--force takes volumes away from their hosts"
            if not all(harm.is_only_attachment for harm in hurt):
                remedy = "delete the snapshots and end the replication first; --force does neither"
            raise WouldHurt(what, tuple(line for harm in hurt for line in harm.lines()), remedy)
        return harms

    def _delete(self, harms: tuple[Harm, ...]) -> Iterator[tuple[Any, ...]]:
        """A row for each volume as soon as it is gone."""
        engine = self.session.engine
        for harm in harms:
            volume = harm.volume
            if harm:
                engine.execute(detach_from_all(self, volume))
            result = engine.execute(commands.DeleteVolume(target=target(volume)))
            yield volume.device_id, Maybe(volume.identifier), Claim(result.was_present)


def _named(volume: Volume) -> str:
    identifier = f" ({volume.identifier})" if volume.identifier else ""
    return f"volume {volume.device_id}{identifier} of {size(volume.capacity)} GiB and its data"


def _question(volumes: tuple[Volume, ...]) -> str:
    if len(volumes) == 1:
        return f"Delete {_named(volumes[0])}?"
    together = Capacity(sum(volume.capacity.size_bytes for volume in volumes))
    return f"Delete {len(volumes)} volumes of {size(together)} GiB and their data?"
