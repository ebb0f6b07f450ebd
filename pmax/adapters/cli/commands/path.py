"""`pmax path`: how a host reaches a volume."""

from __future__ import annotations

import argparse
import json

from pmax.adapters.cli import exit_status, formatters
from pmax.adapters.cli.base import Action
from pmax.adapters.cli.drawing import drawing
from pmax.adapters.cli.hosts import known_host_names
from pmax.adapters.cli.lookup import VolumeFinder
from pmax.adapters.cli.routes import Routes
from pmax.adapters.cli.surveyor import Surveyor
from pmax.domain.errors import NotFound


class Path(Action):
    """Draw how a host reaches a volume, port by port.

    From each initiator through host, view, ports with their login state, and groups to the volume and its LUN.
    """

    usage = "VOLUME HOST"

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take both ends."""
        parser = super().get_parser(prog_name)
        parser.add_argument("volume", metavar="VOLUME", help="device id, WWN, identifier or Cinder id")
        parser.add_argument("host", metavar="HOST", help="initiator group, host group, or name of the computer")
        parser.add_argument("-f", "--format", dest="form", choices=("tree", "json"), default="tree")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> int:
        """Read the paths and draw them."""
        volume = VolumeFinder(self.readers.volumes, self.array_id).find(parsed_args.volume)
        surveyor = self.surveyor()
        names = self._names(parsed_args.host, surveyor)
        node = Routes(surveyor, volume).from_host(parsed_args.host, names)
        if parsed_args.form == "json":
            json.dump(node.as_data(), self.app.stdout, indent=2)
            self.app.stdout.write("\n")
        else:
            formatters.draw(drawing(node, limit=1), self.app.stdout, formatters.width())
        return exit_status.DONE

    def _names(self, host: str, surveyor: Surveyor) -> tuple[str, ...]:
        """Initiator groups of a host, or the name of the host group that it is.

        Raises:
            NotFound: there is neither.
        """
        engine = self.session.engine
        names = known_host_names(host, surveyor, engine.plugins.protocols().values(), engine.settings.names)
        if names:
            return names
        if not surveyor.views_of_host(host):
            raise NotFound("host", host)
        return (host,)
