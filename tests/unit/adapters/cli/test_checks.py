"""What the doctor finds, check by check; the whole is tested against a simulator."""

from datetime import UTC, datetime, timedelta

import pytest

from pmax.adapters.cli.certificates import Certificate
from pmax.adapters.cli.checks import check_certificate, check_configuration, check_version, failed
from pmax.adapters.cli.findings import State
from pmax.domain.errors import InUse
from pmax.domain.settings import Secret, UnisphereServer
from pmax.domain.versions import UnisphereVersion

NOW = datetime(2026, 8, 1, tzinfo=UTC)
SERVER = UnisphereServer(host="unisphere", username="smc", password=Secret("a-secret"), verify="/etc/pki/ca.pem")


@pytest.mark.parametrize(
    ("days", "state", "remedy"),
    [(29, State.WARNING, "renew it in Unisphere before it ends"), (31, State.FINE, "")],
)
def test_a_certificate_that_ends_soon_is_a_warning(days, state, remedy) -> None:
    """A month before a certificate ends it is time to renew it."""
    shown = Certificate(NOW + timedelta(days=days))
    finding = check_certificate(SERVER, shown, NOW)
    assert (finding.state, finding.remedy) == (state, remedy)
    assert finding.what.startswith("trusted by /etc/pki/ca.pem, until 2026-0")


@pytest.mark.parametrize(
    ("server", "what"),
    [
        (UnisphereServer(host="u", username="smc", password=Secret("x"), scheme="http"), "not encrypted"),
        (UnisphereServer(host="u", username="smc", password=Secret("x"), verify=False), "not checked"),
    ],
)
def test_what_proves_nothing_is_a_warning(server, what) -> None:
    """A connection without encryption or without a check of the certificate works, and is told all the same."""
    finding = check_certificate(server, None, NOW)
    assert finding.state is State.WARNING
    assert what in finding.what
    assert finding.remedy


@pytest.mark.parametrize(
    ("version", "state"),
    [("V9.2.0.0", State.FINE), ("T10.1.0.0", State.WARNING), ("V8.4.0.0", State.FAILED), ("V11.0.0.0", State.FAILED)],
)
def test_the_version_of_unisphere(version, state) -> None:
    """Releases that pmax knows are fine, test builds are told, and all others fail with what to do."""
    finding = check_version(UnisphereVersion.parse(version))
    assert finding.state is state
    assert bool(finding.remedy) is (state is not State.FINE)


def test_each_mistake_in_the_configuration_is_a_finding() -> None:
    """The text behind the colon is the remedy, and there always is one."""
    findings = list(check_configuration(("san_ip is not set: give its name", "this is wrong")))
    assert [finding.what for finding in findings] == ["san_ip is not set", "this is wrong"]
    assert all(finding.remedy and finding.state is State.FAILED for finding in findings)


def test_an_error_becomes_a_finding_with_its_remedy() -> None:
    """The two sentences of an error are finding and remedy."""
    finding = failed("port groups", InUse("volume", "00588", "a host; detach it first"))
    assert (finding.what, finding.remedy) == ("Volume 00588 is in use by a host.", "Detach it first.")
