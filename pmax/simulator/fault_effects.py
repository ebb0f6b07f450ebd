"""What a fault does to one request and its answer. What changes the world around them is in `fault_conditions`.

An effect is told before the request is carried out, may decide over the fate of what the request begins, and sees the
answer afterwards. None of that happens under the lock of the world.
"""

import json
from collections.abc import Callable
from typing import Any, ClassVar

import attrs

from pmax.simulator import fault_values as values
from pmax.simulator.fault_values import WrongField
from pmax.simulator.front import Front
from pmax.simulator.pace import AfterReads, AfterSeconds, Pace
from pmax.simulator.site import Site
from pmax.simulator.state.service_records import Fate, Settling
from pmax.simulator.wire import Delivery, JsonObject, Request, Response

_LONG_S = 300.0
_FIRST_STATUS, _LAST_STATUS = 200, 599


@attrs.frozen(kw_only=True)
class Moment:
    """The request that a fault meets.

    Attributes:
        application: the Unisphere that is asked.
        simulator: all that there is.
        matches: says whether another request is one that the same fault is about.
    """

    request: Request
    application: Front
    simulator: Site
    matches: Callable[[Request], bool]


@attrs.frozen
class Effect:
    """Something that goes wrong; effects override what they are about.

    Attributes:
        usual_turns: at which of the matching requests it happens unless a fault says otherwise.
    """

    usual_turns: ClassVar[str] = "1"

    def check(self, simulator: Site) -> None:
        """Refuse what cannot happen in this simulator.

        Raises:
            ValueError: it names something that is not there.
        """

    def concerns(self, moment: Moment) -> bool:
        """Say whether it could happen to a request at all; others do not count as matches."""
        return True

    def before(self, moment: Moment) -> Response | None:
        """Return the answer of a request that shall not be carried out, or None to let it pass."""
        return None

    @property
    def fate(self) -> Fate:
        """What becomes of that which the request begins."""
        return Fate()

    def after(self, moment: Moment, response: Response) -> Response:
        """Return what the client gets instead of a response, or the response itself."""
        return response


@attrs.frozen(kw_only=True)
class Refuse(Effect):
    """Answer with an error; nothing is changed.

    Attributes:
        message: what the body says, in the form of the service.
        body: the whole body instead: a JSON object, or a text that is sent as it is.
        headers: besides the usual ones, such as `Retry-After`.
    """

    status: int = attrs.field(default=500, validator=values.whole(_FIRST_STATUS, _LAST_STATUS))
    message: str = attrs.field(default="The simulator was told to refuse this request", validator=values.text)
    body: JsonObject | str | None = attrs.field(default=None)
    headers: dict[str, str] = attrs.field(factory=dict, validator=values.header_texts)

    @body.validator
    def _check_body(self, attribute: "attrs.Attribute[Any]", value: object) -> None:
        if not isinstance(value, dict | str | None):
            raise WrongField(attribute.name, f"must be an object or a text, not {value!r}")

    def before(self, moment: Moment) -> Response:
        """Refuse."""
        content = {"message": self.message} if self.body is None else self.body
        text = content if isinstance(content, str) else json.dumps(content, default=str)
        kind = "text/html" if isinstance(content, str) else "application/json"
        given = {name.lower() for name in self.headers}
        usual = () if "content-type" in given else (("Content-Type", kind),)
        return Response(status=self.status, body=text.encode(), headers=(*usual, *self.headers.items()))


@attrs.frozen(kw_only=True)
class TimeOut(Effect):
    """Never answer: the client waits until its own time-out, or until the connection is dropped.

    Attributes:
        is_applied: the request is carried out all the same.
        hold_s: when the connection is dropped, by the clock of the network.
    """

    is_applied: bool = attrs.field(default=False, validator=values.flag)
    hold_s: float = attrs.field(default=_LONG_S, validator=values.seconds)

    def before(self, moment: Moment) -> Response | None:
        """Keep silent unless the request shall be carried out first."""
        return None if self.is_applied else Response(status=0, delivery=Delivery.SILENCE, hold_s=self.hold_s)

    def after(self, moment: Moment, response: Response) -> Response:
        """Keep silent."""
        return attrs.evolve(response, delivery=Delivery.SILENCE, hold_s=self.hold_s)


@attrs.frozen(kw_only=True)
class Drop(Effect):
    """Close the connection without an answer.

    Attributes:
        is_applied: the request is carried out all the same: only its answer gets lost.
    """

    is_applied: bool = attrs.field(default=True, validator=values.flag)

    def before(self, moment: Moment) -> Response | None:
        """Close the connection unless the request shall be carried out first."""
        return None if self.is_applied else Response(status=0, delivery=Delivery.NONE)

    def after(self, moment: Moment, response: Response) -> Response:
        """Lose the answer."""
        return attrs.evolve(response, delivery=Delivery.NONE)


@attrs.frozen(kw_only=True)
class CutBody(Effect):
    """Send half of the body of the answer, then close the connection."""

    def after(self, moment: Moment, response: Response) -> Response:
        """Cut the answer off; one without a body does not come at all."""
        return attrs.evolve(response, delivery=Delivery.CUT if response.body else Delivery.NONE)


@attrs.frozen(kw_only=True)
class Garbage(Effect):
    """Answer with the right status and a body that makes no sense, after the request has been carried out.

    Attributes:
        text: the body.
        content_type: what the answer says that it is.
    """

    text: str = attrs.field(default="<html><body>Proxy error</body></html>", validator=values.text)
    content_type: str = attrs.field(default="application/json", validator=values.header_text)

    def after(self, moment: Moment, response: Response) -> Response:
        """Put the garbage in the place of the body."""
        kept = [(name, value) for name, value in response.headers if name.lower() != "content-type"]
        headers = (("Content-Type", self.content_type), *kept)
        return attrs.evolve(response, body=self.text.encode(errors="replace"), headers=headers)


@attrs.frozen(kw_only=True)
class Delay(Effect):
    """Carry the request out at once, and answer late.

    Attributes:
        seconds: on the simulator's clock.
    """

    seconds: float = attrs.field(validator=values.seconds)

    def after(self, moment: Moment, response: Response) -> Response:
        """Make the answer late."""
        return attrs.evolve(response, delay_s=response.delay_s + self.seconds)


@attrs.frozen(kw_only=True)
class _JobEffect(Effect):
    def concerns(self, moment: Moment) -> bool:
        """Only what asks to be a job becomes one."""
        return b'"ASYNCHRONOUS"' in moment.request.body.upper()


@attrs.frozen(kw_only=True)
class FailJob(_JobEffect):
    """Let the job of a request fail when its time has come; matches only what asks to be a job.

    Attributes:
        text: the reason, which is the job's result.
        is_applied: its effects are there all the same.
    """

    text: str = attrs.field(default="The simulator was told to let this job fail", validator=values.text)
    is_applied: bool = attrs.field(default=False, validator=values.flag)

    @property
    def fate(self) -> Fate:
        """Failure."""
        return Fate(failure=self.text, is_applied=self.is_applied)


@attrs.frozen(kw_only=True)
class HangJob(_JobEffect):
    """Let the job of a request never end, and do nothing; matches only what asks to be a job."""

    @property
    def fate(self) -> Fate:
        """No end."""
        return Fate(is_endless=True)


SETTLED = {
    "job": "job_pace",
    "lun_address": "lun_address_pace",
    "link": "define_pace",
    "copy": "copy_pace",
    "snapshot": "snapshot_removal_pace",
    "pair": "sync_pace",
}
"""What takes its time, and the choice of `Behaviour` that usually says how long."""


@attrs.frozen(kw_only=True)
class Unsettle(Effect):
    """Let what the request begins take its time, whatever the clock says about work.

    Attributes:
        what: `job`: the request's job; `lun_address`: of the volumes that it masks; `link`: the background define of a
            snapshot link; `copy`: its copy, or a restore; `snapshot`: the removal of a snapshot that it terminates;
            `pair`: the synchronisation of an SRDF pair.
        seconds: how long, on the simulator's clock.
        reads: how many reads find it unsettled; give this or `seconds`.
    """

    what: str = attrs.field(validator=values.one_of(*SETTLED))
    seconds: float | None = attrs.field(default=None, validator=values.optional(values.seconds))
    reads: int | None = attrs.field(default=None, validator=values.optional(values.whole(0, 1_000_000)))

    def __attrs_post_init__(self) -> None:
        """Refuse both durations, and none."""
        if (self.seconds is None) == (self.reads is None):
            raise WrongField("seconds", "must be given, or reads, and not both")

    @property
    def fate(self) -> Fate:
        """The time that it takes."""
        pace: Pace
        pace = AfterReads(self.reads) if self.reads is not None else AfterSeconds(self.seconds or 0.0, is_scaled=False)
        return Fate(paces=(Settling(choice=SETTLED[self.what], pace=pace),))


@attrs.frozen(kw_only=True)
class Intervene(Effect):
    """Call a function of the test, so that somebody else changes something at the worst moment. Not for files.

    Attributes:
        action: gets the request; what it raises fails the request with 500 and is among `Simulator.defects`.
        is_after: call it when the request has been carried out and its answer is not sent yet.
    """

    action: Callable[[Request], object]
    is_after: bool = attrs.field(default=False, validator=values.flag)

    def before(self, moment: Moment) -> None:
        """Call it before."""
        if not self.is_after:
            self.action(moment.request)

    def after(self, moment: Moment, response: Response) -> Response:
        """Call it after."""
        if self.is_after:
            self.action(moment.request)
        return response
