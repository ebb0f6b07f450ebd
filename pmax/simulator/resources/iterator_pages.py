"""Reads and closes iterators (reference section 4.2). A new kind of result list adds its renderer to `RENDERERS`."""

import attrs

from pmax.simulator.call import Answer, Call, no_content, ok
from pmax.simulator.dialect import DIALECTS
from pmax.simulator.refusals import BadRequest, NotFound
from pmax.simulator.resources.iterators import Renderer, iterator_body
from pmax.simulator.resources.performance import FIGURES, figures_page
from pmax.simulator.resources.private_volumes import PRIVATE_VOLUMES, private_volume_page
from pmax.simulator.resources.volumes import VOLUME_IDS, volume_id_page
from pmax.simulator.state.service_records import ResultIterator

RENDERERS: dict[str, Renderer] = {
    VOLUME_IDS: volume_id_page,
    PRIVATE_VOLUMES: private_volume_page,
    FIGURES: figures_page,
}


def get_iterator(call: Call) -> Answer:
    """Answer an iterator with its first page."""
    iterator = _used(call)
    call = attrs.evolve(call, dialect=DIALECTS[iterator.version])
    return ok(iterator_body(call, iterator, RENDERERS[iterator.kind]))


def get_page(call: Call) -> Answer:
    """Answer the entries `from` to `to`, counted from 1, both inclusive.

    Bounds outside the list, or wider than a page, are refused (assumed: no client asks for them).
    """
    iterator = _used(call)
    first, last = call.query.integer("from", lowest=1), call.query.integer("to", lowest=1)
    if first is None or last is None or first > last or last > len(iterator.entries):
        raise BadRequest(f"The page [{first}, {last}] is not within the {len(iterator.entries)} results")
    if last - first >= iterator.page_size:
        raise BadRequest(f"A page has at most {iterator.page_size} results")
    array = call.transaction.array(iterator.symmetrix_id)
    entries = iterator.entries[first - 1 : last]
    result = RENDERERS[iterator.kind](array, DIALECTS[iterator.version], entries)
    return ok({"from": first, "to": last, "result": result})


def delete_iterator(call: Call) -> Answer:
    """Close an iterator."""
    call.transaction.iterators.delete(_used(call).iterator_id)
    return no_content()


def _used(call: Call) -> ResultIterator:
    """Return the iterator in the path, its life renewed. A gone one is 404 (assumed; reference section 4.2)."""
    iterator = call.transaction.iterators.find(call.params["iterator_id"])
    if iterator is None or iterator.unisphere != call.unisphere.name:
        raise NotFound(f"Iterator [{call.params['iterator_id']}] cannot be found")
    iterator = attrs.evolve(iterator, expires_at=call.now + iterator.life_s)
    call.transaction.iterators.put(iterator)
    return iterator
