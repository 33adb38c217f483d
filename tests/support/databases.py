"""Give each test a database of its own, on SQLite or PostgreSQL, with the tables in place."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from portal.core.database import open_engine
from portal.migrations import migrate
from portal.migrations.tables import METADATA
from tests.support.patience import PATIENCE
from tests.support.postgresql import embedded

KIND = os.environ.get("HALLPASS_TEST_DATABASE", "sqlite")
REVISION = text("select version_num from alembic_version")
MEMORY = Path("/dev/shm")  # noqa: S108  (a folder of its own is made there)
ROOM = 2_000_000_000
SERVER = os.environ.get("HALLPASS_TEST_POSTGRESQL_URL")
EMPTYING = "; ".join(
    ["set local lock_timeout = '2s'"]
    + [f'delete from "{table.name}"' for table in reversed(METADATA.sorted_tables)]  # noqa: S608  (our own names)
)


class Databases:
    """Copy a migrated template for each test: migrating once costs less than once a test."""

    def __init__(self, folder: Path, server: str | None) -> None:
        self._folder = folder
        self._server = server
        self._spare: list[str] = []
        self._template = folder / "template.db" if server is None else f"hallpass_{uuid4().hex[:12]}"
        if isinstance(self._template, str):
            self._command(f'create database "{self._template}"')
        engine = open_engine(self._url(self._template))
        migrate(engine)
        with engine.connect() as connection:
            self._revision = connection.scalar(REVISION)
        self._compiled = engine
        # Closing the last connection also writes SQLite's log back into the file that is copied.
        engine.dispose()

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """Yield the address of a new database with all tables and no rows."""
        if isinstance(self._template, Path):
            path = self._folder / f"{uuid4().hex}.db"
            shutil.copyfile(self._template, path)
            yield self._url(path)
            for each in self._folder.glob(f"{path.name}*"):
                each.unlink()
            return
        name = self._spare.pop() if self._spare else self._copy()
        yield self._url(name)
        if self._is_emptied(name):
            self._spare.append(name)
        else:
            self._command(f'drop database "{name}" with (force)')

    @contextmanager
    def empty(self) -> Iterator[str]:
        """Yield the address of a new database without any table."""
        if self._server is None:
            yield self._url(self._folder / f"{uuid4().hex}.db")
            return
        name = f"hallpass_{uuid4().hex[:12]}"
        self._command(f'create database "{name}"')
        yield self._url(name)
        self._command(f'drop database "{name}" with (force)')

    def create_engine(self, *given: Any, **settings: Any) -> Engine:
        """Make an engine that knows every statement another test has compiled.

        Compiling the same statements for an engine of its own took a good part of each test.
        """
        made = create_engine(*given, **{"pool_timeout": PATIENCE, **settings})
        if made.dialect.name == self._compiled.dialect.name:
            made.dialect = self._compiled.dialect
            made._compiled_cache = self._compiled._compiled_cache
        return made

    def close(self) -> None:
        """Remove what was made on a server that may outlive the tests."""
        if isinstance(self._template, str):
            for name in (*self._spare, self._template):
                self._command(f'drop database "{name}" with (force)')

    def _copy(self) -> str:
        name = f"hallpass_{uuid4().hex[:12]}"
        self._command(f'create database "{name}" template "{self._template}"')
        return name

    def _is_emptied(self, name: str) -> bool:
        """Delete every row, many times faster than a new copy; False if the test broke the tables."""
        engine = open_engine(self._url(name))
        try:
            with engine.begin() as connection:
                # All at once: there are more tables than most tests have statements.
                connection.exec_driver_sql(EMPTYING)
                # Some tests let it be of another version.
                return connection.scalar(REVISION) == self._revision
        except DBAPIError:
            return False
        finally:
            engine.dispose()

    def _url(self, place: Path | str) -> str:
        if isinstance(place, Path):
            return f"sqlite:///{place}"
        return make_url(self._server or "").set(database=place).render_as_string(hide_password=False)

    def _command(self, command: str) -> None:
        url = make_url(self._server or "").set(drivername="postgresql+psycopg")
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(command))
        engine.dispose()


@contextmanager
def in_memory(folder: Path) -> Iterator[Path]:
    """Yield a folder in memory, or the given one where the machine has none with room.

    Each commit waits for the disk, several times a test, and no database outlives its test.
    """
    if not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < ROOM or not os.access(MEMORY, os.W_OK):
        yield folder
        return
    with TemporaryDirectory(prefix="hallpass-tests-", dir=MEMORY, ignore_cleanup_errors=True) as place:
        yield Path(place)


@contextmanager
def server() -> Iterator[str | None]:
    """Yield the address of the PostgreSQL server the tests use, or None for SQLite."""
    if KIND == "sqlite":
        yield None
    elif SERVER:
        yield SERVER
    else:
        with embedded() as url:
            yield url
