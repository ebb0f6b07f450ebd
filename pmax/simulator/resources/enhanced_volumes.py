"""The listing of volumes in the enhanced API: `/univmax/rest/v1/systems/{id}/volumes` (reference section 6.23).

A result that is longer than a page stays in a cache, and each answer names the token with which it goes on. Without
`limit` and `limit_kb` everything comes in one answer (assumed: one client never asks for more).
"""

import json
from collections.abc import Mapping

import attrs

from pmax.simulator.call import Answer, Call, ok
from pmax.simulator.refusals import NotFound
from pmax.simulator.resources.enhanced_attributes import volume_readers
from pmax.simulator.resources.enhanced_queries import (
    Condition,
    Reader,
    in_order,
    read_conditions,
    read_select,
    render,
)
from pmax.simulator.rules import groups
from pmax.simulator.state.listing_records import CACHED_LISTINGS, CachedListing
from pmax.simulator.state.service_records import Timer
from pmax.simulator.state.transaction import ArrayTables, Transaction
from pmax.simulator.wire import JsonObject

LISTING_TIMER = "listing"

_LIFE_S = 600.0
"""Assumed, as the life of an iterator is."""


def list_enhanced_volumes(call: Call) -> Answer:
    """Answer the volumes that pass the filters, or the next page of an earlier answer."""
    token = call.query.text("resume_token")
    readers = volume_readers(call.array)
    if token:
        listing, position = _resumed(call, token)
    else:
        listing, position = _new_listing(call, readers), 0
    page: list[JsonObject] = []
    size = 0
    for volume_id in listing.entries[position:]:
        if listing.page_size is not None and len(page) == listing.page_size:
            break
        # A volume that is gone since the list was made is left out of the page, but still counts.
        body = render(volume_id, listing.select, readers) if volume_id in call.array.volumes else None
        size += 0 if body is None or listing.page_bytes is None else len(json.dumps(body))
        if listing.page_bytes is not None and page and size > listing.page_bytes:
            break
        position += 1
        page += [] if body is None else [body]
    return ok({"volumes": page, "paging": _paging(call, listing, position)})


def expire_listing(transaction: Transaction, timer: Timer) -> None:
    """Forget a listing whose time is over; each use has put its end off."""
    transaction.rows(CACHED_LISTINGS).delete(timer.subject)


def _new_listing(call: Call, readers: Mapping[str, Reader]) -> CachedListing:
    conditions = read_conditions(call.query, readers)
    found = [
        volume_id
        for volume_id in _candidates(call.array, conditions)
        if all(each.holds(readers[each.path[0]](volume_id)) for each in conditions)
    ]
    kilobytes = call.query.integer("limit_kb", lowest=1)
    life_s = float(call.query.integer("expiration_delay_secs", lowest=1) or _LIFE_S)
    return CachedListing(
        listing_id=call.draw("listing"),
        unisphere=call.unisphere.name,
        symmetrix_id=call.symmetrix_id,
        entries=tuple(in_order(call.query, found, readers)),
        select=read_select(call.query, readers),
        page_size=call.query.integer("limit", lowest=1),
        page_bytes=None if kilobytes is None else kilobytes * 1024,
        expires_at=call.now + life_s,
        life_s=life_s,
    )


def _candidates(array: ArrayTables, conditions: list[Condition]) -> list[str]:
    """Return the ids that an index leaves to be looked at, sorted."""
    for condition in conditions:
        if condition.comparison != "eq":
            continue
        match condition.path:
            case ("id",):
                return [condition.wanted] if condition.wanted in array.volumes else []
            case ("identifier",) | ("wwn",):
                return sorted(array.volumes.keys_where(condition.path[0], condition.wanted))
            case ("storage_groups", "id"):
                group = array.storage_groups.find(condition.wanted)
                return [] if group is None else groups.volume_ids(array, group)
            case _:
                continue
    return array.volumes.sorted_keys()


def _resumed(call: Call, token: str) -> tuple[CachedListing, int]:
    """Return the listing of a token and the position in it, its life renewed.

    Raises:
        NotFound: it is over, or never was (assumed).
    """
    listing_id, _, position = token.rpartition("_")
    listing = call.transaction.rows(CACHED_LISTINGS).find(listing_id)
    is_known = listing is not None and listing.unisphere == call.unisphere.name
    if listing is None or not is_known or listing.symmetrix_id != call.symmetrix_id or not _is_number(position):
        raise NotFound(f"The resume token [{token[:80]}] cannot be found")
    return listing, int(position)


def _paging(call: Call, listing: CachedListing, position: int) -> JsonObject:
    remaining = len(listing.entries) - position
    paging: JsonObject = {"total_instances": len(listing.entries), "remaining_instances": max(0, remaining)}
    if remaining > 0:
        kept = attrs.evolve(listing, expires_at=call.now + listing.life_s)
        call.transaction.rows(CACHED_LISTINGS).put(kept)
        _arm(call.transaction, kept)
        paging["resume_token"] = f"{listing.listing_id}_{position}"
    return paging


def _arm(transaction: Transaction, listing: CachedListing) -> None:
    timer_id = f"{LISTING_TIMER} {listing.listing_id}"
    transaction.volatile_timers.put(
        Timer(timer_id=timer_id, kind=LISTING_TIMER, due_at=listing.expires_at, subject=listing.listing_id)
    )


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 9  # noqa: PLR2004 - no array has more volumes
