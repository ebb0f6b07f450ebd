"""A reply is read without guessing."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmax.adapters.rest.messages import Call, Reply, Subject

TEXTS = st.text(
    st.characters(codec=None, categories=["L", "N", "Cc", "Cs", "So"]) | st.sampled_from("\\\x1b\r\n\ud800\udc00")
)


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


@given(texts=st.dictionaries(TEXTS, st.lists(TEXTS)), ensure_ascii=st.booleans(), status=st.sampled_from([200, 500]))
def test_what_an_array_says_can_be_shown_and_stored(texts, ensure_ascii, status):
    """No name or message carries half a surrogate, which is no UTF-8, or a sequence that a terminal would obey."""
    content = json.dumps({"message": "".join(texts), **texts}, ensure_ascii=ensure_ascii).encode(
        "utf-8", "surrogatepass"
    )
    reply = Reply.of(status, content)
    shown = reply.text + str(reply.payload)
    shown.encode()
    said = [reply.text, *(reply.payload or ()), *(text for item in (reply.payload or {}).values() for text in item)]
    assert all(letter.isprintable() or letter.isspace() or letter > "\x9f" for text in said for letter in text)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (rb'{"message": "a\ud83d\ude00b"}', "a\N{GRINNING FACE}b"),
        (rb'{"message": "a\\u001b"}', r"a\u001b"),
        (rb'{"message": "a\u001b[2Jb"}', "a\ufffd[2Jb"),
        (rb'{"message": "a\r\nb\tc"}', "a\nb\tc"),
    ],
)
def test_only_what_cannot_be_shown_is_replaced(body, message):
    """Letters of every script, lines and tabulators stay."""
    assert Reply.of(500, body).message == message
