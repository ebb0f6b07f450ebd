"""What one call looks like on the wire, and what is made of any answer."""

import base64

import pytest
import requests
import requests_mock

from pmax.adapters.rest.messages import Call, Failure, Reply, Subject
from pmax.adapters.rest.transport import Transport
from pmax.domain.settings import Secret, UnisphereServer
from tests.unit.adapters.rest.doubles import BASE, PASSWORD, READ, SERVER

TIMEOUTS = (1.0, 2.0)
WRITE = Call(
    verb="DELETE",
    path="/92/thing?a=%3Clike%3Eb",
    subject=Subject(kind="thing", name="t"),
    operation="change it",
    body={"name": "ü", "force": "true"},
)


def exchange(call, server=SERVER, **response):
    """Send one call to a canned answer; return what came and what was sent."""
    adapter = requests_mock.Adapter()
    adapter.register_uri(requests_mock.ANY, requests_mock.ANY, **response)
    transport = Transport(server, 1, adapter)
    result = transport.exchange(call, TIMEOUTS)
    transport.close()
    return result, adapter.last_request


def test_a_call_goes_below_the_base_path():
    """Verb, path and query reach the server as the call has them."""
    _, sent = exchange(WRITE, text="")
    assert (sent.method, sent.url) == ("DELETE", f"{BASE}/92/thing?a=%3Clike%3Eb")


def test_a_body_is_json_in_utf_8():
    """Any verb may have a body, DELETE included."""
    _, sent = exchange(WRITE, text="")
    assert sent.json() == {"name": "ü", "force": "true"}
    assert sent.headers["Content-Type"] == "application/json"


def test_a_read_has_no_body():
    """A GET sends nothing but its headers."""
    _, sent = exchange(READ, text="{}")
    assert sent.body is None


def test_the_headers_name_the_application():
    """Unisphere counts calls by application."""
    _, sent = exchange(READ, text="{}")
    assert sent.headers["Application-Type"] == "pmax"
    assert sent.headers["Accept"] == "application/json"
    assert sent.headers["User-Agent"].startswith("pmax/")


@pytest.mark.parametrize("password", ["simple", "päßwörd:with:colons", "秘密"])
def test_any_password_is_sent_as_utf_8(password):
    """Basic authentication carries passwords outside Latin-1, too."""
    server = UnisphereServer(host="unisphere.invalid", username="smc", password=Secret(password))
    _, sent = exchange(READ, server, text="{}")
    scheme, token = sent.headers["Authorization"].split()
    assert (scheme, base64.b64decode(token).decode()) == ("Basic", f"smc:{password}")


def test_connecting_and_answering_have_limits_of_their_own():
    """Both time-outs are handed on."""
    _, sent = exchange(READ, text="{}")
    assert sent.timeout == TIMEOUTS


def test_an_ipv6_address_stands_in_brackets():
    """An address with colons is told from its port."""
    server = UnisphereServer(host="::1", username="smc", password=Secret("x"), port=9)
    _, sent = exchange(READ, server, text="{}")
    assert sent.url == "https://[::1]:9/univmax/restapi/92/thing"


def test_environment_proxies_are_not_used(monkeypatch):
    """Storage management does not go through the proxies of the process's environment."""
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.invalid:3128")
    _, sent = exchange(READ, text="{}")
    assert not sent.proxies


@pytest.mark.parametrize(
    ("status", "content", "is_json"),
    [
        (200, b'{"a": 1}', True),
        (200, b"[1, 2]", True),
        (200, b"<html>", False),
        (204, b"", False),
        (500, b"\xff", False),
    ],
)
def test_any_body_is_taken_as_it_comes(status, content, is_json):
    """Status and body are returned whatever they are."""
    result, _ = exchange(READ, status_code=status, content=content)
    assert isinstance(result, Reply)
    assert (result.status, result.content, result.is_json) == (status, content, is_json)


def test_the_wish_to_wait_is_kept():
    """`Retry-After` comes with the reply."""
    result, _ = exchange(READ, status_code=429, headers={"Retry-After": "5"}, json={"message": "Too Many Requests"})
    assert result.retry_after == "5"


def test_a_redirection_is_not_followed():
    """Credentials and changes go nowhere but to the configured server."""
    result, sent = exchange(WRITE, status_code=307, headers={"Location": "https://elsewhere.invalid/"})
    assert result.status == 307
    assert sent.hostname == "unisphere.invalid"


@pytest.mark.parametrize(
    ("error", "is_sent"),
    [
        (requests.ConnectTimeout(), False),
        (requests.ReadTimeout(), True),
        (requests.ConnectionError("reset"), True),
        (requests.exceptions.ChunkedEncodingError("cut"), True),
        (requests.exceptions.ContentDecodingError("not gzip"), True),
        (ConnectionResetError("reset"), True),
    ],
)
def test_what_a_foreign_adapter_raises_is_taken_with_care(error, is_sent):
    """Where the connection is not ours, only what can never come after writing counts as not sent."""
    result, _ = exchange(READ, exc=error)
    assert isinstance(result, Failure)
    assert result.is_sent is is_sent


def test_the_password_is_nowhere_to_be_seen():
    """Neither a failure nor any object of ours shows the password or the header that carries it."""
    token = base64.b64encode(f"smc:{PASSWORD}".encode()).decode()
    adapter = requests_mock.Adapter()
    adapter.register_uri("GET", requests_mock.ANY, exc=requests.ConnectionError(f"{PASSWORD} {token}"))
    transport = Transport(SERVER, 1, adapter)
    result = transport.exchange(READ, TIMEOUTS)
    assert isinstance(result, Failure)
    for text in (repr(result), str(result), repr(transport), repr(SERVER), repr(vars(transport))):
        assert PASSWORD not in text
        assert token not in text


def test_switching_verification_off_is_said_once(caplog):
    """Who does not check certificates is warned when the transport is made, and never again."""
    server = UnisphereServer(host="unisphere.invalid", username="smc", password=Secret(PASSWORD), verify=False)
    adapter = requests_mock.Adapter()
    adapter.register_uri("GET", requests_mock.ANY, text="{}")
    transport = Transport(server, 1, adapter)
    for _ in range(3):
        transport.exchange(READ, TIMEOUTS)
    warnings = [record.getMessage() for record in caplog.records]
    assert len(warnings) == 1
    assert "unisphere.invalid:8443 is not checked" in warnings[0]
    assert PASSWORD not in warnings[0]


def test_a_checked_certificate_is_not_worth_a_word(caplog):
    """The normal case is silent."""
    Transport(SERVER, 1)
    assert caplog.records == []
