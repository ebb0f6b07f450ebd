"""A filter of Cinder's API for clients that look for Keystone's manners."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any


class RefuseStrangers:
    """Answers 401 to requests without a token, which `noauth` answers with 204: clients take that for a service."""

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        self._application = application

    def __call__(self, environment: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Let pass who brings a token."""
        if "HTTP_X_AUTH_TOKEN" in environment:
            return self._application(environment, start_response)
        start_response("401 Unauthorized", [("Content-Type", "text/plain")])
        return [b"no token"]

    @classmethod
    def factory(cls, _defaults: dict[str, str], **_options: str) -> type[RefuseStrangers]:
        """What the pipeline of api-paste.ini asks for."""
        return cls
