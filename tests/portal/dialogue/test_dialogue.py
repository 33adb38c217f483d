"""What conversations keep: each message once, in order, encrypted, under a lease."""

from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import select

from portal.core.database import Base
from portal.core.outcomes import Reason, Refused
from portal.dialogue.models import ConversationRow, InboxRow
from portal.dialogue.outcomes import (
    Answer,
    Arrival,
    ChatAddress,
    Choice,
    Line,
    News,
    NewsKind,
    OpenTicket,
    Purpose,
    Received,
    Redeemed,
    SecretSubmission,
    Ticket,
    Work,
)
from portal.dialogue.service import button_key
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.portals import make_district, make_parent, sign_in


def arrival(message_id: str = "m1", text: str = "hello", sender: str = "someone") -> Arrival:
    return Arrival("rest", sender, message_id, {"kind": "text", "text": text}, {"kind": "text", "text": ""})


def receive(portal: Portal, given: Arrival | None = None) -> Received:
    with portal.begin() as tx:
        return tx.dialogue.receive(given or arrival())


def take_up(portal: Portal, conversation: str, owner: str = "me") -> Work | None:
    with portal.begin() as tx:
        return tx.dialogue.take_up(conversation, owner)


def answer(portal: Portal, work: Work | None, **changes: Any) -> bool:
    assert work is not None
    given = {
        "state": {"turns": 1},
        "replies": ({"text": "hi"},),
        "lines": (Line({"text": "hello"}), Line({"text": "hi"})),
        **changes,
    }
    with portal.begin() as tx:
        return tx.dialogue.finish(Answer(work=work, **given))


@pytest.fixture
def received(portal: Portal) -> Received:
    return receive(portal)


def test_a_new_message_waits_with_what_was_said(portal: Portal, received: Received) -> None:
    work = take_up(portal, received.conversation_id)

    assert work is not None
    assert work.pending.payload == {"kind": "text", "text": "hello"}
    assert work.conversation.state is None


def test_a_repeated_message_is_not_stored_twice(portal: Portal, received: Received) -> None:
    again = receive(portal)

    assert again == received
    with portal.begin() as tx:
        assert len(tx.session.scalars(select(InboxRow)).all()) == 1


def test_a_repeat_of_an_answered_message_gets_its_replies(portal: Portal, received: Received) -> None:
    answer(portal, take_up(portal, received.conversation_id))

    again = receive(portal)

    assert again.replies == ({"text": "hi"},)


@pytest.mark.parametrize("owner", [None, "another"])
def test_a_repeat_leaves_the_lease_to_whoever_is_answering_the_next_message(
    portal: Portal, received: Received, owner: str | None
) -> None:
    answer(portal, take_up(portal, received.conversation_id))
    receive(portal, arrival("m2", "second"))
    work = take_up(portal, received.conversation_id)

    with portal.begin() as tx:
        again = tx.dialogue.receive(arrival(), owner)

    assert again.replies == ({"text": "hi"},)
    assert take_up(portal, received.conversation_id, "another") is None
    assert answer(portal, work)


def test_a_repeat_gives_back_the_lease_that_it_took(portal: Portal, received: Received) -> None:
    answer(portal, take_up(portal, received.conversation_id))
    with portal.begin() as tx:
        tx.dialogue.receive(arrival(), "somebody")
    receive(portal, arrival("m2", "second"))

    assert take_up(portal, received.conversation_id) is not None


def test_messages_are_taken_up_in_the_order_of_their_arrival(portal: Portal, received: Received) -> None:
    receive(portal, arrival("m2", "second"))
    answer(portal, take_up(portal, received.conversation_id))

    work = take_up(portal, received.conversation_id)

    assert work is not None
    assert (work.pending.payload["text"], work.conversation.state) == ("second", {"turns": 1})


def test_nothing_waits_after_the_answer(portal: Portal, received: Received) -> None:
    answer(portal, take_up(portal, received.conversation_id))

    assert take_up(portal, received.conversation_id) is None
    with portal.begin() as tx:
        assert tx.dialogue.unanswered() == ()
        assert tx.session.scalars(select(InboxRow)).one().payload is None


def test_a_conversation_that_does_not_exist_has_no_work(portal: Portal) -> None:
    assert take_up(portal, "nowhere") is None
    with portal.begin(read_only=True) as tx:
        assert tx.dialogue.find("rest", "nobody") is None
        assert tx.dialogue.replies(7) == ()


def test_a_leased_conversation_is_not_taken_up_by_another(portal: Portal, received: Received) -> None:
    take_up(portal, received.conversation_id, "me")

    assert take_up(portal, received.conversation_id, "you") is None
    assert take_up(portal, received.conversation_id, "me") is not None


def test_a_lease_ends_after_six_seconds_unless_renewed(
    portal: Portal, received: Received, clock: FakeClock
) -> None:
    mine = take_up(portal, received.conversation_id, "me")
    assert mine is not None
    clock.advance(seconds=5)
    with portal.begin() as tx:
        assert tx.dialogue.renew(mine)
    clock.advance(seconds=5.999)
    assert take_up(portal, received.conversation_id, "you") is None

    clock.advance(seconds=0.001)
    yours = take_up(portal, received.conversation_id, "you")

    assert yours is not None
    with portal.begin() as tx:
        assert not tx.dialogue.renew(mine)
    assert not answer(portal, mine)
    assert answer(portal, yours)


def test_only_one_of_many_at_once_gets_the_lease(portal: Portal, received: Received) -> None:
    barrier, got = Barrier(8), []

    def race(owner: str) -> None:
        barrier.wait()
        if take_up(portal, received.conversation_id, owner) is not None:
            got.append(owner)

    threads = [Thread(target=race, args=(str(n),)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(got) == 1


def test_first_messages_at_once_make_one_conversation(portal: Portal) -> None:
    barrier, got = Barrier(6), []

    def race(number: int) -> None:
        barrier.wait()
        got.append(receive(portal, arrival(f"m{number}")))

    threads = [Thread(target=race, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len({each.conversation_id for each in got}) == 1
    assert len({each.inbox_id for each in got}) == 6


def test_while_a_secret_is_pending_only_the_withheld_form_is_stored(
    portal: Portal, received: Received
) -> None:
    answer(portal, take_up(portal, received.conversation_id), secret_pending=True)

    receive(portal, arrival("m2", "hunter2"))

    work = take_up(portal, received.conversation_id)
    assert work is not None
    assert work.pending.payload["text"] == ""


def test_an_answer_leaves_what_the_conversation_is_now(portal: Portal, received: Received) -> None:
    answer(portal, take_up(portal, received.conversation_id), language="es", district="westborough")

    with portal.begin(read_only=True) as tx:
        found = tx.dialogue.find("rest", "someone")
        history = tx.dialogue.history(received.conversation_id)

    assert found is not None
    assert (found.language, found.district, found.channel) == ("es", "westborough", "rest")
    assert [line.content["text"] for line in history] == ["hello", "hi"]


def test_the_history_is_the_newest_two_hundred_lines(portal: Portal, received: Received) -> None:
    lines = tuple(Line({"text": str(n)}) for n in range(250))
    answer(portal, take_up(portal, received.conversation_id), lines=lines)

    with portal.begin(read_only=True) as tx:
        history = tx.dialogue.history(received.conversation_id)

    assert (len(history), history[0].content["text"], history[-1].content["text"]) == (200, "50", "249")


def test_private_lines_and_replies_live_as_long_as_their_session(portal: Portal, received: Received) -> None:
    make_parent(portal, make_district(portal))
    sign_in(portal, conversation=received.conversation_id, channel="rest")
    private = {
        "replies": ({"text": "secret", "private": True},),
        "lines": (Line({"text": "x"}, private=True),),
    }
    answer(portal, take_up(portal, received.conversation_id), **private)
    assert receive(portal).replies == ({"text": "secret", "private": True},)

    with portal.begin() as tx:
        tx.sessions.end(received.conversation_id)

    assert receive(portal).replies == ()
    sign_in(portal, conversation=received.conversation_id, channel="rest")
    with portal.begin(read_only=True) as tx:
        assert tx.dialogue.history(received.conversation_id) == ()


def test_what_is_private_without_a_session_is_never_shown(portal: Portal, received: Received) -> None:
    answer(portal, take_up(portal, received.conversation_id), lines=(Line({"text": "x"}, private=True),))

    with portal.begin(read_only=True) as tx:
        assert tx.dialogue.history(received.conversation_id) == ()


def test_a_button_means_something_only_in_its_conversation(portal: Portal, received: Received) -> None:
    menu = {"m" * 32: (Choice("Yes", "/affirm"), Choice("No", "/deny"))}
    answer(portal, take_up(portal, received.conversation_id), menus=menu)
    other = receive(portal, arrival(sender="another"))

    with portal.begin(read_only=True) as tx:
        chosen = tx.dialogue.chosen(received.conversation_id, button_key("m" * 32, 1))
        stolen = tx.dialogue.chosen(other.conversation_id, button_key("m" * 32, 1))

    assert chosen == Choice("No", "/deny")
    assert stolen is None


@pytest.mark.parametrize(
    "key", ["", "1", "2.{m}.0", "1.{m}.2", "1.{m}.x", "1.{m}.-1", "1.{m}.٣", "1.{m}.99999", "1.%.0"]
)
def test_a_key_that_was_never_given_out_means_nothing(portal: Portal, received: Received, key: str) -> None:
    menu = "m" * 32
    answer(portal, take_up(portal, received.conversation_id), menus={menu: (Choice("Yes", "/affirm"),)})

    with portal.begin(read_only=True) as tx:
        assert tx.dialogue.chosen(received.conversation_id, key.format(m=menu)) is None


def open_ticket(portal: Portal, conversation: str, purpose: Purpose = Purpose.SIGN_IN) -> Ticket:
    with portal.begin() as tx:
        return tx.dialogue.open_ticket(conversation, purpose, {"username": "mlopez"}, ["password"])


def spend(portal: Portal, token: str, conversation: str) -> OpenTicket | Refused:
    with portal.begin() as tx:
        return tx.dialogue.spend_ticket(token, conversation)


VOID = Refused(Reason.TICKET_VOID)


def test_a_ticket_tells_what_it_is_for_and_is_spent_once(portal: Portal, received: Received) -> None:
    ticket = open_ticket(portal, received.conversation_id)

    spent = spend(portal, ticket.token, received.conversation_id)

    assert isinstance(spent, OpenTicket)
    assert (spent.purpose, spent.fields, spent.context) == (
        Purpose.SIGN_IN,
        ("password",),
        {"username": "mlopez"},
    )
    assert spend(portal, ticket.token, received.conversation_id) == VOID


@pytest.mark.parametrize("token", ["", "forged", "\ud800", "\x00", "x" * 100_000])
def test_a_forged_ticket_is_void(portal: Portal, received: Received, token: str) -> None:
    open_ticket(portal, received.conversation_id)

    assert spend(portal, token, received.conversation_id) == VOID


def test_looking_at_a_ticket_does_not_spend_it(portal: Portal, received: Received) -> None:
    ticket = open_ticket(portal, received.conversation_id)

    for _ in range(3):
        with portal.begin(read_only=True) as tx:
            assert isinstance(tx.dialogue.find_ticket(ticket.token, received.conversation_id), OpenTicket)

    assert isinstance(spend(portal, ticket.token, received.conversation_id), OpenTicket)


def test_a_ticket_is_good_for_less_than_ten_minutes(
    portal: Portal, received: Received, clock: FakeClock
) -> None:
    ticket = open_ticket(portal, received.conversation_id)
    assert ticket.expires_at == clock.now() + timedelta(minutes=10)
    clock.advance(minutes=10)

    assert spend(portal, ticket.token, received.conversation_id) == VOID


def test_another_conversation_cannot_spend_a_ticket(portal: Portal, received: Received) -> None:
    ticket = open_ticket(portal, received.conversation_id)
    other = receive(portal, arrival(sender="another"))

    assert spend(portal, ticket.token, other.conversation_id) == VOID
    assert isinstance(spend(portal, ticket.token, received.conversation_id), OpenTicket)


def test_a_new_ticket_voids_the_one_before(portal: Portal, received: Received) -> None:
    old = open_ticket(portal, received.conversation_id)

    new = open_ticket(portal, received.conversation_id)

    assert spend(portal, old.token, received.conversation_id) == VOID
    assert isinstance(spend(portal, new.token, received.conversation_id), OpenTicket)


def test_leaving_the_secret_step_voids_its_ticket(portal: Portal, received: Received) -> None:
    answer(portal, take_up(portal, received.conversation_id), secret_pending=True)
    ticket = open_ticket(portal, received.conversation_id)
    receive(portal, arrival("m2"))

    answer(portal, take_up(portal, received.conversation_id))

    assert spend(portal, ticket.token, received.conversation_id) == VOID


def test_of_many_at_once_one_spends_the_ticket(portal: Portal, received: Received) -> None:
    ticket = open_ticket(portal, received.conversation_id)
    barrier, got = Barrier(8), []

    def race() -> None:
        barrier.wait()
        got.append(spend(portal, ticket.token, received.conversation_id))

    threads = [Thread(target=race) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(isinstance(each, OpenTicket) for each in got) == 1


def test_a_settled_ticket_waits_in_the_inbox_with_its_outcome(portal: Portal, received: Received) -> None:
    ticket = open_ticket(portal, received.conversation_id)
    answer(portal, take_up(portal, received.conversation_id))

    with portal.begin() as tx:
        redeemed = tx.dialogue.settle_ticket(ticket.id, {"outcome": "signed_in"})

    assert isinstance(redeemed, Redeemed)
    work = take_up(portal, received.conversation_id)
    assert work is not None
    assert (work.pending.inbox_id, work.pending.payload["text"]) == (redeemed.inbox_id, ticket.id)
    with portal.begin(read_only=True) as tx:
        settled = tx.dialogue.settled(ticket.id, received.conversation_id)
    assert settled is not None
    assert (settled.purpose, settled.outcome) == (Purpose.SIGN_IN, {"outcome": "signed_in"})


def test_a_ticket_that_is_gone_is_settled_nowhere(portal: Portal) -> None:
    with portal.begin() as tx:
        assert tx.dialogue.settle_ticket("gone", {"outcome": "signed_in"}) == Refused(Reason.TICKET_VOID)


def test_a_ticket_that_is_not_settled_has_no_outcome(portal: Portal, received: Received) -> None:
    ticket = open_ticket(portal, received.conversation_id)

    with portal.begin(read_only=True) as tx:
        assert tx.dialogue.settled(ticket.id, received.conversation_id) is None
        assert tx.dialogue.settled("nothing", received.conversation_id) is None


def test_a_void_ticket_stores_nothing(portal: Portal, received: Received) -> None:
    refused = portal.redeem(SecretSubmission("forged", received.conversation_id, {}, "somewhere", "rest"))

    assert refused == VOID
    with portal.begin() as tx:
        assert len(tx.session.scalars(select(InboxRow)).all()) == 1


def test_a_purge_forgets_what_nobody_comes_back_to(
    portal: Portal, received: Received, clock: FakeClock
) -> None:
    menu = "m" * 32
    answer(portal, take_up(portal, received.conversation_id), menus={menu: (Choice("Yes", "/affirm"),)})
    ticket = open_ticket(portal, received.conversation_id)
    with portal.begin() as tx:
        tx.dialogue.settle_ticket(ticket.id, {})
    clock.advance(days=7)

    portal.purge()

    with portal.begin(read_only=True) as tx:
        assert [row.answered_at for row in tx.session.scalars(select(InboxRow))] == [None]
        assert tx.dialogue.settled(ticket.id, received.conversation_id) is not None
        assert tx.dialogue.chosen(received.conversation_id, button_key(menu, 0)) is not None
    clock.advance(days=83)
    portal.purge()
    with portal.begin(read_only=True) as tx:
        assert tx.dialogue.settled(ticket.id, received.conversation_id) is None
        assert tx.dialogue.chosen(received.conversation_id, button_key(menu, 0)) is None


@pytest.mark.case("G1")
def test_no_table_holds_what_was_written_or_who_wrote_it(portal: Portal, received: Received) -> None:
    chat = ChatAddress("telegram:7", {"chat": "CANARY-chat"})
    written = arrival("CANARY-id", "CANARY-text", "CANARY-sender")
    receive(portal, replace(written, chat=chat, context={"message": "CANARY-context"}))
    ticket = open_ticket(portal, received.conversation_id)
    menus = {"m" * 32: (Choice("CANARY-title", "CANARY-payload"),)}
    lines = (Line({"text": "CANARY-line"}),)
    replies = ({"text": "CANARY-reply"},)
    work = take_up(portal, received.conversation_id)
    answer(portal, work, menus=menus, lines=lines, replies=replies, state={"slot": "CANARY-slot"})

    with portal.begin() as tx:
        tables = [t for t in Base.metadata.sorted_tables if t.name.startswith("dialogue_")]
        stored = "".join(str(tuple(row)) for table in tables for row in tx.session.execute(select(table)))
        conversations = tx.session.scalars(select(ConversationRow)).all()

    assert len(tables) == 10
    assert "CANARY" not in stored
    assert ticket.token not in stored
    assert all(len(row.sender_key) == 32 for row in conversations)
    assert ticket.token not in repr(ticket)


def news(conversation: str, kind: NewsKind = NewsKind.PASSWORD_SET, **values: str) -> News:
    return News(conversation, kind, values)


def test_news_alone_are_no_work_and_come_with_the_next_message(portal: Portal, received: Received) -> None:
    conversation = received.conversation_id
    answer(portal, take_up(portal, conversation))
    with portal.begin() as tx:
        tx.dialogue.tell(news(conversation, username="mlopez"))
        assert tx.dialogue.has_news(conversation)
        assert conversation not in tx.dialogue.unanswered()
    assert take_up(portal, conversation) is None

    receive(portal, arrival("m2"))
    work = take_up(portal, conversation)

    assert work is not None
    assert [each.payload for each in work.news] == [
        {"kind": "password_set", "values": {"username": "mlopez"}}
    ]
    assert answer(portal, work)
    with portal.begin() as tx:
        assert not tx.dialogue.has_news(conversation)
        assert all(row.payload is None for row in tx.session.scalars(select(InboxRow)))


def test_of_news_of_one_kind_the_later_is_kept(portal: Portal, received: Received) -> None:
    conversation = received.conversation_id
    with portal.begin() as tx:
        for username in ("first", "second"):
            tx.dialogue.tell(news(conversation, username=username))
        tx.dialogue.tell(news(conversation, NewsKind.EMAIL_CONFIRMED))

    work = take_up(portal, conversation)

    assert work is not None
    assert work.pending.inbox_id == received.inbox_id
    assert [each.payload["values"] for each in work.news] == [{"username": "second"}, {}]


def test_a_lost_lease_keeps_the_news(portal: Portal, received: Received, clock: FakeClock) -> None:
    conversation = received.conversation_id
    with portal.begin() as tx:
        tx.dialogue.tell(news(conversation))
    slow = take_up(portal, conversation, "slow")
    clock.advance(seconds=7)
    quick = take_up(portal, conversation, "quick")

    assert not answer(portal, slow)
    assert quick is not None
    assert len(quick.news) == 1


def test_news_that_nobody_came_back_for_are_forgotten(
    portal: Portal, received: Received, clock: FakeClock
) -> None:
    with portal.begin() as tx:
        tx.dialogue.tell(news(received.conversation_id))
    clock.advance(days=8)

    with portal.begin() as tx:
        tx.dialogue.purge()

        assert not tx.dialogue.has_news(received.conversation_id)
