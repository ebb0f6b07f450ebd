"""A change is never sent twice unless the first surely had no effect."""

import pytest

from pmax.adapters.rest import retry
from pmax.adapters.rest.messages import Failure, Reply
from pmax.adapters.rest.retry import RetryPolicy
from tests.unit.adapters.rest.doubles import LOST, READ, UNSENT, WRITE, ok, refusal

POLICY = RetryPolicy(retries=3, backoff_factor_s=1.0)
NOW = 1_700_000_000.0
LOCKED = "A problem occurred: Unable to acquire the Symmetrix device lock"


def pause(call, result, attempt=1):
    """How long to wait before the next attempt."""
    return retry.pause_s(call, result, attempt, POLICY, NOW)


@pytest.mark.parametrize(
    "result",
    [
        UNSENT,
        LOST,
        Reply.of(408, b""),
        Reply.of(429, b""),
        Reply.of(502, b""),
        Reply.of(503, b""),
        Reply.of(504, b""),
        Reply.of(200, b'{"cut'),
        refusal(500, LOCKED),
        refusal(500, "Cannot find role for user smc"),
    ],
)
def test_a_read_is_repeated(result):
    """A read is repeated after any failure that may pass."""
    assert pause(READ, result) == 1.0


@pytest.mark.parametrize(
    "result",
    [
        UNSENT,
        Reply.of(408, b""),
        Reply.of(429, b""),
        Reply.of(503, b""),
        refusal(500, LOCKED),
        refusal(500, "Cannot find role for user smc"),
    ],
)
def test_a_change_is_repeated_that_surely_had_no_effect(result):
    """A change is repeated if nothing of it was sent, or if it was turned away before it began."""
    assert pause(WRITE, result) == 1.0


@pytest.mark.parametrize(
    "result",
    [
        LOST,
        Reply.of(502, b""),
        Reply.of(504, b""),
        Reply.of(500, b"<html>"),
        refusal(500, "The server encountered an unexpected condition which prevented it from fulfilling the request"),
        Reply.of(200, b'{"cut'),
    ],
)
def test_a_change_whose_answer_was_lost_is_not_repeated(result):
    """A change that may have taken effect is never repeated blindly."""
    assert retry.is_answer_lost(WRITE, result)
    assert pause(WRITE, result) is None


@pytest.mark.parametrize("call", [READ, WRITE])
@pytest.mark.parametrize(
    "result", [ok(), refusal(401, "no"), refusal(404, "no"), refusal(409, "no"), refusal(500, "no")]
)
def test_an_answer_is_an_answer(call, result):
    """A success and a refusal in the service's words are final."""
    assert not retry.is_answer_lost(call, result)
    assert pause(call, result) is None


@pytest.mark.parametrize("call", [READ, WRITE])
def test_a_lasting_failure_is_not_repeated(call):
    """A certificate that is not trusted will not be trusted a second later."""
    assert pause(call, Failure(cause="not trusted", is_sent=False, is_lasting=True)) is None


def test_pauses_double_and_end():
    """Each pause is twice as long as the one before, and after the last retry there is none."""
    assert [pause(READ, UNSENT, attempt) for attempt in (1, 2, 3, 4)] == [1.0, 2.0, 4.0, None]


def test_a_pause_is_never_longer_than_a_minute_by_itself():
    """Doubling ends at a minute, however patient the policy."""
    patient = RetryPolicy(retries=5000, backoff_factor_s=1.0)
    assert retry.pause_s(READ, UNSENT, 4000 // 4, patient, NOW) == 60.0


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, 0.0),
        ("7", 7.0),
        ("-7", 0.0),
        ("nan", 0.0),
        ("inf", 0.0),
        ("soon", 0.0),
        ("Tue, 14 Nov 2023 22:13:50 GMT", 30.0),
        ("Tue, 14 Nov 2023 22:13:10 GMT", 0.0),
        ("Tue, 99 Nov 2023 22:13:10 GMT", 0.0),
    ],
)
def test_retry_after_is_a_number_or_a_date(header, seconds):
    """The server's wish is understood in both forms, and nonsense is no wish."""
    assert retry.retry_after_s(header, NOW) == seconds


def test_the_server_may_ask_for_a_longer_pause():
    """The longer of our pause and the server's counts."""
    assert pause(WRITE, refusal(429, "Too Many Requests", "7")) == 7.0
    assert pause(WRITE, refusal(429, "Too Many Requests", "0.1")) == 1.0


@pytest.mark.parametrize(
    ("result", "is_throttled"), [(Reply.of(429, b""), True), (Reply.of(503, b""), True), (LOST, False)]
)
def test_throttling_is_recognised(result, is_throttled):
    """429 and 503 ask for fewer calls."""
    assert retry.is_throttled(result) is is_throttled


def test_another_server_is_asked_only_if_it_makes_no_difference():
    """A read may go elsewhere after any failure, a change only if nothing of it was sent."""
    assert retry.may_go_elsewhere(READ, LOST)
    assert retry.may_go_elsewhere(WRITE, UNSENT)
    assert not retry.may_go_elsewhere(WRITE, LOST)
    assert not retry.may_go_elsewhere(WRITE, Reply.of(503, b""))
