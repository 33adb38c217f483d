"""The revisions make exactly the tables that the models describe, once, whoever starts first."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text

from portal.core.database import open_engine
from portal.migrations import configuration, head, migrate
from portal.migrations.tables import METADATA
from tests.support.databases import Databases

_FIRST_CONTACT = text(
    "insert into sis_contacts(district_id, id, digest, source_id, identifier, given_name, middle_name,"
    " family_name, role, email, phone, sms, enabled)"
    " values('westborough', :name, 'x', 'x', 'x', 'Ana', '', 'Diaz', 'parent', :on_file, '', '', true)"
)
_FIRST_ACCOUNT = text(
    "insert into accounts(account_id, district_id, username, username_key, display_name, email, contact_id,"
    " password_hash, password_changed_at, password_expired, created_at)"
    " values(:name, 'westborough', :name, :name, 'Ana Diaz', :email, :name, 'x', 7, false, 7)"
)
_FIRST_MAIL = text(
    "insert into outbox(message_id, district_id, kind, recipient, details, created_at, due_at, attempts)"
    " values(:name, 'westborough', 'account_unlocked', :name, '{}', 7, 7, 0)"
)


@pytest.fixture
def empty(databases: Databases) -> Iterator[Engine]:
    with databases.empty() as url:
        engine = open_engine(url)
        yield engine
        engine.dispose()


def test_models_and_revisions_say_the_same(engine: Engine) -> None:
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), METADATA)

    assert differences == [], 'run: python -m portal.migrations "Why"'


def test_newest_revision_is_the_highest_number(engine: Engine) -> None:
    with engine.connect() as connection:
        heads = ScriptDirectory.from_config(configuration(connection)).get_heads()

    assert heads == [head()]


def test_every_table_names_its_district() -> None:
    without = [table.name for table in METADATA.sorted_tables if "district_id" not in table.columns]

    assert without == []


def test_workers_that_start_at_once_migrate_once(empty: Engine) -> None:
    problems: list[BaseException] = []

    def start() -> None:
        try:
            migrate(empty)
        except BaseException as error:  # noqa: BLE001  (shown by the assertion below)
            problems.append(error)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert problems == []
    assert {"accounts", "audit", "alembic_version"} <= set(inspect(empty).get_table_names())


def test_accounts_of_the_first_version_keep_their_addresses_and_their_mail(empty: Engine) -> None:
    with empty.begin() as connection:
        command.upgrade(configuration(connection), "0001")
        for name, on_file in (("known", "Ana@Example.org"), ("other", "office@example.org")):
            values = {"name": name, "email": "ana@example.org", "on_file": on_file}
            connection.execute(_FIRST_CONTACT, values)
            connection.execute(_FIRST_ACCOUNT, values)
            connection.execute(_FIRST_MAIL, values)

    migrate(empty)

    with empty.connect() as connection:
        accounts = connection.execute(
            text("select account_id, email_key, email_confirmed_at from accounts order by account_id")
        ).all()
        mails = set(connection.scalars(text("select address from outbox")))
    assert [tuple(row) for row in accounts] == [
        ("known", "ana@example.org", 7),
        ("other", "ana@example.org", None),
    ]
    assert mails == {"ana@example.org"}


def test_finding_nothing_to_do_loads_no_alembic(engine: Engine, database_url: str) -> None:
    code = (
        "import sys; from portal.core.database import open_engine; from portal.migrations import migrate;"
        f"migrate(open_engine({database_url!r})); print('alembic' in sys.modules)"
    )

    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "False"


def test_half_a_migration_leaves_nothing(empty: Engine) -> None:
    with empty.begin() as connection:
        connection.execute(text("create table sessions (a integer)"))

    with pytest.raises(Exception, match="sessions"):
        migrate(empty)

    assert set(inspect(empty).get_table_names()) == {"sessions"}
