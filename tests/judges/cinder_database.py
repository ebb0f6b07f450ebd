"""A database with Cinder's own schema, made by Cinder's own migrations once and copied for each test."""

import shutil
import sqlite3
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

import sqlalchemy
from cinder.db import api, migration
from oslo_db.sqlalchemy import enginefacade  # type: ignore[import-untyped]

from tests.judges.cache import cached


@contextmanager
def cinder_database(directory: Path) -> Iterator[str]:
    """Let Cinder work with an empty database in a directory; yield its URL."""
    with schema() as template:
        path = shutil.copy(template, directory / "cinder.sqlite")
    url = f"sqlite:///{path}"
    connections = enginefacade.transaction_context()
    connections.configure(connection=url)
    restore = api.main_context_manager.patch_factory(connections)
    try:
        yield url
    finally:
        restore()
        connections.dispose_pool()


@contextmanager
def schema() -> Iterator[Path]:
    """Yield a file with an empty database, to be copied."""
    with cached(f"cinder-{version('cinder')}.sqlite") as template:
        if not template.exists():
            _migrate(template)
        yield template


def _migrate(template: Path) -> None:
    unfinished = template.with_suffix(".unfinished")
    unfinished.unlink(missing_ok=True)
    engine = sqlalchemy.create_engine(f"sqlite:///{unfinished}")
    with warnings.catch_warnings(action="ignore"):  # alembic warns of what Cinder's migrations do on SQLite
        migration.db_sync(engine=engine)
    engine.dispose()
    with sqlite3.connect(unfinished) as connection:
        connection.execute("VACUUM")
    connection.close()
    unfinished.rename(template)
