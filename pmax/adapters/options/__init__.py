"""Options of a backend's stanza ↔ `Settings`.

What belongs here: every option by name, type and help text, and what each means. What does not: options that only
Cinder's side uses, such as `volume_backend_name`.
"""

from __future__ import annotations

from oslo_config import cfg

from pmax.adapters.options.backend import replication_devices_from, settings_from, settings_from_backend
from pmax.adapters.options.coexistence import beside_others
from pmax.adapters.options.inherited import INHERITED_OPTIONS
from pmax.adapters.options.own import OWN_OPTIONS
from pmax.adapters.options.passwords import warn_of_open_files
from pmax.adapters.options.stanzas import load, profiles, rpc_response_timeout_s, state_directory
from pmax.adapters.options.upstream import UPSTREAM_OPTIONS

#: What Cinder has to register for a backend; Cinder's own options are there already.
POWERMAX_OPTIONS: tuple[cfg.Opt, ...] = (*map(beside_others, UPSTREAM_OPTIONS), *OWN_OPTIONS)

#: Heading of the sample that oslo-config-generator writes; a stanza may have any name.
_SAMPLE_STANZA = "powermax"


def list_opts() -> list[tuple[str, list[cfg.Opt]]]:
    """Every option that the command reads, for `oslo-config-generator --namespace pmax`."""
    return [(_SAMPLE_STANZA, [*INHERITED_OPTIONS, *POWERMAX_OPTIONS])]


__all__ = [
    "POWERMAX_OPTIONS",
    "list_opts",
    "load",
    "profiles",
    "replication_devices_from",
    "rpc_response_timeout_s",
    "settings_from",
    "settings_from_backend",
    "state_directory",
    "warn_of_open_files",
]
