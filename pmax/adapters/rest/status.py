"""Refusals in the service's words → errors of the domain.

Most refusals of a real array come with HTTP status 500 and a text; the key words are those of unisphere-rest.md 2.3.
The same texts come in the result of a failed job, and mean the same there. A text that is not known here is passed on
unchanged.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Final

from pmax.adapters.rest.messages import DELETE, Call, Reply, Subject
from pmax.domain.errors import (
    AlreadyExists,
    ArrayRejected,
    CredentialsRejected,
    InUse,
    JobFailed,
    LimitReached,
    NotFound,
    PmaxError,
    StillInUse,
    TooSmall,
)

_ABSENT: Final = re.compile(
    r"cannot be found|could not find|does not exist|no snapshot named found|no snapshot was found"
    r"|no srdf records found",
    re.IGNORECASE,
)
#: Rule 1: somebody put the volume into that group, or gave the group its name back, since it was read.
_MANAGED_ALREADY: Final = re.compile(
    r"device \[?([0-9A-F]{5})\]? is already in the FAST managed storage group \[?([^\s\]]+)", re.IGNORECASE
)
_EXISTS: Final = re.compile(r"already exists", re.IGNORECASE)
_INITIATOR_TAKEN: Final = "is already in use in another Initiator Group"
_INITIATOR: Final = re.compile(r"\b(?:[0-9a-f]{16}|(?:iqn|nqn)\.[^\s,\[\]\"']+)", re.IGNORECASE)
_IN_A_GROUP: Final = re.compile(r"device is a member of a storage group", re.IGNORECASE)
#: Rule 13: somebody took the volume out, or moved it, since it was read.
_NOT_A_MEMBER: Final = re.compile(r"is not in the storage group", re.IGNORECASE)
#: `Storage Group [x] on Symmetrix [000197900123] cannot be found`: the last name in brackets before the key words, the
#: array's own apart, is that of what is missing.
_NAMED_BEFORE: Final = re.compile(r"([A-Za-z][A-Za-z /]*?) ?\[([^\[\]]+)\](?: on Symmetrix \[[^\[\]]*\])?[^\[\]]*?$")
#: `Could not find volume [0012F] ...` says it the other way round.
_NAMED_AFTER: Final = re.compile(r"could not find (?:the )?([A-Za-z][A-Za-z /]*?) ?\[([^\[\]]+)\]", re.IGNORECASE)

_TOO_MANY_SESSIONS: Final = re.compile(r"maximum number of sessions has been exceeded", re.IGNORECASE)
#: The words are assumed; where a real array has others, the refusal is passed on as it is.
_TOO_SMALL: Final = re.compile(r"is smaller than the snapshot", re.IGNORECASE)
_NOT_COPIED: Final = re.compile(r"link must be fully copied", re.IGNORECASE)

_BRACKETED: Final = re.compile(r"\[([^\[\]]+)\]")

_KINDS: Final = {
    "storage group": "storage group",
    "masking view": "masking view",
    "port group": "port group",
    "host": "initiator group",
    "initiator group": "initiator group",
    "symmetrix": "array",
    "array": "array",
    "volume": "volume",
    "device": "volume",
    "snapshot": "snapshot",
    "rdf group": "RDF group",
    "srdf group": "RDF group",
}

#: Older code refuses to delete a volume whose tracks are allocated (unisphere-rest.md 2.3 and rule 22).
FREE_FIRST: Final = "A free of all allocations is required"


def is_absent(call: Call, reply: Reply) -> bool:
    """Whether the service says of the very object of a call that it does not exist.

    A 404 says so only in the service's own words: a wrong serial, a proxy or a path of another version answer 404 too,
    and then nothing is known about the object.

    Raises:
        NotFound: the array itself is not known.
    """
    if reply.status != HTTPStatus.NOT_FOUND or reply.message is None:
        return False
    subject, text = call.subject, reply.message
    if _names(text, subject):
        return True
    if subject.array_id and subject.array_id in text and _ABSENT.search(text):
        missing = _error_in(text, subject)
        is_other = isinstance(missing, NotFound) and missing.name not in {subject.array_id, subject.name}
        raise missing if is_other and missing is not None else NotFound("array", subject.array_id)
    return _ABSENT.search(text) is not None


def _names(text: str, subject: Subject) -> bool:
    """Whether a text names the subject: in brackets if it brackets anything, else as a word of its own."""
    if not subject.name:
        return False
    bracketed = _BRACKETED.findall(text)
    if bracketed:
        return subject.name.lower() in (name.lower() for name in bracketed if name != subject.array_id)
    return re.search(rf"(?<![\w-]){re.escape(subject.name)}(?![\w-])", text, re.IGNORECASE) is not None


def error_of(call: Call, reply: Reply, endpoint: str) -> PmaxError:
    """What a refusal means.

    Args:
        call: what was asked.
        reply: anything but a success.
        endpoint: host and port of the server.
    """
    text = reply.text
    if reply.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        # A refusal to touch an object may come as 403 too; then it says so (unisphere-rest.md 2.3).
        known = _error_in(text, call.subject) if reply.status == HTTPStatus.FORBIDDEN else None
        return known or CredentialsRejected(endpoint, reply.status, text)
    if reply.message is not None:
        known = _error_in(text, call.subject)
        if known is None and reply.status == HTTPStatus.CONFLICT and call.verb != DELETE:
            known = AlreadyExists(call.subject.kind, call.subject.name)
        if known is not None:
            return known
    return ArrayRejected(call.operation, reply.status, reply.code, text)


def error_of_job(call: Call, job_id: str, result: str) -> PmaxError:
    """What the result of a failed job means.

    Args:
        call: what was asked.
        job_id: of the job that did it.
        result: the job's own text.
    """
    return _error_in(result, call.subject) or JobFailed(job_id, call.operation, result)


def _error_in(text: str, subject: Subject) -> PmaxError | None:
    in_use = _in_use(text, subject)
    if in_use is not None:
        return in_use
    if _NOT_A_MEMBER.search(text):
        return NotFound("volume in storage group", subject.name)
    if _EXISTS.search(text):
        return AlreadyExists(subject.kind, subject.name)
    absent = _ABSENT.search(text)
    if absent is None:
        return _error_of_sessions(text, subject)
    named = _NAMED_AFTER.search(text) or _NAMED_BEFORE.search(text[: absent.start()])
    kind = _kind_of(named[1]) if named else None
    return NotFound(kind, named[2]) if named and kind else NotFound(subject.kind, subject.name)


def _in_use(text: str, subject: Subject) -> InUse | None:
    """What the array refuses because something is in use."""
    if _INITIATOR_TAKEN.lower() in text.lower():
        return InUse("initiator", _initiator_in(text) or f"of {subject.name}", "another initiator group")
    if _IN_A_GROUP.search(text):
        return InUse(subject.kind, subject.name, "a storage group")
    managed = _MANAGED_ALREADY.search(text)
    return InUse("volume", managed[1], f"storage group {managed[2]}") if managed else None


def _error_of_sessions(text: str, subject: Subject) -> PmaxError | None:
    """What SnapVX refuses."""
    if _TOO_MANY_SESSIONS.search(text):
        return LimitReached(subject.kind, subject.name, "as many SnapVX sessions as the array allows")
    if _TOO_SMALL.search(text):
        return TooSmall(subject.kind, subject.name, text)
    if _NOT_COPIED.search(text):
        return StillInUse(subject.kind, subject.name, "a copy that is still under way")
    return None


def _kind_of(words: str) -> str | None:
    """The kind that a phrase ends with, in our words: the array's sentences begin in many ways."""
    lower = words.strip().lower()
    if "/" in lower:
        # "Port Group/Initiator Group/Storage Group [x]": the array does not say which of them.
        return lower
    longest_first = sorted(_KINDS, key=len, reverse=True)
    return next((_KINDS[kind] for kind in longest_first if lower.endswith(kind)), None)


def _initiator_in(text: str) -> str | None:
    """The initiator that a sentence of the array names, wherever it stands (where it stands is assumed)."""
    named = _INITIATOR.search(text)
    return named[0] if named else None
