"""The record of a cached listing of the enhanced API, and its table."""

import attrs

from pmax.simulator.state.table import TableSpec


@attrs.frozen(kw_only=True)
class CachedListing:
    """The result of a listing that is read on with a token (reference section 6.23).

    Attributes:
        entries: keys of the results, in order.
        select: the attributes that were asked for.
        page_size: how many results an answer holds; None for no limit.
        page_bytes: how long the results of an answer may be; None for no limit.
        expires_at: epoch seconds.
        life_s: added on each access.
    """

    listing_id: str
    unisphere: str
    symmetrix_id: str
    entries: tuple[str, ...]
    select: tuple[str, ...]
    page_size: int | None
    page_bytes: int | None
    expires_at: float
    life_s: float


CACHED_LISTINGS = TableSpec("cached_listings", CachedListing, key=lambda row: row.listing_id, is_volatile=True)
