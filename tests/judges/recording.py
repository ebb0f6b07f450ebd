"""What a driver left behind, as data: what it changed on the arrays, and what Cinder's database says of it.

A recording is made once, by the driver itself on its bench, and kept as JSON. Whoever plays it gets the same arrays and
the same rows without that driver, which today's Python may not run and a package index may not have.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import requests

from pmax.simulator import Simulator
from pmax.simulator.fixtures import LOCAL_ARRAY, REMOTE_ARRAY
from pmax.simulator.mount import SimulatorAdapter
from pmax.simulator.wire import Request, Response

#: Tables with what users made; a referring row stands behind the one that it refers to.
TABLES = (
    "volume_types",
    "volume_type_extra_specs",
    "group_types",
    "group_type_specs",
    "groups",
    "group_volume_type_mapping",
    "group_snapshots",
    "volumes",
    "volume_metadata",
    "volume_attachment",
    "snapshots",
    "snapshot_metadata",
)
#: Columns that say nothing of what a driver did, or that other versions of Cinder do not have.
_LEFT_OUT = frozenset({"created_at", "updated_at", "deleted_at", "service_uuid", "use_quota", "shared_targets"})


class Recorder:
    """Sees every change of the arrays that the drivers on a simulator ask for (`Options.faults`).

    Attributes:
        events: the changes, and what hosts wrote meanwhile, in their order.
    """

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    def before(self, request: Request) -> Response | None:
        """Let everything pass."""

    def after(self, request: Request, response: Response) -> Response:
        """Note what was changed."""
        if request.verb != "GET" and response.status < requests.codes.bad_request:
            body = json.loads(request.body) if request.body else None
            self.events.append({"verb": request.verb, "path": request.target, "body": body})
        return response

    def write(self, simulator: Simulator, device: str, data: str) -> None:
        """Let a host write to a device of the local array."""
        self._act(simulator, {"write": device, "data": data})

    def rename(self, simulator: Simulator, device: str, identifier: str) -> None:
        """Give a device of the local array the identifier that a driver of another time would have given it."""
        self._act(simulator, {"rename": device, "identifier": identifier})

    def _act(self, simulator: Simulator, event: dict[str, Any]) -> None:
        play(simulator, [event])
        self.events.append(event)


def furnish(simulator: Simulator) -> None:
    """Let the arrays hold what belongs to others, also under ids that Cinder's volumes have on the other array."""
    for symmetrix_id, count in ((LOCAL_ARRAY, 1), (REMOTE_ARRAY, 3)):
        for number in range(count):
            simulator.arrays[symmetrix_id].add_volume(7, f"somebody's {number}")


def play(simulator: Simulator, events: Iterable[Mapping[str, Any]]) -> None:
    """Change the arrays as it was recorded."""
    array = simulator.arrays[LOCAL_ARRAY]
    with requests.Session() as session:
        session.mount("https://", SimulatorAdapter(simulator.application))
        session.auth = (simulator.options.username, simulator.options.password)
        for event in events:
            match event:
                case {"write": device, "data": data}:
                    array.write(device, data)
                case {"rename": device, "identifier": identifier}:
                    array.update_volume(device, identifier=identifier)
                case {"verb": verb, "path": path, "body": body}:
                    session.request(verb, f"https://unisphere{path}", json=body).raise_for_status()


def rows_of(database: Path) -> dict[str, list[dict[str, Any]]]:
    """What a database of Cinder's holds of types, volumes, snapshots and groups, without what is deleted."""
    found = {}
    with closing(sqlite3.connect(database)) as connection:
        connection.row_factory = sqlite3.Row
        for table in TABLES:
            # Names of tables cannot be parameters; these are our own.
            rows = [dict(row) for row in connection.execute(f"SELECT * FROM {table}")]  # noqa: S608 # nosec B608
            found[table] = [_telling(row) for row in rows if row.get("deleted") in {0, "0", None, "False"}]
    return found


def _telling(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row without what is empty, and without a number that the database gives by itself."""
    left_out = _LEFT_OUT | ({"id"} if isinstance(row.get("id"), int) else set())
    return {name: value for name, value in row.items() if value is not None and name not in left_out}


def insert(database: Path, rows: Mapping[str, Iterable[Mapping[str, Any]]]) -> None:
    """Put recorded rows into a database of Cinder's that has none of them; columns that it does not have are left out.

    What a migration to the schema of today fills in is filled in: when a row was made, and that it counts for quotas.
    """
    with closing(sqlite3.connect(database)) as connection:
        for table in TABLES:
            columns = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
            for row in rows[table]:
                filled = {"created_at": "2019-06-01 12:00:00.000000", "use_quota": 1, "shared_targets": 0, **row}
                values = {name: value for name, value in filled.items() if name in columns}
                names, places = ", ".join(f'"{name}"' for name in values), ", ".join("?" * len(values))
                command = f"INSERT OR REPLACE INTO {table} ({names}) VALUES ({places})"  # noqa: S608 # nosec B608
                connection.execute(command, tuple(values.values()))
        connection.commit()
