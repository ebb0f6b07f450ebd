"""The tables of the page: what there is of one kind on one array, as rows of texts and numbers.

Only the rows that are shown are made, so that a full array costs no more than a small one. Looking changes nothing: not
even what goes on when a client looks.
"""

from collections.abc import Callable, Iterable, Sequence

import attrs

from pmax.simulator.capacity import cap_gb
from pmax.simulator.rules import groups, snapvx_facts, srdf_facts
from pmax.simulator.rules.lun_addresses import hosts_of_view
from pmax.simulator.rules.snapvx import generation_of, sessions_of, snapshots_of
from pmax.simulator.rules.snapvx_links import copied_percent, link_state
from pmax.simulator.rules.srdf_pairs import all_groups, all_pairs, groups_of_array, number_on, pairs_of_group
from pmax.simulator.rules.srdf_transitions import shown_state
from pmax.simulator.state.snapvx_records import SNAPSHOTS, Link
from pmax.simulator.state.transaction import ArrayTables
from pmax.simulator.wire import JsonObject

ROWS = 100
"""How many rows of a table are shown at most; who looks for others narrows the search."""

Cell = str | int | float | None
RowMaker = Callable[[ArrayTables, str, float], Sequence[Cell]]
"""Makes the cells of a row out of its key, at a time."""


@attrs.frozen(kw_only=True)
class PageTable:
    """A table of the page.

    Attributes:
        title: what it is called there.
        columns: what its columns are called; `GB`, `%` and `UTC` at the end of a name say how a cell is shown.
        names: the keys of its rows on an array with the texts that a search looks at, in their order.
        count: how many there are.
        row: makes a row.
    """

    title: str
    columns: tuple[str, ...]
    names: Callable[[ArrayTables], Iterable[tuple[str, str]]]
    count: Callable[[ArrayTables], int]
    row: RowMaker

    def render(self, array: ArrayTables, find: str, now: float) -> JsonObject:
        """Return the table, narrowed to the rows in whose texts something is found."""
        wanted = find.lower()
        keys = [key for key, text in self.names(array) if wanted in text.lower()]
        rows = [list(self.row(array, key, now)) for key in keys[:ROWS]]
        return {"title": self.title, "columns": self.columns, "rows": rows, "found": len(keys)}


def _named(rows: Callable[[ArrayTables], Iterable[str]]) -> Callable[[ArrayTables], Iterable[tuple[str, str]]]:
    """Return what lists rows whose key is all that a search looks at."""
    return lambda array: ((name, name) for name in rows(array))


def _storage_group(array: ArrayTables, name: str, _now: float) -> Sequence[Cell]:
    group = array.storage_groups.get(name)
    children = len(groups.children(array, group))
    kind = f"parent of {children}" if children else f"child of {', '.join(group.parents)}" if group.parents else ""
    return (
        name,
        kind,
        group.service_level or "",
        group.srp or "",
        groups.number_of_volumes(array, group),
        cap_gb(groups.cylinders_of(array, group)),
        "masked" if groups.is_masked(array, group) else "",
    )


def _volumes(array: ArrayTables) -> Iterable[tuple[str, str]]:
    for volume_id in array.volumes.sorted_keys():
        yield volume_id, f"{volume_id} {array.volumes.get(volume_id).identifier or ''}"


def _volume(array: ArrayTables, volume_id: str, _now: float) -> Sequence[Cell]:
    volume = array.volumes.get(volume_id)
    uses = ["gatekeeper"] if volume.is_gatekeeper else []
    uses += ["snapshot source"] if snapvx_facts.is_source(array, volume) else []
    uses += ["link target"] if snapvx_facts.is_target(array, volume) else []
    uses += [f"SRDF {label}" for _, label in srdf_facts.group_labels(array, volume)]
    return (
        volume_id,
        volume.identifier or "",
        cap_gb(volume.cylinders),
        volume.allocated_percent,
        ", ".join(volume.storage_groups),
        ", ".join(uses),
    )


def _view(array: ArrayTables, name: str, _now: float) -> Sequence[Cell]:
    view = array.masking_views.get(name)
    addresses = array.lun_addresses.count("masking_view", name)
    host = view.host or f"{view.host_group} ({len(hosts_of_view(array, view))} hosts)"
    return (name, host, view.port_group, view.storage_group, addresses)


def _host(array: ArrayTables, name: str, _now: float) -> Sequence[Cell]:
    host = array.hosts.get(name)
    initiators = [array.initiators.get(each) for each in host.initiators]
    ports = {login.port for each in initiators for login in each.logins if login.is_logged_in}
    protocols = sorted({each.protocol.value for each in initiators})
    views = array.masking_views.count("host", name)
    return (name, ", ".join(protocols), ", ".join(host.initiators), ", ".join(sorted(ports)), views)


def _snapshots(array: ArrayTables) -> Iterable[tuple[str, str]]:
    table = array.rows(SNAPSHOTS)
    for key in table.sorted_keys():
        yield key, f"{key} {table.get(key).name}"


def _snapshot(array: ArrayTables, key: str, now: float) -> Sequence[Cell]:
    snapshot = array.rows(SNAPSHOTS).get(key)
    generation = generation_of(snapshot, snapshots_of(array, snapshot.source))
    links = [_link(link, now) for link in sessions_of(array, snapshot)]
    notes = ["terminated"] if snapshot.removal is not None else []
    notes += ["secure"] if snapshot.secure_until is not None else []
    notes += ["expired"] if snapshot.is_expired else []
    return (
        snapshot.name,
        snapshot.source,
        generation,
        str(snapshot.snap_id),
        snapshot.created_at,
        snapshot.expires_at,
        ", ".join(links),
        ", ".join(notes),
    )


def _link(link: Link, now: float) -> str:
    target = "restore" if link.is_restore else link.target
    progress = f" {copied_percent(link, now)} %" if link.is_copying else ""
    return f"{target} {link_state(link)}{progress}" + ("" if link.is_defined else ", not defined")


def _pairs(array: ArrayTables) -> Iterable[tuple[str, str]]:
    for group in groups_of_array(array):
        for pair in pairs_of_group(array, group):
            yield pair.pair_id, f"{group.label} {' '.join(pair.volumes)}"


def _number_of_pairs(array: ArrayTables) -> int:
    pairs = all_pairs(array.transaction)
    sides = [(group, group.side_of(array.symmetrix_id)) for group in groups_of_array(array)]
    return sum(pairs.count("end", (group.group_id, side)) for group, side in sides)


def _pair(array: ArrayTables, pair_id: str, now: float) -> Sequence[Cell]:
    pair = all_pairs(array.transaction).get(pair_id)
    group = all_groups(array.transaction).get(pair.group_id)
    near = group.side_of(array.symmetrix_id)
    copied = pair.progress.percent(now) if pair.progress is not None else None
    return (
        f"{number_on(array, group)} {group.label}",
        pair.volumes[near],
        "R1" if pair.r1_side == near else "R2",
        pair.arrays[1 - near],
        pair.volumes[1 - near],
        pair.mode.value,
        shown_state(group, pair).value,
        copied,
    )


def _port(array: ArrayTables, name: str, _now: float) -> Sequence[Cell]:
    port = array.ports.get(name)
    is_online = port.is_online and array.directors.get(port.director_id).is_online
    used_by = ", ".join(sorted(array.port_groups.keys_where("port", name)))
    where = port.identifier or ", ".join(port.ip_addresses)
    return (name, port.kind.value, "online" if is_online else "offline", where, used_by)


def _jobs(array: ArrayTables) -> Iterable[tuple[str, str]]:
    jobs = array.transaction.jobs
    for key in sorted(jobs.keys_where("symmetrix_id", array.symmetrix_id), reverse=True):
        yield key, f"{key} {jobs.get(key).name}"


def _job(array: ArrayTables, job_id: str, now: float) -> Sequence[Cell]:
    job = array.transaction.jobs.get(job_id)
    is_due = job.is_over or job.progress.started_at <= now
    status = "RUNNING" if job.status == "SCHEDULED" and is_due and not job.is_over else job.status
    return (job_id, job.name, status, job.created_at, job.ended_at, job.result)


TABLES: dict[str, PageTable] = {
    "storage_groups": PageTable(
        title="Storage groups",
        columns=("Name", "Cascade", "Service level", "Pool", "Volumes", "Capacity GB", "State"),
        names=_named(lambda array: array.storage_groups.sorted_keys()),
        count=lambda array: len(array.storage_groups),
        row=_storage_group,
    ),
    "masking_views": PageTable(
        title="Masking views",
        columns=("Name", "Host", "Port group", "Storage group", "LUN addresses"),
        names=_named(lambda array: array.masking_views.sorted_keys()),
        count=lambda array: len(array.masking_views),
        row=_view,
    ),
    "hosts": PageTable(
        title="Hosts",
        columns=("Name", "Protocol", "Initiators", "Logged in on", "Views"),
        names=_named(lambda array: array.hosts.sorted_keys()),
        count=lambda array: len(array.hosts),
        row=_host,
    ),
    "volumes": PageTable(
        title="Volumes",
        columns=("Id", "Identifier", "Capacity GB", "Allocated %", "Storage groups", "Use"),
        names=_volumes,
        count=lambda array: len(array.volumes),
        row=_volume,
    ),
    "snapshots": PageTable(
        title="Snapshots",
        columns=("Name", "Volume", "Generation", "Snap id", "Created UTC", "Expires UTC", "Links", "State"),
        names=_snapshots,
        count=lambda array: len(array.rows(SNAPSHOTS)),
        row=_snapshot,
    ),
    "pairs": PageTable(
        title="SRDF pairs",
        columns=("RDF group", "Local", "Role", "Remote array", "Remote", "Mode", "State", "Copied %"),
        names=_pairs,
        count=_number_of_pairs,
        row=_pair,
    ),
    "ports": PageTable(
        title="Ports",
        columns=("Name", "Kind", "State", "Identifier", "Port groups"),
        names=_named(lambda array: array.ports.sorted_keys()),
        count=lambda array: len(array.ports),
        row=_port,
    ),
    "jobs": PageTable(
        title="Jobs",
        columns=("Id", "Name", "State", "Created UTC", "Ended UTC", "Result"),
        names=_jobs,
        count=lambda array: array.transaction.jobs.count("symmetrix_id", array.symmetrix_id),
        row=_job,
    ),
}
