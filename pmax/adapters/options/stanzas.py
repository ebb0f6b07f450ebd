"""Configuration files → the stanza of one backend → `Settings`, for the command.

A file is Cinder's own, as it is, or one with the same options. As in Cinder, what a stanza does not say is looked up in
`[backend_defaults]`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import attrs
from oslo_config import cfg

from pmax.adapters.options.backend import settings_from
from pmax.adapters.options.inherited import INHERITED_OPTIONS
from pmax.adapters.options.own import OWN_OPTIONS
from pmax.adapters.options.passwords import AskPassword, warn_of_open_files
from pmax.adapters.options.upstream import UPSTREAM_OPTIONS
from pmax.domain.errors import ConfigurationInvalid
from pmax.domain.settings import Settings

#: What makes a stanza that of a PowerMax: one of these options, or a driver of that name.
_TELLING_OPTIONS: Final = frozenset({"powermax_array", "vmax_array"})
_TELLING_DRIVER: Final = "powermax"
_SHARED: Final = "backend_defaults"
_GLOBAL: Final = "DEFAULT"
_SECRETS: Final = frozenset(
    option.name for option in (*UPSTREAM_OPTIONS, *OWN_OPTIONS, *INHERITED_OPTIONS) if option.secret
)
#: An option that only a file of Cinder's has, and what its callers wait by default (oslo.messaging).
_CINDERS: Final = "enabled_backends"
_RPC_TIMEOUT: Final = "rpc_response_timeout"
_USUAL_RPC_TIMEOUT: Final = "60"
_OPTIONS: Final = (*UPSTREAM_OPTIONS, *OWN_OPTIONS, *INHERITED_OPTIONS)

Sections = dict[str, dict[str, list[str]]]


def load(config_files: Sequence[str], backend: str | None = None, ask_password: AskPassword | None = None) -> Settings:
    """Read the settings of one backend out of configuration files.

    Args:
        config_files: later ones win; none for the usual places.
        backend: name of its stanza; None if only one stanza is for a PowerMax.
        ask_password: asks a person for a password that is nowhere; None where there is nobody to ask.

    Raises:
        ConfigurationInvalid: a file cannot be read, the stanza is not there or not the only one, or it has mistakes.
    """
    files = tuple(config_files) or _usual_file()
    sections = _sections(files)
    stanza = _choose(sections, backend, files)
    conf = cfg.ConfigOpts()
    for section in (stanza, _SHARED):
        conf.register_opts([*_OPTIONS], group=section)
    conf(args=[], project="pmax", default_config_files=list(files), default_config_dirs=[])
    for name in sections.get(_GLOBAL, {}):  # so that a stanza may say $my_ip, as in Cinder
        with suppress(cfg.DuplicateOptError):
            conf.register_opt(cfg.StrOpt(name))
    journal = str(state_directory() / "journal")
    settings = settings_from(_Stanza(conf, stanza), journal_directory=journal, ask_password=ask_password)
    warn_of_open_files(conf, (stanza, _SHARED))
    if settings.gate_directory is None:
        return attrs.evolve(settings, gate_directory=str(state_directory() / "gates"))
    return settings


def profiles(config_files: Sequence[str]) -> tuple[tuple[str, Mapping[str, str]], ...]:
    """Every backend for a PowerMax, with its options as they are written; passwords are left out.

    Args:
        config_files: later ones win; none for the usual places.

    Raises:
        ConfigurationInvalid: a file cannot be read.
    """
    sections = _sections(tuple(config_files) or _usual_file())
    shared = sections.get(_SHARED, {})
    return tuple(
        (name, {key: values[-1] for key, values in {**shared, **options}.items() if key not in _SECRETS})
        for name, options in sorted(sections.items())
        if _is_powermax(name, options)
    )


def rpc_response_timeout_s(config_files: Sequence[str]) -> float | None:
    """How long Cinder's callers wait for an answer; None if the files are not Cinder's own.

    Raises:
        ConfigurationInvalid: a file cannot be read.
    """
    shared = _sections(tuple(config_files) or _usual_file()).get(_GLOBAL, {})
    if _CINDERS not in shared:
        return None
    try:
        return float(shared.get(_RPC_TIMEOUT, [_USUAL_RPC_TIMEOUT])[-1])
    except ValueError:
        return None  # Cinder itself refuses it when it starts


def state_directory() -> Path:
    """Where the user's own state is kept, by the rules of the XDG base directories."""
    named = os.environ.get("XDG_STATE_HOME", "")
    return (Path(named) if named else Path.home() / ".local" / "state") / "pmax"


class _Stanza:
    """A group of options that falls back on the group that all backends share."""

    def __init__(self, conf: cfg.ConfigOpts, name: str) -> None:
        self._conf = conf
        self._name = name

    def safe_get(self, name: str) -> object:
        """The value of an option; None if neither group has it.

        Raises:
            cfg.Error: it is there, and cannot be read.
        """
        for group in (self._name, _SHARED):
            location = self._conf.get_location(name, group)
            if location is not None and location.location.is_user_controlled:
                return self._conf[group][name]
        return None


def _usual_file() -> tuple[str, ...]:
    """The first file that exists in the usual places.

    Raises:
        ConfigurationInvalid: there is none.
    """
    home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    places = (home / "pmax" / "pmax.conf", Path("/etc/pmax/pmax.conf"), Path("/etc/cinder/cinder.conf"))
    for place in places:
        if place.is_file():
            return (str(place),)
    remedy = "give one with --config-file or PMAX_CONFIG"
    raise ConfigurationInvalid((f"there is no configuration file ({', '.join(map(str, places))}): {remedy}",))


def _sections(files: Iterable[str]) -> Sections:
    """Every section of the files, with its options, as they are written.

    Raises:
        ConfigurationInvalid: files are missing or cannot be parsed; each is named.
    """
    sections: Sections = {}
    problems = []
    for file in files:
        try:
            cfg.ConfigParser(file, sections).parse()
        except OSError as error:
            problems.append(f"{file} cannot be read ({error.strerror}): name a file that this user may read")
        except (cfg.ParseError, UnicodeDecodeError) as error:
            reason = str(error).replace(": ", " ")
            problems.append(f"{file} is no configuration file ({reason}): mend that line")
    if problems:
        raise ConfigurationInvalid(tuple(problems))
    return sections


def _choose(sections: Sections, backend: str | None, files: Iterable[str]) -> str:
    """The stanza of the backend.

    Raises:
        ConfigurationInvalid: it is not there, or it is not said which of several is meant.
    """
    known = sorted(name for name, options in sections.items() if _is_powermax(name, options))
    listed = ", ".join(known) or "none"
    where = " and ".join(files)
    if backend is not None:
        if backend in sections and backend not in {_GLOBAL, _SHARED}:
            return backend
        raise ConfigurationInvalid((f"{where} has no section [{backend}]: sections for a PowerMax are {listed}",))
    if not known:
        remedy = "add a section with powermax_array, san_ip, san_login, san_password and powermax_srp"
        raise ConfigurationInvalid((f"{where} has no section for a PowerMax: {remedy}",))
    if len(known) > 1:
        remedy = "choose one with --backend or PMAX_BACKEND"
        raise ConfigurationInvalid((f"{where} has several sections for a PowerMax ({listed}): {remedy}",))
    return known[0]


def _is_powermax(name: str, options: dict[str, list[str]]) -> bool:
    if name in {_GLOBAL, _SHARED}:
        return False
    drivers = " ".join(options.get("volume_driver", ())).lower()
    return bool(_TELLING_OPTIONS & set(options)) or _TELLING_DRIVER in drivers
