"""A family that no chat brings an answer hears of it by mail, and reads it where it signs in."""

import pytest
from sqlalchemy import select

from portal.accounts.models import AccountRow
from portal.accounts.outcomes import LiveSession
from portal.core.models import OutboxRow
from portal.core.outbox import MailKind
from portal.dialogue.outcomes import Arrival
from portal.helpdesk.case_outcomes import EntryKind
from portal.helpdesk.outcomes import CaseKind, NewCase
from portal.transaction import Portal
from tests.support.case_desk import Desk
from tests.support.clock import FakeClock
from tests.support.console import make_staff
from tests.support.families import HELP
from tests.support.portals import make_district, make_parent, sign_in


@pytest.fixture
def account(portal: Portal) -> str:
    make_district(portal, help=HELP)
    return make_parent(portal, email="marisol@families.example", language="es")


@pytest.fixture
def desk(portal: Portal, account: str) -> Desk:
    return Desk(portal, make_staff(portal, name="Dana Whitlock"))


def open_case(portal: Portal, account: str | None, conversation: str = "page", channel: str = "web") -> None:
    with portal.begin() as tx:
        tx.cases.open(NewCase("westborough", CaseKind.OTHER, conversation, channel, account_id=account))


def chat_of(portal: Portal, channel: str) -> str:
    """Begin a conversation in a chat, and sign in there."""
    with portal.begin() as tx:
        arrival = Arrival(channel, "family", "m1", {"kind": "text", "text": "hello"}, {})
        conversation = tx.dialogue.receive(arrival).conversation_id
    sign_in(portal, conversation=conversation)
    return conversation


def mails(portal: Portal) -> list[OutboxRow]:
    with portal.begin() as tx:
        kind = OutboxRow.kind == MailKind.CASE_ANSWERED.value
        found = list(tx.session.scalars(select(OutboxRow).where(kind)))
        tx.session.expunge_all()
    return found


def read(portal: Portal, conversation: str = "other") -> list[str]:
    """Return what whoever is signed in reads, the newest first."""
    with portal.begin() as tx:
        live = tx.sessions.any_scope(conversation)
        assert isinstance(live, LiveSession)
        return [each.text for each in tx.case_mails.read(live)]


def test_answer_to_a_family_without_a_chat_is_told_by_mail_without_a_word_of_it(
    portal: Portal, account: str, desk: Desk
) -> None:
    open_case(portal, account)

    desk.answer("Please bring the letter.")

    [mail] = mails(portal)
    assert (mail.address, mail.recipient, mail.language) == ("marisol@families.example", account, "es")
    assert mail.details == '{"number": 1}'
    assert [entry.what for entry in desk.entries(EntryKind.EVENT)] == ["mailed"]


def test_the_same_answer_sent_twice_is_one_mail(portal: Portal, account: str, desk: Desk) -> None:
    open_case(portal, account)

    for _ in "12":
        desk.answer("Please bring the letter.", "form 1")

    assert len(mails(portal)) == 1


def test_more_answers_before_it_is_read_are_no_more_mails(portal: Portal, account: str, desk: Desk) -> None:
    open_case(portal, account)
    desk.answer("one moment")
    desk.answer("it is open")
    before = len(mails(portal))
    sign_in(portal, conversation="other")

    heard = read(portal, "other")
    desk.answer("and now?")

    assert before == 1
    assert heard == ["it is open", "one moment"]
    assert len(mails(portal)) == 2


@pytest.mark.parametrize(
    "there",
    [("webchat", 0, 0), ("webchat", 60, 1), ("telegram", 60, 0)],
    ids=["about", "gone", "telegram"],
)
def test_chat_that_the_family_has_left_is_no_chat_and_telegram_brings_it_by_itself(
    portal: Portal, clock: FakeClock, account: str, desk: Desk, there: tuple[str, int, int]
) -> None:
    channel, minutes, sent = there
    conversation = chat_of(portal, channel)
    open_case(portal, account, conversation, channel)
    clock.advance(minutes=minutes)

    desk.answer("it is open")

    assert len(mails(portal)) == sent


def test_nothing_is_mailed_to_what_somebody_typed_to_nobody_and_to_a_closed_account(
    portal: Portal, account: str, desk: Desk
) -> None:
    open_case(portal, None)
    desk.answer("Please call us.")
    open_case(portal, account, "second")
    with portal.begin() as tx:
        tx.session.get_one(AccountRow, account).disabled_at = tx.context.now
    Desk(portal, desk.staff_id, 2).answer("Please call us.")

    assert mails(portal) == []


@pytest.mark.case("L8")
def test_another_account_reads_nothing_of_it(portal: Portal, account: str, desk: Desk) -> None:
    make_parent(portal, username="kwhitfield")
    open_case(portal, account)
    desk.answer("it is open")
    sign_in(portal, "kwhitfield", conversation="other")

    assert read(portal) == []
