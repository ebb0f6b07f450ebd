"""Which configuration, which backend, which array: global options before the environment."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping

import attrs

from pmax.domain.errors import InvalidRequest, NotFound
from pmax.domain.identifiers import ArrayId, array_id

_SERIAL_LENGTH = 12


@attrs.frozen(kw_only=True)
class Selection:
    """What the user chose.

    Attributes:
        config_files: in the order in which they are read; empty for the usual places.
        backend: section of the configuration; None if the user did not say.
        array: serial of an array or its last digits; None for the configured one.
        timeout_s: for one operation; None for the configured time.
    """

    config_files: tuple[str, ...] = ()
    backend: str | None = None
    array: str | None = None
    timeout_s: float | None = None

    @classmethod
    def of(cls, options: argparse.Namespace, environment: Mapping[str, str]) -> Selection:
        """Read the global options and, for what they do not say, the environment."""
        files = options.config_files or [name for name in environment.get("PMAX_CONFIG", "").split(os.pathsep) if name]
        return cls(
            config_files=tuple(files),
            backend=options.backend or environment.get("PMAX_BACKEND") or None,
            array=options.array or environment.get("PMAX_ARRAY") or None,
        )


def is_whole_serial(text: str) -> bool:
    """Whether this names an array without looking at others."""
    return len(text) == _SERIAL_LENGTH and text.isdecimal()


def find_array(text: str, known: tuple[ArrayId, ...]) -> ArrayId:
    """Find the array that a serial or its last digits name.

    Args:
        text: what the user gave.
        known: the arrays that Unisphere manages.

    Raises:
        InvalidRequest: it is no number, or more than one array ends so.
        NotFound: no array ends so.
    """
    if not text.isdecimal() or len(text) > _SERIAL_LENGTH:
        return array_id(text)  # which says what is wrong with it
    matching = tuple(serial for serial in known if serial.endswith(text))
    if not matching:
        raise NotFound("array", text)
    if len(matching) > 1:
        raise InvalidRequest("array", text, f"it could be {' or '.join(matching)}: give more digits")
    return matching[0]
