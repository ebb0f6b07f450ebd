"""The password of Unisphere: in the stanza, in a file, in a keyring, or asked for. Never an argument of a command."""

from __future__ import annotations

import logging
import stat
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

from oslo_config import cfg

from pmax.adapters.options.inherited import INHERITED_OPTIONS
from pmax.adapters.options.own import OWN_OPTIONS
from pmax.adapters.options.reading import OptionReader
from pmax.adapters.options.upstream import UPSTREAM_OPTIONS
from pmax.domain.settings import Secret

#: Asks a person for the password of a user at a host.
AskPassword = Callable[[str, str], str]

_log = logging.getLogger(__name__)

_SOURCES: Final = ("san_password", "pmax_password_file", "pmax_password_keyring")
_SECRET: Final = tuple(option.dest for option in (*UPSTREAM_OPTIONS, *OWN_OPTIONS, *INHERITED_OPTIONS) if option.secret)
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def read_password(reader: OptionReader, ask: AskPassword | None = None) -> Secret:
    """Read the password from where the stanza says it is; what is wrong becomes a problem of the reader.

    Args:
        reader: of the stanza.
        ask: asks a person; None where there is nobody to ask.
    """
    given = [name for name in _SOURCES if reader.text(name) is not None]
    if len(given) > 1:
        reader.refuse(f"{' and '.join(given)} are set at once", "keep one of them")
    user, host = reader.text("san_login") or "", reader.text("san_ip") or ""
    if (password := reader.text("san_password")) is not None:
        return Secret(password)
    if (file := reader.text("pmax_password_file")) is not None:
        return Secret(_from_file(reader, Path(file)))
    if (service := reader.text("pmax_password_keyring")) is not None:
        return Secret(_from_keyring(reader, service, user))
    if any(problem.startswith("san_password ") for problem in reader.problems):
        return Secret("")
    if ask is not None and user and host:
        return Secret(ask(user, host))
    reader.refuse("san_password is not set", "give that user's password, or pmax_password_file")
    return Secret("")


def warn_of_open_files(conf: cfg.ConfigOpts, groups: Iterable[str]) -> None:
    """Tell of configuration files that hold passwords and that everybody on this machine may read.

    Services share such files with a group of their own, so a group may.

    Args:
        conf: with the options of a backend, read from files.
        groups: stanzas that count for it.
    """
    for file in sorted({file for group in groups for name in _SECRET if (file := _file_of(conf, name, group))}):
        with suppress(OSError):
            if Path(file).stat().st_mode & stat.S_IRWXO:
                _log.warning("everybody may read %s, which holds passwords: chmod o-rwx %s", file, file)


def _file_of(conf: cfg.ConfigOpts, name: str, group: str) -> str:
    """The file in which an option is given; empty if it is in none."""
    try:
        found = conf.get_location(name, group)
    except (cfg.NoSuchOptError, cfg.NoSuchGroupError):
        return ""
    return str(found.detail) if found is not None and found.location is cfg.Locations.user else ""


def _from_file(reader: OptionReader, file: Path) -> str:
    """The first line of a file; who else may read it is told."""
    try:
        with file.open(encoding="utf-8") as lines:
            password = lines.readline().rstrip("\r\n")
        mode = file.stat().st_mode
    except OSError as error:
        reader.refuse(
            f"pmax_password_file {file} cannot be read ({error.strerror})", "name a file that this user may read"
        )
        return ""
    except UnicodeDecodeError:
        reader.refuse(f"pmax_password_file {file} is no text", "write the password into its first line")
        return ""
    if not password:
        reader.refuse(f"pmax_password_file {file} is empty", "write the password into its first line")
    if mode & _OTHERS:
        _log.warning("others may read %s: chmod 600 %s", file, file)
    return password


def _from_keyring(reader: OptionReader, service: str, user: str) -> str:
    try:
        import keyring  # noqa: PLC0415 - an extra, which few have
        from keyring.errors import KeyringError  # noqa: PLC0415 - likewise
    except ImportError:
        reader.refuse("pmax_password_keyring is set, but keyring is not installed", "pip install 'pmax[keyring]'")
        return ""
    try:
        password = keyring.get_password(service, user)
    except KeyringError as error:
        reader.refuse(f"the keyring cannot be read ({type(error).__name__})", "unlock it, or use pmax_password_file")
        return ""
    if not password:
        remedy = f"keyring set '{service}' {user}"
        reader.refuse(f"the keyring has no password of {user} under {service}", remedy)
        return ""
    return password
