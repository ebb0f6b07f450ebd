"""Tables of frozen records with indexes, and overlays that hold changes back until they are committed.

A `Table` holds what is committed. An `Overlay` lies on a table, or on another overlay, and answers as if its changes
had been made, while what lies below stays as it was. Both answer the same questions, so a rule never knows which it
reads. No question about one object or one index value looks at all rows.
"""

# ruff: noqa: D102 - `Rows` documents the methods of both

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Generic, TypeVar

import attrs

R = TypeVar("R")


@attrs.frozen
class Index(Generic[R]):
    """A way to find rows by something other than their key.

    Attributes:
        name: how a reader asks for it.
        values: the values under which a row is found; none at all is allowed.
        weight: what a row adds to the total of each of its values, for sums that must not cost a walk.
    """

    name: str
    values: Callable[[R], Iterable[Hashable]]
    weight: Callable[[R], int] | None = None


@attrs.frozen(eq=False)
class TableSpec(Generic[R]):
    """What a table holds.

    Attributes:
        name: unique; the name under which persistence stores it.
        record: the frozen attrs class of its rows.
        key: the text that identifies a row.
        indexes: the ways to find rows.
        is_volatile: lost when the simulator stops, as the real service loses it.
    """

    name: str
    record: type[R]
    key: Callable[[R], str]
    indexes: tuple[Index[R], ...] = ()
    is_volatile: bool = False


class Rows(ABC, Generic[R]):
    """The questions that a table and an overlay both answer."""

    def __init__(self, spec: TableSpec[R]) -> None:
        self.spec = spec

    @abstractmethod
    def find(self, key: str) -> R | None:
        """Return the row, or None when there is none."""

    @abstractmethod
    def ids(self) -> Iterable[str]:
        """Return all keys, in no promised order."""

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def keys_where(self, index: str, value: Hashable) -> Iterable[str]:
        """Return the keys of the rows that an index has under a value, in no promised order."""

    @abstractmethod
    def count(self, index: str, value: Hashable) -> int:
        """Return how many rows an index has under a value."""

    @abstractmethod
    def total(self, index: str, value: Hashable) -> int:
        """Return the sum of the weights of the rows that an index has under a value."""

    @abstractmethod
    def put(self, row: R) -> None:
        """Insert a row, or replace the one of the same key."""

    @abstractmethod
    def delete(self, key: str) -> None:
        """Remove a row.

        Raises:
            KeyError: there is none.
        """

    def __contains__(self, key: str) -> bool:
        return self.find(key) is not None

    def __iter__(self) -> Iterator[R]:
        return (self.get(key) for key in self.ids())

    def get(self, key: str) -> R:
        """Return the row of a key that is known to exist.

        Raises:
            KeyError: there is none; in a handler that is a defect of the simulator, never an answer.
        """
        row = self.find(key)
        if row is None:
            raise KeyError(self.spec.name, key)
        return row

    def where(self, index: str, value: Hashable) -> list[R]:
        """Return the rows that an index has under a value, sorted by key."""
        return [self.get(key) for key in sorted(self.keys_where(index, value))]

    def find_where(self, index: str, value: Hashable) -> R | None:
        """Return the first row, by key, that an index has under a value, or None."""
        keys = self.keys_where(index, value)
        first = min(keys, default=None)
        return None if first is None else self.get(first)

    def sorted_keys(self) -> list[str]:
        """Return all keys, sorted."""
        return sorted(self.ids())


class Table(Rows[R]):
    """Committed rows, changed only by the commit of a transaction."""

    def __init__(self, spec: TableSpec[R]) -> None:
        super().__init__(spec)
        self._rows: dict[str, R] = {}
        self._buckets: dict[str, dict[Hashable, dict[str, None]]] = {index.name: {} for index in spec.indexes}
        self._totals: dict[str, dict[Hashable, int]] = {index.name: {} for index in spec.indexes}

    def find(self, key: str) -> R | None:
        return self._rows.get(key)

    def ids(self) -> Iterable[str]:
        return self._rows

    def __len__(self) -> int:
        return len(self._rows)

    def keys_where(self, index: str, value: Hashable) -> Iterable[str]:
        return self._buckets[index].get(value, {})

    def count(self, index: str, value: Hashable) -> int:
        return len(self._buckets[index].get(value, ()))

    def total(self, index: str, value: Hashable) -> int:
        return self._totals[index].get(value, 0)

    def put(self, row: R) -> None:
        key = self.spec.key(row)
        self._unindex(key)
        self._rows[key] = row
        for index in self.spec.indexes:
            buckets, totals = self._buckets[index.name], self._totals[index.name]
            for value in index.values(row):
                buckets.setdefault(value, {})[key] = None
                if index.weight is not None:
                    totals[value] = totals.get(value, 0) + index.weight(row)

    def delete(self, key: str) -> None:
        if key not in self._rows:
            raise KeyError(self.spec.name, key)
        self._unindex(key)
        del self._rows[key]

    def _unindex(self, key: str) -> None:
        old = self._rows.get(key)
        if old is None:
            return
        for index in self.spec.indexes:
            buckets, totals = self._buckets[index.name], self._totals[index.name]
            for value in index.values(old):
                bucket = buckets[value]
                bucket.pop(key, None)
                if index.weight is not None:
                    totals[value] -= index.weight(old)
                if not bucket:
                    del buckets[value]
                    totals.pop(value, None)


class Overlay(Rows[R]):
    """Changes that lie on other rows without touching them."""

    def __init__(self, below: Rows[R]) -> None:
        super().__init__(below.spec)
        self._below = below
        self._changes: dict[str, R | None] = {}
        self._growth = 0
        self._added: dict[tuple[str, Hashable], dict[str, None]] = {}
        self._removed: dict[tuple[str, Hashable], set[str]] = {}
        self._heavier: dict[tuple[str, Hashable], int] = {}

    @property
    def changes(self) -> dict[str, R | None]:
        """What is held back: the new row of each changed key, None for a deleted one."""
        return self._changes

    def find(self, key: str) -> R | None:
        if key in self._changes:
            return self._changes[key]
        return self._below.find(key)

    def ids(self) -> Iterable[str]:
        if not self._changes:
            return self._below.ids()
        kept = [key for key in self._below.ids() if key not in self._changes]
        return kept + [key for key, row in self._changes.items() if row is not None]

    def __len__(self) -> int:
        return len(self._below) + self._growth

    def keys_where(self, index: str, value: Hashable) -> Iterable[str]:
        keys = self._below.keys_where(index, value)
        removed, added = self._removed.get((index, value)), self._added.get((index, value))
        if not removed and not added:
            return keys
        return [key for key in keys if not removed or key not in removed] + list(added or ())

    def count(self, index: str, value: Hashable) -> int:
        place = (index, value)
        return self._below.count(index, value) - len(self._removed.get(place, ())) + len(self._added.get(place, ()))

    def total(self, index: str, value: Hashable) -> int:
        return self._below.total(index, value) + self._heavier.get((index, value), 0)

    def put(self, row: R) -> None:
        key = self.spec.key(row)
        old = self.find(key)
        if old is None:
            self._growth += 1
        self._reindex(key, old, row)
        self._changes[key] = row

    def delete(self, key: str) -> None:
        old = self.get(key)
        self._growth -= 1
        self._reindex(key, old, None)
        self._changes[key] = None

    def commit(self) -> None:
        """Hand the changes down, in the order in which their keys were first changed."""
        for key, row in self._changes.items():
            if row is not None:
                self._below.put(row)
            elif key in self._below:
                self._below.delete(key)

    def _reindex(self, key: str, old: R | None, new: R | None) -> None:
        for index in self.spec.indexes:
            before = set() if old is None else set(index.values(old))
            after = set() if new is None else set(index.values(new))
            for value in before - after:
                self._leave((index.name, value), key)
            for value in after - before:
                self._join((index.name, value), key)
            if index.weight is not None:
                self._weigh(index.name, before, -index.weight(old) if old is not None else 0)
                self._weigh(index.name, after, index.weight(new) if new is not None else 0)

    def _leave(self, place: tuple[str, Hashable], key: str) -> None:
        added = self._added.get(place)
        if added is not None and key in added:
            del added[key]
        else:
            self._removed.setdefault(place, set()).add(key)

    def _join(self, place: tuple[str, Hashable], key: str) -> None:
        removed = self._removed.get(place)
        if removed is not None and key in removed:
            removed.discard(key)
        else:
            self._added.setdefault(place, {})[key] = None

    def _weigh(self, index: str, values: set[Hashable], weight: int) -> None:
        for value in values:
            self._heavier[index, value] = self._heavier.get((index, value), 0) + weight
