"""Sessions: how long they live, and what ends them."""

import pytest
from sqlalchemy import select, update

from portal.accounts.models import AccountRow, SessionRow
from portal.accounts.outcomes import LiveSession, SignedOut
from portal.core.models import AuditRow, DistrictRow
from portal.core.outcomes import Reason, Refused
from portal.transaction import Portal
from tests.support.clock import START, FakeClock
from tests.support.portals import make_district, make_parent, sign_in

ENDED = Refused(Reason.SESSION_ENDED)


def current(portal: Portal, conversation: str = "conversation", *, touch: bool = True) -> object:
    with portal.begin() as tx:
        return tx.sessions.current(conversation, touch=touch)


def test_session_names_its_parent(portal: Portal) -> None:
    make_district(portal)
    account = make_parent(portal)
    sign_in(portal)

    live = current(portal)

    assert isinstance(live, LiveSession)
    assert (live.account_id, live.district, live.display_name, live.scope, live.previous_sign_in) == (
        account,
        "westborough",
        "Marisol Quintero",
        "full",
        None,
    )


def test_conversation_without_a_sign_in_has_no_session(portal: Portal) -> None:
    assert current(portal) == Refused(Reason.NOT_SIGNED_IN)


@pytest.mark.case("S5")
@pytest.mark.requirement("R65")
@pytest.mark.parametrize(("seconds", "alive"), [(14 * 60 + 59, True), (15 * 60, False)])
def test_idle_session_ends_to_the_second(
    portal: Portal, clock: FakeClock, seconds: int, *, alive: bool
) -> None:
    make_district(portal)
    make_parent(portal)
    sign_in(portal)
    clock.advance(seconds=seconds)

    session = current(portal)

    assert (session != ENDED) is alive


@pytest.mark.case("S5")
def test_activity_keeps_a_session_alive_and_polls_do_not(portal: Portal, clock: FakeClock) -> None:
    make_district(portal)
    make_parent(portal)
    sign_in(portal)
    clock.advance(minutes=10)
    current(portal)
    clock.advance(minutes=10)
    polled = current(portal, touch=False)
    with portal.begin(read_only=True) as tx:
        looked_at = tx.sessions.current("conversation")
    clock.advance(minutes=5)

    assert isinstance(polled, LiveSession)
    assert isinstance(looked_at, LiveSession)
    assert current(portal) == ENDED


@pytest.mark.parametrize(("channel", "hours"), [("webchat", 12), ("telegram", 24)])
def test_session_ends_however_active(portal: Portal, clock: FakeClock, channel: str, hours: int) -> None:
    make_district(portal, session_idle_minutes=60)
    make_parent(portal)
    sign_in(portal, channel=channel)
    for _ in range(hours * 2 - 1):
        clock.advance(minutes=30)
        current(portal)

    before = current(portal)
    clock.advance(minutes=30)

    assert isinstance(before, LiveSession)
    assert current(portal) == ENDED


def test_new_sign_in_makes_a_new_session_id(portal: Portal) -> None:
    make_district(portal)
    make_parent(portal)
    sign_in(portal)
    first = current(portal)
    sign_in(portal)

    second = current(portal)

    assert isinstance(first, LiveSession)
    assert isinstance(second, LiveSession)
    assert first.session_id != second.session_id
    assert len(second.session_id) >= 43


@pytest.mark.requirement("R75")
def test_session_remembers_the_sign_in_before(portal: Portal, clock: FakeClock) -> None:
    make_district(portal)
    make_parent(portal)
    sign_in(portal, conversation="phone")
    clock.advance(hours=1)
    sign_in(portal)

    live = current(portal)

    assert isinstance(live, LiveSession)
    assert live.previous_sign_in == START


@pytest.mark.requirement("R110", "R111")
def test_signing_out_ends_the_session(portal: Portal) -> None:
    make_district(portal)
    make_parent(portal)
    sign_in(portal)
    sign_in(portal, conversation="phone")

    with portal.begin() as tx:
        first = tx.sessions.end("conversation")
        again = tx.sessions.end("conversation")

    assert (first, again) == (SignedOut(was_signed_in=True), SignedOut(was_signed_in=False))
    assert current(portal) == Refused(Reason.NOT_SIGNED_IN)
    assert isinstance(current(portal, "phone"), LiveSession)
    with portal.begin() as tx:
        events = list(tx.session.scalars(select(AuditRow.event)))
    assert events.count("session.signed_out") == 1


def test_signing_out_where_nobody_signed_in_says_so(portal: Portal) -> None:
    with portal.begin() as tx:
        outcome = tx.sessions.end("conversation")

    assert outcome == SignedOut(was_signed_in=False)


def test_signing_out_after_the_time_ran_out_clears_the_message(portal: Portal, clock: FakeClock) -> None:
    make_district(portal)
    make_parent(portal)
    sign_in(portal)
    clock.advance(hours=1)

    with portal.begin() as tx:
        outcome = tx.sessions.end("conversation")

    assert outcome == SignedOut(was_signed_in=False)
    assert current(portal) == Refused(Reason.NOT_SIGNED_IN)


def test_disabling_an_account_ends_its_sessions(portal: Portal) -> None:
    make_district(portal)
    make_parent(portal)
    sign_in(portal)
    with portal.begin() as tx:
        tx.session.execute(update(AccountRow).values(disabled_at=START))

    assert current(portal) == ENDED


def test_session_of_a_district_that_is_gone_has_ended(portal: Portal) -> None:
    make_district(portal)
    make_parent(portal)
    sign_in(portal)
    with portal.begin() as tx:
        tx.session.delete(tx.session.get_one(DistrictRow, "westborough"))

    assert current(portal) == ENDED


def test_ended_sessions_stay_in_the_table(portal: Portal) -> None:
    make_district(portal)
    make_parent(portal)
    sign_in(portal)
    sign_in(portal)

    with portal.begin() as tx:
        ended = list(tx.session.scalars(select(SessionRow.ended_at)))

    assert sorted(ended, key=str) == [START, None]
