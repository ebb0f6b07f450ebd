"""What breaks on real connections of this machine: why, and whether the request may have taken effect."""

import contextlib
import datetime
import ipaddress
import socket
import ssl
import tempfile
import threading
import time

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from pmax.adapters.rest.messages import Call, Failure, Reply, Subject
from pmax.adapters.rest.transport import Transport
from pmax.domain.errors import InvalidRequest
from pmax.domain.settings import Secret, UnisphereServer

CALL = Call(verb="PUT", path="/92/thing", subject=Subject(kind="thing", name="t"), operation="change it", body={"a": 1})
ANSWER = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"a": 12}'
PATIENT = (5.0, 5.0)
HASTY = (0.3, 0.3)


@contextlib.contextmanager
def serving(behave):
    """Accept connections on loopback and let `behave` deal with each; gives the port."""
    listener = socket.create_server(("127.0.0.1", 0))
    is_over = threading.Event()

    def serve():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError):
                behave(connection, is_over)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        is_over.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def read_request(connection):
    """Read headers and the body."""
    received = b""
    while not received.endswith(b'{"a": 1}'):
        received += connection.recv(65536)


def answering(answer):
    """A server that reads the request and then sends exactly this."""

    def behave(connection, _is_over):
        read_request(connection)
        connection.sendall(answer)

    return behave


def secure(certificate, answer=ANSWER):
    """A server with a certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)

    def behave(connection, _is_over):
        with context.wrap_socket(connection, server_side=True) as wrapped:
            read_request(wrapped)
            wrapped.sendall(answer)

    return behave


class SelfSigned:
    """A certificate that a server made for itself."""

    def __init__(self, address):
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, address)])
        now = datetime.datetime.now(datetime.UTC)
        names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
        made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        made = made.not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
        signed = made.add_extension(names, critical=False).sign(key, hashes.SHA256())
        secret = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        self.pem = secret + signed.public_bytes(serialization.Encoding.PEM)

    def configure_cert(self, context):
        """Let a server show it."""
        with tempfile.NamedTemporaryFile() as file:
            file.write(self.pem)
            file.flush()
            context.load_cert_chain(file.name)


def silent(connection, is_over):
    """Read, and never answer."""
    read_request(connection)
    is_over.wait(5)


def mute(_connection, is_over):
    """Do not even read."""
    is_over.wait(5)


def reset(connection, _is_over):
    """Read, then reset."""
    read_request(connection)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def at(port, scheme="http", verify=True):
    """A server on this machine."""
    return UnisphereServer(
        host="127.0.0.1", port=port, scheme=scheme, verify=verify, username="smc", password=Secret("secret")
    )


def exchange(server, timeouts=PATIENT):
    """Send the call over a connection of its own."""
    transport = Transport(server, 2)
    try:
        return transport.exchange(CALL, timeouts)
    finally:
        transport.close()


@pytest.fixture(scope="module")
def authority():
    """Issues certificates."""
    return trustme.CA()


@pytest.fixture(scope="module")
def ca_path(authority, tmp_path_factory):
    """The authority's own certificate in a file."""
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


def test_a_refused_connection_sent_nothing():
    """Nobody listens: nothing was sent, and the remedy is named."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    result = exchange(at(port))
    assert isinstance(result, Failure)
    assert not result.is_sent
    assert "connection refused: check san_ip and san_api_port" in result.cause


def test_an_unknown_host_sent_nothing():
    """A name that does not resolve is said to be one."""
    server = UnisphereServer(host="nowhere.invalid", username="smc", password=Secret("secret"))
    result = exchange(server)
    assert isinstance(result, Failure)
    assert (result.is_sent, result.cause) == (False, "the host name cannot be resolved: check san_ip")


@pytest.mark.parametrize(
    ("behave", "cause"),
    [
        (silent, "it did not answer in time"),
        (answering(b""), "it closed the connection without an answer"),
        (reset, "it reset the connection"),
        (answering(ANSWER[:-3]), "its answer was cut off"),
        (answering(b"this is not HTTP\r\n\r\n"), "its answer is not HTTP"),
    ],
)
def test_what_breaks_after_writing_may_have_taken_effect(behave, cause):
    """From the first byte of the request on, a failure leaves its fate open."""
    with serving(behave) as port:
        result = exchange(at(port), HASTY)
    assert isinstance(result, Failure)
    assert result.is_sent
    assert cause in result.cause


@pytest.mark.parametrize(("behave", "timeouts"), [(mute, HASTY), (lambda connection, _: connection.close(), PATIENT)])
def test_a_failed_handshake_sent_nothing(behave, timeouts):
    """A server that neither shakes hands nor talks TLS got no request, although a time-out looks like a late answer."""
    with serving(behave) as port:
        result = exchange(at(port, "https"), timeouts)
    assert isinstance(result, Failure)
    assert not result.is_sent


def test_a_port_without_tls_is_recognised():
    """A plain HTTP server on the port is not mistaken for an untrusted Unisphere."""

    def talk(connection, _is_over):
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with serving(talk) as port:
        result = exchange(at(port, "https"))
    assert isinstance(result, Failure)
    assert (result.is_sent, result.is_lasting) == (False, False)
    assert "check that san_api_port is the port of Unisphere" in result.cause


def test_a_certificate_of_a_known_authority_is_accepted(authority, ca_path):
    """With the CA file, the server is trusted."""
    with serving(secure(authority.issue_cert("127.0.0.1"))) as port:
        result = exchange(at(port, "https", ca_path))
    assert isinstance(result, Reply)
    assert result.payload == {"a": 12}


def test_a_directory_that_was_not_prepared_trusts_nobody(authority, tmp_path):
    """In a CA directory OpenSSL looks for hashed names only: a plain file in it is not found, nothing is trusted."""
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    with serving(secure(authority.issue_cert("127.0.0.1"))) as port:
        result = exchange(at(port, "https", str(tmp_path)))
    assert isinstance(result, Failure)
    assert result.is_lasting


def test_an_unknown_authority_is_refused(authority):
    """By default the system's authorities decide, and the remedy is named."""
    with serving(secure(authority.issue_cert("127.0.0.1"))) as port:
        result = exchange(at(port, "https"))
    assert isinstance(result, Failure)
    assert (result.is_sent, result.is_lasting) == (False, True)
    assert "its certificate is not trusted" in result.cause
    assert "set driver_ssl_cert_path" in result.cause


def test_another_authority_than_the_configured_one_is_refused(ca_path):
    """A CA file replaces the system's authorities: a certificate of any other one is not trusted."""
    with serving(secure(trustme.CA().issue_cert("127.0.0.1"))) as port:
        result = exchange(at(port, "https", ca_path))
    assert isinstance(result, Failure)
    assert result.is_lasting


def test_a_wrong_host_name_is_refused(authority, ca_path):
    """A trusted certificate of another host is not good enough."""
    with serving(secure(authority.issue_cert("unisphere.example.org"))) as port:
        result = exchange(at(port, "https", ca_path))
    assert isinstance(result, Failure)
    assert (result.is_sent, result.is_lasting) == (False, True)
    assert "its certificate is for another host name: set san_ip" in result.cause


def test_an_expired_certificate_is_refused(authority, ca_path):
    """An expired certificate is called expired."""
    yesterday = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
    with serving(secure(authority.issue_cert("127.0.0.1", not_after=yesterday))) as port:
        result = exchange(at(port, "https", ca_path))
    assert isinstance(result, Failure)
    assert result.cause == "its certificate has expired: give Unisphere a new one"


def test_a_self_signed_certificate_is_refused(ca_path):
    """What a server signed for itself is nobody's word, whatever name it has."""
    with serving(secure(SelfSigned("127.0.0.1"))) as port:
        results = [exchange(at(port, "https", verify)) for verify in (True, ca_path)]
    for result in results:
        assert isinstance(result, Failure)
        assert (result.is_sent, result.is_lasting) == (False, True)
        assert "its certificate is not trusted" in result.cause


def test_a_certificate_that_is_exchanged_meanwhile_is_refused(authority, ca_path):
    """Trust is not remembered: a server that has another certificate at the next connection is refused there."""
    certificates = [authority.issue_cert("127.0.0.1"), trustme.CA().issue_cert("127.0.0.1")]

    def behave(connection, is_over):
        closing = ANSWER.replace(b"OK\r\n", b"OK\r\nConnection: close\r\n")
        secure(certificates.pop(0), closing)(connection, is_over)

    with serving(behave) as port:
        transport = Transport(at(port, "https", ca_path), 2)
        first, second = (transport.exchange(CALL, PATIENT) for _ in range(2))
        transport.close()
    assert isinstance(first, Reply)
    assert isinstance(second, Failure)
    assert (second.is_sent, second.is_lasting) == (False, True)
    assert "its certificate is not trusted" in second.cause


def test_without_verification_any_certificate_is_accepted(authority):
    """Whoever switches verification off gets an answer from anybody, and no warning for each call."""
    with serving(secure(authority.issue_cert("unisphere.example.org"))) as port:
        result = exchange(at(port, "https", verify=False))
    assert isinstance(result, Reply)


def test_a_missing_ca_file_is_a_mistake_in_the_configuration(tmp_path):
    """A path that leads nowhere is said at once, before anything is sent."""
    with pytest.raises(InvalidRequest, match=r"driver_ssl_cert_path.*cannot be read"):
        Transport(at(1, "https", str(tmp_path / "none.pem")), 1)


def test_a_ca_file_without_certificate_is_a_mistake_in_the_configuration(tmp_path):
    """A file that holds something else is said at once."""
    path = tmp_path / "notes.txt"
    path.write_text("nothing of that kind")
    with pytest.raises(InvalidRequest, match=r"driver_ssl_cert_path.*holds no certificate"):
        Transport(at(1, "https", str(path)), 1)


def test_a_connection_is_kept_and_renewed_when_the_server_closed_it():
    """A connection that the server closed in the meantime costs a change nothing: it is seen before writing."""
    closed = threading.Event()

    def answer_once(connection, _is_over):
        read_request(connection)
        connection.sendall(ANSWER)
        connection.close()
        closed.set()

    with serving(answer_once) as port:
        transport = Transport(at(port), 2)
        results = []
        for _ in range(3):
            closed.clear()
            results.append(transport.exchange(CALL, PATIENT))
            assert closed.wait(5)
        transport.close()
    assert [type(result) for result in results] == [Reply] * 3


@pytest.mark.parametrize("part", [b"HTTP/1.1 200 OK\r\nX-Slow: ", b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"])
def test_an_answer_that_trickles_once_had_no_end(part):
    """A server that sends a byte now and then, in head or body, is waited for no longer than there is time."""

    def trickling(connection, is_over):
        read_request(connection)
        connection.sendall(part)
        while not is_over.wait(0.02):
            connection.sendall(b"a")

    with serving(trickling) as port:
        transport = Transport(at(port), 2)
        began_s = time.monotonic()
        result = transport.exchange(CALL, PATIENT, 0.3)
        transport.close()

    assert result == Failure(cause="it did not answer in time", is_sent=True)
    assert time.monotonic() - began_s < 5
