"""Errors in two sentences."""

import io

import pytest

from pmax.adapters.cli.complaints import Complaints
from pmax.adapters.cli.explanations import explain
from pmax.adapters.cli.refusals import Declined, WrongUsage
from pmax.domain import errors

EXPLAINED = [
    (
        errors.InvalidRequest("size", 0, "a volume has 1 to 65535 GiB, in whole GiB"),
        "Size 0 is not valid.",
        "A volume has 1 to 65535 GiB, in whole GiB.",
    ),
    (
        errors.ConfigurationInvalid(("san_ip is not set", "powermax_srp is not set")),
        "The configuration is not valid.",
        "san_ip is not set.\npowermax_srp is not set.",
    ),
    (
        errors.NotFound("volume", "00588"),
        "Volume 00588 does not exist.",
        "`pmax volume list` shows the volumes.",
    ),
    (
        errors.NotFound("masking view", "OS-a-I-b-MV"),
        "Masking view OS-a-I-b-MV does not exist.",
        "`pmax masking view list` shows the masking views.",
    ),
    (
        errors.InUse("volume", "00588", "4 host paths; detach it first"),
        "Volume 00588 is in use by 4 host paths.",
        "Detach it first.",
    ),
    (
        errors.CredentialsRejected("unisphere:8443", 401, "Unauthorized"),
        "Unisphere at unisphere:8443 does not accept the user (HTTP 401: Unauthorized).",
        "Check san_login and san_password in the configuration.",
    ),
    (
        errors.Unavailable("unisphere:8443", "connection refused: check san_ip", sent=False),
        "Unisphere at unisphere:8443 gave no answer: connection refused.",
        "Check san_ip.",
    ),
    (
        errors.Unavailable("unisphere:8443", "it did not answer in time", sent=False),
        "Unisphere at unisphere:8443 gave no answer: it did not answer in time.",
        "Check san_ip and san_api_port, the network between here and there, and that Unisphere runs.",
    ),
    (
        errors.CertificateRefused(
            "unisphere:8443", "its certificate has expired: give Unisphere a new one", sent=False
        ),
        "Unisphere at unisphere:8443 was refused: its certificate has expired.",
        "Give Unisphere a new one.",
    ),
    (
        errors.PlanFailed("create masking view V", ("create storage group S",), ("initiator group I",)),
        "Could not create masking view V; left on the array: initiator group I.",
        "`pmax journal list` shows it, and `pmax journal recover` finishes or undoes it.",
    ),
    (
        WrongUsage("a workload stands alone", "give --service-level"),
        "A workload stands alone.",
        "Give --service-level.",
    ),
    (Declined("Delete?"), "Nothing was done, since the answer was not yes.", ""),
]


@pytest.mark.parametrize(("error", "what", "remedy"), EXPLAINED, ids=lambda value: type(value).__name__)
def test_an_error_is_two_sentences(error, what, remedy) -> None:
    """The first sentence names the object, the second says what to do."""
    explanation = explain(error)
    assert (explanation.what, explanation.remedy) == (what, remedy)


def test_the_sentences_stand_below_each_other() -> None:
    """On the terminal the remedy is indented to where the first sentence begins, and nothing else is shown."""
    out = io.StringIO()
    status = Complaints(out, is_debug=False).explain(errors.NotFound("volume", "00588"), None)
    assert out.getvalue() == (
        "pmax: Volume 00588 does not exist.\n"
        "      `pmax volume list` shows the volumes.\n"
    )  # fmt: skip
    assert status == 3


def test_debug_shows_where_an_error_came_from() -> None:
    """With --debug the traceback follows, down to the first cause."""
    out = io.StringIO()
    error = errors.Unavailable("unisphere:8443", "connection refused", sent=False)
    error.__cause__ = ConnectionRefusedError()
    Complaints(out, is_debug=True).explain(error, None)
    assert "direct cause" in out.getvalue()
    assert "ConnectionRefusedError" in out.getvalue()


def test_an_unexpected_error_is_called_a_fault() -> None:
    """What nobody foresaw is told as a fault of pmax, without a traceback."""
    out = io.StringIO()
    assert Complaints(out, is_debug=False).fault(KeyError("lun")) == 1
    assert out.getvalue().startswith("pmax: This is a fault in pmax: KeyError: 'lun'\n")
    assert "Traceback" not in out.getvalue()
