"""Whoever timed out may go back to where they were: the same parent, device, kind of channel and district."""

from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import select, text, update

from portal.accounts.models import AccountRow, SessionRow
from portal.accounts.outcomes import LiveSession, Restored, SignedIn
from portal.core.outcomes import Reason, Refused
from portal.transaction import Portal
from tests.support.clock import START, FakeClock
from tests.support.portals import change, make_district, make_parent, sign_in

PLACE = {"path": "/westborough/public/start", "student": "CANARY-Quintero"}
HOME = "the browser at home"
HERE = {"conversation": "conversation", "channel": "web", "device": HOME}


@pytest.fixture
def families(portal: Portal) -> None:
    for slug in ("westborough", "boston"):
        make_district(portal, slug)
        make_parent(portal, slug)
        make_parent(portal, slug, username="jrivera")


def enter(portal: Portal, username: str = "mlopez", **request: str) -> SignedIn:
    outcome = sign_in(portal, username, **{**HERE, **request})
    assert isinstance(outcome, SignedIn)
    return outcome


def leave_at(portal: Portal, place: Mapping[str, Any] = PLACE, conversation: str = "conversation") -> None:
    with portal.begin() as tx:
        tx.sessions.remember(conversation, place)


def offered(portal: Portal, conversation: str = "conversation") -> Mapping[str, Any] | None:
    with portal.begin(read_only=True) as tx:
        return tx.sessions.offered(conversation)


def answer(portal: Portal, *, accept: bool, conversation: str = "conversation") -> Restored | None:
    with portal.begin() as tx:
        return tx.sessions.take_offer(conversation, accept=accept)


def time_out(portal: Portal, clock: FakeClock, **request: str) -> None:
    """Sign in, go somewhere, and be away for longer than the district waits."""
    given = {**HERE, **request}
    enter(portal, **given)
    leave_at(portal, conversation=given["conversation"])
    clock.advance(minutes=16)


@pytest.mark.case("S7")
@pytest.mark.requirement("R66", "R69", "R70", "R71")
@pytest.mark.parametrize(("accept", "restored"), [(True, Restored(PLACE)), (False, None)])
def test_same_parent_on_the_same_device_is_offered_the_place_once(
    portal: Portal, clock: FakeClock, families: None, restored: Restored | None, *, accept: bool
) -> None:
    time_out(portal, clock)

    back = enter(portal, conversation="a new cookie")
    shown = offered(portal, "a new cookie")
    taken = answer(portal, accept=accept, conversation="a new cookie")
    again = answer(portal, accept=True, conversation="a new cookie")

    assert back.offers_restore
    assert shown == PLACE
    assert taken == restored
    assert (again, offered(portal, "a new cookie")) == (None, None)


@pytest.mark.case("S7")
def test_chat_that_timed_out_is_taken_up_in_the_same_chat(
    portal: Portal, clock: FakeClock, families: None
) -> None:
    time_out(portal, clock, channel="rest", device="sender 7")

    back = enter(portal, channel="rest", device="sender 7")

    assert back.offers_restore
    assert answer(portal, accept=True) == Restored(PLACE)


@pytest.mark.case("S7")
def test_offer_that_nobody_answered_is_gone_with_the_next_sign_in(
    portal: Portal, clock: FakeClock, families: None
) -> None:
    time_out(portal, clock)
    enter(portal)
    clock.advance(minutes=16)

    assert not enter(portal).offers_restore


@pytest.mark.case("S8")
@pytest.mark.requirement("R66")
@pytest.mark.parametrize(
    "elsewhere",
    [
        {"device": "another browser"},
        {"device": ""},
        {"channel": "webchat"},
        {"channel": "rest"},
        {"district": "boston"},
    ],
)
def test_sign_in_from_elsewhere_is_offered_nothing(
    portal: Portal, clock: FakeClock, families: None, elsewhere: dict[str, str]
) -> None:
    time_out(portal, clock)

    back = enter(portal, conversation="elsewhere", **elsewhere)

    assert not back.offers_restore
    assert answer(portal, accept=True, conversation="elsewhere") is None


@pytest.mark.case("S8")
@pytest.mark.parametrize("chat", ["webchat", "rest"])
def test_place_in_a_chat_is_not_offered_on_a_page(
    portal: Portal, clock: FakeClock, families: None, chat: str
) -> None:
    time_out(portal, clock, channel=chat)

    assert not enter(portal, conversation="a page").offers_restore


@pytest.mark.case("S8")
@pytest.mark.parametrize(("seconds", "offers"), [(24 * 3600 - 1, True), (24 * 3600, False)])
def test_place_is_offered_for_a_day(
    portal: Portal, clock: FakeClock, families: None, seconds: int, *, offers: bool
) -> None:
    enter(portal)
    leave_at(portal)
    clock.advance(seconds=seconds)

    assert enter(portal).offers_restore is offers


@pytest.mark.case("S9")
@pytest.mark.requirement("R67")
@pytest.mark.parametrize(
    "other", [{}, {"conversation": "their own"}, {"channel": "webchat"}, {"district": "boston"}]
)
def test_another_parent_on_the_device_ends_the_offer_for_good(
    portal: Portal, clock: FakeClock, families: None, other: dict[str, str]
) -> None:
    time_out(portal, clock)

    theirs = enter(portal, "jrivera", **other)
    seen = offered(portal, other.get("conversation", "conversation"))
    clock.advance(minutes=1)
    mine = enter(portal, conversation="back again")

    assert (theirs.offers_restore, seen) == (False, None)
    assert not mine.offers_restore


@pytest.mark.case("S9")
@pytest.mark.parametrize("order", [("mlopez", "jrivera"), ("jrivera", "mlopez")])
def test_another_parent_in_the_same_instant_ends_the_offer(
    portal: Portal, clock: FakeClock, families: None, order: tuple[str, str]
) -> None:
    for username in order:
        enter(portal, username, conversation=username)
    leave_at(portal, conversation="mlopez")
    clock.advance(minutes=16)

    assert not enter(portal).offers_restore


def test_parent_who_signed_out_is_offered_nothing(portal: Portal, clock: FakeClock, families: None) -> None:
    enter(portal)
    leave_at(portal)
    with portal.begin() as tx:
        tx.sessions.end("conversation")
    clock.advance(minutes=16)

    assert not enter(portal).offers_restore


def test_session_ended_by_another_sign_in_is_not_offered(
    portal: Portal, clock: FakeClock, families: None
) -> None:
    enter(portal)
    leave_at(portal)
    clock.advance(minutes=1)

    assert not enter(portal).offers_restore


@pytest.mark.case("RT14")
def test_sessions_that_were_all_ended_are_not_offered(
    portal: Portal, clock: FakeClock, families: None
) -> None:
    account = enter(portal).account_id
    leave_at(portal)
    with portal.begin() as tx:
        tx.sessions.end_all(account)
    clock.advance(minutes=16)

    assert not enter(portal).offers_restore


def test_parent_who_went_nowhere_is_offered_nothing(portal: Portal, clock: FakeClock, families: None) -> None:
    enter(portal)
    clock.advance(minutes=16)

    assert not enter(portal).offers_restore


def test_last_place_is_the_one_that_is_offered(portal: Portal, clock: FakeClock, families: None) -> None:
    enter(portal)
    leave_at(portal)
    leave_at(portal, {"path": "/westborough/public/preferences"})
    clock.advance(minutes=16)
    enter(portal)

    assert offered(portal) == {"path": "/westborough/public/preferences"}


def test_place_is_not_kept_where_nobody_is_signed_in(portal: Portal, families: None) -> None:
    leave_at(portal)

    with portal.begin(read_only=True) as tx:
        assert list(tx.session.scalars(select(SessionRow.place))) == []


def test_remembering_a_place_does_not_restart_the_idle_clock(
    portal: Portal, clock: FakeClock, families: None
) -> None:
    enter(portal)
    clock.advance(minutes=10)
    leave_at(portal)
    clock.advance(minutes=5)

    with portal.begin(read_only=True) as tx:
        assert tx.sessions.current("conversation") == Refused(Reason.SESSION_ENDED)


@pytest.mark.case("S1", "S7")
@pytest.mark.requirement("R14")
def test_forced_change_of_password_keeps_the_offer_under_a_new_session_id(
    portal: Portal, clock: FakeClock, families: None
) -> None:
    time_out(portal, clock)
    with portal.begin() as tx:
        tx.session.execute(update(AccountRow).values(password_expired=True))
    sign_in(portal, **HERE)
    with portal.begin() as tx:
        forced = tx.sessions.any_scope("conversation")
        before = tx.sessions.offered("conversation"), tx.sessions.take_offer("conversation", accept=True)

    portal.change_password(change())

    with portal.begin() as tx:
        live = tx.sessions.current("conversation")
    assert before == (None, None)
    assert isinstance(forced, LiveSession)
    assert isinstance(live, LiveSession)
    assert (forced.offers_restore, live.offers_restore) == (False, True)
    assert live.session_id != forced.session_id
    assert live.previous_sign_in == START
    assert answer(portal, accept=True) == Restored(PLACE)


@pytest.mark.case("S1")
def test_change_of_password_keeps_the_place_under_a_new_session_id(
    portal: Portal, clock: FakeClock, families: None
) -> None:
    enter(portal)
    leave_at(portal)
    with portal.begin() as tx:
        before = tx.sessions.current("conversation")
    portal.change_password(change())
    with portal.begin() as tx:
        after = tx.sessions.current("conversation")
    clock.advance(minutes=16)

    back = sign_in(portal, password="nine quiet lanterns sway", **HERE)

    assert isinstance(before, LiveSession)
    assert isinstance(after, LiveSession)
    assert before.session_id != after.session_id
    assert isinstance(back, SignedIn)
    assert back.offers_restore


@pytest.mark.case("S1")
def test_session_id_planted_before_a_sign_in_opens_nothing(portal: Portal, families: None) -> None:
    enter(portal)
    with portal.begin() as tx:
        planted = tx.session.scalars(select(SessionRow.session_id)).one()
    enter(portal)

    with portal.begin() as tx:
        live = tx.sessions.current("conversation")
        old = tx.session.get_one(SessionRow, planted)

    assert isinstance(live, LiveSession)
    assert live.session_id != planted
    assert old.ended_at == START


@pytest.mark.requirement("R65", "R68")
def test_conversation_knows_whether_time_ran_out(portal: Portal, clock: FakeClock, families: None) -> None:
    def ran_out() -> bool:
        with portal.begin(read_only=True) as tx:
            return tx.sessions.ended_by_timeout("conversation")

    never = ran_out()
    enter(portal)
    alive = ran_out()
    clock.advance(minutes=15)
    idle = ran_out()
    with portal.begin() as tx:
        tx.sessions.end("conversation")

    assert (never, alive, idle, ran_out()) == (False, False, True, False)


def test_no_table_holds_a_place_in_the_clear(portal: Portal, clock: FakeClock, families: None) -> None:
    time_out(portal, clock)
    enter(portal)

    with portal.begin(read_only=True) as tx:
        rows = tx.session.execute(text("select * from sessions")).all()

    assert len(rows) == 2
    assert "CANARY" not in repr(rows)


def test_place_that_is_offered_no_more_is_forgotten(portal: Portal, clock: FakeClock, families: None) -> None:
    def kept() -> int:
        with portal.begin(read_only=True) as tx:
            return sum(place is not None for place in tx.session.scalars(select(SessionRow.place)))

    enter(portal)
    leave_at(portal)
    clock.advance(hours=24, seconds=-1)
    portal.purge()
    before = kept()
    clock.advance(seconds=1)

    portal.purge()

    assert (before, kept()) == (1, 0)
