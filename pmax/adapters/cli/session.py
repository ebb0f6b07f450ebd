"""One run's view of the world: configuration read, engine built, calls remembered."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final

import attrs

from pmax.adapters.cli.selection import Selection, find_array, is_whole_serial
from pmax.domain.events import CallFinished
from pmax.domain.identifiers import ArrayId
from pmax.domain.settings import Settings
from pmax.engine import Engine

#: Asks a person for the password of a user at a host.
AskPassword = Callable[[str, str], str]

#: How many calls `--explain` can show.
_REMEMBERED_CALLS: Final = 200


class Session:
    """An engine with what the user chose.

    Attributes:
        engine: for commands and readers.
        calls: the latest REST calls, oldest first.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.calls: deque[CallFinished] = deque(maxlen=_REMEMBERED_CALLS)
        engine.signals.call_finished.connect(self.calls.append)

    @property
    def array_id(self) -> ArrayId:
        """The array that the user chose."""
        return self.engine.settings.array_id

    def close(self) -> None:
        """Let go of connections and files."""
        self.engine.close()


def load_settings(selection: Selection, ask_password: AskPassword | None = None) -> Settings:
    """Read the configuration.

    Args:
        selection: what the user chose.
        ask_password: asks for a password that is nowhere; None where there is nobody to ask.

    Raises:
        ConfigurationInvalid: with every mistake in it.
    """
    from pmax.adapters.options import load

    settings = load(selection.config_files, selection.backend, ask_password)
    if selection.timeout_s is not None:
        settings = attrs.evolve(settings, operation_timeout_s=selection.timeout_s)
    if selection.array and is_whole_serial(selection.array):
        return attrs.evolve(settings, array_id=ArrayId(selection.array))
    return settings


def open_session(
    selection: Selection, build: Callable[[Settings], Engine], ask_password: AskPassword | None = None
) -> Session:
    """Build the engine for the chosen array.

    Args:
        selection: what the user chose.
        build: builds an engine (`bootstrap.build_engine`).
        ask_password: asks for a password that is nowhere; None where there is nobody to ask.

    Raises:
        ConfigurationInvalid: the configuration has mistakes.
        NotFound: no array ends with the digits that the user gave.
        InvalidRequest: more than one does.
        PmaxError: Unisphere could not be asked for its arrays.
    """
    settings = load_settings(selection, ask_password)
    session = _session(build(settings))
    if selection.array is None or is_whole_serial(selection.array):
        return session
    try:
        array_id = find_array(selection.array, session.engine.readers.arrays.list_arrays())
    finally:
        session.close()
    return _session(build(attrs.evolve(settings, array_id=array_id)))


def _session(engine: Engine) -> Session:
    """A session in which nothing changes that was not shown: what was interrupted waits for `pmax journal recover`."""
    engine.recovers_first = False
    return Session(engine)
