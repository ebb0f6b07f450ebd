"""Long lists, piece by piece (unisphere-rest.md 4.1 and 4.2).

The service gives the first piece together with an iterator, under which it keeps the rest for a while. A list is either
whole or an error: pieces must join without a gap, and their sum must be what the service announced.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable, Iterator
from typing import Final, Generic, TypeVar

import attrs

from pmax.adapters.rest import paths
from pmax.adapters.rest.client import Answer, CallBuilder
from pmax.adapters.rest.dialects import Dialect
from pmax.adapters.rest.messages import DELETE, Call, Subject
from pmax.adapters.rest.resources import Resources, read_call
from pmax.adapters.rest.status import is_absent
from pmax.adapters.rest.wire import IteratorReply, ResultList
from pmax.domain.errors import MalformedReply, NotFound, PmaxError, Unavailable

T = TypeVar("T")

#: How long a list shall live on the server, where it can be said; a list of a whole array may take its time.
LIFE_MINUTES: Final = "180"

_RESTARTS: Final = 2

_log = logging.getLogger(__name__)


class _Lost(Exception):
    """The rest of the list is not to be had: the server forgot it, went away, or something was deleted meanwhile."""

    def __init__(self, reason: PmaxError) -> None:
        super().__init__(str(reason))
        self.reason = reason


@attrs.frozen(kw_only=True)
class PagedList(Generic[T]):
    """A long list that can be read once or many times.

    Attributes:
        resources: reads.
        build: the call that begins the list.
        read: makes an element out of a result; the second argument is the path, for messages.
        identity: what tells elements apart, so that none comes twice when reading has to start again.
    """

    resources: Resources
    build: CallBuilder
    read: Callable[[object, str], T]
    identity: Callable[[T], Hashable]

    def __iter__(self) -> Iterator[T]:
        """Give the elements, reading each piece when it is wanted.

        If the server forgets the list in the middle or goes away, or a piece comes short because something of it was
        deleted meanwhile, reading starts again and leaves out what was given already.

        Raises:
            NotFound: what the list is about does not exist.
            MalformedReply: a piece is not the one that was asked for, or the list could not be read whole in three
                attempts.
            Unavailable: likewise, because the server went away.
        """
        seen: set[Hashable] = set()
        for restart in range(_RESTARTS + 1):
            try:
                yield from self._unseen(seen)
            except _Lost as lost:
                _log.warning("a list was lost while it was read: %s", lost)
                if restart == _RESTARTS:
                    raise lost.reason from lost
            else:
                return

    def _unseen(self, seen: set[Hashable]) -> Iterator[T]:
        """Give the elements that were not given before."""
        for element in self._elements():
            identity = self.identity(element)
            if identity not in seen:
                seen.add(identity)
                yield element

    def _elements(self) -> Iterator[T]:
        answer = self.resources.client.perform(self.build)
        if is_absent(answer.call, answer.reply):
            raise NotFound(answer.call.subject.kind, answer.call.subject.name)
        if answer.error is not None:
            raise answer.error
        path = answer.call.path
        listing = self.resources.structurer.structure(answer.reply.payload, IteratorReply, path)
        if listing.count < 0 or listing.page_size < 1:
            raise MalformedReply(path, (f"{listing.count} results on pages of {listing.page_size} are no list",))
        _check(listing.page, min(1, listing.count), min(listing.page_size, listing.count), path)
        yield from (self.read(each, path) for each in listing.page.results)
        if listing.page.last >= listing.count:
            # A list of one piece is not given back: that would cost as much as reading it, and it expires by itself.
            return
        try:
            yield from self._rest(listing, answer)
        finally:
            self._give_back(listing, answer)

    def _rest(self, listing: IteratorReply, first: Answer) -> Iterator[T]:
        last = listing.page.last
        while last < listing.count:
            begin, end = last + 1, min(last + listing.page_size, listing.count)
            page, path = self._page(listing, begin, end, first)
            _check(page, begin, end, path)
            yield from (self.read(each, path) for each in page.results)
            last = end

    def _page(self, listing: IteratorReply, begin: int, end: int, first: Answer) -> tuple[ResultList, str]:
        subject = Subject(kind="list", name=listing.iterator_id)
        query = (("from", str(begin)), ("to", str(end)))

        def build(_dialect: Dialect) -> Call:
            return read_call(subject, paths.ITERATOR_PAGE.at(query=query, iterator=listing.iterator_id))

        try:
            answer = self.resources.client.perform(build, server=first.server)
        except Unavailable as error:
            # Another server does not know this list, but can begin one of its own.
            raise _Lost(error) from error
        if is_absent(answer.call, answer.reply):
            raise _Lost(MalformedReply(answer.call.path, (answer.reply.text,)))
        if answer.error is not None:
            raise answer.error
        path = answer.call.path
        return self.resources.structurer.structure(answer.reply.payload, ResultList, path), path

    def _give_back(self, listing: IteratorReply, first: Answer) -> None:
        if first.server.dialect is None or not first.server.dialect.keeps_iterators:
            return

        def build(_dialect: Dialect) -> Call:
            subject = Subject(kind="list", name=listing.iterator_id)
            path = paths.ITERATOR.at(iterator=listing.iterator_id)
            return Call(verb=DELETE, path=path, subject=subject, operation="forget a list")

        try:
            self.resources.client.perform(build, server=first.server)
        except PmaxError as error:
            _log.debug("a list was not given back and will expire by itself: %s", error)


def _check(page: ResultList, first: int, last: int, path: str) -> None:
    """Refuse a piece that is not the one that was asked for, or is not whole.

    Raises:
        MalformedReply: it is another one, or longer.
        _Lost: it is shorter than it says.
    """
    wanted = last - first + 1 if last else 0
    came = len(page.results)
    if (page.first, page.last) != (first, last) or came > wanted:
        problem = f"results {first} to {last} were due, but {came} came that are said to be {page.first} to {page.last}"
        raise MalformedReply(path, (problem,))
    if came < wanted:
        raise _Lost(MalformedReply(path, (f"only {came} of the results {first} to {last} came",)))
