"""What a refusal means."""

import pytest

from pmax.adapters.rest.messages import Call, Reply, Subject
from pmax.adapters.rest.status import error_of, error_of_job, is_absent
from pmax.domain.errors import (
    AlreadyExists,
    ArrayRejected,
    CredentialsRejected,
    InUse,
    JobFailed,
    NotFound,
)
from tests.unit.adapters.rest.doubles import refusal, said

ARRAY = "000197900123"
GROUP = Subject(kind="storage group", name="gold", array_id=ARRAY)
VOLUME = Subject(kind="volume", name="0012F", array_id=ARRAY)
TAKEN = "The initiator 10000090fa5e1a04 is already in use in another Initiator Group"


def call(verb="PUT", subject=GROUP):
    """A call about the subject."""
    return Call(verb=verb, path="/92/x", subject=subject, operation="change it")


def meaning(status, message, verb="PUT", subject=GROUP):
    """What the error says that a refusal becomes."""
    return said(error_of(call(verb, subject), refusal(status, message), "u:8443"))


@pytest.mark.parametrize(
    ("subject", "message"),
    [
        (GROUP, f"Storage Group [gold] on Symmetrix [{ARRAY}] cannot be found"),
        (GROUP, "The storage group GOLD does not exist"),
        (VOLUME, "Could not find volume"),
        (VOLUME, f"Could not find volume [0012F] on Symmetrix [{ARRAY}]"),
    ],
)
def test_a_404_in_the_services_words_is_absence(subject, message):
    """404 with a text about that very object says that it does not exist."""
    assert is_absent(call("GET", subject), refusal(404, message))


@pytest.mark.parametrize(
    "reply",
    [
        Reply.of(404, b"<html>no such page</html>"),
        Reply.of(404, b""),
        Reply.of(404, b'{"error": "not found"}'),
        refusal(404, "Version [94] is not supported"),
        refusal(401, "gold cannot be found"),
        refusal(403, "gold cannot be found"),
        refusal(500, "gold cannot be found"),
        refusal(503, "gold cannot be found"),
        Reply.of(200, b"{}"),
    ],
)
def test_nothing_else_is_absence(reply):
    """A proxy's 404, a wrong version, a refusal and a failure say nothing about the object."""
    assert not is_absent(call("GET"), reply)


@pytest.mark.parametrize(
    "message", [f"Symmetrix [{ARRAY}] cannot be found", f"Array {ARRAY} does not exist", f"Could not find {ARRAY}"]
)
@pytest.mark.parametrize("name", ["gold", "00012", "123", "x", "Sym"])
def test_an_unknown_array_is_not_an_absent_object(message, name):
    """404 about the array is an error, even if its serial looks as if it named the object."""
    subject = Subject(kind="volume", name=name, array_id=ARRAY)
    with pytest.raises(NotFound) as raised:
        is_absent(call("GET", subject), refusal(404, message))
    assert (raised.value.kind, raised.value.name) == ("array", ARRAY)


@pytest.mark.parametrize("status", [401, 403])
def test_rejected_credentials_are_recognised(status):
    """401 and 403 name the server and keep its text."""
    assert meaning(status, "Unauthorized") == (CredentialsRejected, "u:8443", status, "Unauthorized")


def test_a_forbidden_change_of_an_object_is_about_the_object():
    """403 with the array's words about an object is a conflict, not a matter of credentials."""
    error = meaning(403, "The device is a member of a storage group", "DELETE", VOLUME)
    assert error == (InUse, "volume", "0012F", "a storage group")


@pytest.mark.parametrize(
    ("status", "message"),
    [(409, "The requested storage group resource already exists"), (500, "x already exists"), (409, "conflict")],
)
def test_what_exists_already_is_recognised(status, message):
    """By its text or by 409."""
    assert meaning(status, message, "POST") == (AlreadyExists, "storage group", "gold")


def test_a_conflict_of_a_deletion_is_no_existence():
    """409 to a DELETE cannot mean that something exists already."""
    assert meaning(409, "it is needed", "DELETE")[0] is ArrayRejected


@pytest.mark.parametrize(
    ("message", "kind", "name"),
    [
        (f"Storage Group [silver] on Symmetrix [{ARRAY}] cannot be found", "storage group", "silver"),
        ("A problem occurred creating the masking view resource: Host [h1] cannot be found", "initiator group", "h1"),
        (f"A problem occurred: Could not find volume [0012F]: it cannot be found on {ARRAY}", "volume", "0012F"),
        (
            "Port Group/Initiator Group/Storage Group [p] cannot be found",
            "port group/initiator group/storage group",
            "p",
        ),
        (f"Symmetrix [{ARRAY}] cannot be found", "array", ARRAY),
        ("The specified thing does not exist", "storage group", "gold"),
        ("Gadget [x] cannot be found", "storage group", "gold"),
    ],
)
def test_what_is_missing_is_named(message, kind, name):
    """The array's words tell which object is missing; where they do not, it is the subject of the call."""
    assert meaning(500, message) == (NotFound, kind, name)


def test_a_taken_initiator_is_named():
    """An initiator of another group is in use."""
    assert meaning(500, TAKEN, "POST") == (InUse, "initiator", "10000090fa5e1a04", "another initiator group")


def test_a_taken_initiator_without_a_name_is_the_subject():
    """Where the array does not name the initiator, the group that was to get it is named."""
    text = "An initiator is already in use in another Initiator Group"
    assert meaning(500, text, "POST") == (InUse, "initiator", "of gold", "another initiator group")


def test_a_volume_that_came_back_into_its_group_once_failed_an_attach():
    """A volume that is managed by another group meanwhile is a conflict, so that the operation is planned anew."""
    text = "A problem occurred: Device 0000D is already in the FAST managed storage group OS-SRP_1-Gold-NONE-SG"
    assert meaning(500, text) == (InUse, "volume", "0000D", "storage group OS-SRP_1-Gold-NONE-SG")


def test_any_other_refusal_keeps_the_arrays_text():
    """What is not known is passed on unchanged."""
    text = "A problem occurred modifying the storage group resource: Device 0012F is already in the storage group"
    assert meaning(500, text) == (ArrayRejected, "change it", 500, None, text)


def test_a_refusal_without_a_text_shows_its_body():
    """The page of something in between is shown as it is."""
    error = error_of(call(), Reply.of(418, b"I am a teapot"), "u:8443")
    assert said(error) == (ArrayRejected, "change it", 418, None, "I am a teapot")


def test_a_failed_job_means_what_its_text_means():
    """The array's words mean the same in the result of a job."""
    assert said(error_of_job(call(), "17", TAKEN)) == (
        InUse,
        "initiator",
        "10000090fa5e1a04",
        "another initiator group",
    )
    assert said(error_of_job(call(), "17", "no space")) == (JobFailed, "17", "change it", "no space")
