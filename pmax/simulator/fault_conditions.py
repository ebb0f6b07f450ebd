"""Effects of faults that change the world: iterators expire, calls are limited, parts go down and come back."""

from typing import Any, ClassVar

import attrs

from pmax.simulator import fault_values as values
from pmax.simulator.fault_effects import Effect, Moment
from pmax.simulator.fault_values import WrongField
from pmax.simulator.refusals import TooManyRequests
from pmax.simulator.site import Site
from pmax.simulator.state.listing_records import CACHED_LISTINGS
from pmax.simulator.state.service_records import Timer
from pmax.simulator.state.srdf_records import link_key
from pmax.simulator.state.srdf_schema import CUT_LINKS
from pmax.simulator.state.table import Rows
from pmax.simulator.state.transaction import Transaction
from pmax.simulator.state.world import World
from pmax.simulator.wire import Delivery, Response

_ARRAY_TIMER = "outage of array"
_PORT_TIMER = "outage of port"
_LINK_TIMER = "outage of link"
_UNAVAILABLE = 503
_THROTTLED = TooManyRequests.status
_MOST_CALLS = 100_000
_ENDS = 2


@attrs.frozen(kw_only=True)
class ExpireIterator(Effect):
    """Let the result list that a request opens, or reads on, be gone: before a read, or after it was opened."""

    def before(self, moment: Moment) -> None:
        """Close what the request names."""
        _close_lists(moment.simulator.world, moment.request.target)

    def after(self, moment: Moment, response: Response) -> Response:
        """Close what the answer names."""
        _close_lists(moment.simulator.world, response.body.decode(errors="replace"))
        return response


@attrs.frozen(kw_only=True)
class LimitInFlight(Effect):
    """Refuse a request while too many that the fault is about are under way at the same Unisphere.

    A call is under way from its arrival until its answer is sent, so that a delay makes it last.

    Attributes:
        calls: how many may be, this one included.
        status: of the refusal: 429 or 503.
        retry_after_s: what the refusal's header `Retry-After` says; no header if None.
    """

    usual_turns: ClassVar[str] = "every"

    calls: int = attrs.field(validator=values.whole(0, _MOST_CALLS))
    status: int = attrs.field(default=_THROTTLED, validator=values.whole(_THROTTLED, _UNAVAILABLE))
    retry_after_s: int | None = attrs.field(default=None, validator=values.optional(values.whole(0, _MOST_CALLS)))

    @status.validator
    def _check_status(self, attribute: "attrs.Attribute[int]", value: int) -> None:
        if value not in {_THROTTLED, _UNAVAILABLE}:
            raise WrongField(attribute.name, f"must be {_THROTTLED} or {_UNAVAILABLE}, not {value!r}")

    def concerns(self, moment: Moment) -> bool:
        """Only what is one too many is refused."""
        others = moment.application.in_flight
        return sum(moment.matches(each) for each in others if each is not moment.request) >= self.calls

    def before(self, moment: Moment) -> Response:
        """Refuse; what is refused does not count as being under way."""
        moment.application.land(moment.request)
        usual = (("Content-Type", "application/json"),)
        after = () if self.retry_after_s is None else (("Retry-After", str(self.retry_after_s)),)
        return Response(status=self.status, body=b'{"message":"Too many requests"}', headers=usual + after)


def _as_tuple(ends: object) -> tuple[str, ...] | None:
    if ends is None:
        return None
    if not isinstance(ends, list | tuple) or len(ends) != _ENDS:
        raise WrongField("link", f"must be a list of two arrays, not {ends!r}")
    return tuple(ends)


@attrs.frozen(kw_only=True)
class TakeDown(Effect):
    """Take a Unisphere, an array, one of its ports, or the link between two arrays down. Give one of them.

    A Unisphere that is down refuses connections. If it is the one that is asked, the request gets no answer.

    Attributes:
        unisphere: the name of a Unisphere.
        array: the id of an array; with `port`, only that port of it.
        port: such as `FA-1D:4`.
        link: the ids of two arrays.
        seconds: after which it comes back, on the simulator's clock; None for never.
        is_after: it goes down when the request has been carried out and its answer is not sent yet.
    """

    unisphere: str | None = attrs.field(default=None, validator=values.optional(values.text))
    array: str | None = attrs.field(default=None, validator=values.optional(values.text))
    port: str | None = attrs.field(default=None, validator=values.optional(values.text))
    link: tuple[str, ...] | None = attrs.field(default=None, converter=_as_tuple)
    seconds: float | None = attrs.field(default=None, validator=values.optional(values.seconds))
    is_after: bool = attrs.field(default=False, validator=values.flag)

    def __attrs_post_init__(self) -> None:
        """Refuse more than one subject, and none."""
        subjects = [name for name in ("unisphere", "array", "link") if getattr(self, name) is not None]
        if len(subjects) != 1:
            raise WrongField("unisphere", "must be given, or array or link, and only one of them")
        if self.port is not None and self.array is None:
            raise WrongField("port", "needs the array that it is of")

    def check(self, simulator: Site) -> None:
        """Refuse what is not there."""
        if self.unisphere is not None and self.unisphere not in simulator.unispheres:
            raise WrongField("unisphere", f"{self.unisphere!r} is none of {', '.join(simulator.unispheres)}")
        for symmetrix_id in self.link or (self.array,):
            if symmetrix_id is not None and symmetrix_id not in simulator.arrays:
                field = "link" if self.link else "array"
                raise WrongField(field, f"{symmetrix_id!r} is none of {', '.join(simulator.arrays) or 'no arrays'}")
        if self.array is not None and self.port is not None and self.port not in simulator.arrays[self.array].ports:
            raise WrongField("port", f"{self.port!r} is none of {', '.join(simulator.arrays[self.array].ports)}")

    def before(self, moment: Moment) -> Response | None:
        """Take it down before the request is carried out."""
        if self.is_after:
            return None
        return Response(status=0, delivery=Delivery.NONE) if self._take_down(moment) else None

    def after(self, moment: Moment, response: Response) -> Response:
        """Take it down after the request was carried out."""
        if self.is_after and self._take_down(moment):
            return attrs.evolve(response, delivery=Delivery.NONE)
        return response

    def _take_down(self, moment: Moment) -> bool:
        """Take it down; say whether it is the Unisphere that was asked."""
        simulator = moment.simulator
        if self.unisphere is not None:
            simulator.unispheres[self.unisphere].go_down(self.seconds)
            return simulator.unispheres[self.unisphere] is moment.application
        if self.link is not None:
            one, other = self.link
            simulator.srdf.cut_link(one, other)
            self._arm(simulator.world, _LINK_TIMER, link_key(one, other))
        elif self.array is not None and self.port is not None:
            simulator.arrays[self.array].set_port_online(self.port, is_online=False)
            self._arm(simulator.world, _PORT_TIMER, self.port)
        elif self.array is not None:
            simulator.arrays[self.array].update(is_up=False)
            self._arm(simulator.world, _ARRAY_TIMER, self.array)
        return False

    def _arm(self, world: World, kind: str, subject: str) -> None:
        if self.seconds is None:
            return
        with world.changing() as transaction:
            timer = Timer(
                timer_id=f"{kind} {self.array or ''} {subject}",
                kind=kind,
                due_at=world.clock.now() + self.seconds,
                subject=subject,
                symmetrix_id=self.array or "",
            )
            transaction.timers.put(timer)


def install(world: World) -> None:
    """Let what went down for a time come back in a world."""
    world.timer_handlers[_ARRAY_TIMER] = _array_returns
    world.timer_handlers[_PORT_TIMER] = _port_returns
    world.timer_handlers[_LINK_TIMER] = _link_returns


def _array_returns(transaction: Transaction, timer: Timer) -> None:
    record = transaction.arrays.find(timer.subject)
    if record is not None:
        transaction.arrays.put(attrs.evolve(record, is_up=True))


def _port_returns(transaction: Transaction, timer: Timer) -> None:
    """Bring a port back; whoever was logged in logs in again by itself, in its own time."""
    ports = transaction.array(timer.symmetrix_id).ports
    port = ports.find(timer.subject)
    if port is not None:
        ports.put(attrs.evolve(port, is_online=True))


def _link_returns(transaction: Transaction, timer: Timer) -> None:
    cut = transaction.rows(CUT_LINKS)
    if timer.subject in cut:
        cut.delete(timer.subject)


def _close_lists(world: World, text: str) -> None:
    """Close the result lists whose ids occur in a text."""
    with world.changing() as transaction:
        lists: tuple[Rows[Any], ...] = (transaction.iterators, transaction.rows(CACHED_LISTINGS))
        for rows in lists:
            for key in [key for key in rows.ids() if key in text]:
                rows.delete(key)
