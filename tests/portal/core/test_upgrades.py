"""Every released revision comes up to the newest with all that was in it, whoever is killed on the way."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import JSON, Column, Connection, Engine, Integer, MetaData, Table, inspect, select, text
from sqlalchemy import types as kinds

from portal.core.database import open_engine
from portal.core.errors import SettingsError
from portal.migrations import FOLDER, configuration, head, migrate, revision_of
from portal.migrations.tables import METADATA
from tests.support.databases import Databases

ROOT = Path(__file__).resolve().parents[3]
REVISIONS = sorted(path.name[:4] for path in FOLDER.glob("versions/[0-9]*.py"))
BEFORE = REVISIONS[:-1]
ROWS = 2
Rows = dict[str, list[dict[str, Any]]]

# Ends itself, as nobody can prevent, before the statement of that number.
KILLED = """
import os, signal, sys
from sqlalchemy import event
from portal.core.database import open_engine
from portal.migrations import migrate

engine, left = open_engine(sys.argv[1]), [int(sys.argv[2])]

@event.listens_for(engine, "before_cursor_execute")
def count(*_):
    left[0] -= 1
    if left[0] < 0:
        os.kill(os.getpid(), signal.SIGKILL)

migrate(engine)
"""


@pytest.fixture
def empty(databases: Databases) -> Iterator[Engine]:
    with databases.empty() as url:
        engine = open_engine(url)
        yield engine
        engine.dispose()


def at(engine: Engine, revision: str) -> Rows:
    """Make the tables of a revision, fill each of them, and return what is in them."""
    with engine.begin() as connection:
        command.upgrade(configuration(connection), revision)
    with engine.begin() as connection:
        for table in tables(connection):
            rows = [{each.name: value(each, number) for each in table.columns} for number in range(ROWS)]
            connection.execute(table.insert(), rows)
    filled = kept(engine)
    assert len(filled) > len(REVISIONS)
    assert {len(rows) for rows in filled.values()} == {ROWS}
    return filled


def tables(connection: Connection) -> list[Table]:
    """Return the tables as they are now, each after those that it refers to."""
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != "alembic_version"]


def value(column: Column[Any], number: int) -> Any:  # noqa: PLR0911  (one kind of value each)
    """Make up a value, the same one wherever it is referred to."""
    for key in column.foreign_keys:
        return value(key.column, number)
    match column.type:
        case kinds.Boolean():
            return bool(number)
        case Integer():
            return 7 + number
        case kinds.LargeBinary():
            return bytes([7 + number]) * 32
        case kinds.Date():
            return date(2026, 10, 15 + number)
        case JSON():
            return [str(number)]
        case _:
            return f"{column.name[:20]}-{number}"


def kept(engine: Engine) -> Rows:
    """Return every row of every table."""
    with engine.connect() as connection:
        return {
            table.name: sorted(
                map(dict, connection.execute(select(table)).mappings()),
                key=lambda row: str(sorted(row.items(), key=str)),
            )
            for table in tables(connection)
        }


def alike(before: Rows, after: Rows) -> None:
    """Every row that was there is there, with every column that it had."""
    for table, rows in before.items():
        names = sorted(rows[0])
        assert [[row[name] for name in names] for row in by(rows, names)] == [
            [row[name] for name in names] for row in by(after[table], names)
        ], table


def by(rows: list[dict[str, Any]], names: list[str]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: [str(row[name]) for name in names])


def found_revision(engine: Engine) -> str | None:
    with engine.connect() as connection:
        return revision_of(connection)


@pytest.mark.parametrize("revision", BEFORE)
def test_every_row_of_a_released_revision_is_there_after_the_upgrade(empty: Engine, revision: str) -> None:
    before = at(empty, revision)

    migrate(empty)

    alike(before, kept(empty))
    with empty.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    assert found_revision(empty) == head()


@pytest.mark.parametrize("statements", [30, 120])
def test_upgrade_that_is_killed_half_way_leaves_all_as_it_was_and_is_done_by_the_next_start(
    empty: Engine, statements: int
) -> None:
    before = at(empty, BEFORE[0])
    address = empty.url.render_as_string(hide_password=False)

    killed = subprocess.run(
        [sys.executable, "-c", KILLED, address, str(statements)], cwd=ROOT, capture_output=True, check=False
    )
    between, revision = kept(empty), found_revision(empty)
    migrate(empty)

    assert killed.returncode == -9, killed.stderr
    assert (between, revision) == (before, BEFORE[0])
    alike(before, kept(empty))
    assert found_revision(empty) == head()


def test_older_version_refuses_tables_of_a_newer_one_and_touches_nothing(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
        connection.execute(text("create table of_the_newer (a integer)"))

    with pytest.raises(SettingsError, match="newer version of Hallpass"):
        migrate(engine)

    assert found_revision(engine) == "9999"
    with engine.connect() as connection:
        assert "of_the_newer" in inspect(connection).get_table_names()
    with engine.begin() as connection:
        connection.execute(text("drop table of_the_newer"))
        connection.execute(text("update alembic_version set version_num = :head"), {"head": head()})
