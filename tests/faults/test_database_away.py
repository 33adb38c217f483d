"""The database is stopped in the middle of everything and brought back: nothing is lost or done twice.

Still true: what could not be stored was not taken, and is taken when it is sent again; what was stored is
answered once when the database is back; a mail that was taken meanwhile is noted and does not leave again;
no process has to be started again.
"""

import asyncio
import time
from collections.abc import Callable, Iterator

import httpx
import pytest
from sqlalchemy import select

from bot.channels.districts import PortalDistricts
from bot.conversation.memory import Memory
from bot.conversation.turn import Assistant
from bot.mail.postman import Pace, Postman
from bot.mail.smtp import SmtpSender, read_mail_server
from bot.upkeep import Upkeep
from portal.core.calls import Calls
from portal.core.database import open_engine
from portal.core.models import OutboxRow
from portal.core.neighbours import Connected
from portal.core.outbox import MailKind, To
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.conversation import Chat
from tests.support.doors import KEYED, build_app, client_of
from tests.support.mails import letters_of
from tests.support.outage import Outage, outage_of
from tests.support.patience import PATIENCE
from tests.support.portals import make_district
from tests.support.smtp import mail_server
from tests.support.telegram.emulator import Emulator
from tests.support.telegram.line import Line

pytestmark = pytest.mark.postgresql


@pytest.fixture
def outage(database_url: str) -> Iterator[Outage]:
    with outage_of(database_url) as made:
        yield made


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not is_so():  # noqa: ASYNC110  (what is waited for happens in other threads)
            await asyncio.sleep(0.02)


async def test_message_of_an_outage_is_refused_and_answered_when_it_is_sent_again(
    desk: Assistant, outage: Outage
) -> None:
    chat = Chat(desk, channel="rest", sender="ana")
    await chat.say("count")

    outage.begin()
    refused = await chat.say("count", "m2")
    outage.end()
    taken = await chat.say("count", "m2")
    again = await chat.say("count", "m2")

    assert refused[0].text not in {"1", "2"}
    assert [reply.text for reply in (*taken, *again)] == ["2", "2"]
    assert [entry.text for entry in await chat.history()] == ["count", "1", "count", "2"]


async def test_program_at_the_door_is_told_to_send_a_message_of_an_outage_again(
    desk: Assistant, portal: Portal, outage: Outage
) -> None:
    make_district(portal, "boston")
    async with client_of(build_app(desk, districts=PortalDistricts(portal))) as client:

        async def say(message_id: str) -> httpx.Response:
            metadata = {"district": "boston", "message_id": message_id}
            body = {"sender": "ana", "message": "count", "metadata": metadata}
            return await client.post("/webhooks/rest/webhook", json=body, headers=KEYED)

        before = await say("m1")
        outage.begin()
        refused = await say("m2")
        outage.end()
        taken, again = await say("m2"), await say("m2")

    assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
    assert [answer.json()[0]["text"] for answer in (before, taken, again)] == ["1", "2", "2"]


async def test_turn_that_an_outage_cuts_off_is_finished_by_whoever_looks_later_and_once(
    desk: Assistant, portal: Portal, clock: FakeClock, outage: Outage, monkeypatch: pytest.MonkeyPatch
) -> None:
    original, cut = Memory.finish, []

    async def cut_off(memory: Memory, *given: object) -> bool:
        if not cut:
            cut.append(True)
            outage.begin()
        return await original(memory, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(Memory, "finish", cut_off)
    chat = Chat(desk, channel="rest", sender="ana")
    await chat.say("count", "m1")
    outage.end()
    clock.advance(minutes=1)

    async with Upkeep(portal, desk, recover_every=0.02).working():
        await until(lambda: not waiting(portal))
    again = await chat.say("count", "m1")

    assert [reply.text for reply in again] == ["1"]
    await chat.say("count")
    assert chat.text == "2"


def waiting(portal: Portal) -> tuple[str, ...]:
    with portal.begin(read_only=True) as tx:
        return tx.dialogue.unanswered()


async def test_update_of_an_outage_is_not_acknowledged_and_is_answered_when_it_is_brought_again(
    desk: Assistant, portal: Portal, outage: Outage
) -> None:
    line = Line(desk, portal, Emulator())
    ana = line.person(4101)
    update = {"update_id": 9, "message": {**ana._message(3), "text": "count"}}

    outage.begin()
    status = await line.bring(update)
    outage.end()
    statuses = [await line.bring(update), await line.bring(update)]
    await line.settled()

    assert (status, statuses) == (503, [200, 200])
    assert ana.read == "1"


async def test_mail_that_was_taken_in_an_outage_is_noted_and_does_not_leave_again(
    portal: Portal, outage: Outage
) -> None:
    make_district(portal)
    with portal.begin() as tx:
        for name in ("ana", "ben", "cleo"):
            tx.outbox.put("westborough", MailKind.PASSWORD_CHANGED, To(f"{name}@mailbox.example"))
    with mail_server() as server:
        where = read_mail_server(f"smtp://127.0.0.1:{server.port}?starttls=off")
        sender = SmtpSender(where, "portal@schools.example", portal.clock)
        server.accepts = lambda: outage.begin() if len(server.received) == 2 else None
        postman = Postman(portal, letters_of(), sender, pace=Pace(look=0.05, away=0.05, retry=0.02))
        async with postman.working():
            await until(lambda: len(server.received) == 2)
            await asyncio.sleep(0.2)
            outage.end()
            await until(lambda: len(sent(portal)) == 3)

    assert sorted(server.recipients) == [f"{name}@mailbox.example" for name in ("ana", "ben", "cleo")]


def sent(portal: Portal) -> list[str]:
    with portal.begin(read_only=True) as tx:
        return [row.message_id for row in tx.session.scalars(select(OutboxRow)) if row.sent_at is not None]


def test_duty_is_lost_in_an_outage_and_taken_again_after_it(database_url: str, outage: Outage) -> None:
    engine, told = open_engine(database_url), []
    neighbours = Connected(engine, Calls(), look=0.05)
    neighbours.open()
    neighbours.ask("upkeep", told.append)
    deadline = time.monotonic() + PATIENCE
    for said in ([True], [True, False], [True, False, True]):
        while told != said:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        if len(said) == 1:
            outage.begin()
        if len(said) == 2:
            outage.end()
    neighbours.close()
    engine.dispose()
