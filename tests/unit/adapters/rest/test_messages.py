"""A reply is read without guessing."""

import pytest

from pmax.adapters.rest.messages import Call, Reply, Subject


@pytest.mark.parametrize("body", [b"<html>503</html>", b'{"message": ', b"\xff\xfe\xfd", b"[" * 100_000, b"9" * 5000])
def test_a_body_that_is_no_json_is_told_apart(body):
    """Whatever is not JSON, cannot be decoded or is nested absurdly deep is no JSON, and no exception."""
    reply = Reply.of(500, body)
    assert (reply.is_json, reply.payload, reply.message) == (False, None, None)


def test_an_empty_body_can_be_read():
    """A reply without a body is complete: DELETE answers so."""
    assert Reply.of(204, b"").is_readable


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"message": "no"}', "no"),
        (b'{"message": ""}', None),
        (b'{"message": 3}', None),
        (b'{"error": "no"}', None),
        (b"[1]", None),
        (b"null", None),
    ],
)
def test_only_the_services_own_text_is_a_message(body, message):
    """The text of a refusal is the value of `message`, if that is a text."""
    assert Reply.of(500, body).message == message


@pytest.mark.parametrize(
    ("body", "code"), [(b'{"errorCode": 17}', "17"), (b'{"errorCode": "A1"}', "A1"), (b'{"errorCode": true}', None)]
)
def test_an_error_code_is_kept_as_text(body, code):
    """The service's own error code is passed on, be it a number or a text."""
    assert Reply.of(500, body).code == code


@pytest.mark.parametrize(
    ("status", "body", "text"),
    [
        (500, b'{"message": "no"}', "no"),
        (502, b" Bad gateway \n", "Bad gateway"),
        (503, b"", "Service Unavailable"),
        (599, b"", "HTTP status 599"),
    ],
)
def test_there_is_always_some_text(status, body, text):
    """A refusal without the service's text shows the beginning of its body, or the name of its status."""
    assert Reply.of(status, body).text == text


def test_a_long_error_page_is_cut():
    """The page of a proxy does not fill the log."""
    assert len(Reply.of(502, b"x" * 10_000).text) == 500


def test_a_call_without_body_sends_none():
    """No body is no text, and not an empty object."""
    call = Call(verb="DELETE", path="/x", subject=Subject(kind="x", name="x"), operation="x")
    assert call.body_text == ""
    assert not call.is_read
