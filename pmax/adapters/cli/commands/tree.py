"""`pmax tree`: who sees what."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Final

from pmax.adapters.cli import exit_status, formatters, pictures
from pmax.adapters.cli.base import Action
from pmax.adapters.cli.drawing import drawing
from pmax.adapters.cli.hosts import known_host_names
from pmax.adapters.cli.lookup import VolumeFinder
from pmax.adapters.cli.refusals import WrongUsage
from pmax.adapters.cli.selection import find_array
from pmax.adapters.cli.surveyor import Surveyor
from pmax.adapters.cli.topology import Node, Topology

_SUBJECTS: Final = ("array", "host", "group", "volume")
#: How many volumes of one group are drawn; programs get all of them.
_DRAWN_VOLUMES: Final = 50


class Tree(Action):
    """Draw who sees what: host, view, group, volume, LUN.

    Without a subject it draws the whole array.
    """

    usage = "[array | host NAME | group NAME | volume NAME]"

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take a subject and its name."""
        parser = super().get_parser(prog_name)
        parser.add_argument("subject", nargs="?", choices=_SUBJECTS, default="array", help="where the tree begins")
        parser.add_argument(
            "name", metavar="NAME", nargs="?", help="of the host, group or volume; of an array, its last digits do"
        )
        parser.add_argument("-f", "--format", dest="form", choices=("tree", "json"), default="tree")
        parser.add_argument(
            "--limit", metavar="N", type=int, default=_DRAWN_VOLUMES, help="draw at most so many volumes of a group"
        )
        parser.add_argument("--svg", metavar="FILE", type=Path, help="draw it into this file, for a report")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> int:
        """Read the tree and draw it.

        Raises:
            WrongUsage: the file cannot be written.
        """
        node = self._survey(parsed_args.subject, parsed_args.name)
        if parsed_args.svg is not None:
            if Path(parsed_args.svg).suffix.lower() not in {"", ".svg"}:
                raise WrongUsage(f"{parsed_args.svg} would be a picture in SVG", "give a name that ends with .svg")
            try:
                pictures.write(drawing(node, parsed_args.limit), parsed_args.svg, f"{node.kind} {node.name}")
            except OSError as error:
                raise WrongUsage(f"{parsed_args.svg}: {error.strerror}", "correct --svg") from error
            self.hint(f"pmax: drawn into {parsed_args.svg}")
            return exit_status.DONE
        if parsed_args.form == "json":
            json.dump(node.as_data(), self.app.stdout, indent=2)
            self.app.stdout.write("\n")
        else:
            formatters.draw(drawing(node, parsed_args.limit), self.app.stdout, formatters.width())
        return exit_status.DONE

    def _survey(self, subject: str, name: str | None) -> Node:
        if name is None and subject != "array":
            raise WrongUsage(f"the tree of a {subject} needs its name", f"write pmax tree {subject} NAME")
        arrays = self.readers.arrays
        is_other = subject == "array" and name is not None
        array_id = find_array(str(name), arrays.list_arrays()) if is_other else self.array_id
        topology = Topology(self.surveyor(array_id))
        match subject:
            case "host":
                return topology.host(self._host_name(str(name), topology.surveyor))
            case "group":
                return topology.group_with_hosts(topology.surveyor.group(str(name)))
            case "volume":
                return topology.volume(VolumeFinder(self.readers.volumes, array_id).find(str(name)))
        return topology.array(arrays.get_array(array_id))

    def _host_name(self, name: str, surveyor: Surveyor) -> str:
        """The initiator group that a name means; the name itself, which may be that of a host group, if none does."""
        engine = self.session.engine
        protocols = engine.plugins.protocols().values()
        return next(iter(known_host_names(name, surveyor, protocols, engine.settings.names)), name)
