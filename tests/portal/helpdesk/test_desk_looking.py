"""One screen shows the true reason of each failed sign-in, and everything that bears on it."""

import json

import pytest
from sqlalchemy import select

from portal.accounts.models import AttemptRow
from portal.accounts.outcomes import FailedWayIn, SignedIn
from portal.core.outcomes import Reason, Refused
from portal.delivery.outcomes import Rejected, Sent
from portal.helpdesk.desk.outcomes import ParentShown
from portal.helpdesk.staff.outcomes import StaffMember
from portal.helpdesk.staff.roles import Role
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.desk_work import TwoFamilies, audited, member_of, order, verify
from tests.support.portals import change, make_district, sign_in

WRONG = "some quite wrong words"


def look(portal: Portal, member: StaffMember, account_id: str) -> ParentShown:
    with portal.begin() as tx:
        shown = tx.parents.look(member, account_id)
    assert isinstance(shown, ParentShown), shown
    return shown


def whys(shown: ParentShown) -> list[str]:
    return [each.why for each in reversed(shown.attempts)]


@pytest.mark.case("A9")
def test_attempts_of_all_channels_count_together_and_are_told_apart(
    portal: Portal, two: TwoFamilies, dana: StaffMember, clock: FakeClock
) -> None:
    for channel in ("telegram", "telegram", "web", "web", "console"):
        sign_in(portal, password=WRONG, channel=channel)
        clock.advance(seconds=1)

    outcomes = [sign_in(portal, channel=channel) for channel in ("telegram", "web", "console")]
    shown = look(portal, dana, two.lopez)

    assert {each.reason for each in outcomes if isinstance(each, Refused)} == {Reason.LOCKED_CONTACT_SCHOOL}
    assert whys(shown) == ["wrong_password"] * 5 + ["locked_contact_school"] * 3
    failed = [each.channel for each in reversed(shown.attempts)][:5]
    assert failed == ["telegram", "telegram", "web", "web", "console"]
    assert shown.is_locked
    assert shown.diagnosed.findings[0].cause is FailedWayIn.LOCKED


@pytest.mark.case("A10")
def test_name_that_is_locked_on_its_own_device_alone_is_shown_as_locked_and_unlocked(
    portal: Portal, two: TwoFamilies, dana: StaffMember, clock: FakeClock
) -> None:
    make_district(portal, profile="recommended")
    sign_in(portal, device="phone")
    for _ in range(10):
        clock.advance(seconds=1)
        sign_in(portal, password=WRONG, device="phone")
    verify(portal, dana, two.lopez)

    before = look(portal, dana, two.lopez)
    with portal.begin() as tx:
        tx.desk.unlock(dana, order(two.lopez, "locked_out"))

    assert before.is_locked
    assert before.attempts[0].is_known_device
    assert not look(portal, dana, two.lopez).is_locked
    assert isinstance(sign_in(portal, device="phone"), SignedIn)


def test_devices_and_connections_are_numbered_and_never_named(
    portal: Portal, two: TwoFamilies, dana: StaffMember, clock: FakeClock
) -> None:
    for device, source in (("phone", "home"), ("laptop", "home"), ("phone", "work"), ("", "work")):
        sign_in(portal, password=WRONG, device=device, source=source)
        clock.advance(seconds=1)

    attempts = look(portal, dana, two.lopez).attempts

    assert [(each.device, each.place) for each in attempts] == [(None, 1), (1, 1), (2, 2), (1, 2)]
    assert "phone" not in repr(attempts)


def test_reason_of_each_failure_is_the_true_one(
    portal: Portal, two: TwoFamilies, dana: StaffMember, clock: FakeClock
) -> None:
    verify(portal, dana, two.lopez)
    sign_in(portal)
    clock.advance(seconds=1)
    portal.change_password(change("not the current one"))
    clock.advance(seconds=1)
    with portal.begin() as tx:
        tx.desk.disable(dana, order(two.lopez))
    sign_in(portal)

    shown = look(portal, dana, two.lopez)

    assert [(each.asked, each.why) for each in reversed(shown.attempts)] == [
        ("sign_in", ""),
        ("change_password", "wrong_password"),
        ("sign_in", "disabled"),
    ]
    assert [each.deed for each in shown.deeds] == ["disable"]
    assert [each.is_alive for each in shown.sessions] == [False]


def test_attempts_on_a_name_nobody_has_are_kept_alike(portal: Portal, two: TwoFamilies) -> None:
    sign_in(portal, "nobody", WRONG)
    sign_in(portal, "mlopez", WRONG)

    with portal.begin(read_only=True) as tx:
        rows = {row.why: row for row in tx.session.scalars(select(AttemptRow))}
    assert set(rows) == {"unknown_name", "wrong_password"}
    assert (rows["unknown_name"].account_id, rows["wrong_password"].account_id) == (None, two.lopez)


def test_attempts_are_forgotten_after_sixty_days(
    portal: Portal, two: TwoFamilies, dana: StaffMember, clock: FakeClock
) -> None:
    sign_in(portal, password=WRONG)
    clock.advance(days=60, seconds=-1)
    portal.purge()
    before = whys(look(portal, dana, two.lopez))
    clock.advance(seconds=1)
    portal.purge()

    assert before == ["wrong_password"]
    assert whys(look(portal, dana, two.lopez)) == []


def test_mails_show_what_became_of_them_and_of_their_links(
    portal: Portal, two: TwoFamilies, dana: StaffMember
) -> None:
    verify(portal, dana, two.lopez)
    with portal.begin() as tx:
        tx.desk.end_sessions(dana, order(two.lopez))
    with portal.begin() as tx:
        mail = tx.deliveries.lease("worker")
        assert mail is not None
        tx.deliveries.settle(mail.message_id, "worker", Rejected("550 5.1.1"))
        tx.desk.send_recovery(dana, order(two.lopez))
        tx.desk.send_recovery(dana, order(two.lopez))

    mails = {(each.kind, each.link): each for each in look(portal, dana, two.lopez).mails}

    assert set(mails) == {
        ("sessions_ended", "none"),
        ("recover_password", "void"),
        ("recover_password", "none"),
    }
    assert mails["sessions_ended", "none"].error == "550 5.1.1"
    assert mails["recover_password", "none"].sent_at is None


def test_link_is_open_then_used_or_over(
    portal: Portal, two: TwoFamilies, dana: StaffMember, clock: FakeClock
) -> None:
    verify(portal, dana, two.lopez)
    with portal.begin() as tx:
        tx.desk.send_recovery(dana, order(two.lopez))
    with portal.begin() as tx:
        mail = tx.deliveries.lease("worker")
        assert mail is not None
        tx.deliveries.settle(mail.message_id, "worker", Sent())

    states = []
    for minutes in (29, 1):
        clock.advance(minutes=minutes)
        states += [each.link for each in look(portal, dana, two.lopez).mails]

    assert states == ["open", "expired"]


def test_children_and_contact_stand_beside_the_account(
    portal: Portal, two: TwoFamilies, dana: StaffMember
) -> None:
    with portal.begin() as tx:
        tx.links.unlink(two.lopez, two.leo)

    shown = look(portal, dana, two.lopez)

    assert [(each.name, each.is_linked) for each in shown.children] == [
        ("Leo López", False),
        ("Maya López", True),
    ]
    assert shown.contact is not None
    assert (shown.contact.email, shown.contact.email_is_same) == ("m@families.example", False)


@pytest.mark.case("T1")
def test_each_look_is_on_record_and_no_look_is_beyond_the_schools(
    portal: Portal, two: TwoFamilies, dana: StaffMember
) -> None:
    elsewhere = member_of(portal, Role.SCHOOL_ADMINISTRATOR, schools=["another school"])
    look(portal, dana, two.lopez)

    with portal.begin() as tx:
        outcomes = [tx.parents.look(each, two.lopez) for each in (elsewhere,)]
        outcomes.append(tx.parents.look(dana, "nobody"))

    assert [each.reason for each in outcomes if isinstance(each, Refused)] == [Reason.NOT_FOUND] * 2
    assert [json.loads(each)["by"] for each in audited(portal, "desk.parent_seen")] == [dana.by]
