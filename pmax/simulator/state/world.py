"""The world: arrays, jobs and timers behind one lock, with time and chance from outside.

Several Unispheres may look at one world. Whoever changes it takes the lock, opens a transaction and commits it.
"""

import hashlib
import heapq
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager

import attrs

from pmax.simulator.behaviour import Behaviour
from pmax.simulator.clock import Clock
from pmax.simulator.pace import Pace, Progress, begin
from pmax.simulator.state.schema import TIMERS, VOLATILE_TIMERS
from pmax.simulator.state.service_records import Timer
from pmax.simulator.state.transaction import Change, Tables, Transaction

TimerHandler = Callable[[Transaction, Timer], None]
"""Lets happen what a timer announces, at the timer's time; it is deleted already. It must not refuse."""

CommitListener = Callable[[tuple[Change, ...]], None]
"""Told of the changes before they are made; raising prevents them. Persistence is one."""

Watcher = Callable[[Transaction], None]
"""Looks at what a transaction changed, before it is committed, and changes what follows from it."""

_TIMER_TABLES = {spec.name: spec for spec in (TIMERS, VOLATILE_TIMERS)}


class World:
    """All simulated state.

    Attributes:
        clock: the time.
        behaviour: the choices of the user.
        lock: to be held by whoever reads or changes the tables.
        timer_handlers: by kind of timer.
        watchers: let the world follow what has been changed in it, whoever changed it.
        commit_listeners: in the order in which they are told.
    """

    def __init__(self, clock: Clock, behaviour: Behaviour, seed: int) -> None:
        self.clock = clock
        self.behaviour = behaviour
        self.lock = threading.RLock()
        self.timer_handlers: dict[str, TimerHandler] = {}
        self.watchers: list[Watcher] = []
        self.commit_listeners: list[CommitListener] = []
        self._seed = seed
        self._tables = Tables()
        self._due: list[tuple[float, str, str]] = []

    def begin(self) -> Transaction:
        """Open a transaction on what is committed."""
        return Transaction(self._tables)

    def commit(self, transaction: Transaction) -> None:
        """Make the changes of a transaction, or none of them if a listener objects."""
        if not transaction.has_changes:
            return
        for watch in self.watchers:
            watch(transaction)
        changes = tuple(transaction.changes)
        for listener in self.commit_listeners:
            listener(changes)
        transaction.commit()
        self._arm(changes)

    @contextmanager
    def changing(self) -> Iterator[Transaction]:
        """Hold the lock for a transaction that is committed at the end, or forgotten if the block raises."""
        with self.lock:
            self.advance()
            transaction = self.begin()
            yield transaction
            self.commit(transaction)

    def restore(self, rows: Iterable[Change]) -> None:
        """Take over rows that were committed in an earlier life, without telling the listeners."""
        with self.lock:
            rows = tuple(rows)
            for change in rows:
                self._tables.rows(change.spec, change.scope).put(change.row)
            self._arm(rows)

    def everything(self) -> Iterator[Change]:
        """Walk all committed rows that outlive a restart; the lock must be held."""
        for scope, table in self._tables:
            if not table.spec.is_volatile:
                for key in table.ids():
                    yield Change(table.spec, scope, key, table.get(key))

    def advance(self) -> None:
        """Let everything happen that is due by now, in the order of time; the lock must be held."""
        now = self.clock.now()
        while self._due and self._due[0][0] <= now:
            due_at, table, timer_id = heapq.heappop(self._due)
            transaction = self.begin()
            timers = transaction.rows(_TIMER_TABLES[table])
            timer = timers.find(timer_id)
            if timer is None or timer.due_at != due_at:
                continue  # it was cancelled or put off
            timers.delete(timer_id)
            self.timer_handlers[timer.kind](transaction, timer)
            self.commit(transaction)

    @contextmanager
    def behaving(self, choices: Mapping[str, object]) -> Iterator[None]:
        """Let choices of the user be others for a while; the lock must be held."""
        if not choices:
            yield
            return
        usual = self.behaviour
        self.behaviour = attrs.evolve(usual, **choices)  # type: ignore[arg-type]
        try:
            yield
        finally:
            self.behaviour = usual

    def begin_work(self, pace: Pace) -> Progress:
        """Return the progress of work that begins now at a pace, by this world's clock."""
        return begin(pace, self.clock.now(), self.clock.work_scale)

    def draw(self, transaction: Transaction, purpose: str, digits: int = 32) -> str:
        """Return hexadecimal digits by chance: the same seed and the same requests give the same digits.

        Args:
            transaction: keeps the count of draws, so that a refused request draws nothing.
            purpose: each has its own sequence.
            digits: how many, 64 at most.
        """
        number = transaction.next_number(f"draw {purpose}")
        text = f"{self._seed}/{purpose}/{number}"
        return hashlib.sha256(text.encode()).hexdigest()[:digits]

    def _arm(self, changes: Iterable[Change]) -> None:
        for change in changes:
            if change.spec.name in _TIMER_TABLES and change.row is not None:
                heapq.heappush(self._due, (change.row.due_at, change.spec.name, change.key))
