"""Staff help a parent only once they made sure who calls; each deed is kept, told, and done once."""

import json
from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from portal.accounts.models import AccountRow, LinkRow
from portal.accounts.outcomes import SignedIn
from portal.core.models import OutboxRow
from portal.core.outcomes import Reason, Refused
from portal.core.tokens import TokenPurpose
from portal.helpdesk.desk.linking import NewLinks
from portal.helpdesk.desk.outcomes import Done, Order
from portal.helpdesk.staff.outcomes import StaffMember
from portal.helpdesk.staff.roles import Role
from portal.records.feeds import Feed, FeedContent, FeedKind
from portal.sis.models import Contact, Student
from portal.transaction import Portal, Transaction
from tests.support.clock import FakeClock
from tests.support.desk_work import TwoFamilies, audited, mails, member_of, order, verify
from tests.support.portals import sign_in

WRONG = "some quite wrong words"
Act = Callable[[Transaction, StaffMember, Order], Done | Refused]
DEEDS: dict[str, Act] = {
    "unlock": lambda tx, member, given: tx.desk.unlock(member, given),
    "recovery": lambda tx, member, given: tx.desk.send_recovery(member, given),
    "link by mail": lambda tx, member, given: tx.desk.send_link(member, given),
    "sign out": lambda tx, member, given: tx.desk.end_sessions(member, given),
    "email": lambda tx, member, given: tx.desk.correct_email(member, given, "new@families.example"),
    "disable": lambda tx, member, given: tx.desk.disable(member, given),
    "unlink": lambda tx, member, given: tx.desk_links.unlink(member, given, first_child(tx, given)),
}
TOLD = {
    "recovery": ["recover_password"],
    "link by mail": ["recover_password"],
    "sign out": ["sessions_ended"],
    "email": ["confirm_email", "email_change_asked"],
    "disable": ["account_disabled"],
    "unlink": ["students_unlinked"],
}


def first_child(tx: Transaction, given: Order) -> str:
    return str(tx.session.scalar(select(LinkRow.student_id).where(LinkRow.account_id == given.account_id)))


def do(portal: Portal, deed: str, member: StaffMember, given: Order) -> Done | Refused:
    with portal.begin() as tx:
        return DEEDS[deed](tx, member, given)


def calendar_of(portal: Portal, conversation: str, username: str, child: str) -> str:
    sign_in(portal, username, conversation=conversation)
    with portal.begin() as tx:
        feed = tx.feeds.subscribe(conversation, child, FeedKind.EVENTS)
    assert isinstance(feed, Feed), feed
    return feed.path.removeprefix("/calendar/").removesuffix(".ics")


def lock_out(portal: Portal, username: str = "mlopez") -> None:
    for _ in range(5):
        sign_in(portal, username, WRONG)


def reason(outcome: object) -> Reason:
    assert isinstance(outcome, Refused), outcome
    return outcome.reason


@pytest.mark.case("T3")
def test_unlocked_name_signs_in_with_its_old_password_and_the_parent_is_told(
    portal: Portal, two: TwoFamilies, dana: StaffMember
) -> None:
    lock_out(portal)
    verify(portal, dana, two.lopez)

    done = do(portal, "unlock", dana, order(two.lopez, "locked_out", note="she moved house"))

    assert done == Done(two.lopez, told=True)
    assert isinstance(sign_in(portal), SignedIn)
    assert mails(portal) == ["account_unlocked"]
    kept = json.loads(audited(portal, "account.unlocked")[0])
    assert (kept["by"], kept["reason"], kept["fails_before"], kept["fails_after"]) == (
        dana.by,
        "locked_out",
        5,
        0,
    )
    assert "moved house" not in audited(portal, "account.unlocked")[0]


@pytest.mark.requirement("R101")
def test_signed_out_everywhere_ends_the_calendars_too_and_no_other_familys(
    portal: Portal, two: TwoFamilies, dana: StaffMember
) -> None:
    families = {"conversation": ("mlopez", "Maya"), "other": ("kwhitfield", "Zoe")}
    keys = [calendar_of(portal, conversation, *whose) for conversation, whose in families.items()]
    verify(portal, dana, two.lopez)

    done = do(portal, "sign out", dana, order(two.lopez))

    with portal.begin() as tx:
        open_still = [isinstance(tx.feeds.read(key), FeedContent) for key in keys]
    assert isinstance(done, Done)
    assert open_still == [False, True]


@pytest.mark.parametrize("deed", DEEDS)
def test_nothing_is_done_for_a_caller_nobody_verified(
    portal: Portal, two: TwoFamilies, dana: StaffMember, deed: str
) -> None:
    verify(portal, dana, two.lopez, "named_child", "named_school")

    refused = do(portal, deed, dana, order(two.lopez))

    assert reason(refused) is Reason.CALLER_NOT_VERIFIED
    assert mails(portal) == []


@pytest.mark.parametrize("deed", DEEDS)
def test_nothing_is_done_without_a_reason(
    portal: Portal, two: TwoFamilies, dana: StaffMember, deed: str
) -> None:
    verify(portal, dana, two.lopez)

    outcomes = [do(portal, deed, dana, order(two.lopez, why)) for why in ("", "because", "other")]

    assert [reason(each) for each in outcomes] == [Reason.FIELDS_REFUSED] * 3
    assert mails(portal) == []


@pytest.mark.parametrize("deed", TOLD)
def test_each_deed_is_told_and_the_same_form_acts_once(
    portal: Portal, two: TwoFamilies, dana: StaffMember, deed: str
) -> None:
    verify(portal, dana, two.lopez)
    given = order(two.lopez, "other", note="as she asked")

    first, again = do(portal, deed, dana, given), do(portal, deed, dana, given)

    assert first == Done(two.lopez, told=True)
    assert reason(again) is Reason.ALREADY_DONE
    assert mails(portal) == TOLD[deed]


@pytest.mark.case("T1")
@pytest.mark.parametrize("deed", DEEDS)
def test_auditor_and_other_districts_staff_may_not(portal: Portal, two: TwoFamilies, deed: str) -> None:
    auditor = member_of(portal, Role.AUDITOR)
    stranger = member_of(portal, Role.DESK, district="eastborough")
    elsewhere = member_of(portal, Role.SCHOOL_ADMINISTRATOR, schools=["another school"])

    outcomes = [do(portal, deed, each, order(two.lopez)) for each in (auditor, stranger, elsewhere)]

    assert [reason(each) for each in outcomes] == [Reason.FORBIDDEN, Reason.NOT_FOUND, Reason.NOT_FOUND]


def test_verification_counts_for_this_parent_this_member_and_half_an_hour(
    portal: Portal, two: TwoFamilies, dana: StaffMember, clock: FakeClock
) -> None:
    lee = member_of(portal, Role.DESK)
    verify(portal, dana, two.lopez)

    of_others = [
        do(portal, "sign out", dana, order(two.whitfield)),
        do(portal, "sign out", lee, order(two.lopez)),
    ]
    clock.advance(minutes=29, seconds=59)
    in_time = do(portal, "sign out", dana, order(two.lopez))
    clock.advance(seconds=1)
    too_late = do(portal, "sign out", dana, order(two.lopez))

    assert [reason(each) for each in [*of_others, too_late]] == [Reason.CALLER_NOT_VERIFIED] * 3
    assert isinstance(in_time, Done)


def test_caller_who_turns_out_to_be_somebody_else_loses_the_permission(
    portal: Portal, two: TwoFamilies, dana: StaffMember, clock: FakeClock
) -> None:
    verify(portal, dana, two.lopez)
    clock.advance(minutes=1)
    verify(portal, dana, two.lopez, "named_child")

    refused = do(portal, "recovery", dana, order(two.lopez))

    assert reason(refused) is Reason.CALLER_NOT_VERIFIED
    assert [json.loads(each)["verified"] for each in audited(portal, "desk.caller_checked")] == [True, False]


def test_school_alone_may_close_ways_in_and_open_none(
    portal: Portal, two: TwoFamilies, dana: StaffMember
) -> None:
    verify(portal, dana, two.lopez, "school_acts")

    closed = do(portal, "disable", dana, order(two.lopez, "suspicion"))
    opened = do(portal, "recovery", dana, order(two.lopez, "suspicion"))

    assert isinstance(closed, Done)
    assert reason(opened) is Reason.CALLER_NOT_VERIFIED


def test_disabled_account_is_shut_until_it_is_enabled(
    portal: Portal, two: TwoFamilies, dana: StaffMember
) -> None:
    sign_in(portal)
    verify(portal, dana, two.lopez)

    disabled = do(portal, "disable", dana, order(two.lopez))
    twice = do(portal, "disable", dana, order(two.lopez))
    shut = sign_in(portal)
    with portal.begin() as tx:
        live = tx.sessions.current("conversation")
        enabled = tx.desk.enable(dana, order(two.lopez))

    assert (isinstance(disabled, Done), reason(twice)) == (True, Reason.ALREADY_DONE)
    assert reason(shut) is Reason.BAD_CREDENTIALS
    assert isinstance(live, Refused)
    assert isinstance(enabled, Done)
    assert isinstance(sign_in(portal), SignedIn)
    assert mails(portal) == ["account_disabled", "account_enabled"]


def test_link_to_a_new_password_goes_to_no_address_that_nobody_confirmed(
    portal: Portal, two: TwoFamilies, dana: StaffMember
) -> None:
    verify(portal, dana, two.whitfield)

    refused = do(portal, "recovery", dana, order(two.whitfield))

    assert reason(refused) is Reason.EMAIL_NOT_CONFIRMED
    assert mails(portal) == []


@pytest.mark.requirement("R131")
def test_corrected_address_counts_only_once_it_is_confirmed(
    portal: Portal, two: TwoFamilies, dana: StaffMember
) -> None:
    verify(portal, dana, two.lopez)

    same = do_email(portal, dana, two.lopez, "Marisol@families.example")
    broken = do_email(portal, dana, two.lopez, "no address")
    done = do_email(portal, dana, two.lopez, "new@families.example")

    with portal.begin(read_only=True) as tx:
        account = tx.session.get_one(AccountRow, two.lopez)
        waiting = tx.tokens.waiting(two.lopez, TokenPurpose.CONFIRM_EMAIL)
        to = set(tx.session.scalars(select(OutboxRow.address)))
    assert [reason(each) for each in (same, broken)] == [Reason.FIELDS_REFUSED] * 2
    assert isinstance(done, Done)
    assert account.email == "marisol@families.example"
    assert waiting is not None
    assert waiting.details["email"] == "new@families.example"
    assert to == {"marisol@families.example", "new@families.example"}


def do_email(portal: Portal, member: StaffMember, account_id: str, email: str) -> Done | Refused:
    with portal.begin() as tx:
        return tx.desk.correct_email(member, order(account_id), email)


def link(portal: Portal, member: StaffMember, account_id: str, new: NewLinks) -> Done | Refused:
    with portal.begin() as tx:
        return tx.desk_links.link(member, order(account_id), new)


def test_child_is_linked_by_number_and_taken_off_again(
    portal: Portal, two: TwoFamilies, dana: StaffMember
) -> None:
    verify(portal, dana, two.lopez)

    unknown = link(portal, dana, two.lopez, NewLinks("mother", number="7999"))
    unnamed = link(portal, dana, two.lopez, NewLinks("", number="7003"))
    with portal.begin() as tx:
        taken = tx.desk_links.unlink(dana, order(two.lopez), two.leo)
        never = tx.desk_links.unlink(dana, order(two.lopez), two.zoe)
    back = link(portal, dana, two.lopez, NewLinks("mother", students=(two.leo,)))
    again = link(portal, dana, two.lopez, NewLinks("mother", number="7002"))

    assert [reason(each) for each in (unknown, unnamed)] == [Reason.FIELDS_REFUSED] * 2
    assert (isinstance(taken, Done), isinstance(back, Done)) == (True, True)
    assert [reason(each) for each in (never, again)] == [Reason.ALREADY_DONE] * 2
    assert mails(portal) == ["students_linked", "students_unlinked"]


@pytest.mark.case("T1")
def test_school_administrator_links_no_child_of_another_school(portal: Portal, two: TwoFamilies) -> None:
    with portal.begin() as tx:
        school = tx.session.scalars(select(Student.school_id).where(Student.id == two.maya)).one()
        tx.session.execute(update(Student).where(Student.id == two.zoe).values(school_id="another school"))
    near = member_of(portal, Role.SCHOOL_ADMINISTRATOR, schools=[school])
    verify(portal, near, two.lopez)

    elsewhere = link(portal, near, two.lopez, NewLinks("other", (two.zoe,), despite_records=True))
    with portal.begin() as tx:
        tx.links.link(two.lopez, two.zoe, "other")
        hidden = tx.desk_links.unlink(near, order(two.lopez), two.zoe)

    assert reason(elsewhere) is Reason.FIELDS_REFUSED
    assert reason(hidden) is Reason.NOT_FOUND


def test_child_that_the_records_give_to_somebody_else_needs_a_document(
    portal: Portal, two: TwoFamilies, dana: StaffMember
) -> None:
    verify(portal, dana, two.lopez)

    misheard = link(portal, dana, two.lopez, NewLinks("aunt", number="7003"))
    with_document = link(portal, dana, two.lopez, NewLinks("aunt", number="7003", despite_records=True))

    assert isinstance(misheard, Refused)
    assert [each.key for each in misheard.violations] == ["not_in_records"]
    assert isinstance(with_document, Done)


def test_whom_the_records_bar_is_linked_by_nobody(
    portal: Portal, two: TwoFamilies, dana: StaffMember
) -> None:
    with portal.begin() as tx:
        tx.session.execute(update(Contact).where(Contact.identifier == "9002").values(enabled=False))
    verify(portal, dana, two.whitfield)

    refused = link(portal, dana, two.whitfield, NewLinks("mother", number="7003", despite_records=True))

    assert reason(refused) is Reason.BARRED


def test_deed_of_staff_who_lost_the_role_is_refused(
    portal: Portal, two: TwoFamilies, dana: StaffMember
) -> None:
    verify(portal, dana, two.lopez)
    auditor = StaffMember(dana.staff_id, dana.district, dana.name, dana.email, Role.AUDITOR)

    refused = do(portal, "disable", auditor, order(two.lopez))

    assert reason(refused) is Reason.FORBIDDEN


def test_checklist_must_say_something_and_is_forgotten_after_a_year(
    portal: Portal, two: TwoFamilies, dana: StaffMember, clock: FakeClock
) -> None:
    with portal.begin() as tx:
        empty = tx.callers.check(dana, two.lopez, ["nonsense"])
    verify(portal, dana, two.lopez)
    clock.advance(days=365)
    portal.purge()

    with portal.begin(read_only=True) as tx:
        left = tx.parents.head(dana, two.lopez)
    assert reason(empty) is Reason.FIELDS_REFUSED
    assert not isinstance(left, Refused)
    assert left.verified_until is None
