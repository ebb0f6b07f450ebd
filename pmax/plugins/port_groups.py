"""Built-in plugin: spreads new masking views over the configured port groups."""

from __future__ import annotations

import hashlib

from pmax.domain.commands import AttachVolume
from pmax.domain.masking import PortGroup
from pmax.plugins.context import PluginContext
from pmax.plugins.hookspecs import hookimpl


@hookimpl(trylast=True)
def pmax_choose_port_group(
    context: PluginContext, command: AttachVolume, candidates: tuple[PortGroup, ...]
) -> str | None:
    """Choose by the name of the host: hosts spread evenly, and one host always gets the same choice.

    A random choice would give one host a view for each port group in the course of time.
    """
    weight = hashlib.sha256(command.connector.host.lower().encode("utf-8", "surrogatepass")).digest()
    return candidates[int.from_bytes(weight[:8], "big") % len(candidates)].name
