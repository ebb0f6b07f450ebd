"""Faults out of YAML files, and what is said about files that are wrong."""

import attrs
import pytest

from pmax.simulator.fault_conditions import ExpireIterator, LimitInFlight, TakeDown
from pmax.simulator.fault_effects import (
    CutBody,
    Delay,
    Drop,
    Effect,
    FailJob,
    Garbage,
    HangJob,
    Intervene,
    Refuse,
    TimeOut,
    Unsettle,
)
from pmax.simulator.fault_files import EFFECTS, FaultsFileError, read_faults
from pmax.simulator.faults import Fault

EVERYTHING = """
faults:
  - name: throttled
    verb: POST
    path: storagegroup
    path_regex: "a|b"
    nth: 2-4
    body: x
    client: PyU4V
    unisphere: unisphere
    refuse: {status: 429, message: busy, headers: {Retry-After: "5"}}
  - refuse: {body: {a: 1}}
  - time_out: {is_applied: true, hold_s: 2.5}
  - drop: {is_applied: false}
  - cut_body:
  - garbage: {text: "%", content_type: text/plain}
  - {nth: every, delay: {seconds: 3}}
  - fail_job: {text: full, is_applied: true}
  - hang_job: true
  - unsettle: {what: pair, reads: 3}
  - expire_iterator: {}
  - limit_in_flight: {calls: 4, status: 503, retry_after_s: 2}
  - take_down: {array: "000197900999", port: "FA-1D:4", seconds: 9, is_after: true}
  - take_down: {link: ["000197900999", "000197900998"]}
"""


@pytest.fixture
def read(tmp_path):
    """Read faults out of a text."""

    def read_text(text):
        path = tmp_path / "faults.yaml"
        path.write_text(text)
        return read_faults(path)

    return read_text


def test_everything_can_be_written(read):
    """Each field of a fault and each effect can be written in a file."""
    faults = read(EVERYTHING)
    assert faults[0] == Fault(
        name="throttled",
        verb="POST",
        path="storagegroup",
        path_regex="a|b",
        nth="2-4",
        body="x",
        client="PyU4V",
        unisphere="unisphere",
        effect=Refuse(status=429, message="busy", headers={"Retry-After": "5"}),
    )
    assert [fault.effect for fault in faults[1:]] == [
        Refuse(body={"a": 1}),
        TimeOut(is_applied=True, hold_s=2.5),
        Drop(is_applied=False),
        CutBody(),
        Garbage(text="%", content_type="text/plain"),
        Delay(seconds=3),
        FailJob(text="full", is_applied=True),
        HangJob(),
        Unsettle(what="pair", reads=3),
        ExpireIterator(),
        LimitInFlight(calls=4, status=503, retry_after_s=2),
        TakeDown(array="000197900999", port="FA-1D:4", seconds=9, is_after=True),
        TakeDown(link=("000197900999", "000197900998")),
    ]
    assert faults[6].nth == "every"


def _kinds(parent):
    for kind in parent.__subclasses__():
        yield kind
        yield from _kinds(kind)


def test_no_effect_is_forgotten():
    """Every effect has a key, but for the one that wants a function."""
    named = set(EFFECTS.values())
    public = {
        kind for kind in _kinds(Effect) if not kind.__name__.startswith("_") and kind.__module__.startswith("pmax.")
    }
    assert public - named == {Intervene}
    assert all(attrs.has(kind) for kind in named)


def test_empty_list(read):
    """A file may hold no faults."""
    assert read("faults: []") == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "faults.yaml: it must hold the key faults, and no other"),
        ("faults: []\nmore: 1", "faults.yaml: it must hold the key faults, and no other"),
        ("faults: {}", "faults.yaml: faults: must be a list"),
        ("faults: [1]", "faults.yaml: fault 1: must be an object"),
        ("faults: [{1: 2}]", "faults.yaml: fault 1: must be an object"),
        ("faults: [{cut_body: }, {name: b}]", "faults.yaml: fault 2 (b): must have exactly one of refuse, "),
        ("faults: [{cut_body: , drop: }]", "faults.yaml: fault 1: must have exactly one of refuse, "),
        ("faults: [{cut_body: , vreb: GET}]", "faults.yaml: fault 1: unknown field vreb; there are verb, path, "),
        ("faults: [{cut_body: , verb: 1}]", "faults.yaml: fault 1, verb: must be a text, not 1"),
        ("faults: [{cut_body: , nth: never}]", "faults.yaml: fault 1, nth: must be a number from 1 on, every, 3+"),
        ("faults: [{cut_body: , path_regex: '('}]", "faults.yaml: fault 1, path_regex: must be a regular expression"),
        ("faults: [{cut_body: 5}]", "faults.yaml: fault 1, cut_body: must be an object, not 5"),
        ("faults: [{cut_body: {at: 5}}]", "faults.yaml: fault 1, cut_body: unknown field at; there are none"),
        ("faults: [{refuse: {state: 5}}]", "faults.yaml: fault 1, refuse: unknown field state; there are status, "),
        ("faults: [{refuse: {status: 5000}}]", "faults.yaml: fault 1, refuse.status: must be a whole number from 200"),
        ("faults: [{refuse: {headers: {A: 5}}}]", "faults.yaml: fault 1, refuse.headers: must be names of headers"),
        ("faults: [{delay: }]", "faults.yaml: fault 1, delay.seconds: is missing"),
        ("faults: [{delay: {seconds: soon}}]", "faults.yaml: fault 1, delay.seconds: must be a number of seconds"),
        ("faults: [{unsettle: {what: it, reads: 1}}]", "faults.yaml: fault 1, unsettle.what: must be one of job, "),
        ("faults: [{unsettle: {what: link}}]", "faults.yaml: fault 1, unsettle.seconds: must be given, or reads"),
        ("faults: [{take_down: {}}]", "faults.yaml: fault 1, take_down.unisphere: must be given, or array or link"),
        ("faults: [{cut_body: , verb: A, verb: B}]", "faults.yaml: it is not YAML: verb is there twice"),
        ("faults: [", "faults.yaml: it is not YAML: while parsing"),
        ("faults: !!python/object/apply:os.getcwd []", "faults.yaml: it is not YAML: could not determine a constr"),
    ],
)
def test_mistakes_are_named(read, text, message):
    """A mistake is reported with file, fault and field."""
    with pytest.raises(FaultsFileError) as raised:
        read(text)
    assert message in str(raised.value)


def test_other_encodings(tmp_path):
    """A file that is no UTF-8 is refused."""
    path = tmp_path / "faults.yaml"
    path.write_bytes(b"faults: \xff")
    with pytest.raises(FaultsFileError, match="not UTF-8"):
        read_faults(path)
