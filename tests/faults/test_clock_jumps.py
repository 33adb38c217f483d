"""The machine's clock jumps, forward or back: what waits is answered, once, and nobody waits for the clock.

Still true: a lease that was given before the jump holds nobody up longer than a minute; two processes that
both believe to have a conversation store one answer; a mail in the hands of a killed process leaves.
"""

import asyncio

import pytest

from bot.conversation.memory import Memory
from bot.conversation.turn import Assistant
from portal.core.outbox import MailKind, To
from portal.delivery.outcomes import Sent
from portal.dialogue.outcomes import Arrival
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.conversation import Chat
from tests.support.patience import PATIENCE
from tests.support.portals import make_district
from tests.support.telegram.emulator import Emulator
from tests.support.telegram.line import Line

JUMPS = pytest.mark.parametrize("hours", [-24 * 365, -3, -1, 1, 24], ids=lambda hours: f"{hours} h")


def leave(portal: Portal, sender: str) -> str:
    """Take a message and the conversation's lease, and die."""
    said = {"kind": "text", "text": "count"}
    with portal.begin() as tx:
        received = tx.dialogue.receive(Arrival("rest", sender, "message:left", said, said))
        assert tx.dialogue.take_up(received.conversation_id, "killed") is not None
    return received.conversation_id


@JUMPS
async def test_what_a_killed_process_held_is_answered_after_the_jump(
    portal: Portal, desk: Assistant, clock: FakeClock, hours: int
) -> None:
    leave(portal, "ana")
    clock.advance(hours=hours)

    async with asyncio.timeout(PATIENCE):
        await desk.recover()
        chat = Chat(desk, channel="rest", sender="ana")
        await chat.say("count")

    assert chat.text == "2"


@JUMPS
async def test_turn_that_the_clock_jumps_under_is_answered_once(
    portal: Portal, desk: Assistant, clock: FakeClock, hours: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    original, jumped = Memory.finish, []

    async def jump_first(memory: Memory, *given: object) -> bool:
        if not jumped:
            jumped.append(True)
            clock.advance(hours=hours)
            # Somebody else looks just then, and takes whatever looks left behind.
            await desk.recover()
        return await original(memory, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(Memory, "finish", jump_first)
    chat = Chat(desk, channel="rest", sender="ana")

    async with asyncio.timeout(PATIENCE):
        await chat.say("count", "m1")
        again = await chat.say("count", "m1")

    assert [reply.text for reply in again] == ["1"]
    assert [entry.text for entry in await chat.history()] == ["count", "1"]


@JUMPS
async def test_chat_that_a_killed_process_wrote_to_is_written_to_after_the_jump(
    portal: Portal, desk: Assistant, clock: FakeClock, hours: int
) -> None:
    line = Line(desk, portal, Emulator())
    ana = line.person(4101)
    await ana.types("count")
    await desk.settled()
    with portal.begin() as tx:
        [waiting] = tx.pushes.waiting(line.settings.via)
        assert tx.pushes.take(waiting, "killed") is not None

    clock.advance(hours=hours)
    await line.settled()

    assert ana.read == "1"


@JUMPS
def test_mail_in_the_hands_of_a_killed_process_leaves_after_the_jump(
    portal: Portal, clock: FakeClock, hours: int
) -> None:
    make_district(portal)
    with portal.begin() as tx:
        put = tx.outbox.put("westborough", MailKind.PASSWORD_CHANGED, To("ana@mailbox.example"))
        assert tx.deliveries.lease("killed") is not None

    clock.advance(hours=hours)
    if hours < 0:
        # A mail falls due when it was put, by the clock of then: it leaves when that hour comes again.
        clock.advance(hours=-hours, minutes=3)
    with portal.begin() as tx:
        mail = tx.deliveries.lease("postman")
        assert mail is not None
        tx.deliveries.settle(mail.message_id, "postman", Sent())
        assert tx.deliveries.lease("postman") is None

    assert mail.message_id == put
    assert mail.is_repeat
