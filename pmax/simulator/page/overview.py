"""What the page shows at a moment, as one JSON object."""

from typing import Protocol

import attrs

from pmax.simulator.app import Application
from pmax.simulator.fault_rules import FaultRules
from pmax.simulator.page.tables import TABLES
from pmax.simulator.request_log import RequestLog
from pmax.simulator.resources.pools import pool_usage
from pmax.simulator.state.transaction import ArrayTables
from pmax.simulator.state.world import World
from pmax.simulator.wire import JsonObject

CALLS = 60
"""How many of the last calls are shown."""

_GB_PER_TB = 1024


class Overseen(Protocol):
    """What the page looks at: a simulator."""

    world: World
    requests: RequestLog
    faults: FaultRules

    @property
    def defects(self) -> list[Exception]:
        """Bugs of the simulator that showed."""


def overview(simulator: Overseen, application: Application, choice: dict[str, str]) -> JsonObject:
    """Return what the page shows.

    Args:
        simulator: what is looked at.
        application: the Unisphere that serves the page; its arrays are shown.
        choice: the `array` and the `table` that are chosen, and a text to `find`. Without an array, or with one that
            is not there, it is the one with most storage groups; likewise the first table.
    """
    unisphere = application.unisphere
    with simulator.world.changing() as transaction:
        now = simulator.world.clock.now()
        ids = [each for each in transaction.arrays.sorted_keys() if unisphere.sees(each)]
        arrays = [_array(transaction.array(each), is_local=unisphere.manages(each)) for each in ids]
        busiest = max(ids, key=lambda each: len(transaction.array(each).storage_groups), default=None)
        chosen = choice["array"] if choice.get("array") in ids else busiest
        table_id = choice["table"] if choice.get("table") in TABLES else next(iter(TABLES))
        tabs, table = [], None
        if chosen is not None:
            array = transaction.array(chosen)
            tabs = [{"id": key, "title": each.title, "count": each.count(array)} for key, each in TABLES.items()]
            table = TABLES[table_id].render(array, choice.get("find", ""), now)
    return {
        "unisphere": {"name": unisphere.name, "version": unisphere.version.text, "now": now},
        "arrays": arrays,
        "array": chosen,
        "tabs": tabs,
        "tab": table_id,
        "table": table,
        "calls": [attrs.asdict(record) for record in simulator.requests.last(CALLS)],
        "number_of_calls": len(simulator.requests),
        "faults": [{"title": each.title, "matches": simulator.faults.matches(each)} for each in simulator.faults],
        "number_of_fired_faults": len(simulator.faults.fired),
        "number_of_defects": len(simulator.defects),
    }


def _array(array: ArrayTables, *, is_local: bool) -> JsonObject:
    record = array.record
    usages = [pool_usage(array, pool) for pool in array.pools]
    ports = [port.is_online and array.directors.get(port.director_id).is_online for port in array.ports]
    return {
        "id": record.symmetrix_id,
        "model": record.model.replace("_", " "),
        "microcode": record.microcode,
        "is_up": record.is_up,
        "is_local": is_local,
        "usable_gb": _gb(sum(usage.usable_tb for usage in usages)),
        "used_gb": _gb(sum(usage.used_tb for usage in usages)),
        "subscribed_gb": _gb(sum(usage.subscribed_tb for usage in usages)),
        "counts": [
            ["volumes", len(array.volumes)],
            ["groups", len(array.storage_groups)],
            ["views", len(array.masking_views)],
            ["hosts", len(array.hosts)],
        ],
        "ports_online": sum(ports),
        "ports": len(ports),
        "jobs_under_way": array.transaction.jobs.count("under_way", record.symmetrix_id),
    }


def _gb(terabytes: float) -> float:
    return round(terabytes * _GB_PER_TB, 1)
