"""A call goes in, a reply or an error comes out."""

import logging

import pytest

from pmax.adapters.rest.messages import Failure, Reply
from pmax.domain.errors import Busy, CredentialsRejected, InvalidRequest, MalformedReply, Unavailable
from pmax.domain.settings import Timeouts
from pmax.domain.versions import UnisphereVersion
from pmax.ports.runtime import Deadline
from tests.unit.adapters.rest.doubles import LOST, READ, UNSENT, WRITE, ok, refusal, said, scripted

VERSION = ok(b'{"version": "V9.2.0.8"}')
NO_PATH = refusal(404, "there is nothing here")
NOT_TRUSTED = Failure(cause="its certificate is not trusted", is_sent=False, is_lasting=True)


def read(_dialect):
    """A call that reads."""
    return READ


def write(_dialect):
    """A call that changes."""
    return WRITE


# --- one server ------------------------------------------------------------------------------------------------------


def test_a_success_is_returned():
    """The answer has the reply, the call and the server."""
    it = scripted([ok(b'{"a": 1}')])
    answer = it.client.perform(read)
    assert (answer.reply.payload, answer.call, answer.server.endpoint) == ({"a": 1}, READ, "server0:8443")


def test_a_refusal_is_returned_once():
    """What the service refuses is not asked again, and whoever asked decides what it means."""
    it = scripted([refusal(500, "no")])
    assert it.client.perform(write).reply.message == "no"
    assert len(it.transports[0].calls) == 1


def test_a_demand_raises_the_meaning_of_a_refusal():
    """Where no refusal is expected, it is raised."""
    with pytest.raises(CredentialsRejected):
        scripted([refusal(401, "Unauthorized")]).client.demand(read)


def test_a_read_is_repeated_with_growing_pauses():
    """A read gets through after three failures, each pause twice as long as the one before."""
    it = scripted([LOST, refusal(503, "later"), Reply.of(200, b'{"cut'), ok()], versions=["V9.2.0.0"])
    it.transports[0].results.insert(1, VERSION)  # after a failure the server is asked who it is
    assert it.client.perform(read).reply.is_success
    assert it.clock.slept == [1.0, 2.0, 4.0]


def test_a_change_that_was_lost_is_not_repeated():
    """No answer to a change: it may have taken effect, and is not sent again."""
    it = scripted([LOST])
    with pytest.raises(Unavailable) as raised:
        it.client.perform(write)
    assert said(raised.value) == (Unavailable, "server0:8443", "it did not answer in time", True)
    assert it.clock.slept == []


def test_a_change_that_was_not_sent_is_repeated():
    """A refused connection did nothing, so the change may be sent again."""
    it = scripted([UNSENT, VERSION, ok()])
    assert it.client.perform(write).reply.is_success
    assert it.clock.slept == [1.0]


def test_a_change_that_could_never_be_sent_is_known_to_have_had_no_effect():
    """After all retries it is certain that nothing was sent."""
    it = scripted([UNSENT] * 4, retries=3)
    with pytest.raises(Unavailable) as raised:
        it.client.perform(write)
    assert not raised.value.sent
    assert it.clock.slept == [1.0, 2.0, 4.0]


def test_a_read_never_takes_effect():
    """A lost answer to a read leaves nothing to find out."""
    it = scripted([LOST], retries=0)
    with pytest.raises(Unavailable) as raised:
        it.client.perform(read)
    assert not raised.value.sent


def test_an_untrusted_certificate_is_said_at_once():
    """What will not pass is not tried again."""
    it = scripted([NOT_TRUSTED])
    with pytest.raises(Unavailable, match="not trusted"):
        it.client.perform(read)
    assert it.clock.slept == []


@pytest.mark.parametrize("body", [b"<html>", b'{"a": 1'])
def test_a_read_without_json_is_malformed(body):
    """After the retries, a read that gets no JSON says so."""
    it = scripted([Reply.of(200, body)] * 4)
    with pytest.raises(MalformedReply):
        it.client.perform(read)


@pytest.mark.parametrize("reply", [Reply.of(200, b'{"a": 1'), Reply.of(500, b"<html>"), Reply.of(504, b"")])
def test_a_change_with_an_answer_that_says_nothing_is_a_lost_one(reply):
    """A body that is cut, an error page, a gateway's time-out: the change may have taken effect."""
    it = scripted([reply])
    with pytest.raises(Unavailable) as raised:
        it.client.perform(write)
    assert raised.value.sent


def test_a_busy_server_is_waited_for():
    """429 is waited out as long as the server wishes, also for a change."""
    it = scripted([refusal(429, "Too Many Requests", "7"), ok()])
    assert it.client.perform(write).reply.is_success
    assert it.clock.slept == [7.0]


def test_a_server_that_stays_busy_did_nothing():
    """After the retries the caller learns that nothing was done, and in whose words."""
    it = scripted([refusal(429, "Too Many Requests")] * 4)
    with pytest.raises(Busy, match="Too Many Requests"):
        it.client.perform(write)


def test_no_pause_outlasts_the_deadline():
    """A server that wants to be left alone for an hour is given up at once."""
    it = scripted([refusal(429, "Too Many Requests", "3600")])
    with pytest.raises(Busy):
        it.client.perform(write, Deadline.after(it.clock, 60.0))
    assert it.clock.slept == []


def test_nothing_is_sent_after_the_deadline():
    """When the operation's time is up, the call is not begun."""
    it = scripted([])
    with pytest.raises(Unavailable, match="time for the operation was up") as raised:
        it.client.perform(write, Deadline.after(it.clock, 0.0))
    assert not raised.value.sent
    assert it.transports[0].calls == []


def test_time_outs_depend_on_the_class_of_the_call_and_on_what_is_left():
    """Reads and changes have their own time-outs, none longer than the operation still has."""
    it = scripted([ok(), ok(), ok()], timeouts=Timeouts(connect_s=5.0, read_s=30.0, write_s=300.0))
    it.client.perform(read)
    it.client.perform(write)
    it.client.perform(write, Deadline.after(it.clock, 2.0))
    assert it.transports[0].timeouts == [(5.0, 30.0), (5.0, 300.0), (2.0, 2.0)]


def test_each_attempt_is_told():
    """Listeners hear of every attempt: what, with which status, the how-manieth."""
    it = scripted([refusal(503, "later"), ok()])
    it.client.perform(read)
    told = [(event.verb, event.path, event.status, event.attempt) for event in it.listener.events]
    assert told == [("GET", "/92/thing", 503, 1), ("GET", "/92/thing", 200, 2)]


def test_a_call_without_answer_is_told_too():
    """No status, but an event."""
    it = scripted([LOST], retries=0)
    with pytest.raises(Unavailable):
        it.client.perform(read)
    assert [event.status for event in it.listener.events] == [None]


def test_the_log_shows_calls_and_no_bodies(caplog):
    """At debug level each call leaves one line without what was sent."""
    with caplog.at_level(logging.DEBUG, logger="pmax"):
        scripted([ok(b'{"secret": "hush"}')]).client.perform(read)
    text = "\n".join(record.getMessage() for record in caplog.records)
    assert "GET /92/thing: 200" in text
    assert "hush" not in text


def test_closing_closes_every_server():
    """No connection is left behind."""
    it = scripted([], [])
    it.client.close()
    assert [transport.is_closed for transport in it.transports] == [True, True]


# --- the version -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "number"),
    [("V9.0.0.1", 90), ("V9.1.0.5", 91), ("V9.2.0.8", 92), ("T9.2.3.4", 92), ("V10.0.0.0", 100), ("V10.2.0.1", 100)],
)
def test_the_version_is_asked_once_and_decides_the_dialect(text, number):
    """Before the first call the server tells its version, and never again."""
    seen = []

    def build(dialect):
        seen.append(dialect.version)
        return READ

    it = scripted([ok(b'{"version": "%s"}' % text.encode()), ok(), ok()], versions=[None])
    it.client.perform(build)
    it.client.perform(build)
    assert seen == [number, number]
    assert [path for _, path in it.transports[0].calls] == ["/version", "/92/thing", "/92/thing"]


@pytest.mark.parametrize("reply", [NO_PATH, refusal(405, "no"), refusal(501, "no"), Reply.of(404, b"<html>")])
def test_an_old_server_is_asked_in_the_old_way(reply):
    """A server that does not know `/version` is asked as servers before 9.1 were."""
    it = scripted([reply, ok(b'{"version": "V9.0.0.1"}'), ok()], versions=[None])
    it.client.perform(read)
    assert [path for _, path in it.transports[0].calls] == ["/version", "/90/system/version", "/92/thing"]
    assert it.client.version() == UnisphereVersion.parse("V9.0.0.1")


@pytest.mark.parametrize("text", ["V8.4.0.1", "V11.0.0.0"])
def test_a_server_of_another_age_is_refused(text):
    """A version that pmax does not know is said, with the remedy, before anything else is sent."""
    it = scripted([ok(b'{"version": "%s"}' % text.encode())], versions=[None])
    with pytest.raises(InvalidRequest, match=text):
        it.client.perform(write)
    assert len(it.transports[0].calls) == 1


@pytest.mark.parametrize("body", [b"{}", b"[]", b'{"version": 9}', b'{"version": "nine"}', b"null"])
def test_a_version_that_makes_no_sense_is_malformed(body):
    """What is no version is not guessed."""
    with pytest.raises(MalformedReply):
        scripted([ok(body)], versions=[None]).client.perform(read)


def test_credentials_are_refused_before_anything_else_is_sent():
    """The first question already shows that the user is not known."""
    it = scripted([refusal(401, "Unauthorized")], versions=[None])
    with pytest.raises(CredentialsRejected):
        it.client.perform(write)
    assert it.transports[0].calls == [("GET", "/version")]


def test_a_refusal_of_the_version_is_never_taken_for_that_of_the_call():
    """If neither form of the question is known, that is the error, and not the absence of what was asked for."""
    it = scripted([NO_PATH, NO_PATH], versions=[None])
    with pytest.raises(Exception, match="tell its version"):
        it.client.perform(read)


def test_a_lost_version_question_leaves_a_change_unsent():
    """If the server goes away before it told its version, the change was not sent."""
    it = scripted([LOST], versions=[None], retries=0)
    with pytest.raises(Unavailable) as raised:
        it.client.perform(write)
    assert not raised.value.sent


def test_a_server_that_was_away_is_asked_again():
    """It may have come back upgraded."""
    it = scripted([UNSENT, ok(b'{"version": "V10.0.0.0"}'), ok()])
    it.client.perform(read)
    assert it.client.version() == UnisphereVersion.parse("V10.0.0.0")
    assert it.client.dialect().version == 100


def test_the_version_can_be_asked_for_alone():
    """Without any other call the server is asked, too."""
    it = scripted([VERSION, VERSION], versions=[None])
    assert it.client.version() == UnisphereVersion.parse("V9.2.0.8")


# --- several servers -------------------------------------------------------------------------------------------------


def test_the_next_server_is_asked_if_the_first_is_not_there():
    """An unreachable primary costs no pause, and the next one answers."""
    it = scripted([UNSENT], [ok()])
    assert it.client.perform(write).server.endpoint == "server1:8443"
    assert it.clock.slept == []


def test_a_lost_change_never_goes_to_another_server():
    """What may have taken effect at one server is not sent to the next."""
    it = scripted([LOST], [])
    with pytest.raises(Unavailable):
        it.client.perform(write)
    assert it.transports[1].calls == []


def test_a_lost_read_goes_to_another_server():
    """A read may be asked anywhere."""
    it = scripted([LOST], [ok()])
    assert it.client.perform(read).server.endpoint == "server1:8443"


def test_the_second_server_stays_in_use_for_a_while():
    """The primary is not tried again at once, but after its time."""
    it = scripted([UNSENT, VERSION, ok()], [ok(), ok()])
    served = [it.client.perform(read).server.index for _ in range(2)]
    it.clock.now += 31.0
    served.append(it.client.perform(read).server.index)
    assert served == [1, 1, 0]


def test_if_every_server_is_away_all_are_tried_before_each_pause():
    """A pause is made when nobody answered, and all are tried again after it."""
    it = scripted([UNSENT, UNSENT], [UNSENT, VERSION, ok()])
    answer = it.client.perform(read)
    assert (answer.server.index, it.clock.slept) == (1, [1.0])


def test_each_server_is_spoken_to_in_its_own_dialect():
    """The call is built anew for the server that is to get it."""
    seen = []

    def build(dialect):
        seen.append(dialect.version)
        return READ

    it = scripted([UNSENT], [ok()], versions=["V9.0.0.1", "V10.0.0.0"])
    it.client.perform(build)
    assert seen == [90, 100]


def test_a_server_that_cannot_say_its_version_is_passed_over():
    """The next server is asked if the first goes away during the introduction."""
    it = scripted([LOST], [VERSION, ok()], versions=[None, None])
    assert it.client.perform(write).server.index == 1


def test_what_only_one_server_knows_is_asked_only_there():
    """Jobs and iterators are not looked for elsewhere."""
    it = scripted([ok()], [UNSENT])
    with pytest.raises(Unavailable):
        it.client.perform(read, Deadline.after(it.clock, 0.5), server=it.client._servers[1])
    assert it.transports[0].calls == []
