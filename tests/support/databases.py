"""Give each test a database of its own, on SQLite or PostgreSQL, with the tables in place."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from portal.core.database import open_engine
from portal.migrations import migrate
from tests.support.postgresql import embedded

KIND = os.environ.get("HALLPASS_TEST_DATABASE", "sqlite")
SERVER = os.environ.get("HALLPASS_TEST_POSTGRESQL_URL")


class Databases:
    """Copy a migrated template for each test: migrating once costs less than once a test."""

    def __init__(self, folder: Path, server: str | None) -> None:
        self._folder = folder
        self._server = server
        self._template = folder / "template.db" if server is None else f"hallpass_{uuid4().hex[:12]}"
        if isinstance(self._template, str):
            self._command(f'create database "{self._template}"')
        engine = open_engine(self._url(self._template))
        migrate(engine)
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
        name = f"hallpass_{uuid4().hex[:12]}"
        self._command(f'create database "{name}" template "{self._template}"')
        yield self._url(name)
        self._command(f'drop database "{name}" with (force)')

    def close(self) -> None:
        """Remove the template from a server that may outlive the tests."""
        if isinstance(self._template, str):
            self._command(f'drop database "{self._template}" with (force)')

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
def server() -> Iterator[str | None]:
    """Yield the address of the PostgreSQL server the tests use, or None for SQLite."""
    if KIND == "sqlite":
        yield None
    elif SERVER:
        yield SERVER
    else:
        with embedded() as url:
            yield url
