"""Six digits join one browser with one chat, whoever presses and types at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import TypeVar

import pytest
from sqlalchemy import func, select

from portal.core.outcomes import Reason, Refused
from portal.dialogue.models import JoinRow, SeenRow
from portal.dialogue.outcomes import (
    Arrival,
    ChatAddress,
    Joined,
    Joining,
    Purpose,
    Ticket,
    TicketChat,
    Unjoined,
)
from portal.transaction import Portal, Transaction
from tests.support.clock import FakeClock
from tests.support.portals import make_district

VIA = "telegram:1"
Result = TypeVar("Result")


def open_ticket(portal: Portal, sender: str = "1:41") -> Ticket:
    """Let a chat be asked for a password."""
    chat = ChatAddress(VIA, {"chat": 41, "name": "Ana"})
    arrival = Arrival("telegram", sender, f"m-{sender}", {"kind": "text"}, {"kind": "text"}, chat)
    with portal.begin() as tx:
        received = tx.dialogue.receive(arrival)
        return tx.dialogue.open_ticket(received.conversation_id, Purpose.SIGN_IN, {}, ["password"])


def chat_of(portal: Portal, ticket: Ticket) -> TicketChat:
    with portal.begin(read_only=True) as tx:
        found = tx.joins.chat_of(ticket.token, VIA)
    assert found is not None
    return found


@pytest.fixture
def ticket(portal: Portal) -> Ticket:
    make_district(portal)
    return open_ticket(portal)


@pytest.fixture
def chat(portal: Portal, ticket: Ticket) -> TicketChat:
    return chat_of(portal, ticket)


def begin(portal: Portal, chat: TicketChat, page: str) -> Joining | Joined | Refused:
    with portal.begin() as tx:
        return tx.joins.begin(chat, page)


def at_once(portal: Portal, times: int, work: Callable[[Transaction, int], Result]) -> list[Result]:
    """Do the same many times at the same moment, each in a transaction of its own."""
    barrier = Barrier(times)

    def one(number: int) -> Result:
        barrier.wait()
        with portal.begin() as tx:
            return work(tx, number)

    with ThreadPoolExecutor(times) as threads:
        return list(threads.map(one, range(times)))


@pytest.mark.case("C5")
def test_of_browsers_that_press_at_once_one_is_shown_digits(portal: Portal, chat: TicketChat) -> None:
    shown = at_once(portal, 4, lambda tx, number: tx.joins.begin(chat, f"page {number}"))

    assert len([each for each in shown if isinstance(each, Joining)]) == 1
    assert shown.count(Refused(Reason.TICKET_VOID)) == 3


@pytest.mark.case("C5")
def test_of_wrong_tries_at_once_no_more_than_five_are_judged(portal: Portal, chat: TicketChat) -> None:
    shown = begin(portal, chat, "page")
    assert isinstance(shown, Joining)
    wrong = [f"{(int(shown.digits) + number) % 10**6:06}" for number in range(1, 9)]

    answers = at_once(portal, 8, lambda tx, number: tx.joins.typed(chat.conversation, wrong[number]))
    with portal.begin() as tx:
        right = tx.joins.typed(chat.conversation, shown.digits)

    assert answers.count(Refused(Reason.BAD_CREDENTIALS)) == 4
    assert answers.count(Refused(Reason.TICKET_VOID)) == 1
    assert answers.count(None) == 3
    assert right is None


def test_digits_that_come_twice_are_right_twice(portal: Portal, chat: TicketChat) -> None:
    shown = begin(portal, chat, "page")
    assert isinstance(shown, Joining)

    answers = []
    for _ in range(7):
        with portal.begin() as tx:
            answers.append(tx.joins.typed(chat.conversation, shown.digits))

    assert answers == [Joined()] * 7


def test_digits_of_one_chat_are_nothing_in_another(portal: Portal, chat: TicketChat) -> None:
    other = chat_of(portal, open_ticket(portal, "1:42"))
    shown = begin(portal, chat, "page")
    begin(portal, other, "another page")
    assert isinstance(shown, Joining)

    with portal.begin() as tx:
        answer = tx.joins.typed(other.conversation, shown.digits)
        state = tx.joins.state(chat, "page")

    assert answer == Refused(Reason.BAD_CREDENTIALS)
    assert isinstance(state, Joining)


def test_a_joined_browser_goes_on_with_the_next_ticket_of_its_chat_alone(
    portal: Portal, chat: TicketChat, ticket: Ticket
) -> None:
    shown = begin(portal, chat, "page")
    assert isinstance(shown, Joining)
    with portal.begin() as tx:
        tx.joins.typed(chat.conversation, shown.digits)
        tx.dialogue.spend_ticket(ticket.token, chat.conversation)
        following = tx.dialogue.open_ticket(chat.conversation, Purpose.SIGN_IN, {}, ["password"])
    foreign = open_ticket(portal, "1:42")

    with portal.begin() as tx:
        tx.joins.carry_over(chat, "page", foreign.token)
        tx.joins.carry_over(chat, "somebody else's page", following.token)
        tx.joins.carry_over(chat, "page", following.token)
    next_chat, foreign_chat = chat_of(portal, following), chat_of(portal, foreign)
    with portal.begin(read_only=True) as tx:
        states = [tx.joins.state(next_chat, "page"), tx.joins.state(foreign_chat, "page")]

    assert states == [Joined(), Unjoined()]


def test_a_ticket_is_of_no_chat_of_another_bot_nor_once_it_is_spent_or_over(
    portal: Portal, chat: TicketChat, ticket: Ticket, clock: FakeClock
) -> None:
    with portal.begin() as tx:
        elsewhere = tx.joins.chat_of(ticket.token, "telegram:2")
        tx.dialogue.spend_ticket(ticket.token, chat.conversation)
        spent = tx.joins.chat_of(ticket.token, VIA)
    late = open_ticket(portal, "1:43")
    clock.advance(minutes=10)
    with portal.begin() as tx:
        over = tx.joins.chat_of(late.token, VIA)
        forged = tx.joins.chat_of("\ud800", VIA)

    assert [elsewhere, spent, over, forged] == [None, None, None, None]


@pytest.mark.case("C7")
def test_what_is_shown_at_once_many_times_counts_once(portal: Portal) -> None:
    first = at_once(portal, 6, lambda tx, _: tx.joins.show_once("opened", timedelta(minutes=5)))

    assert first.count(True) == 1


def test_what_is_over_is_forgotten(portal: Portal, chat: TicketChat, clock: FakeClock) -> None:
    begin(portal, chat, "page")
    with portal.begin() as tx:
        tx.joins.show_once("opened", timedelta(minutes=5))
    kept = []

    for _ in range(2):
        portal.purge()
        with portal.begin(read_only=True) as tx:
            kept += [
                tx.session.scalar(select(func.count()).select_from(model)) for model in (JoinRow, SeenRow)
            ]
        clock.advance(minutes=20)

    assert kept == [1, 1, 0, 0]
