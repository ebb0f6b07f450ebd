"""The log of requests: every call that a client made, so that calls per operation can be counted."""

import json
import threading
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import attrs


@attrs.frozen(kw_only=True)
class LoggedRequest:
    """One call.

    Attributes:
        at: epoch seconds of the simulated clock.
        path: with its query, below the host.
        duration_ms: real time that the core took.
        job_id: of the job that it started.
    """

    at: float
    unisphere: str
    client: str
    verb: str
    path: str
    status: int
    duration_ms: float
    job_id: str | None = None


class RequestLog:
    """The last calls, oldest first, and a file with all of them if one is wanted."""

    def __init__(self, path: Path | None = None, length: int = 100_000) -> None:
        self._records: deque[LoggedRequest] = deque(maxlen=length)
        self._lock = threading.Lock()
        self._file: TextIO | None = None if path is None else path.open("a", encoding="utf-8", buffering=1)

    def add(self, record: LoggedRequest) -> None:
        """Note a call."""
        with self._lock:
            self._records.append(record)
            if self._file is not None:
                self._file.write(json.dumps(attrs.asdict(record)) + "\n")

    def clear(self) -> None:
        """Forget the calls so far; the file keeps them."""
        with self._lock:
            self._records.clear()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None

    def __len__(self) -> int:
        return len(self._records)

    def __iter__(self) -> Iterator[LoggedRequest]:
        with self._lock:
            return iter(tuple(self._records))

    def __getitem__(self, position: int) -> LoggedRequest:
        return self._records[position]
