"""PyU4V in a process of its own, told what to call on standard input. Run as a script, with PyU4V on the path.

Two releases of PyU4V cannot live in one process, and it configures logging for the whole process. Each line in and out
is JSON: first the arguments of the connection, then calls such as `{"path": "provisioning.get_host", "args": [...],
"kwargs": {...}}`, answered by `{"result": ...}` or `{"error": [class, text]}`.
"""

from __future__ import annotations

import json
import os
import sys
from functools import reduce
from typing import Any, TextIO


def answer(connection: Any, line: str) -> dict[str, Any]:
    """Make one call."""
    wanted = json.loads(line)
    try:
        method = reduce(getattr, wanted["path"].split("."), connection)
        return {"result": method(*wanted["args"], **wanted["kwargs"])}
    except Exception as error:  # noqa: BLE001 - whatever the client raises is its answer
        return {"error": [type(error).__name__, str(error)]}


def main(out: TextIO) -> None:
    """Connect, and make calls until there are no more."""
    import PyU4V

    arguments = json.loads(sys.stdin.readline())
    try:
        connection = PyU4V.U4VConn(**arguments)
    except SystemExit as refusal:  # so it says that Unisphere is too old
        print(json.dumps({"error": ["SystemExit", str(refusal)]}), file=out, flush=True)
        return
    print(json.dumps({"result": PyU4V.__version__ if hasattr(PyU4V, "__version__") else ""}), file=out, flush=True)
    for line in sys.stdin:
        print(json.dumps(answer(connection, line), default=list), file=out, flush=True)


if __name__ == "__main__":
    # What PyU4V prints must not get between the answers.
    channel = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    main(channel)
