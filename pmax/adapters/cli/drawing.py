"""Draws trees of what is on an array."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from pmax.adapters.cli.columns import Amount
from pmax.adapters.cli.topology import Node

if TYPE_CHECKING:
    from rich.text import Text
    from rich.tree import Tree as Drawing

_COLOURS: Final = {
    "array": "bold",
    "host": "bold cyan",
    "masking view": "magenta",
    "storage group": "blue",
    "path": "bold",
}


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


def _facts(node: Node) -> tuple[str, ...]:  # noqa: C901 - a table of kinds is best read as one
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
            words = ("host group",) if facts.get("is_host_group") else ()
        case "masking view":
            words = (f"port group {facts['port_group']}", *facts.get("ports", ()))
        case "path":
            words = (facts["identifier"] or "(no identifier)", f"{Amount(facts['size_gib']).human_readable()} GiB")
        case "pair":
            words = (f"{facts['role']} here", facts["mode"], facts["state"], f"RDF group {facts['rdf_group']}")
        case "initiator":
            words = (logged_in(facts["is_logged_in"]),)
        case "port":
            words = (online(facts["is_online"]), logged_in(facts["is_logged_in"]), *_lun(facts))
        case "storage group":
            kind = "volume group" if facts.get("volume_group") else ""
            words = (kind, facts["service_level"], facts["workload"], "" if facts["volume_count"] else "empty")
        case _:
            size = f"{Amount(facts['size_gib']).human_readable()} GiB"
            words = (facts["identifier"] or "(no identifier)", size, *_lun(facts))
    return tuple(word for word in words if word)


def logged_in(is_logged_in: object) -> str:
    """Whether an initiator is logged in, in words."""
    return "logged in" if is_logged_in else "not logged in"


def online(is_online: object) -> str:
    """State of a port in words; None for one that the array does not have."""
    return "missing" if is_online is None else "online" if is_online else "offline"


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
