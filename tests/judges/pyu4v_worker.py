"""PyU4V in a process of its own, told what to call on standard input. Run as a script, with PyU4V on the path.

Two releases of PyU4V cannot live in one process, and it configures logging for the whole process. Each line in and out
is JSON: `{"connect": {...}}` makes a new connection with those arguments, and the following lines are calls on it, such
as `{"path": "provisioning.get_host", "args": [...], "kwargs": {...}}`. Each is answered by `{"result": ...}` or
`{"error": [class, text]}`.
"""

from __future__ import annotations

import json
import os
import sys
from functools import reduce
from typing import Any, TextIO


class Worker:
    """The connection of the moment."""

    def __init__(self) -> None:
        self.connection: Any = None

    def answer(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """Connect, or make one call."""
        try:
            if "connect" in wanted:
                self.connect(wanted["connect"])
                return {"result": None}
            method = reduce(getattr, wanted["path"].split("."), self.connection)
            return {"result": method(*wanted["args"], **wanted["kwargs"])}
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever the client raises is its answer
            return {"error": [type(error).__name__, str(error)]}

    def connect(self, arguments: dict[str, Any]) -> None:
        """Leave the old connection for a new one."""
        import PyU4V

        if self.connection is not None:
            self.connection.close_session()
        self.connection = PyU4V.U4VConn(**arguments)


def main(out: TextIO) -> None:
    """Do what each line says, until there are no more."""
    worker = Worker()
    for line in sys.stdin:
        print(json.dumps(worker.answer(json.loads(line)), default=list), file=out, flush=True)


if __name__ == "__main__":
    # What PyU4V prints must not get between the answers.
    channel = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    main(channel)
