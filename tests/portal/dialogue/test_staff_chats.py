"""What chats of staff are told, and who may let one be told."""

from typing import Any

import pytest
from sqlalchemy import select

from portal.core.models import AuditRow
from portal.core.outcomes import Reason, Refused
from portal.dialogue.models import PushRow
from portal.dialogue.outcomes import ChatAddress
from portal.dialogue.staff_chats import StaffAsking, StaffChat
from portal.dialogue.start_codes import MintedStartCode, NewStartCode, StartKind
from portal.helpdesk.outcomes import CaseKind, NewCase
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.portals import make_district

DESK = ChatAddress("telegram:7", {"chat": -100, "name": "Help desk"})


@pytest.fixture(autouse=True)
def district(portal: Portal) -> None:
    make_district(portal)
    make_district(portal, "boston")


def code(portal: Portal, slug: str = "westborough") -> str:
    with portal.begin() as tx:
        minted = tx.staff_chats.new_code(slug, by="Kim")
    assert isinstance(minted, MintedStartCode)
    return minted.code


def ask(portal: Portal, given: str, turn: str = "1", chat: ChatAddress = DESK) -> str | Refused:
    with portal.begin() as tx:
        return tx.staff_chats.open(StaffAsking(given, chat, "telegram:41", turn))


def chats(portal: Portal, slug: str = "westborough") -> list[str]:
    with portal.begin(read_only=True) as tx:
        return [each.name for each in tx.staff_chats.all(slug)]


def only(portal: Portal) -> StaffChat:
    with portal.begin(read_only=True) as tx:
        [found] = tx.staff_chats.all("westborough")
    return found


def open_case(portal: Portal, slug: str = "westborough", conversation: str = "c1") -> None:
    new = NewCase(slug, CaseKind.LOST_LETTER, conversation, "telegram", details={"name": "María López"})
    with portal.begin() as tx:
        tx.cases.open(new)


def told(portal: Portal) -> list[Any]:
    """Return the notices that wait, and let them count as sent."""
    with portal.begin() as tx:
        parcels = [tx.pushes.take(chat, "me") for chat in tx.pushes.waiting("telegram:7")]
        notices = [push.notice for parcel in parcels if parcel for push in parcel.pushes]
        for parcel in filter(None, parcels):
            for push in parcel.pushes:
                tx.pushes.done(parcel, push)
            tx.pushes.let_go(parcel)
    return notices


def audited(portal: Portal) -> list[str]:
    with portal.begin(read_only=True) as tx:
        events = tx.session.scalars(select(AuditRow.event).order_by(AuditRow.number))
        return [event for event in events if event.startswith("staff_chat.")]


def test_a_code_lets_one_chat_be_told_and_is_spent_with_it(portal: Portal) -> None:
    given = code(portal)

    opened = ask(portal, given)
    again = ask(portal, given, turn="2", chat=ChatAddress("telegram:7", {"chat": -200}))

    assert isinstance(opened, str)
    assert again == Refused(Reason.TOKEN_VOID)
    assert chats(portal) == ["Help desk"]
    assert [notice["kind"] for notice in told(portal)] == ["staff_opened"]
    assert audited(portal) == ["staff_chat.code", "staff_chat.opened"]


def test_the_same_update_brought_again_opens_the_chat_once(portal: Portal) -> None:
    given = code(portal)
    ask(portal, given)
    ask(portal, given)

    assert chats(portal) == ["Help desk"]
    assert len(told(portal)) == 1


@pytest.mark.parametrize("kind", [StartKind.LETTER, StartKind.PAGE])
def test_a_code_for_parents_opens_no_chat_of_staff(portal: Portal, kind: StartKind) -> None:
    with portal.begin() as tx:
        minted = tx.start_codes.mint(NewStartCode("westborough", kind))
    assert isinstance(minted, MintedStartCode)

    assert ask(portal, minted.code) == Refused(Reason.TOKEN_VOID)
    assert chats(portal) == []


def test_a_code_that_is_too_old_opens_nothing(portal: Portal, clock: FakeClock) -> None:
    given = code(portal)
    clock.advance(minutes=11)

    assert ask(portal, given) == Refused(Reason.TOKEN_VOID)


def test_a_new_case_is_told_once_with_no_name_and_nothing_that_was_written(portal: Portal) -> None:
    ask(portal, code(portal))
    told(portal)

    open_case(portal)
    open_case(portal)
    [notice] = told(portal)

    assert (notice["number"], notice["case"]) == (1, "lost_letter")
    assert "López" not in str(notice)
    assert set(notice) == {"kind", "district", "number", "case", "since"}


def test_a_case_of_another_district_is_not_told(portal: Portal) -> None:
    ask(portal, code(portal))
    told(portal)

    open_case(portal, "boston")

    assert told(portal) == []


def test_one_chat_may_be_told_of_two_districts_and_leaves_both_at_once(portal: Portal) -> None:
    ask(portal, code(portal))
    ask(portal, code(portal, "boston"), turn="2")
    both = chats(portal), chats(portal, "boston")

    with portal.begin() as tx:
        tx.staff_chats.leave(ChatAddress("telegram:7", {"chat": -100}), by="telegram:41")
    open_case(portal)

    assert both == (["Help desk"], ["Help desk"])
    assert (chats(portal), chats(portal, "boston")) == ([], [])
    assert told(portal) == []


def test_a_chat_that_is_removed_is_told_nothing_that_still_waits(portal: Portal) -> None:
    ask(portal, code(portal))
    found = only(portal)

    with portal.begin() as tx:
        elsewhere = tx.staff_chats.end("boston", found.id, by="Kim")
        ended = tx.staff_chats.end("westborough", found.id, by="Kim")

    assert (elsewhere, ended) == (None, found)
    with portal.begin(read_only=True) as tx:
        assert tx.session.scalars(select(PushRow.id)).all() == []
    assert audited(portal)[-1] == "staff_chat.ended"


def test_a_chat_out_of_reach_is_told_again_after_a_new_code(portal: Portal) -> None:
    ask(portal, code(portal))
    with portal.begin() as tx:
        [chat] = tx.pushes.waiting("telegram:7")
        parcel = tx.pushes.take(chat, "me")
        assert parcel is not None
        tx.pushes.give_up(parcel)
    away = only(portal).unreachable_since

    ask(portal, code(portal), turn="2")

    assert away is not None
    assert only(portal).unreachable_since is None
