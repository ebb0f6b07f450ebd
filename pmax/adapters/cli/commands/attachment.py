"""`pmax volume attach` and `pmax volume detach`."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from pmax.adapters.cli.columns import Claim, Maybe, Names, Told
from pmax.adapters.cli.hosts import HostOptions, Way, known_initiators, way_to
from pmax.adapters.cli.lookup import target
from pmax.adapters.cli.refusals import WrongUsage
from pmax.adapters.cli.writing import ShowWriting, Writing
from pmax.domain import commands
from pmax.domain.commands import Command
from pmax.domain.masking import Connector
from pmax.domain.volumes import Volume

_SECRET_KEYS: Final = frozenset({"auth_password", "discovery_auth_password"})


def told_info(info: Mapping[str, object]) -> Told:
    """What a protocol tells the host: as it is for programs, a line each for people; passwords for nobody."""
    found = info.get("data")
    data = dict(found) if isinstance(found, Mapping) else {}
    shown = {key: "***" if key in _SECRET_KEYS else value for key, value in data.items()}
    text = "\n".join(line for key, value in shown.items() for line in _lines(key, value))
    return Told({**info, "data": shown} if info else {}, text)


def _lines(key: str, value: object) -> list[str]:
    """A key with its value, or with each of its values below it."""
    match value:
        case list():
            return [f"{key}:", *(f"- {each}" for each in value)]
        case dict():
            pairs = ((name, ", ".join(each) if isinstance(each, list) else each) for name, each in value.items())
            return [f"{key}:", *(f"- {name} → {each}" for name, each in pairs)]
    return [f"{key}: {value}"]


def add_host_options(parser: argparse.ArgumentParser) -> None:
    """Take what a host says about itself."""
    parser.add_argument("--protocol", metavar="NAME", help="iscsi, fc, or that of a plugin; told by the initiators")
    parser.add_argument("--initiator", metavar="IQN", help="iSCSI name of the host")
    parser.add_argument("--wwpn", metavar="WWPN", action="append", default=[], help="FC port of the host; repeat it")
    parser.add_argument(
        "--property",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        dest="properties",
        help="what the protocol of a plugin wants to know of the host; repeat it",
    )


def host_options(parsed_args: argparse.Namespace) -> HostOptions:
    """What the command line says about a host."""
    return HostOptions(
        protocol=parsed_args.protocol,
        initiator=parsed_args.initiator,
        wwpns=tuple(parsed_args.wwpn),
        properties=tuple(parsed_args.properties),
    )


class AttachVolume(ShowWriting):
    """Let a host see a volume.

    Whatever the host lacks on the array is made: initiator group, groups, masking view. A volume that the host sees
    already stays as it is.
    """

    usage = "VOLUME --host HOST (--initiator IQN | --wwpn WWPN ...)\n                         "

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take volume and host."""
        parser = super().get_parser(prog_name)
        parser.add_argument("volume", metavar="VOLUME", help="device id, WWN, identifier or Cinder id")
        parser.add_argument("--host", metavar="HOST", required=True, help="name of the compute host")
        add_host_options(parser)
        parser.add_argument("--multipath", action="store_true", help="the host uses more than one path")
        parser.add_argument("--port-group", metavar="NAME", help="for the masking view; or one of the configured ones")
        return parser

    def commands(self, parsed_args: argparse.Namespace) -> list[tuple[str, Command[Any]]]:
        """Check the host's options, then look the volume and its policy up."""
        options = host_options(parsed_args)
        protocol = options.told_protocol()
        if protocol is None or not options.connector_properties():
            raise WrongUsage(
                f"host {parsed_args.host} cannot be attached without its initiators",
                "give --initiator IQN for iSCSI, or --wwpn WWPN for each port of Fibre Channel",
            )
        volume = self.finder.find(parsed_args.volume)
        connector = Connector(
            host=parsed_args.host, is_multipath=parsed_args.multipath, properties=options.connector_properties()
        )
        command = commands.AttachVolume(
            target=target(volume),
            connector=connector,
            protocol=protocol,
            policy=self.policies.of_volume(volume, parsed_args.port_group),
        )
        return [(f"Attach volume {volume.device_id} to host {parsed_args.host}", command)]

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        """Attach it, and show what the host needs to know."""
        [(_, command)] = self.commands(parsed_args)
        made: commands.Attachment = self.session.engine.execute(command)
        fields = {
            "array_id": made.target.array_id,
            "device_id": made.target.device_id,
            "host": parsed_args.host,
            "lun": made.lun,
            "masking_view": made.masking_view,
            "port_group": made.port_group,
            "was_attached": Claim(made.was_attached),
            "paths": Names([f"{path.initiator} → {path.port}" for path in made.connections]),
            "connection_info": told_info(made.connection_info),
        }
        return tuple(fields), tuple(fields.values())


class DetachVolume(ShowWriting):
    """Take a volume away from a host, or from all hosts.

    What the host needs no longer goes with it: masking view, groups, initiator group. The volume and its data stay.
    """

    usage = "VOLUME (--host HOST | --all-hosts)"

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take volume and host."""
        parser = super().get_parser(prog_name)
        parser.add_argument("volume", metavar="VOLUME", help="device id, WWN, identifier or Cinder id")
        whom = parser.add_mutually_exclusive_group(required=True)
        whom.add_argument("--host", metavar="HOST", help="name of the compute host")
        whom.add_argument("--all-hosts", action="store_true", help="every host that sees it")
        add_host_options(parser)
        return parser

    def commands(self, parsed_args: argparse.Namespace) -> list[tuple[str, Command[Any]]]:
        """Find out over which protocol the host sees the volume, if the options do not say."""
        options = host_options(parsed_args)
        volume = self.finder.find(parsed_args.volume)
        way = _way(self, volume, parsed_args.host)
        protocol = options.told_protocol() or way.protocol
        command = commands.DetachVolume(
            target=target(volume),
            connector=self._connector(parsed_args.host, protocol, options) if parsed_args.host else None,
            protocol=protocol,
            policy=self.policies.of_volume(volume, way.port_group),
        )
        whom = f"host {parsed_args.host}" if parsed_args.host else "all hosts"
        return [(f"Detach volume {volume.device_id} from {whom}", command)]

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        """Detach it."""
        [(_, command)] = self.commands(parsed_args)
        result: commands.Detachment = self.session.engine.execute(command)
        fields = {
            "array_id": result.target.array_id,
            "device_id": result.target.device_id,
            "host": Maybe(parsed_args.host),
            "was_attached": Claim(result.was_attached),
            "disconnection_info": told_info(result.disconnection_info),
        }
        return tuple(fields), tuple(fields.values())

    def _connector(self, host: str, protocol: str, options: HostOptions) -> Connector:
        """What the host says about itself, or else what the array knows about it."""
        engine = self.session.engine
        properties = options.connector_properties() or HostOptions.of_known(
            protocol,
            known_initiators(
                engine.readers.masking,
                self.array_id,
                engine.settings.names.known_initiator_groups(host, engine.plugins.protocol(protocol).letter),
            ),
        )
        return Connector(host=host, properties=properties)


def detach_from_all(writing: Writing, volume: Volume) -> commands.DetachVolume:
    """The command that takes a volume away from every host that sees it."""
    way = _way(writing, volume, None)
    return commands.DetachVolume(
        target=target(volume),
        connector=None,
        protocol=way.protocol,
        policy=writing.policies.of_volume(volume, way.port_group),
    )


def _way(writing: Writing, volume: Volume, host: str | None) -> Way:
    """How a host, or any host, sees a volume."""
    engine = writing.session.engine
    views = writing.surveyor().views_of(volume)
    return way_to(host, views, engine.plugins.protocols().values(), engine.settings.names)
