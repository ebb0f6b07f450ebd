"""The connections of a masking view: a row per volume, initiator and port (reference section 6.12; rule 44)."""

from collections.abc import Callable

import attrs

from pmax.simulator import capacity
from pmax.simulator.call import Answer, Call, ok
from pmax.simulator.query import Filters, FilterValue
from pmax.simulator.resources.masking_views import subject_view
from pmax.simulator.rules.lun_addresses import initiators_of_view
from pmax.simulator.rules.lun_settling import note_reads
from pmax.simulator.state.masking_records import Initiator, LunAddress, MaskingView, lun_key
from pmax.simulator.state.transaction import ArrayTables
from pmax.simulator.wire import JsonObject


@attrs.frozen
class Connection:
    """A path from an initiator to a volume.

    Attributes:
        is_logged_in: the initiator is logged in on the port.
        is_on_fabric: it is on the port's fabric.
    """

    volume_id: str
    address: int
    cylinders: int
    initiator: Initiator
    port: str
    is_logged_in: bool
    is_on_fabric: bool

    @property
    def alias(self) -> str:
        """What the initiator is called."""
        known = self.initiator
        return f"{known.node_name or known.initiator_id}/{known.port_name or known.initiator_id}"


def list_connections(call: Call) -> Answer:
    """Answer the connections of a view that pass the filters."""
    view = subject_view(call)
    rows = _connections(call.array, view, note_reads(call.array, _addresses(call, view), call.now))
    if not call.behaviour.are_unlogged_paths_connected:
        rows = [row for row in rows if row.is_logged_in]
    return ok({"maskingViewConnection": [_body(row) for row in _FILTERS.apply(call.query, rows)]})


def _addresses(call: Call, view: MaskingView) -> list[LunAddress]:
    wanted = call.query.exact("volume_id")
    if wanted is None:
        return call.array.lun_addresses.where("masking_view", view.name)
    found = (call.array.lun_addresses.find(lun_key(view.name, volume_id.upper())) for volume_id in wanted)
    return [address for address in found if address is not None]


def _connections(array: ArrayTables, view: MaskingView, addresses: list[LunAddress]) -> list[Connection]:
    initiators = [array.initiators.get(each) for each in initiators_of_view(array, view)]
    ports = array.port_groups.get(view.port_group).ports
    logins = {(each.initiator_id, login.port): login for each in initiators for login in each.logins}
    rows = []
    for address in addresses:
        cylinders = array.volumes.get(address.volume_id).cylinders
        for initiator in initiators:
            for port in ports:
                login = logins.get((initiator.initiator_id, port))
                is_in, is_on = (login.is_logged_in, login.is_on_fabric) if login else (False, False)
                rows.append(Connection(address.volume_id, address.address, cylinders, initiator, port, is_in, is_on))
    return rows


def _body(row: Connection) -> JsonObject:
    return {
        "volumeId": row.volume_id,
        "host_lun_address": f"{row.address:04x}",
        "cap_gb": str(capacity.cap_gb(row.cylinders)),
        "initiatorId": row.initiator.initiator_id,
        "alias": row.alias,
        "dir_port": row.port,
        "logged_in": row.is_logged_in,
        "on_fabric": row.is_on_fabric,
    }


def _same_address(row: Connection) -> tuple[str, ...]:
    """Return the address in the forms in which clients write it: with and without leading zeros, in either case."""
    short = f"{row.address:x}"
    return (f"{row.address:04x}", f"{row.address:04X}", short, short.upper())


_FIELDS: dict[str, Callable[[Connection], FilterValue]] = {
    "volume_id": lambda row: (row.volume_id, row.volume_id.lower()),
    "host_lun_address": _same_address,
    "cap_gb": lambda row: capacity.cap_gb(row.cylinders),
    "initiator_id": lambda row: row.initiator.initiator_id,
    "alias": lambda row: row.alias,
    "dir_port": lambda row: row.port,
    "logged_in": lambda row: row.is_logged_in,
    "on_fabric": lambda row: row.is_on_fabric,
}
_FILTERS: Filters[Connection] = Filters(_FIELDS)
