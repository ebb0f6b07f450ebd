"""Performance figures, as far as balancing the load of ports needs them (reference section 6.20).

What is registered, what there are figures of, and the figures of port groups and front-end ports, collected every five
minutes ("diagnostic") or in real time. Metrics of other categories are not simulated.
"""

import json
from collections.abc import Callable, Sequence

import attrs

from pmax.simulator.body import Fields
from pmax.simulator.call import Answer, Call, ok
from pmax.simulator.dates import milliseconds
from pmax.simulator.dialect import Dialect
from pmax.simulator.refusals import ArrayRefused, BadRequest, Forbidden, NotFound, NotSimulated, text_of_missing
from pmax.simulator.resources.iterators import open_iterator
from pmax.simulator.rules.loads import (
    PORT_GROUP_METRICS,
    PORT_METRICS,
    REAL_TIME_PORT_METRICS,
    port_group_load,
    port_load,
)
from pmax.simulator.state.masking_records import PortKind
from pmax.simulator.state.transaction import ArrayTables
from pmax.simulator.wire import JsonObject

FIGURES = "performance figures"

_DIAGNOSTIC_S = 300
_REAL_TIME_S = 5
"""Assumed: how often real-time figures are collected, and that a query covers an hour at most."""

_LONGEST_REAL_TIME_S = 3600
_KEPT_S = 7 * 86400
"""Assumed: how long figures are kept."""

_EARLIEST_MS = 946_684_800_000
_MOST_ROWS = 100_000


@attrs.frozen(kw_only=True)
class Category:
    """Something that figures are collected of.

    Attributes:
        info_key: under which its keys are answered.
        id_key: of the name in an entry.
        names: lists what an array has of it; the body may narrow it.
        kpi: the metrics that matter most (assumed); empty if figures of it are not simulated.
        metrics: all that are simulated.
    """

    info_key: str
    id_key: str
    names: Callable[[ArrayTables, Fields], list[str]]
    kpi: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()


def get_registration_details(call: Call) -> Answer:
    """Answer whether figures of an array are collected."""
    record = call.array.record
    return ok(
        {
            "registrationDetailsInfo": [
                {
                    "symmetrixId": record.symmetrix_id,
                    "diagnostic": record.is_registered_for_performance,
                    "realtime": record.is_registered_for_real_time,
                    "collectionintervalmins": _DIAGNOSTIC_S // 60,
                    "message": "Success",
                }
            ]
        }
    )


def get_registration(call: Call) -> Answer:
    """Answer whether an array is registered: PyU4V reads this key, and nothing else of the answer is known."""
    return ok({"isRegistered": call.array.record.is_registered_for_performance})


def register(call: Call) -> Answer:
    """Begin or end to collect figures of an array; PyU4V looks for `Successfully` in the message (the rest is assumed).

    Real-time figures need diagnostic ones (assumed).
    """
    body = call.body
    symmetrix_id = body.text("symmetrixId")
    if symmetrix_id not in call.transaction.arrays or not call.unisphere.sees(symmetrix_id):
        raise NotFound(text_of_missing("Array", symmetrix_id, symmetrix_id))
    if not call.user.may_change or not call.unisphere.manages(symmetrix_id):
        raise Forbidden(f"User [{call.user.name}] is not authorized to perform this operation")
    body.ignore("file", "selectedSGs")
    is_collected = body.boolean("diagnostic", default=False)
    is_real_time = body.boolean("realtime", default=False)
    if is_real_time and not is_collected:
        raise BadRequest("An array cannot be registered for real time only")
    record = call.transaction.arrays.get(symmetrix_id)
    record = attrs.evolve(record, is_registered_for_performance=is_collected, is_registered_for_real_time=is_real_time)
    call.transaction.arrays.put(record)
    return ok({"message": [f"Successfully set the registration of Symmetrix {symmetrix_id}"]})


def list_array_keys(call: Call) -> Answer:
    """Answer the arrays that figures are collected of, with the times of the first and the last ones."""
    arrays = [each for each in call.transaction.arrays if each.is_registered_for_performance]
    seen = sorted(each.symmetrix_id for each in arrays if call.unisphere.sees(each.symmetrix_id))
    return ok({"arrayInfo": [{"symmetrixId": symmetrix_id, **_dates(call)} for symmetrix_id in seen]})


def list_keys(call: Call) -> Answer:
    """Answer what an array has of a category."""
    category = _category(call)
    array = _array_of_body(call)
    names = category.names(array, call.body)
    return ok({category.info_key: [{category.id_key: name, **_dates(call)} for name in names]})


def list_categories(call: Call) -> Answer:
    """Answer the categories that figures are collected of."""
    _refuse_unregistered(call.array)
    return ok({"categoryName": sorted({"Array", *_CATEGORIES})})


def list_metrics(call: Call) -> Answer:
    """Answer the metrics of a category."""
    _refuse_unregistered(call.array)
    category = _category(call)
    match call.params["selection"].lower():
        case "kpi":
            return ok({"metricName": sorted(category.kpi)})
        case "all":
            return ok({"metricName": sorted(category.metrics)})
        case other:
            raise NotFound(f"There is no list of metrics [{other[:80]}]")


def list_figures(call: Call) -> Answer:
    """Answer the figures of a port group or a port, every five minutes; 204 where there are none."""
    category = _category(call)
    if not category.metrics:
        raise NotSimulated(f"The simulator has no figures of {call.params['category']}")
    array = _array_of_body(call)
    call.body.choice("dataFormat", ("Average", "Maximum"))
    metrics = _metrics(call, category.metrics)
    if call.params["category"] == "PortGroup":
        name = _existing(array, "Port Group", call.body.text("portGroupId"))
        figures = {metric: port_group_load(array, name, metric) for metric in metrics}
    else:
        name = _existing(array, "Port", f"{call.body.text('directorId')}:{call.body.text('portId')}")
        figures = {metric: port_load(array, name, metric) for metric in metrics}
    return _rows(call, figures, _DIAGNOSTIC_S)


def list_real_time_figures(call: Call) -> Answer:
    """Answer the figures of a front-end port in real time; other categories are not simulated."""
    array = _array_of_body(call)
    if not array.record.is_registered_for_real_time:
        raise ArrayRefused(f"Symmetrix [{array.symmetrix_id}] is not registered for real time")
    if call.body.text("category").upper() != "FEPORT":
        raise NotSimulated("The simulator has real-time figures of FEPORT only")
    name = _existing(array, "Port", call.body.text("instanceId"))
    metrics = _metrics(call, REAL_TIME_PORT_METRICS)
    return _rows(call, {metric: port_load(array, name, metric) for metric in metrics}, _REAL_TIME_S)


def figures_page(_array: ArrayTables, _dialect: Dialect, entries: Sequence[str]) -> list[JsonObject]:
    """Return the entries of a page of figures, which are kept as they are answered."""
    return [json.loads(entry) for entry in entries]


def _rows(call: Call, figures: dict[str, float], interval_s: int) -> Answer:
    """Answer one row per interval between the dates of the body, both included."""
    first_ms, last_ms = call.body.integer("startDate"), call.body.integer("endDate")
    if first_ms < _EARLIEST_MS or last_ms < first_ms:
        raise BadRequest(f"The dates [{first_ms}, {last_ms}] are no period of time")
    if interval_s == _REAL_TIME_S and last_ms - first_ms > _LONGEST_REAL_TIME_S * 1000:
        raise BadRequest("Real-time figures can be asked for an hour at most")
    known = _dates(call, interval_s)
    step_ms = interval_s * 1000
    begin_ms = max(first_ms, known["firstAvailableDate"])
    end_ms = min(last_ms, known["lastAvailableDate"])
    moments = range(-(-begin_ms // step_ms) * step_ms, end_ms + 1, step_ms)
    if not moments:
        return Answer(204)
    entries = [json.dumps({**figures, "timestamp": moment}) for moment in moments[:_MOST_ROWS]]
    return ok(open_iterator(call, FIGURES, entries, figures_page))


def _dates(call: Call, interval_s: int = _DIAGNOSTIC_S) -> dict[str, int]:
    last_s = int(call.now) // interval_s * interval_s
    return {"firstAvailableDate": milliseconds(last_s - _KEPT_S), "lastAvailableDate": milliseconds(last_s)}


def _metrics(call: Call, known: Sequence[str]) -> tuple[str, ...]:
    wanted = call.body.texts("metrics")
    unknown = [metric for metric in wanted if metric not in known]
    if unknown:
        raise BadRequest(f"Metric [{unknown[0][:80]}] is not valid")
    return wanted


def _array_of_body(call: Call) -> ArrayTables:
    """Return the array that a body is about.

    Raises:
        NotFound: there is none.
        ArrayRefused: it is not registered (assumed).
    """
    symmetrix_id = call.body.text("symmetrixId")
    if symmetrix_id not in call.transaction.arrays or not call.unisphere.sees(symmetrix_id):
        raise NotFound(text_of_missing("Array", symmetrix_id, symmetrix_id))
    array = call.transaction.array(symmetrix_id)
    _refuse_unregistered(array)
    return array


def _refuse_unregistered(array: ArrayTables) -> None:
    if not array.record.is_registered_for_performance:
        raise ArrayRefused(f"Symmetrix [{array.symmetrix_id}] is not registered for performance data")


def _existing(array: ArrayTables, kind: str, name: str) -> str:
    rows = array.port_groups if kind == "Port Group" else array.ports
    if name not in rows:
        raise NotFound(text_of_missing(kind, name, array.symmetrix_id))
    return name


def _category(call: Call) -> Category:
    category = _CATEGORIES.get(call.params["category"])
    if category is None:
        raise NotSimulated(f"The simulator has no performance category [{call.params['category'][:80]}]")
    return category


def _directors(array: ArrayTables, _body: Fields) -> list[str]:
    return sorted({port.director_id for port in array.ports if port.kind is not PortKind.RDF})


def _ports(array: ArrayTables, body: Fields) -> list[str]:
    director = body.text("directorId")
    found = array.ports.where("director", director)
    if not found:
        raise NotFound(text_of_missing("Director", director, array.symmetrix_id))
    return [str(port.number) for port in found if port.kind is not PortKind.RDF]


_CATEGORIES = {
    "FEDirector": Category(info_key="feDirectorInfo", id_key="directorId", names=_directors),
    "FEPort": Category(
        info_key="fePortInfo",
        id_key="portId",
        names=_ports,
        kpi=("IOs", "MBs", "PercentBusy"),
        metrics=PORT_METRICS,
    ),
    "PortGroup": Category(
        info_key="portGroupInfo",
        id_key="portGroupId",
        names=lambda array, _: array.port_groups.sorted_keys(),
        kpi=("IOs", "MBs", "PercentBusy"),
        metrics=PORT_GROUP_METRICS,
    ),
    "StorageGroup": Category(
        info_key="storageGroupInfo",
        id_key="storageGroupId",
        names=lambda array, _: array.storage_groups.sorted_keys(),
    ),
}
