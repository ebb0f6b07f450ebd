"""The log of requests: every call that a client made, so that calls per operation can be counted."""

import json
import threading
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import attrs


@attrs.frozen(kw_only=True)
class LoggedRequest:
    """One call.

    Attributes:
        at: epoch seconds of the simulated clock.
        path: with its query, below the host.
        operation: verb and path with names instead of the variable parts, as the table of supported calls has them;
            `?` instead of the path of a call that there is not.
        status: of the answer, also of one that a fault kept from the client; 0 if a fault kept the call from the
            simulator.
        duration_ms: real time that the core took.
        job_id: of the job that it started.
        faults: those that happened to it.
    """

    at: float
    unisphere: str
    client: str
    verb: str
    path: str
    operation: str
    status: int
    duration_ms: float
    job_id: str | None = None
    faults: tuple[str, ...] = ()


class Calls:
    """Calls in the order in which they were made; more may come while one looks."""

    def __init__(self) -> None:
        self._records: deque[LoggedRequest] = deque()

    def __len__(self) -> int:
        return len(self._records)

    def __iter__(self) -> Iterator[LoggedRequest]:
        return iter(tuple(self._records))

    def __getitem__(self, position: int) -> LoggedRequest:
        return self._records[position]

    def by_operation(self) -> Counter[str]:
        """Return how often each operation was called, such as `GET /{version}/system/symmetrix`."""
        return Counter(record.operation for record in self)


class RequestLog(Calls):
    """The last calls, oldest first, and a file with all of them if one is wanted."""

    def __init__(self, path: Path | None = None, length: int = 100_000) -> None:
        super().__init__()
        self._records = deque(maxlen=length)
        self._counting: list[Calls] = []
        self._lock = threading.Lock()
        self._file: TextIO | None = None if path is None else path.open("a", encoding="utf-8", buffering=1)

    def add(self, record: LoggedRequest) -> None:
        """Note a call."""
        with self._lock:
            self._records.append(record)
            for calls in self._counting:
                calls._records.append(record)  # noqa: SLF001 - the same class
            if self._file is not None:
                self._file.write(json.dumps(attrs.asdict(record)) + "\n")

    def clear(self) -> None:
        """Forget the calls so far; the file keeps them."""
        with self._lock:
            self._records.clear()

    @contextmanager
    def counting(self) -> Iterator[Calls]:
        """Collect the calls that are made in a block.

        with simulator.requests.counting() as calls:
            ...  # let the client do something
        assert len(calls) <= 3
        """
        calls = Calls()
        with self._lock:
            self._counting.append(calls)
        try:
            yield calls
        finally:
            with self._lock:
                self._counting = [each for each in self._counting if each is not calls]

    def last(self, number: int) -> list[LoggedRequest]:
        """Return the last calls, the newest first."""
        with self._lock:
            newest = reversed(self._records)
            return [record for record, _ in zip(newest, range(number), strict=False)]

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None

    def __iter__(self) -> Iterator[LoggedRequest]:
        with self._lock:
            return iter(tuple(self._records))
