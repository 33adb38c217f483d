"""Both databases keep instants exactly, and writers wait for each other."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import URL, Engine, make_url, select, text
from sqlalchemy.exc import DBAPIError

from portal.core.clock import SystemClock
from portal.core.database import microseconds, open_engine
from portal.core.models import OutboxRow
from portal.core.outbox import MailKind, To
from portal.transaction import Portal
from tests.support.clock import START


def test_instant_keeps_its_microseconds(portal: Portal) -> None:
    due = START + timedelta(microseconds=1)
    with portal.begin() as tx:
        key = tx.outbox.put("westborough", MailKind.ACCOUNT_UNLOCKED, To("a@x.example"), count=1)
        tx.session.get_one(OutboxRow, key).due_at = due

    with portal.begin(read_only=True) as tx:
        row = tx.session.scalars(select(OutboxRow).where(OutboxRow.due_at == due)).one()

    assert (row.due_at, row.created_at, row.sent_at, row.details) == (due, START, None, '{"count": 1}')
    assert row.due_at.tzinfo is UTC


def test_microseconds_are_whole_and_exact() -> None:
    assert microseconds(datetime(2026, 10, 15, 14, 0, 0, 123457, tzinfo=UTC)) == 1792072800123457


def test_system_clock_tells_the_time_of_this_machine() -> None:
    before = datetime.now(UTC)  # noqa: TID251  (the one check of the real clock)

    now = SystemClock().now()

    assert now.tzinfo is UTC
    assert before <= now <= datetime.now(UTC)  # noqa: TID251


def test_writers_at_once_lose_nothing(portal: Portal) -> None:
    def count() -> None:
        for _ in range(10):
            with portal.begin() as tx:
                query = select(OutboxRow).with_for_update()
                tx.session.scalars(query).one().attempts += 1

    with portal.begin() as tx:
        tx.outbox.put("westborough", MailKind.ACCOUNT_UNLOCKED, To("a@x.example"))
    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with portal.begin(read_only=True) as tx:
        assert tx.session.scalar(select(OutboxRow.attempts)) == 80


def test_one_time_holds_for_a_whole_transaction(portal: Portal) -> None:
    with portal.begin() as tx:
        assert tx.now == tx.context.now == START


def test_errors_hide_parameters(engine: Engine) -> None:
    with engine.connect() as connection, pytest.raises(DBAPIError) as caught:
        connection.execute(text("select * from nothing_here where a = :a"), {"a": "CANARY"})

    assert "CANARY" not in str(caught.value)


def test_address_of_postgresql_names_the_driver_we_ship() -> None:
    engine = open_engine("postgresql://localhost/hallpass")

    assert engine.driver == "psycopg"
    engine.dispose()


@pytest.mark.postgresql
def test_connection_whose_other_end_is_gone_is_noticed_soon_unless_the_address_says_otherwise(
    database_url: str,
) -> None:
    address = make_url(database_url)

    def settings_of(url: URL) -> tuple[str, str]:
        engine = open_engine(url)
        with engine.connect() as connection:
            said = connection.connection.driver_connection.info.get_parameters()  # type: ignore[union-attr]  # it is open
        engine.dispose()
        return said["keepalives_idle"], said["tcp_user_timeout"]

    assert settings_of(address) == ("30", "60000")
    assert settings_of(address.update_query_dict({"keepalives_idle": "7"})) == ("7", "60000")
