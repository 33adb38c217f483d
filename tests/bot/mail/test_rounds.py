"""While the process runs, regular mails are put into the outbox as they fall due."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
import structlog

from bot.mail.rounds import Rounds
from portal.core.errors import UnavailableError
from portal.records.falling_due import FallingDue
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.mails import Mailbox, postman_of
from tests.support.notified import ADDRESS, WEEKLY, change, notified_family, waiting
from tests.support.patience import PATIENCE


@pytest.fixture(autouse=True)
def account(portal: Portal, tmp_path: Path) -> str:
    account = notified_family(portal, tmp_path)
    change(portal, WEEKLY, None)
    return account


async def until(is_done: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not is_done():  # noqa: ASYNC110  (another task does it, and tells nobody)
            await asyncio.sleep(0.01)


@pytest.mark.requirement("R96")
async def test_what_falls_due_while_the_process_runs_is_put_and_carried(
    portal: Portal, clock: FakeClock
) -> None:
    mailbox = Mailbox()
    postman, rounds = postman_of(portal, mailbox), Rounds(portal, look=0.01)

    async with postman.working(), rounds.working():
        await asyncio.sleep(0.05)
        early = list(mailbox.letters)
        clock.advance(days=1)
        await until(lambda: len(mailbox.letters) == 2)

    assert early == []
    assert {letter.to for letter in mailbox.letters} == {ADDRESS}


async def test_everything_that_is_due_is_put_a_lot_at_a_time(portal: Portal, clock: FakeClock) -> None:
    clock.advance(days=1)

    counts = [await Rounds(portal).put_due(), await Rounds(portal).put_due()]

    assert counts == [2, 0]
    assert len(waiting(portal)) == 2


async def test_leaving_does_not_wait_for_the_next_look(portal: Portal) -> None:
    async with asyncio.timeout(PATIENCE):
        async with Rounds(portal, look=3600).working():
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("error", "logged"),
    [(UnavailableError("away"), []), (KeyError("a bug"), [("rounds_failed", "KeyError")])],
)
async def test_a_round_that_fails_is_not_the_last(
    portal: Portal,
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    logged: list[tuple[str, str]],
) -> None:
    clock.advance(days=1)
    put, failures = FallingDue.put_due, [error]

    def put_due(due: FallingDue) -> int:
        if failures:
            raise failures.pop()
        return put(due)

    monkeypatch.setattr(FallingDue, "put_due", put_due)
    with structlog.testing.capture_logs() as logs:
        async with Rounds(portal, look=0.01).working():
            await until(lambda: len(waiting(portal)) == 2)

    assert [(line["event"], line["error"]) for line in logs if "error" in line] == logged
    assert [line["count"] for line in logs if line["event"] == "notifications_due"] == [2]
