"""Opens iterators: result lists that are read page by page (reference section 4.1)."""

from collections.abc import Callable, Sequence

from pmax.simulator.call import Call
from pmax.simulator.dates import milliseconds
from pmax.simulator.dialect import Dialect
from pmax.simulator.state.service_records import ResultIterator, Timer
from pmax.simulator.state.transaction import ArrayTables, Transaction
from pmax.simulator.wire import JsonObject

ITERATOR_TIMER = "iterator"

Renderer = Callable[[ArrayTables, Dialect, Sequence[str]], list[JsonObject]]
"""Renders the entries of a page; what has gone since the list was made may be left out (assumed)."""


def open_iterator(call: Call, kind: str, entries: Sequence[str], renderer: Renderer) -> JsonObject:
    """Return a new iterator with its first page. `expiration_time_mins` lengthens its life.

    Args:
        call: the request for the list.
        kind: finds the renderer again when further pages are asked for (`iterator_pages.RENDERERS`).
        entries: all results.
        renderer: of the first page.
    """
    minutes = call.query.integer("expiration_time_mins", lowest=1)
    life_s = call.behaviour.iterator_life_s if minutes is None else minutes * 60.0
    text = call.draw("iterator")
    iterator = ResultIterator(
        iterator_id=f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}_0",
        unisphere=call.unisphere.name,
        kind=kind,
        symmetrix_id=call.params.get("symmetrix_id", ""),
        version=call.dialect.version,
        entries=tuple(entries),
        page_size=call.behaviour.page_size,
        expires_at=call.now + life_s,
        life_s=life_s,
    )
    call.transaction.iterators.put(iterator)
    arm(call.transaction, iterator)
    return iterator_body(call, iterator, renderer)


def iterator_body(call: Call, iterator: ResultIterator, renderer: Renderer) -> JsonObject:
    """Return an iterator with its first page; an empty one has `from` and `to` 0."""
    count = len(iterator.entries)
    last = min(iterator.page_size, count)
    array = call.transaction.array(iterator.symmetrix_id)
    result = renderer(array, call.dialect, iterator.entries[:last])
    return {
        "id": iterator.iterator_id,
        "count": count,
        "expirationTime": milliseconds(iterator.expires_at),
        "maxPageSize": iterator.page_size,
        "resultList": {"from": min(1, count), "to": last, "result": result},
    }


def expire(transaction: Transaction, timer: Timer) -> None:
    """Close an iterator whose time is over, or come back later if it was used in between."""
    iterator = transaction.iterators.find(timer.subject)
    if iterator is None:
        return
    if iterator.expires_at <= timer.due_at:
        transaction.iterators.delete(iterator.iterator_id)
    else:
        arm(transaction, iterator)


def arm(transaction: Transaction, iterator: ResultIterator) -> None:
    """Let an iterator be closed when its time is over."""
    transaction.volatile_timers.put(
        Timer(
            timer_id=f"iterator {iterator.iterator_id}",
            kind=ITERATOR_TIMER,
            due_at=iterator.expires_at,
            subject=iterator.iterator_id,
        )
    )
