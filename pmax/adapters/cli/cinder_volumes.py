"""Cinder's volumes for comparison: out of its database, which is only read, or out of a file.

SQLAlchemy is loaded only when a database is named; it comes with Cinder, or with `pip install 'pmax[database]'`.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pmax.adapters.cli.refusals import WrongUsage
from pmax.domain.drift import CinderVolume
from pmax.domain.errors import InvalidRequest, PmaxError
from pmax.domain.identifiers import ArrayId, device_id
from pmax.domain.pools import PoolName

if TYPE_CHECKING:
    from sqlalchemy import Connection

#: What a file may call the facts about a volume: our own names, Cinder's API, and the openstack command's columns.
_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "volume_id": ("id",),
    "name_id": ("name_id", "_name_id"),
    "size_gib": ("size", "size_gib"),
    "status": ("status",),
    "attachments": ("attachments", "attached to", "attached_to"),
    "replication_status": ("replication_status",),
    "snapshots": ("snapshots",),
    "host": ("host", "os-vol-host-attr:host"),
    "device": ("provider_location", "device_id"),
}


def from_file(path: Path, array_id: ArrayId) -> tuple[CinderVolume, ...]:
    """Read a list of volumes as JSON: what `openstack volume list --long -f json` writes will do.

    Raises:
        WrongUsage: the file cannot be read, or is something else.
    """
    try:
        listed = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise WrongUsage(f"{path}: {error.strerror}", "correct --volumes") from error
    except ValueError as error:
        raise WrongUsage(
            f"{path} is no JSON ({error})", "write it with openstack volume list --long -f json"
        ) from error
    if isinstance(listed, Mapping):
        listed = listed.get("volumes")
    if not isinstance(listed, list) or not all(isinstance(each, Mapping) for each in listed):
        raise WrongUsage(f"{path} holds no list of volumes", "write it with openstack volume list --long -f json")
    return tuple(_of_facts(_facts(each), array_id) for each in listed)


def _facts(row: Mapping[str, Any]) -> dict[str, Any]:
    lowered = {str(key).lower(): value for key, value in row.items()}
    facts = {name: next((lowered[key] for key in keys if key in lowered), None) for name, keys in _KEYS.items()}
    if not isinstance(facts["volume_id"], str) or not facts["volume_id"]:
        raise WrongUsage("a volume of the file has no id", "write the file with openstack volume list --long -f json")
    return facts


def from_database(cinder_config: Path, array_id: ArrayId) -> tuple[CinderVolume, ...]:
    """Read Cinder's database in one transaction that can write nothing.

    Args:
        cinder_config: `cinder.conf`; its `[database] connection` says where the database is.
        array_id: only volumes on this array are given.

    Raises:
        WrongUsage: the file names no database, or what reads databases is not installed.
        PmaxError: the database cannot be read.
    """
    url = _connection(cinder_config)
    try:
        import sqlalchemy
    except ImportError as error:
        raise WrongUsage("SQLAlchemy is not installed", "pip install 'pmax[database]'") from error
    try:
        engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.pool.NullPool)
        with engine.connect() as connection:
            _forbid_writing(connection)
            volumes = _rows(connection, "volumes", _VOLUME_COLUMNS)
            attachments = _rows(connection, "volume_attachment", _ATTACHMENT_COLUMNS)
            snapshots = _rows(connection, "snapshots", _SNAPSHOT_COLUMNS)
    except ModuleNotFoundError as error:
        raise WrongUsage(f"{error.name} is not installed", "install the database driver that Cinder uses") from error
    except sqlalchemy.exc.SQLAlchemyError as error:
        # The text of such an error may hold the URL with its password; its class says enough.
        reason = type(getattr(error, "orig", None) or error).__name__
        raise PmaxError(f"Cinder's database cannot be read ({reason})") from error
    attached = _collected(attachments, "volume_id", lambda row: row["attached_host"] or row["instance_uuid"] or "?")
    taken = _collected(snapshots, "volume_id", lambda row: row["id"])
    every = (
        _of_facts(
            {
                "volume_id": row["id"],
                "name_id": row["_name_id"],
                "size_gib": row["size"],
                "status": row["status"],
                "attachments": attached.get(row["id"], []),
                "replication_status": row["replication_status"],
                "snapshots": taken.get(row["id"], []),
                "host": row["host"],
                "device": row["provider_location"],
            },
            array_id,
        )
        for row in volumes
        if _is_on(array_id, row)
    )
    return tuple(every)


_VOLUME_COLUMNS: Final = ("id", "_name_id", "size", "status", "host", "replication_status", "provider_location")
_ATTACHMENT_COLUMNS: Final = ("volume_id", "attached_host", "instance_uuid")
_SNAPSHOT_COLUMNS: Final = ("id", "volume_id")


def _connection(cinder_config: Path) -> str:
    from oslo_config import cfg

    conf = cfg.ConfigOpts()
    conf.register_opt(cfg.StrOpt("connection", secret=True), group="database")
    try:
        conf(args=[], project="cinder", default_config_files=[str(cinder_config)], default_config_dirs=[])
    except cfg.Error as error:
        raise WrongUsage(f"{cinder_config} cannot be read", "name a cinder.conf with --cinder-config") from error
    if not conf.database.connection:
        raise WrongUsage(f"{cinder_config} has no connection in [database]", "name the cinder.conf of a controller")
    return str(conf.database.connection)


def _forbid_writing(connection: Connection) -> None:
    """Have the database itself refuse whatever would write."""
    import sqlalchemy

    statement = {
        "sqlite": "PRAGMA query_only = ON",
        "mysql": "SET SESSION TRANSACTION READ ONLY",
        "mariadb": "SET SESSION TRANSACTION READ ONLY",
        "postgresql": "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
    }.get(connection.dialect.name)
    if statement is None:
        what = f"pmax does not know how to forbid writing to a database of kind {connection.dialect.name}"
        raise WrongUsage(what, "write the volumes into a file, and use --volumes")
    connection.execute(sqlalchemy.text(statement))
    connection.commit()


def _rows(connection: Connection, table: str, columns: tuple[str, ...]) -> list[Mapping[str, Any]]:
    import sqlalchemy

    source = sqlalchemy.table(table, *map(sqlalchemy.column, (*columns, "deleted")))
    query = sqlalchemy.select(*(source.c[name] for name in columns)).where(source.c.deleted == sqlalchemy.false())
    return [dict(row) for row in connection.execute(query).mappings()]


def _is_on(array_id: ArrayId, row: Mapping[str, Any]) -> bool:
    """A volume is on the array if its pool or its location says so."""
    return str(row["host"] or "").endswith(f"+{array_id}") or array_id in str(row["provider_location"] or "")


def _collected(rows: Iterable[Mapping[str, Any]], key: str, value: Any) -> dict[str, list[str]]:  # noqa: ANN401
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row[key], []).append(value(row))
    return found


def _of_facts(facts: Mapping[str, Any], array_id: ArrayId) -> CinderVolume:
    attachments, snapshots, status = facts["attachments"], facts["snapshots"], facts["replication_status"]
    size = facts["size_gib"]
    return CinderVolume(
        volume_id=facts["volume_id"],
        name_id=facts["name_id"] or None,
        device_id=_device(facts["device"]),
        size_gib=size if isinstance(size, int) else None,
        status=facts["status"],
        service_level=_service_level(facts["host"], array_id),
        attachments=None if attachments is None else tuple(_attached(each) for each in attachments),
        replication_status=status or None,
        snapshots=None if snapshots is None else tuple(map(str, snapshots)),
    )


def _attached(entry: object) -> str:
    """Who has a volume: the API and the openstack command give an object, the database a name."""
    if isinstance(entry, Mapping):
        return str(entry.get("host_name") or entry.get("host") or entry.get("server_id") or "?")
    return str(entry)


def _device(location: object) -> str | None:
    """The device of a stored location, or a bare device id; None where nothing readable is stored."""
    text = str(location or "")
    if text.startswith("{"):
        try:
            stored = ast.literal_eval(text)
        except (ValueError, SyntaxError):
            return None
        keys = stored.get("keybindings") or {}
        text = str(stored.get("device_id") or keys.get("DeviceID") or "")
    try:
        return device_id(text) if text else None
    except InvalidRequest:
        return None


def _service_level(host: object, array_id: ArrayId) -> str | None:
    """What `host@backend#Diamond+None+SRP_1+000197900999` promises; None where no pool of the array is named."""
    pool = str(host or "").partition("#")[2]
    if not pool.endswith(f"+{array_id}"):
        return None
    try:
        return PoolName.parse(pool).service_level or ""
    except InvalidRequest:
        return None
