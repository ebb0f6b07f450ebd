"""May a call be sent again, and after how long? Pure.

The rule: a read may always be repeated. A change may be repeated only if it certainly had no effect, because nothing of
it was sent or because the service turned it away before it began. A change whose answer was lost is never repeated
here: whoever asked for it finds out what became of it.
"""

from __future__ import annotations

import math
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final

import attrs

from pmax.adapters.rest.messages import Call, Failure, Reply

#: Turned away before anything was done, by the service or by what stands before it.
_TURNED_AWAY: Final = frozenset(
    {
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.SERVICE_UNAVAILABLE,
    }
)
#: A gateway got no answer from the service, which may have done what it was asked.
_ANSWER_LOST: Final = frozenset({HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT})
#: Refusals that pass, in the array's words (unisphere-rest.md 2.3). The array did nothing.
_PASSING: Final = ("Unable to acquire the Symmetrix device lock", "Cannot find role for user")
#: What a server says that stumbled: nobody knows how far it had come (unisphere-rest.md 2.3).
_STUMBLED: Final = "The server encountered an unexpected condition"

_LONGEST_PAUSE_S: Final = 60.0


@attrs.frozen(kw_only=True)
class RetryPolicy:
    """How patient to be.

    Attributes:
        retries: how often one call may be sent again.
        backoff_factor_s: pause before the first retry; it doubles each time, up to a minute.
    """

    retries: int
    backoff_factor_s: float


def is_turned_away(result: Reply | Failure) -> bool:
    """Whether the service had no time for the call and did nothing."""
    return isinstance(result, Reply) and (
        result.status in _TURNED_AWAY
        or (not result.is_success and any(text in (result.message or "") for text in _PASSING))
    )


def is_throttled(result: Reply | Failure) -> bool:
    """Whether the service asks for fewer calls."""
    return isinstance(result, Reply) and result.status in {
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.SERVICE_UNAVAILABLE,
    }


def is_answer_lost(call: Call, result: Reply | Failure) -> bool:
    """Whether the call may have taken effect without the answer saying so.

    A reply to a change tells its fate only if it is a success that can be read, or a refusal with the service's own
    text; an error page of whatever stands between does not.
    """
    if isinstance(result, Failure):
        return result.is_sent
    if result.status in _ANSWER_LOST or not result.is_success:
        is_vague = result.message is None or result.message.startswith(_STUMBLED)
        return result.status in _ANSWER_LOST or (
            not call.is_read and is_vague and result.status >= HTTPStatus.INTERNAL_SERVER_ERROR
        )
    return not result.is_readable


def pause_s(call: Call, result: Reply | Failure, attempt: int, policy: RetryPolicy, epoch_s: float) -> float | None:
    """How long to wait before the call is sent again.

    Args:
        call: what was sent.
        result: what came of it.
        attempt: 1 after the first.
        policy: how patient to be.
        epoch_s: now, in seconds since 1970, since a server may name a date.

    Returns:
        Seconds, or None if it must not be sent again.
    """
    if attempt > policy.retries or not _may_repeat(call, result):
        return None
    backoff = min(_LONGEST_PAUSE_S, policy.backoff_factor_s * 2.0 ** (attempt - 1))
    wanted = retry_after_s(result.retry_after, epoch_s) if isinstance(result, Reply) else 0.0
    return max(backoff, wanted)


def may_go_elsewhere(call: Call, result: Reply | Failure) -> bool:
    """Whether another server may be asked the same: none answered, and it makes no difference if both did."""
    return isinstance(result, Failure) and (call.is_read or not result.is_sent)


def _may_repeat(call: Call, result: Reply | Failure) -> bool:
    if isinstance(result, Failure):
        return not result.is_lasting and (call.is_read or not result.is_sent)
    return is_turned_away(result) or (call.is_read and is_answer_lost(call, result))


def retry_after_s(header: str | None, epoch_s: float) -> float:
    """Seconds that the header `Retry-After` asks for, as a number or as a date; 0 if it says nothing sensible."""
    if header is None:
        return 0.0
    try:
        seconds = float(header)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(header).timestamp() - epoch_s
        except (ValueError, OverflowError):
            return 0.0
    return max(0.0, seconds) if math.isfinite(seconds) else 0.0
