"""Why no reply came, in words that name the remedy."""

import errno
import http.client
import socket
import ssl

import pytest
import requests
import urllib3.exceptions

from pmax.adapters.rest.causes import explain


def certificate(code):
    """A certificate that OpenSSL does not accept, for this reason."""
    error = ssl.SSLCertVerificationError("certificate verify failed")
    error.verify_code = code
    return error


def wrapped(inner):
    """An exception as `requests` wraps it: as an argument, as a reason, as a cause."""
    middle = urllib3.exceptions.MaxRetryError(None, "/", urllib3.exceptions.SSLError(inner))
    outer = requests.ConnectionError(middle)
    outer.__cause__ = middle
    return outer


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (ConnectionRefusedError(), "connection refused: check san_ip and san_api_port"),
        (socket.gaierror(), "the host name cannot be resolved: check san_ip"),
        (requests.ConnectTimeout(), "no connection in time: check san_ip and san_api_port"),
        (requests.ReadTimeout(), "it did not answer in time"),
        (TimeoutError(), "it did not answer in time"),
        (http.client.IncompleteRead(b"ab"), "its answer was cut off"),
        (http.client.RemoteDisconnected(), "it closed the connection without an answer"),
        (ConnectionResetError(), "it reset the connection"),
        (BrokenPipeError(), "it reset the connection"),
        (OSError(errno.EHOSTUNREACH, "No route to host"), "there is no route to it: check san_ip"),
        (http.client.BadStatusLine("x"), "its answer is not HTTP"),
        (requests.exceptions.ContentDecodingError(), "its answer is not HTTP"),
        (ssl.SSLEOFError(), "it closed the encrypted connection"),
        (ssl.SSLError(), "the TLS connection failed (no reason given)"),
        (certificate(62), "its certificate is for another host name"),
        (certificate(64), "its certificate is for another host name"),
        (certificate(10), "its certificate has expired"),
        (certificate(9), "its certificate is not valid yet: check the clocks"),
        (certificate(18), "its certificate is not trusted, it is self-signed"),
        (certificate(20), "its certificate is not trusted, its issuer is not known"),
        (requests.RequestException("user:password@host"), "the connection failed (RequestException)"),
    ],
)
@pytest.mark.parametrize("wrap", [lambda error: error, wrapped], ids=["bare", "wrapped"])
def test_every_cause_has_its_words(error, cause, wrap):
    """However deep it is wrapped, the innermost reason is told, and none of an exception's own text."""
    told = explain(wrap(error), is_written=None).cause
    if wrap is wrapped and "RequestException" in cause:
        cause = "the connection failed (ConnectionError)"
    assert told.startswith(cause)
    assert "password" not in told


def test_only_certificates_are_lasting():
    """Everything else may pass."""
    assert explain(certificate(18), is_written=False).is_lasting
    assert not explain(ConnectionRefusedError(), is_written=False).is_lasting


@pytest.mark.parametrize("is_written", [False, True])
def test_the_connection_knows_best(is_written):
    """What the connection says about writing counts more than the kind of the failure."""
    for error in (ConnectionRefusedError(), TimeoutError(), certificate(18)):
        assert explain(error, is_written=is_written).is_sent is is_written


@pytest.mark.parametrize(
    ("error", "is_sent"),
    [
        (ConnectionRefusedError(), False),
        (socket.gaierror(), False),
        (certificate(18), False),
        (requests.ConnectTimeout(), False),
        (ssl.SSLEOFError(), True),
        (TimeoutError(), True),
        (requests.ConnectionError(), True),
    ],
)
def test_without_that_only_what_comes_before_writing_is_unsent(error, is_sent):
    """In doubt, the request was sent."""
    assert explain(error, is_written=None).is_sent is is_sent
    assert explain(wrapped(error), is_written=None).is_sent is is_sent


def test_exceptions_that_hold_each_other_are_read_once():
    """A circle of causes ends."""
    one, other = OSError("a"), OSError("b")
    one.__cause__, other.__cause__ = other, one
    assert explain(one, is_written=True).cause == "the connection failed (OSError)"
