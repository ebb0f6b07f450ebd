"""The seam through which faults reach the application; rules that decide them are given to it.

A fault sees a request before it is carried out, and its response after.
"""

from typing import Protocol

from pmax.simulator.wire import Request, Response


class Faults(Protocol):
    """What the application asks of fault rules."""

    def before(self, request: Request) -> Response | None:
        """Return the answer of a request that shall not be carried out, or None to let it pass."""

    def after(self, request: Request, response: Response) -> Response:
        """Return what the client gets instead of a response, or the response itself."""


class NoFaults:
    """Nothing ever goes wrong."""

    def before(self, request: Request) -> Response | None:
        """Let everything pass."""
        return None

    def after(self, request: Request, response: Response) -> Response:
        """Change nothing."""
        return response
