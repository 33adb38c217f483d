"""The postman carries what is due to a real mail server and loses nothing, whatever the server does."""

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from sqlalchemy import select

from bot.mail.letters import Letter
from bot.mail.postman import Pace, Postman
from bot.mail.smtp import SmtpSender, read_mail_server
from portal.accounts.models import AccountRow
from portal.accounts.outcomes import MailAsked, PasswordSet, RecoverPassword
from portal.core.calls import Topic
from portal.core.database import open_engine
from portal.core.errors import UnavailableError
from portal.core.keys import Keys
from portal.core.models import OutboxRow
from portal.core.outbox import MailKind, To
from portal.delivery.outcomes import Handover, Sent
from portal.delivery.service import LEASE
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.hashing import CountingHasher
from tests.support.mailbox import EMAIL, asker, set_password
from tests.support.mails import AWAY, Mailbox, delivered, letters_of, postman_of
from tests.support.patience import PATIENCE
from tests.support.portals import make_district, make_parent
from tests.support.smtp import MailServer, mail_server

ADDRESS = "marisol@mailbox.example"
QUICK = Pace(look=0.05, away=0.05, retry=0.01)
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def district(portal: Portal) -> None:
    make_district(portal)


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as made:
        yield made


def put(portal: Portal, **details: int) -> str:
    with portal.begin() as tx:
        return tx.outbox.put("westborough", MailKind.PASSWORD_CHANGED, To(ADDRESS), **details)


def confirm(portal: Portal, account_id: str) -> None:
    with portal.begin() as tx:
        row = tx.session.get_one(AccountRow, account_id)
        row.email_key, row.email_confirmed_at = EMAIL.lower(), portal.clock.now()


def rows(portal: Portal) -> list[OutboxRow]:
    with portal.begin(read_only=True) as tx:
        return list(tx.session.scalars(select(OutboxRow).order_by(OutboxRow.created_at)))


def postman_to(portal: Portal, port: int, *, patience: float = PATIENCE, pace: Pace | None = None) -> Postman:
    where = read_mail_server(f"smtp://127.0.0.1:{port}?starttls=off")
    sender = SmtpSender(where, "portal@schools.example", portal.clock, patience=patience)
    return Postman(portal, letters_of(), sender, pace=pace)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110  (what is waited for happens in other threads)
            await asyncio.sleep(0.01)


async def test_everything_that_is_due_leaves_in_one_round(portal: Portal, server: MailServer) -> None:
    sent = {put(portal) for _ in range(3)}

    await postman_to(portal, server.port).deliver_due()

    assert {message["Message-ID"] for message in server.received} == {
        f"<{message_id}@schools.example>" for message_id in sent
    }
    assert all(row.sent_at is not None for row in rows(portal))


@pytest.mark.case("E7")
async def test_mail_server_that_refuses_keeps_the_mail_and_it_leaves_once_later(
    portal: Portal, clock: FakeClock, server: MailServer
) -> None:
    put(portal)
    server.recipient = "451 4.3.0 Try later"
    postman = postman_to(portal, server.port)
    await postman.deliver_due()
    refused = rows(portal)[0]
    server.recipient = ""
    await postman.deliver_due()
    too_early = len(server.received)

    clock.advance(minutes=1)
    await postman.deliver_due()
    clock.advance(days=1)
    await postman.deliver_due()

    assert (refused.sent_at, refused.last_error, too_early) == (None, "refused 451 4.3.0", 0)
    assert len(server.received) == 1


@pytest.mark.case("E7")
async def test_mail_server_that_is_away_costs_one_try_and_the_rest_waits_untouched(
    portal: Portal, clock: FakeClock
) -> None:
    for _ in range(3):
        put(portal)
    with mail_server() as gone:
        port = gone.port
    postman = postman_to(portal, port)

    was_done = await postman.deliver_due()

    assert not was_done
    assert sorted(row.attempts for row in rows(portal)) == [0, 0, 1]
    with mail_server(port=port) as back:
        clock.advance(minutes=1)
        await postman.deliver_due()
    assert len(back.received) == 3


@pytest.mark.requirement("R33", "R35", "R41")
@pytest.mark.case("E7")
async def test_recovery_while_mail_is_refused_is_answered_alike_and_its_mail_works_when_it_arrives(
    portal: Portal, clock: FakeClock, server: MailServer
) -> None:
    account_id = make_parent(portal, email=EMAIL)
    confirm(portal, account_id)
    server.recipient = "451 4.3.0 Try later"
    postman = postman_to(portal, server.port)
    with portal.begin() as tx:
        known = tx.recovery.ask_password(RecoverPassword(asker(), "mlopez", EMAIL))
        unknown = tx.recovery.ask_password(RecoverPassword(asker(), "nobody", EMAIL))
    await postman.deliver_due()
    clock.advance(hours=2)
    server.recipient = ""
    await postman.deliver_due()
    await postman.deliver_due()
    clock.advance(minutes=30, seconds=-1)

    body = server.received[0].get_body(("plain",))
    assert body is not None
    found = re.search(r"#([\w-]+)\s", body.get_content())
    assert found is not None
    outcome = await asyncio.to_thread(set_password, portal, found[1])

    assert known == unknown == MailAsked()
    assert server.recipients == [EMAIL]
    assert isinstance(outcome, PasswordSet)


async def test_server_that_greylists_gets_each_mail_once_at_the_second_try(
    portal: Portal, clock: FakeClock, server: MailServer
) -> None:
    put(portal)
    server.greylists = True
    postman = postman_to(portal, server.port)

    for _ in range(4):
        await postman.deliver_due()
        clock.advance(minutes=1)

    assert len(server.received) == 1
    assert [row.attempts for row in rows(portal)] == [2]


@pytest.mark.parametrize("step", ["recipient", "content"])
async def test_connection_that_drops_in_the_middle_loses_and_doubles_nothing(
    portal: Portal, clock: FakeClock, server: MailServer, step: str
) -> None:
    sent = {put(portal) for _ in range(2)}
    server.drops = step
    postman = postman_to(portal, server.port)
    await postman.deliver_due()
    server.drops = ""

    for _ in range(3):
        clock.advance(minutes=1)
        await postman.deliver_due()

    ids = [message["Message-ID"] for message in server.received]
    assert sorted(ids) == sorted(f"<{message_id}@schools.example>" for message_id in sent)


async def test_server_that_is_silent_is_tried_again_later(
    portal: Portal, clock: FakeClock, server: MailServer
) -> None:
    put(portal)
    server.silence = 2.0
    await postman_to(portal, server.port, patience=0.2).deliver_due()
    server.silence = 0.0

    clock.advance(minutes=1)
    await postman_to(portal, server.port).deliver_due()

    assert len(server.received) == 1


async def test_recipient_that_does_not_exist_is_given_up_and_the_next_mail_leaves(
    portal: Portal, clock: FakeClock, server: MailServer
) -> None:
    put(portal)
    server.recipient = "550 5.1.1 No such user"
    postman = postman_to(portal, server.port)
    await postman.deliver_due()
    server.recipient = ""
    clock.advance(days=1)
    put(portal)

    await postman.deliver_due()

    first, second = rows(portal)
    assert (first.given_up_at is None, first.last_error) == (False, "refused 550 5.1.1")
    assert second.sent_at is not None
    assert len(server.received) == 1


async def test_no_transaction_is_open_while_the_mail_server_is_talked_to(portal: Portal) -> None:
    put(portal)
    pool: list[int] = []

    class Watching(Mailbox):
        async def hand_over(self, letter: Letter) -> Handover:
            pool.append(portal.engine.pool.checkedout())  # type: ignore[attr-defined]
            return Sent()

    await delivered(portal, Watching())

    assert pool == [0]


async def test_kill_between_acceptance_and_commit_repeats_one_mail_with_the_same_message_id(
    portal: Portal, server: MailServer, database_url: str, clock: FakeClock
) -> None:
    wanted = {f"<{put(portal)}@schools.example>" for _ in range(2)}
    running: list[subprocess.Popen[bytes]] = []
    server.accepts = lambda: os.kill(running[0].pid, signal.SIGKILL)
    running.append(process(database_url, server.port))
    code = await asyncio.to_thread(running[0].wait, PATIENCE)
    server.accepts = None
    survivor = postman_to(portal, server.port)

    await survivor.deliver_due()
    before = [message["Message-ID"] for message in server.received]
    clock.advance(seconds=LEASE.total_seconds())
    await survivor.deliver_due()
    clock.advance(days=1)
    await survivor.deliver_due()

    after = [message["Message-ID"] for message in server.received]
    assert code == -signal.SIGKILL
    assert set(before) == wanted
    assert after == [*before, before[0]]
    assert all(row.sent_at is not None for row in rows(portal))


async def test_mail_leaves_when_its_commit_is_done_and_without_being_looked_for(
    portal: Portal, server: MailServer
) -> None:
    async with postman_to(portal, server.port, pace=Pace(look=3600)).working():
        await asyncio.sleep(0.1)
        await asyncio.to_thread(put, portal)
        await until(lambda: len(server.received) == 1)


async def test_mail_that_another_process_wrote_is_found(
    portal: Portal,
) -> None:
    box = Mailbox()
    async with postman_of(portal, box, pace=QUICK).working():
        await asyncio.sleep(0.1)
        portal.calls.listen(Topic.MAIL, None)
        await asyncio.to_thread(put, portal)
        await until(lambda: len(box.letters) == 1)


async def test_server_that_is_away_is_left_alone_for_a_while_even_when_more_mail_comes(
    portal: Portal,
) -> None:
    box = Mailbox(refuses=AWAY)
    async with postman_of(portal, box).working():
        await asyncio.to_thread(put, portal)
        await until(lambda: box.tried == 1)
        await asyncio.to_thread(put, portal)
        await asyncio.sleep(0.2)

    assert box.tried == 1


async def test_failure_that_nobody_foresaw_does_not_stop_the_postman(
    portal: Portal, clock: FakeClock
) -> None:
    box = Mailbox()

    class Stumbling(Mailbox):
        async def hand_over(self, letter: Letter) -> Handover:
            self.tried += 1
            if self.tried == 1:
                raise RuntimeError
            return await box.hand_over(letter)

    async with postman_of(portal, Stumbling(), pace=QUICK).working():
        await asyncio.to_thread(put, portal)
        await asyncio.to_thread(put, portal)
        await until(lambda: len(box.letters) == 1)
        clock.advance(seconds=LEASE.total_seconds())
        await until(lambda: len(box.letters) == 2)


async def test_mail_in_hand_is_finished_when_the_process_stops(portal: Portal) -> None:
    put(portal)

    class Slow(Mailbox):
        async def hand_over(self, letter: Letter) -> Handover:
            self.tried += 1
            await asyncio.sleep(0.3)
            return await super().hand_over(letter)

    box = Slow()
    async with postman_of(portal, box).working():
        await until(lambda: box.tried == 1)

    assert len(box.letters) == 1
    assert rows(portal)[0].sent_at is not None


async def test_mail_that_cannot_be_worded_is_kept_and_the_next_one_leaves(portal: Portal) -> None:
    with portal.begin() as tx:
        unworded = tx.outbox.put("westborough", MailKind.STAFF_CASE, To(ADDRESS))
    worded = put(portal)

    box = await delivered(portal)

    assert [letter.message_id for letter in box.letters] == [worded]
    kept = {row.message_id: row.last_error for row in rows(portal)}
    assert kept == {worded: None, unworded: "not_worded"}


async def test_mail_waits_while_the_database_does_not_answer(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(portal)
    monkeypatch.setattr(portal, "begin", away)
    box = Mailbox()

    was_done = await postman_of(portal, box).deliver_due()

    assert not was_done
    assert box.tried == 0


async def test_mail_that_was_taken_is_noted_as_soon_as_the_database_is_back(
    portal: Portal,
) -> None:
    put(portal)

    class Breaking(Mailbox):
        async def hand_over(self, letter: Letter) -> Handover:
            broken = pytest.MonkeyPatch()
            broken.setattr(portal, "begin", away)
            asyncio.get_running_loop().call_later(0.1, broken.undo)
            return await super().hand_over(letter)

    box = Breaking()
    await postman_of(portal, box, pace=QUICK).deliver_due()

    assert len(box.letters) == 1
    assert rows(portal)[0].sent_at is not None


def away(**_: bool) -> NoReturn:
    message = "The database did not answer."
    raise UnavailableError(message)


def process(database_url: str, port: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", KILLED, database_url, str(port)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)


def carry(database_url: str, port: int) -> None:
    """Carry mail as a process of its own does, until it is killed."""
    portal = Portal(
        open_engine(database_url),
        clock=FakeClock(),
        keys=Keys(b"a secret of at least thirty-two bytes, for tests only"),
        hasher=CountingHasher(),
    )
    asyncio.run(postman_to(portal, port).deliver_due())


KILLED = "import sys; from tests.bot.mail.test_postman import carry; carry(sys.argv[1], int(sys.argv[2]))"
