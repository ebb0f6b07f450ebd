"""Serves the page beside the API: one HTML document with its style and script inside, and the JSON that it polls."""

import base64
import hashlib
import json
from collections.abc import Callable
from importlib import resources
from urllib.parse import parse_qsl

from pmax.simulator.app import Application
from pmax.simulator.asgi import AsgiApplication, Message, Receive, Send
from pmax.simulator.page.overview import Overseen, overview
from pmax.simulator.refusals import Refusal, Unauthorized

PAGE = "/"
OVERVIEW = "/overview.json"

Headers = tuple[tuple[str, str], ...]

_LONGEST_QUERY = 1000
_HEADERS: Headers = (
    ("cache-control", "no-store"),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
)

Content = Callable[[str], tuple[bytes, str, Headers]]
"""Query → body, type of its content, further headers."""


def pages_of(simulator: Overseen, application: Application) -> dict[str, AsgiApplication]:
    """Return what serves the page of a Unisphere, by path."""
    document, policy = _document()

    def page(_query: str) -> tuple[bytes, str, Headers]:
        return document, "text/html; charset=utf-8", (("content-security-policy", policy),)

    def figures(query: str) -> tuple[bytes, str, Headers]:
        choice = dict(parse_qsl(query[:_LONGEST_QUERY], errors="replace"))
        return json.dumps(overview(simulator, application, choice)).encode(), "application/json", ()

    return {PAGE: _served(application, page), OVERVIEW: _served(application, figures)}


def _served(application: Application, content: Content) -> AsgiApplication:
    """Return what answers GET and HEAD behind the same login as the API, and nothing else."""

    async def answer(scope: Message, receive: Receive, send: Send) -> None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        status, body = 200, b""
        further: Headers = _HEADERS
        try:
            application.authenticate(headers.get("authorization"))
            if scope["method"] in {"GET", "HEAD"}:
                body, kind, own = content(scope["query_string"].decode("latin-1"))
                further = (*further, *own, ("content-type", kind))
            else:
                status, further = 405, (*further, ("allow", "GET, HEAD"))
        except Unauthorized as refusal:
            status, further = _refused(refusal)
        length = ("content-length", str(len(body)))
        raw = [(name.lower().encode(), value.encode()) for name, value in (*further, length)]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    return answer


def _refused(refusal: Refusal) -> tuple[int, Headers]:
    return refusal.status, (*_HEADERS, *refusal.headers)


def _document() -> tuple[bytes, str]:
    """Return the HTML document, and the policy that lets a browser load what is inside it and nothing else."""
    folder = resources.files("pmax.simulator.page")
    style, script, page = (folder.joinpath(f"page.{kind}").read_text("utf-8") for kind in ("css", "js", "html"))
    document = page.replace("/* style */", style).replace("/* script */", script)
    policy = (
        f"default-src 'none'; style-src {_source(style)}; script-src {_source(script)}; connect-src 'self'; "
        "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return document.encode(), policy


def _source(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
