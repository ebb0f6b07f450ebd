"""Serves a simulator in the foreground, as the command does, until somebody ends it."""

import signal
import threading
from collections.abc import Callable
from types import FrameType

from pmax.simulator.serve import Listen, refuse_open_door
from pmax.simulator.simulator import Simulator


def serve_until_signal(simulator: Simulator, listen: Listen, announce: Callable[[str], None] = print) -> None:
    """Serve a simulator until SIGTERM or SIGINT; to be called in the main thread.

    Args:
        simulator: what to serve.
        listen: where.
        announce: gets the one line `listening on URL` when the simulator answers.

    Raises:
        OpenDoor: the address is not loopback and the password is the default one.
        OSError: the address cannot be listened on.
    """
    refuse_open_door(listen.host, has_own_password=simulator.has_own_password)
    stop = threading.Event()

    def _stop(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    before = {number: signal.signal(number, _stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        server = simulator.serve_at(listen)
        announce(f"listening on {server.url}")
        stop.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        simulator.close()
