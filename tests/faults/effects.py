"""What goes wrong at a call: faults of the service, of the network, of jobs, and other people's changes.

A new effect is a row of a table, and meets every operation at every call.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from itertools import pairwise

import attrs

from pmax.simulator import CutBody, Drop, FailJob, Fault, Garbage, HangJob, Intervene, Refuse, TimeOut
from pmax.simulator.fault_effects import Effect
from pmax.simulator.wire import Request
from tests.faults.bystanders import FINANCE_GROUP, INTRUDER, add_to_group, device_called
from tests.faults.facts import Fact, facts_of
from tests.stage import ARRAY, Stage

Faults = Callable[[int], tuple[Fault, ...]]


def _once(effect: Effect) -> Faults:
    return lambda number: (Fault(effect=effect, nth=number),)


def _from_then_on(first: Effect) -> Faults:
    """Let something happen at a call, and nothing be reachable afterwards."""
    gone = Drop(is_applied=False)
    return lambda number: (Fault(effect=first, nth=number), Fault(effect=gone, nth=f"{number + 1}+"))


#: What goes wrong by itself. Effects on jobs count only the calls that begin one.
EFFECTS: Mapping[str, Faults] = {
    "refused 401": _once(Refuse(status=401)),
    "refused 429": _once(Refuse(status=429, headers={"Retry-After": "1"})),
    "refused 500": _once(Refuse(status=500)),
    "refused 503": _once(Refuse(status=503)),
    "reset before the change": _once(Drop(is_applied=False)),
    "answer lost": _once(Drop(is_applied=True)),
    "time-out before the change": _once(TimeOut(is_applied=False)),
    "time-out after the change": _once(TimeOut(is_applied=True)),
    "body cut": _once(CutBody()),
    "garbage": _once(Garbage()),
    "job fails": _once(FailJob()),
    "job fails after all": _once(FailJob(is_applied=True)),
    "job never ends": _once(HangJob()),
    "gone from then on": _from_then_on(Drop(is_applied=False)),
    "answer lost, then gone": _from_then_on(Drop(is_applied=True)),
}


def _first_gone(first: Effect) -> Faults:
    """Let something happen at a call, and the first of two Unispheres be gone from then on."""

    def faults(number: int) -> tuple[Fault, ...]:
        at = Fault(effect=first, nth=number, unisphere="unisphere")
        return (at, Fault(effect=Drop(is_applied=False), nth=f"{number + 1}+", unisphere="unisphere"))

    return faults


#: What goes wrong where there are two Unispheres.
EFFECTS_ON_TWO: Mapping[str, Faults] = {
    "first Unisphere gone from then on": _first_gone(Drop(is_applied=False)),
    "answer lost, first Unisphere gone": _first_gone(Drop(is_applied=True)),
}

ENDLESS = frozenset({"job never ends"})
#: How a group is called that somebody has renamed.
TAKEN = "-taken"


@attrs.frozen
class Place:
    """What a request is about.

    Attributes:
        storage_group: that its path or its body names; None for none.
        masking_view: likewise.
        host: likewise.
        volume: a device id, likewise.
    """

    storage_group: str | None = None
    masking_view: str | None = None
    host: str | None = None
    volume: str | None = None

    @classmethod
    def of(cls, request: Request) -> Place:
        """Read it out of a request."""
        segments = [segment for segment in request.path.split("/") if segment]
        if str(ARRAY) not in segments:
            return cls()
        after = dict(pairwise(segments))
        volumes = _volumes_in(json.loads(request.body)) if request.body else []
        return cls(
            storage_group=after.get("storagegroup"),
            masking_view=after.get("maskingview"),
            host=after.get("host"),
            volume=after.get("volume") or (volumes[0] if volumes else None),
        )


def _volumes_in(body: object) -> list[str]:
    """Device ids below any key that ends in `volumeId`, or the like."""
    found: list[str] = []
    if isinstance(body, Mapping):
        for key, value in body.items():
            if str(key).lower() in {"volumeid", "volumename"} and isinstance(value, list):
                found += [str(each) for each in value if isinstance(each, str)]
            else:
                found += _volumes_in(value)
    elif isinstance(body, list):
        for value in body:
            found += _volumes_in(value)
    return found


@attrs.frozen
class Interference:
    """A change of somebody else to the very object that a request is about.

    Attributes:
        concerns: whether it can happen to such an object.
        change: makes it; the object may be gone, and then nothing happens.
    """

    concerns: Callable[[Place], object]
    change: Callable[[Stage, Place], None]

    def faults(self, stage: Stage, number: int, added: set[Fact]) -> tuple[Fault, ...]:
        """Let it happen just before a call; the facts that it adds to those of the array are put into `added`."""

        def act(request: Request) -> None:
            before = facts_of(stage.simulator)
            self.change(stage, Place.of(request))
            added.update(facts_of(stage.simulator) - before)

        return (Fault(effect=Intervene(action=act), nth=number),)


def _join_group(stage: Stage, place: Place) -> None:
    if place.storage_group in stage.array.storage_groups:
        add_to_group(stage, str(place.storage_group), device_called(stage, INTRUDER))


def _leave_view(stage: Stage, place: Place) -> None:
    if place.masking_view in stage.array.masking_views:
        stage.session().delete(f"{stage.rest}/sloprovisioning/symmetrix/{ARRAY}/maskingview/{place.masking_view}")


def _rename_group(stage: Stage, place: Place) -> None:
    if place.storage_group in stage.array.storage_groups:
        stage.rename_group(str(place.storage_group), f"{place.storage_group}{TAKEN}")


def _join_host(stage: Stage, place: Place) -> None:
    if place.host in stage.array.hosts:
        body = {"editHostActionParam": {"addInitiatorParam": {"initiator": ["iqn.1994-05.com.example:intruder"]}}}
        stage.session().put(f"{stage.rest}/sloprovisioning/symmetrix/{ARRAY}/host/{place.host}", json=body)


def _grow_volume(stage: Stage, place: Place) -> None:
    volume = stage.array.volumes.get(str(place.volume))
    if volume is not None:
        stage.array.update_volume(volume.volume_id, cylinders=volume.cylinders + 5000)


def _share_volume(stage: Stage, place: Place) -> None:
    if place.volume in stage.array.volumes:
        add_to_group(stage, FINANCE_GROUP, str(place.volume))


def _about(field: str) -> Callable[[Place], object]:
    return lambda place: getattr(place, field)


#: What somebody else does to the object of a call, just before it.
INTERFERENCES: Mapping[str, Interference] = {
    "somebody's volume joins the group": Interference(_about("storage_group"), _join_group),
    "somebody renames the group": Interference(_about("storage_group"), _rename_group),
    "somebody deletes the view": Interference(_about("masking_view"), _leave_view),
    "somebody adds an initiator": Interference(_about("host"), _join_host),
    "somebody extends the volume": Interference(_about("volume"), _grow_volume),
    "somebody uses the volume too": Interference(_about("volume"), _share_volume),
}


def faults_of(effect: str, stage: Stage, number: int, added: set[Fact]) -> tuple[Fault, ...]:
    """What to add to the simulator so that an effect happens at a call; `added` gets what somebody else adds."""
    if effect in INTERFERENCES:
        return INTERFERENCES[effect].faults(stage, number, added)
    return {**EFFECTS, **EFFECTS_ON_TWO}[effect](number)


ALL_EFFECTS = (*EFFECTS, *EFFECTS_ON_TWO, *INTERFERENCES)
