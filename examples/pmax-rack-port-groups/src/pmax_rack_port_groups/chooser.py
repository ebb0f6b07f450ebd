"""The choice, and the hook that makes it."""

from __future__ import annotations

from pmax.domain.commands import AttachVolume
from pmax.domain.masking import PortGroup
from pmax.plugins.hookspecs import hookimpl


@hookimpl
def pmax_choose_port_group(command: AttachVolume, candidates: tuple[PortGroup, ...]) -> str | None:
    """The port group of the host's rack; None if there is none, so that another plugin decides."""
    rack = command.connector.host.partition("-")[0].lower()
    for candidate in candidates:
        if candidate.name.lower().endswith(f"-{rack}"):
            return candidate.name
    return None
