"""Telegram refuses and breaks, the mail server crawls: each answer is heard once, and each mail leaves once.

Still true, however often a request is refused, broken off or put off: no chat misses an answer, hears one
twice or hears two in the wrong order, and none waits for another; no mail is lost or taken twice; and a
parent in a chat waits for no mail server.
"""

import asyncio
from collections import Counter

from bot.conversation.turn import Assistant
from bot.mail.postman import Postman
from bot.mail.smtp import SmtpSender, read_mail_server
from portal.core.outbox import MailKind, To
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.conversation import Chat
from tests.support.mails import letters_of
from tests.support.portals import make_district
from tests.support.smtp import mail_server
from tests.support.telegram.emulator import Emulator
from tests.support.telegram.line import Line
from tests.support.telegram.network import BROKEN, Cut, Lost, too_many

CHATS, MESSAGES, MAILS = 6, 3, 12
# As long as Telegram asks for at most here, and as the longest pause after a mail that was put off.
ROUNDS, ROUND = 20, 30


async def test_storm_at_telegram_brings_each_chat_each_answer_once_and_in_order(
    portal: Portal, desk: Assistant, clock: FakeClock
) -> None:
    emulator = Emulator()
    line = Line(desk, portal, emulator)
    people = [line.person(number) for number in range(4101, 4101 + CHATS)]
    for each in people:
        for fault in (too_many(7), BROKEN, Cut(), Lost(), BROKEN, too_many(20)):
            line.network.spoil("sendMessage", fault, chat=each.number)

    for _ in range(MESSAGES):
        for each in people:
            await each.types("count")
    for _ in range(ROUNDS):
        await line.settled()
        clock.advance(seconds=ROUND)

    assert [[shown.text for shown in each.hears] for each in people] == [["1", "2", "3"]] * CHATS
    assert len(line.network.tries_of("sendMessage")) == CHATS * (MESSAGES + 6)
    assert emulator.faults == []


async def test_mail_server_that_crawls_and_puts_off_takes_each_mail_once_while_chats_are_answered(
    portal: Portal, desk: Assistant, clock: FakeClock
) -> None:
    make_district(portal)
    with portal.begin() as tx:
        put = [
            tx.outbox.put("westborough", MailKind.PASSWORD_CHANGED, To(f"p{n}@mailbox.example"))
            for n in range(MAILS)
        ]
    chat = Chat(desk, channel="rest", sender="ana", district="desk")

    with mail_server() as server:
        server.greylists, server.silence = True, 0.05
        where = read_mail_server(f"smtp://127.0.0.1:{server.port}?starttls=off")
        postman = Postman(portal, letters_of(), SmtpSender(where, "portal@schools.example", clock))
        for _ in range(ROUNDS):
            async with asyncio.TaskGroup() as at_once:
                at_once.create_task(postman.deliver_due())
                at_once.create_task(chat.say("count"))
            clock.advance(seconds=ROUND)

    taken = Counter(message["Message-ID"] for message in server.received)
    assert taken == Counter(f"<{each}@schools.example>" for each in put)
    assert chat.text == str(ROUNDS)
