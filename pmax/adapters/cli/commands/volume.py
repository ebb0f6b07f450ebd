"""`pmax volume list` and `pmax volume show`."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, ClassVar, Final

from pmax.adapters.cli.base import ShowAction
from pmax.adapters.cli.columns import Claim, Maybe, Names, Told, size
from pmax.adapters.cli.listing import Listing
from pmax.adapters.cli.lookup import VolumeFinder
from pmax.adapters.cli.refusals import WrongUsage
from pmax.adapters.cli.surveyor import Sight
from pmax.domain.errors import NotFound
from pmax.domain.manageability import judge_volumes
from pmax.domain.volumes import Volume

_WITH_REASONS: Final = ("device_id", "identifier", "size_gib", "not_manageable_because")


class ListVolumes(Listing):
    """List the volumes of the array."""

    nothing = "No volume matches."
    # Even with identifiers that Cinder gives, these fit into 80 columns.
    columns: ClassVar[tuple[str, ...]] = ("device_id", "identifier", "size_gib", "is_attached", "status")
    more_columns: ClassVar[tuple[str, ...]] = ("storage_groups", "wwn", "configuration", "emulation")

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take filters."""
        parser = super().get_parser(prog_name)
        parser.add_argument("--storage-group", metavar="NAME", help="only members of this group or its children")
        parser.add_argument("--identifier", metavar="TEXT", help="only those whose identifier contains this text")
        parser.add_argument("--unattached", action="store_true", help="only those that no host sees")
        parser.add_argument("--manageable", action="store_true", help="only those that could be managed")
        parser.add_argument(
            "--reasons", action="store_true", help="with --manageable: all, with what stands in the way"
        )
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        """Show other columns when reasons are asked for."""
        if parsed_args.reasons:
            if not parsed_args.manageable:
                raise WrongUsage("--reasons says why volumes cannot be managed", "give --manageable too")
            self.columns, self.more_columns = _WITH_REASONS, ()  # type: ignore[misc]  # of this run alone
        return super().take_action(parsed_args)

    def rows(self, parsed_args: argparse.Namespace) -> Iterator[Sequence[Any]]:
        """Read the volumes page by page, as they are shown."""
        admits = self._admits(parsed_args)
        if parsed_args.manageable:
            return self._judged(admits, with_reasons=parsed_args.reasons)
        return map(_row, filter(admits, self.readers.volumes.list_volumes(self.array_id)))

    def _judged(self, admits: Callable[[Volume], bool], *, with_reasons: bool) -> Iterator[Sequence[Any]]:
        """Those that can be managed; with reasons, all."""
        listed = self.readers.volumes.list_volumes_in_full(self.array_id)
        for entry in judge_volumes(listed, self.session.engine.settings.srp, {}):
            volume = entry.full.volume
            if not admits(volume):
                continue
            if with_reasons:
                yield (*_row(volume)[: len(_WITH_REASONS) - 1], Names([reason.text for reason in entry.reasons]))
            elif not entry.reasons:
                yield _row(volume)

    def _admits(self, parsed_args: argparse.Namespace) -> Callable[[Volume], bool]:
        groups = self._groups(parsed_args.storage_group)
        wanted = parsed_args.identifier

        def admits(volume: Volume) -> bool:
            return not (
                (groups is not None and groups.isdisjoint(volume.storage_groups))
                or (wanted and wanted not in (volume.identifier or ""))
                or (parsed_args.unattached and volume.front_end_paths)
            )

        return admits

    def _groups(self, name: str | None) -> frozenset[str] | None:
        if name is None:
            return None
        group = self.readers.storage_groups.find_storage_group(self.array_id, name)
        if group is None:
            raise NotFound("storage group", name)
        return frozenset({group.name, *group.children})


def _row(volume: Volume) -> tuple[Any, ...]:
    return (
        volume.device_id,
        Maybe(volume.identifier),
        size(volume.capacity),
        Claim(volume.front_end_paths > 0),
        volume.status,
        Names(volume.storage_groups),
        volume.wwn,
        volume.configuration,
        volume.emulation,
    )


def _seen(sight: Sight) -> str:
    """For people: `OS-node1-I-IG as LUN 1 (4 paths, view OS-node1-I-PG1-MV)`."""
    lun = "no LUN yet" if sight.lun is None else f"LUN {sight.lun}"
    return f"{sight.host} as {lun} ({len(sight.connections)} paths, view {sight.masking_view})"


class ShowVolume(ShowAction):
    """Show a volume and the hosts that see it."""

    usage = "VOLUME"

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take a volume."""
        parser = super().get_parser(prog_name)
        parser.add_argument("volume", metavar="VOLUME", help="device id, WWN, identifier or Cinder id")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        """Read the volume, its groups and the views that show it."""
        volume = VolumeFinder(self.readers.volumes, self.array_id).find(parsed_args.volume)
        surveyor = self.surveyor()
        sights = surveyor.sights(volume)
        levels = [group.service_level for group in surveyor.groups(volume.storage_groups) if group.service_level]
        fields = {
            "array_id": volume.array_id,
            "device_id": volume.device_id,
            "identifier": Maybe(volume.identifier),
            "size_gib": size(volume.capacity),
            "cylinders": volume.capacity.cylinders,
            "wwn": volume.wwn,
            "nguid": Maybe(volume.nguid),
            "status": volume.status,
            "configuration": volume.configuration,
            "emulation": volume.emulation,
            "service_level": Maybe(levels[0] if levels else None),
            "storage_groups": Names(volume.storage_groups),
            "seen_by": Told([sight.as_data() for sight in sights], "\n".join(map(_seen, sights))),
            "is_snapshot_source": Claim(volume.is_snapshot_source),
            "is_snapshot_target": Claim(volume.is_snapshot_target),
            "rdf_groups": Names([str(number) for number in volume.rdf_groups]),
        }
        return tuple(fields), tuple(fields.values())
