"""Built-in plugin: chooses the least loaded port group, when the operator asks for it."""

from __future__ import annotations

import logging

from pmax.domain.commands import AttachVolume
from pmax.domain.errors import PmaxError
from pmax.domain.load_balancing import least_loaded
from pmax.domain.masking import PortGroup
from pmax.plugins.context import PluginContext
from pmax.plugins.hookspecs import hookimpl

_log = logging.getLogger(__name__)


@hookimpl
def pmax_choose_port_group(
    context: PluginContext, command: AttachVolume, candidates: tuple[PortGroup, ...]
) -> str | None:
    """Compare the loads of the candidates. Without figures the choice is left to the next plugin: no attach fails."""
    how = context.settings.load_balancing
    if how is None:
        return None
    names = tuple(candidate.name for candidate in candidates)
    try:
        loads = context.readers.loads.port_group_loads(command.target.array_id, names, how)
    except PmaxError as error:
        _log.warning("port groups are not chosen by their load now: %s", error)
        return None
    return least_loaded(loads)
