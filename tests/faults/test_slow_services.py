"""Telegram refuses and breaks, the mail server crawls: each answer is heard once, and each mail leaves once.

Still true, however often a request is refused, broken off or put off: no chat misses an answer, hears one
twice or hears two in the wrong order; no mail is lost or taken twice; and a parent in a chat waits for no
mail server.
"""

import asyncio
from collections import Counter
from threading import Event

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
# Longer than Telegram asks to wait here, as often as it refuses.
ROUNDS, ROUND = 20, 30
LONGEST = 50


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


async def test_mail_server_that_crawls_and_puts_off_takes_each_mail_once_and_no_chat_waits_for_it(
    portal: Portal, desk: Assistant, clock: FakeClock
) -> None:
    make_district(portal)
    with portal.begin() as tx:
        put = [
            tx.outbox.put("westborough", MailKind.PASSWORD_CHANGED, To(f"p{n}@mailbox.example"))
            for n in range(MAILS)
        ]
    chat, begun, answered = Chat(desk, channel="rest", sender="ana", district="desk"), Event(), Event()

    def crawl() -> None:
        begun.set()
        answered.wait(LONGEST)

    with mail_server() as server:
        server.greylists, server.accepts = True, crawl
        where = read_mail_server(f"smtp://127.0.0.1:{server.port}?starttls=off")
        postman = Postman(portal, letters_of(), SmtpSender(where, "portal@schools.example", clock))
        await postman.deliver_due()
        clock.advance(minutes=30)
        carrying = asyncio.create_task(postman.deliver_due())
        await asyncio.to_thread(begun.wait, LONGEST)
        await chat.say("count")
        taken_meanwhile = len(server.received)
        answered.set()
        await carrying
        clock.advance(days=1)
        await postman.deliver_due()

    taken = Counter(message["Message-ID"] for message in server.received)
    assert (chat.text, taken_meanwhile) == ("1", 1)
    assert taken == Counter(f"<{each}@schools.example>" for each in put)
