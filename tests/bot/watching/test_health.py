"""What cannot answer says so, and what is stuck behind it is told apart from that."""

import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy import text

from bot.conversation.turn import Assistant
from bot.watching.health import Health
from bot.watching.standing import Standing
from portal.core.outbox import MailKind, To
from portal.dialogue.outcomes import Arrival
from portal.migrations import head
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.portals import make_district, without_database

EVERY = frozenset({"inbox", "outbox", "pushes"})


async def understood(_: str) -> object:
    return "greet"


@pytest.fixture
def health(portal: Portal, tmp_path: Path) -> Health:
    make_district(portal)
    return Health(portal, Standing(portal), understood, tmp_path, EVERY)


def mark(portal: Portal, revision: str) -> None:
    """Let the tables be of another version."""
    with portal.begin() as tx:
        tx.session.execute(text("update alembic_version set version_num = :found"), {"found": revision})


@pytest.fixture
def marked(portal: Portal) -> Iterator[Callable[[str], None]]:
    """Let the tables be of another version for this test: the next one may get the same database."""
    yield partial(mark, portal)
    mark(portal, head())


def arrive(portal: Portal) -> None:
    with portal.begin() as tx:
        tx.dialogue.receive(Arrival("rest", "sender", "message", {"kind": "text", "text": "hi"}, {}))


def put_mail(portal: Portal) -> None:
    with portal.begin() as tx:
        tx.outbox.put("westborough", MailKind.PASSWORD_CHANGED, To("marisol@mailbox.example"))


async def test_what_can_answer_has_no_trouble(health: Health) -> None:
    assert await health.unready() == []
    assert await health.troubles() == []


async def test_without_the_database_nothing_is_ready(portal: Portal, tmp_path: Path) -> None:
    away = without_database(portal)
    health = Health(away, Standing(away), understood, tmp_path, EVERY)

    assert await health.unready() == ["database_away"]
    assert await health.troubles() == ["database_away"]
    away.close()


async def test_older_tables_keep_a_process_out(health: Health, marked: Callable[[str], None]) -> None:
    marked("0001")

    assert await health.unready() == ["tables_older"]


async def test_newer_tables_are_told_and_answered_on(health: Health, marked: Callable[[str], None]) -> None:
    marked("9999")

    assert await health.unready() == []
    assert await health.troubles() == ["tables_newer"]


async def test_model_that_fails_keeps_a_process_out(portal: Portal, tmp_path: Path) -> None:
    async def fails(_: str) -> object:
        raise OSError

    health = Health(portal, Standing(portal), fails, tmp_path, EVERY)

    assert await health.unready() == ["model_failed"]


async def test_stuck_queues_are_told_and_answered_on(
    desk: Assistant, health: Health, portal: Portal, clock: FakeClock
) -> None:
    arrive(portal)
    put_mail(portal)

    clock.advance(seconds=61)
    first = await health.troubles()
    later = Health(portal, Standing(portal), understood, health.var, EVERY)
    clock.advance(hours=1)

    assert first == ["inbox_old"]
    assert await later.troubles() == ["inbox_old", "outbox_old"]
    assert await later.unready() == []


async def test_mail_that_nobody_carries_here_is_not_stuck(
    health: Health, portal: Portal, clock: FakeClock
) -> None:
    put_mail(portal)
    clock.advance(days=1)
    idle = Health(portal, Standing(portal), understood, health.var, frozenset({"inbox"}))

    assert await idle.troubles() == []


class Usage(NamedTuple):
    free: int


async def test_a_full_disk_is_told_before_nothing_can_be_written(
    health: Health, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(free=1_000_000))

    assert await health.troubles() == ["disk_full"]
