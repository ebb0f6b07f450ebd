"""Whatever bytes arrive at the socket, the server answers or closes the connection, and serves the next client."""

import base64
import os
import socket

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pmax.simulator import Simulator

EXAMPLES = int(os.environ.get("PMAX_FUZZ_EXAMPLES", "25"))
ARRAY = "000197900999"
LOGIN = b"Authorization: Basic " + base64.b64encode(b"smc:smc")
ALIVE = b"GET /univmax/restapi/version HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + LOGIN + b"\r\n\r\n"

VERBS = st.sampled_from([b"GET", b"POST", b"PUT", b"DELETE", b"HEAD", b"OPTIONS", b"PATCH", b"TRACE", b"CONNECT", b"x"])
PATHS = st.one_of(
    st.binary(max_size=20),
    st.sampled_from(
        [
            b"/",
            b"*",
            b"//",
            b"/../..",
            b"/overview.json?array=%ff&find=%00",
            b"/univmax/restapi/92/system/symmetrix",
            b"/univmax/restapi/92/system/symmetrix/" + ARRAY.encode() + b"/../x",
            b"/univmax/restapi/92/sloprovisioning/symmetrix/" + ARRAY.encode() + b"/volume?cap_gb=%",
            b"/univmax/restapi/92/sloprovisioning/symmetrix/" + ARRAY.encode() + b"/storagegroup",
            b"/univmax/rest/v1/systems/" + ARRAY.encode() + b"/volumes?filter=x&select=%E9",
            b"http://elsewhere/univmax/restapi/version",
            "path",
        ]
    ),
)
HEADERS = st.lists(
    st.one_of(
        st.just(LOGIN),
        st.sampled_from(
            [
                b"Authorization: Basic",
                b"Authorization: Basic ====",
                b"Authorization: Basic " + base64.b64encode(b"\xff:\xff"),
                b"Authorization: Bearer x",
                b"Content-Type: text/xml; charset=utf-16",
                b"Content-Length: 5",
                b"Content-Length: -1",
                b"Content-Length: 99999999999999999999",
                b"Transfer-Encoding: chunked",
                b"Transfer-Encoding: gzip, chunked",
                b"Expect: 100-continue",
                b"Upgrade: websocket",
                b"Connection: close",
                b"Host: \xff",
                "header",
                b": no name",
                b"no colon",
                b"Folded: a\r\n b",
            ]
        ),
        st.binary(max_size=20),
    ),
    max_size=5,
)
LONG = {
    "path": b"/" + b"a" * 70_000,
    "header": b"X: " + b"y" * 70_000,
    "brackets": b"[" * 5000,
    "digits": b"1" * 5000,
    "objects": b"{}" * 700_000,
}
"""Sent under their names, so that a report of a failure can be read."""

BODIES = st.one_of(
    st.binary(max_size=40),
    st.sampled_from([b'{"storageGroupId": "\\ud800"}', b"5\r\nhello\r\n0\r\n\r\n", "brackets", "digits", "objects"]),
)


@pytest.fixture(scope="module")
def simulator():
    """A served simulator; all examples go to the same one."""
    with Simulator() as served:
        yield served


def exchange(port, sent):
    """Send bytes and close the sending side; return all that comes back."""
    parts = []
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        try:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            while part := connection.recv(65536):
                parts.append(part)
        except OSError:
            pass  # the server has heard enough
    return b"".join(parts)


@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
@given(verb=VERBS, path=PATHS, headers=HEADERS, body=BODIES)
def test_any_bytes(simulator, verb, path, headers, body):
    """The answer is one of HTTP or none, names no code of the server, and the next client is served."""
    port = int(simulator.url.rpartition(":")[2])
    path, body, *headers = (LONG.get(part, part) for part in (path, body, *headers))
    answer = exchange(port, b"\r\n".join([verb + b" " + path + b" HTTP/1.1", *headers, b"", body]))
    assert answer == b"" or answer.startswith(b"HTTP/1.1 ")
    assert b"Traceback" not in answer
    assert exchange(port, ALIVE).startswith(b"HTTP/1.1 200 ")
    assert simulator.defects == []
    assert simulator.arrays[ARRAY].storage_groups == {}
    assert simulator.application.in_flight == ()
