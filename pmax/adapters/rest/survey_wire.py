"""What lists of directors, ports and jobs say beside what operations read of them.

Each function takes a JSON object and gives values of the domain; whatever does not fit is raised as `TypeError`,
`KeyError` or `ValueError`, and `checked` names the place. Source: unisphere-rest.md 3.2, 6.11.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from pmax.adapters.rest import fields as read
from pmax.domain.arrays import Feature
from pmax.domain.errors import InvalidRequest, MalformedReply
from pmax.domain.survey import ArrayJob, Director

T = TypeVar("T")

_MS_PER_S = 1000
_GOOD_WORD = "online"


def checked(place: str, make: Callable[[], T]) -> T:
    """Make a value, or say what does not fit.

    Raises:
        MalformedReply: something does not.
    """
    try:
        return make()
    except KeyError as error:
        raise MalformedReply(place, (f"{error.args[0]!r} is missing",)) from error
    except (TypeError, ValueError, InvalidRequest) as error:
        raise MalformedReply(place, (str(error),)) from error


def features_of(reply: object, array_id: str) -> frozenset[Feature] | None:
    """What an array is licensed for (6.15); None if it is not in the list."""
    for entry in _list(_object(reply).get("symmetrixCapability") or []):
        body = _object(entry)
        if body.get("symmetrixId") == array_id:
            keys = {Feature.SNAPVX: "snapVxCapable", Feature.SRDF: "rdfCapable"}
            return frozenset(feature for feature, key in keys.items() if read.lenient_boolean(body.get(key) or False))
    return None


def port_keys(reply: object) -> tuple[object, ...]:
    """The ports of a list, each as JSON."""
    return tuple(_list(_object(reply).get("symmetrixPortKey") or []))


def director(reply: object) -> Director:
    """A director."""
    body = _object(reply)
    return Director(
        director_id=read.text(body["directorId"]),
        is_online=read.text(body["availability"]).lower() == _GOOD_WORD,
        port_count=read.lenient_integer(body.get("num_of_ports") or 0),
    )


def job(reply: object) -> ArrayJob:
    """A job; tasks may be absent until it runs."""
    body = _object(reply)
    changed_ms = body.get("last_modified_date_milliseconds")
    return ArrayJob(
        job_id=read.text(body["jobId"]),
        name=read.text(body.get("name") or ""),
        status=read.text(body["status"]),
        username=read.text(body.get("username") or ""),
        changed_at_s=read.lenient_integer(changed_ms) / _MS_PER_S if changed_ms else None,
        result=read.text(body.get("result") or ""),
        tasks=tuple(read.text(_object(task).get("description") or "") for task in _list(body.get("task") or [])),
    )


def _object(value: object) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise read.expected("an object", value)
    return value


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise read.expected("a list", value)
    return value
