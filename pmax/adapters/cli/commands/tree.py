"""`pmax tree`: who sees what."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from pmax.adapters.cli import exit_status, formatters
from pmax.adapters.cli.base import Action
from pmax.adapters.cli.columns import Amount
from pmax.adapters.cli.lookup import VolumeFinder
from pmax.adapters.cli.refusals import WrongUsage
from pmax.adapters.cli.selection import find_array
from pmax.adapters.cli.surveyor import Surveyor
from pmax.adapters.cli.topology import Node, Topology

if TYPE_CHECKING:
    from rich.text import Text
    from rich.tree import Tree as Drawing

_SUBJECTS: Final = ("array", "host", "group", "volume")
#: How many volumes of one group are drawn; programs get all of them.
_DRAWN_VOLUMES: Final = 50
_COLOURS: Final = {"array": "bold", "host": "bold cyan", "masking view": "magenta", "storage group": "blue"}


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
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> int:
        """Read the tree and draw it."""
        node = self._survey(parsed_args.subject, parsed_args.name)
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
        topology = Topology(Surveyor(self.readers, array_id))
        match subject:
            case "host":
                return topology.host(self._host_name(str(name), topology.surveyor))
            case "group":
                return topology.group_with_hosts(topology.surveyor.group(str(name)))
            case "volume":
                return topology.volume(VolumeFinder(self.readers.volumes, array_id).find(str(name)))
        return topology.array(arrays.get_array(array_id))

    def _host_name(self, name: str, surveyor: Surveyor) -> str:
        """The initiator group that a name means: one of this name, or the one that a compute host of this name has."""
        if surveyor.host(name) is not None:
            return name
        engine = self.session.engine
        for protocol in engine.plugins.protocols().values():
            for known in engine.settings.names.known_initiator_groups(name, protocol.letter):
                if surveyor.host(known) is not None:
                    return known
        return name


def drawing(node: Node, limit: int) -> Drawing:
    """Draw a node and everything below it.

    Args:
        node: the root.
        limit: volumes of one group; the others are counted.
    """
    from rich.tree import Tree as RichTree

    root = RichTree(_label(node), guide_style="dim")
    _grow(root, node, limit)
    return root


def _grow(branch: Drawing, node: Node, limit: int) -> None:
    volumes = 0
    for child in node.children:
        volumes += child.kind == "volume"
        if child.kind == "volume" and volumes > limit:
            continue
        _grow(branch.add(_label(child)), child, limit)
    if volumes > limit:
        branch.add(f"… and {volumes - limit:,} more volumes")


def _label(node: Node) -> Text:
    from rich.text import Text

    text = Text()
    if node.kind != "volume":
        text.append(f"{'view' if node.kind == 'masking view' else node.kind.removeprefix('storage ')} ", style="dim")
    text.append(node.name, style=_COLOURS.get(node.kind, ""))
    for fact in _facts(node):
        text.append(f"  {fact}")
    return text


def _facts(node: Node) -> tuple[str, ...]:
    facts = node.facts
    words: tuple[str | None, ...]
    match node.kind:
        case "array":
            words = (facts["model"], facts["microcode"])
        case "host" if "initiators" in facts:
            words = (_first_of(facts["initiators"]), "" if node.children else _unseen(facts["host_groups"]))
        case "host" if "masking_view" in facts:
            words = (f"through view {facts['masking_view']}", facts["port_group"])
        case "host":
            words = ("host group",)
        case "masking view":
            words = (f"port group {facts['port_group']}", *facts["ports"])
        case "storage group":
            words = (facts["service_level"], facts["workload"], "" if facts["volume_count"] else "empty")
        case _:
            size = f"{Amount(facts['size_gib']).human_readable()} GiB"
            words = (facts["identifier"] or "(no identifier)", size, *_lun(facts))
    return tuple(word for word in words if word)


def _first_of(initiators: list[str]) -> str:
    if not initiators:
        return "no initiator"
    return initiators[0] if len(initiators) == 1 else f"{initiators[0]} and {len(initiators) - 1} more"


def _unseen(host_groups: int) -> str:
    return "sees what its host group sees" if host_groups else "sees nothing"


def _lun(facts: Mapping[str, Any]) -> tuple[str, ...]:
    if "lun" not in facts:
        return ()
    return ("no LUN",) if facts["lun"] is None else (f"LUN {facts['lun']}",)
