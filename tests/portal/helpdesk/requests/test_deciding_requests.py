"""Requests that differ from the records are decided by staff: once, beside every check."""

import threading
from pathlib import Path

import pytest
from sqlalchemy import select

from portal.accounts.models import AccountRequestRow, AccountRow, LinkRow
from portal.accounts.outcomes import Confirmation, EmailConfirmed, SignedIn
from portal.core.models import AuditRow, OutboxRow
from portal.core.outcomes import Reason, Refused
from portal.helpdesk.requests.models import RequestNoteRow
from portal.helpdesk.requests.outcomes import (
    Approval,
    Approved,
    Asked,
    Cause,
    CheckName,
    Connected,
    NewQuestion,
    NoteKind,
    Rejected,
    Rejection,
    RequestShown,
    Standing,
    View,
)
from portal.helpdesk.staff.outcomes import StaffMember
from portal.helpdesk.staff.roles import Role
from portal.sis.models import Student
from portal.transaction import Portal
from tests.support.boston import boston, boston_roster, confirm, does, member, the_request
from tests.support.clock import FakeClock
from tests.support.families import import_roster, mails, request_account
from tests.support.portals import NEW_PASSWORD, make_parent, sign_in

CHECKED = "called the family back at the number on file"
STAFF = ("staff_request", "helpdesk@schools.example")


def shown(portal: Portal, who: StaffMember, student: str = "") -> RequestShown:
    request_id = the_request(portal).request_id
    found = does(portal, lambda tx: tx.account_requests.one(who, request_id, student))
    assert isinstance(found, RequestShown)
    return found


def approve(portal: Portal, who: StaffMember, reason: str = CHECKED) -> Approved | Refused:
    one = shown(portal, who)
    contact = one.candidates[0].contact_id if one.candidates else ""
    approval = Approval(one.line.request_id, contact, reason)
    return does(portal, lambda tx: tx.account_requests.approve(who, approval))


def reject(portal: Portal, who: StaffMember, words: str = "") -> Rejected | Refused:
    rejection = Rejection(the_request(portal).request_id, Cause.CONTACT_SCHOOL, CHECKED, words)
    return does(portal, lambda tx: tx.account_requests.reject(who, rejection))


def audited(portal: Portal, event: str) -> list[str]:
    with portal.begin(read_only=True) as tx:
        return list(tx.session.scalars(select(AuditRow.details).where(AuditRow.event == event)))


@pytest.mark.requirement("R115", "R116", "R117")
@pytest.mark.parametrize(
    ("typed", "rights", "differs", "may"),
    [
        ({"first_name": "Anna"}, ("true", "true"), {CheckName.FIRST_NAME: "differs"}, True),
        ({"email": "ana@home.example"}, ("true", "true"), {CheckName.EMAIL: "differs"}, True),
        ({}, ("true", "false"), {CheckName.RECEIVES_EMAIL: "missing"}, False),
        (
            {},
            ("false", "true"),
            {CheckName.PORTAL_ACCESS: "missing", CheckName.RECEIVES_EMAIL: "missing"},
            False,
        ),
    ],
)
def test_every_check_is_shown_beside_what_was_typed(
    portal: Portal,
    tmp_path: Path,
    *,
    typed: dict[str, str],
    rights: tuple[str, str],
    differs: dict[CheckName, str],
    may: bool,
) -> None:
    boston(portal, tmp_path, boston_roster(*rights).change("users", 4, phone="(617) 555-0100"))
    request_account(portal, **typed)

    (ana,) = [each for each in shown(portal, member(portal)).candidates if each.name == "Ana López"]

    off = {each.name: each.standing.value for each in ana.checks if each.standing is not Standing.GOOD}
    assert off == differs
    assert ana.may_be_approved is may
    assert {each.name for each in ana.checks} == set(CheckName)


@pytest.mark.requirement("R115")
def test_telephone_that_is_missing_is_shown_and_stops_nobody(portal: Portal, tmp_path: Path) -> None:
    boston(portal, tmp_path)
    request_account(portal, first_name="Anna")

    (ana,) = shown(portal, member(portal)).candidates

    assert ana.standing(CheckName.PHONE) is Standing.MISSING
    assert ana.may_be_approved


@pytest.mark.requirement("R114", "R115", "R129", "R130", "R131")
def test_approved_request_is_confirmed_at_the_schools_address_and_its_children_follow(
    portal: Portal, tmp_path: Path
) -> None:
    boston(portal, tmp_path)
    request_account(portal, first_name="Anna", email="anna@home.example")
    desk = member(portal)

    approved = approve(portal, desk)
    confirmed = confirm(portal)
    before = shown(portal, desk)
    request_id = before.line.request_id
    connected = does(portal, lambda tx: tx.account_requests.connect(desk, request_id))
    again = does(portal, lambda tx: tx.account_requests.connect(desk, request_id))

    assert approved == Approved("ana@example.org")
    assert ("confirm_request", "ana@example.org") in mails(portal)
    assert isinstance(confirmed, EmailConfirmed)
    assert confirmed.kind is Confirmation.REQUEST
    assert [child.name for child in before.connects] == ["Maya López"]
    assert (connected, again) == (Connected(1), Connected(0))
    with portal.begin(read_only=True) as tx:
        account = tx.session.scalars(select(AccountRow)).one()
        links = tx.session.scalars(select(LinkRow)).all()
    assert (account.username, account.email, account.display_name) == (
        "ana@example.org",
        "ana@example.org",
        "Ana López",
    )
    assert len(links) == 1
    signed_in = sign_in(portal, "ana@example.org", NEW_PASSWORD, district="boston")
    assert isinstance(signed_in, SignedIn)


def test_typed_address_is_never_written_a_confirmation(portal: Portal, tmp_path: Path) -> None:
    boston(portal, tmp_path)
    request_account(portal, email="ana@stranger.example")

    approve(portal, member(portal))

    assert "ana@stranger.example" not in {address for _, address in mails(portal)}


@pytest.mark.requirement("R115", "R116", "R117")
@pytest.mark.parametrize(
    "roster",
    [
        boston_roster("false"),
        boston_roster(receives="false"),
        boston_roster().change("users", 4, email=""),
        boston_roster().change("users", 4, enabledUser="false"),
    ],
)
def test_what_the_records_do_not_permit_is_not_passed_over(
    portal: Portal, tmp_path: Path, roster: object
) -> None:
    boston(portal, tmp_path, roster)  # type: ignore[arg-type]
    request_account(portal)

    outcome = approve(portal, member(portal))

    assert isinstance(outcome, Refused)
    assert [each.key for each in outcome.violations] == ["records_first"]
    assert the_request(portal).state == "staff"


def test_records_that_were_mended_let_the_request_be_approved(portal: Portal, tmp_path: Path) -> None:
    boston(portal, tmp_path, boston_roster(receives="false"))
    request_account(portal)
    import_roster(portal, tmp_path, boston_roster(), "boston")

    assert isinstance(approve(portal, member(portal)), Approved)


def test_contact_who_has_an_account_gets_no_second_one(portal: Portal, tmp_path: Path) -> None:
    boston(portal, tmp_path)
    request_account(portal, first_name="Anna")
    make_parent(portal, "boston", username="ana@example.org", email="ana@example.org")

    outcome = approve(portal, member(portal))

    (ana,) = shown(portal, member(portal)).candidates
    assert ana.username == "ana@example.org"
    assert isinstance(outcome, Refused)


@pytest.mark.requirement("R133")
def test_contacts_of_a_named_student_are_compared_too(portal: Portal, tmp_path: Path) -> None:
    boston(portal, tmp_path)
    request_account(portal, first_name="Zoe", last_name="Baptiste", email="zoe@home.example")
    desk = member(portal)

    assert shown(portal, desk).candidates == ()
    assert "Ana López" in [each.name for each in shown(portal, desk, "NS1").candidates]


def test_rejected_family_is_told_and_the_request_is_over(portal: Portal, tmp_path: Path) -> None:
    boston(portal, tmp_path)
    request_account(portal, first_name="Anna")

    outcome = reject(portal, member(portal), "Please bring a paper with your name to the office.")

    assert outcome == Rejected()
    assert the_request(portal).state == "rejected"
    assert ("request_rejected", "ana@example.org") in mails(portal)


def test_reasons_and_words_are_asked_for(portal: Portal, tmp_path: Path) -> None:
    boston(portal, tmp_path)
    request_account(portal, first_name="Anna")
    desk, request_id = member(portal), the_request(portal).request_id

    without = approve(portal, desk, "  ")
    empty = does(portal, lambda tx: tx.account_requests.ask(desk, NewQuestion(request_id, " ", "f" * 32)))

    assert isinstance(without, Refused)
    assert [(each.key, each.field) for each in without.violations] == [("empty", "reason")]
    assert isinstance(empty, Refused)
    assert [(each.key, each.field) for each in empty.violations] == [("empty", "question")]


@pytest.mark.case("Q4")
@pytest.mark.parametrize("second", ["approve", "reject", "expire"])
def test_of_two_decisions_at_once_one_counts(
    portal: Portal, tmp_path: Path, clock: FakeClock, second: str
) -> None:
    boston(portal, tmp_path)
    request_account(portal, first_name="Anna")
    one, other = member(portal), member(portal)
    clock.advance(days=90)
    meet = threading.Barrier(2)
    outcomes: dict[str, object] = {}

    def work(name: str, who: StaffMember) -> None:
        meet.wait()
        if name == "expire":
            outcomes[name] = portal.purge()
        elif name == "reject":
            outcomes[name] = reject(portal, who)
        else:
            outcomes[name + who.staff_id] = approve(portal, who)

    threads = [threading.Thread(target=work, args=each) for each in (("approve", one), (second, other))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    refused = [each for each in outcomes.values() if isinstance(each, Refused)]
    done = [each for each in outcomes.values() if isinstance(each, Approved | Rejected)]
    state = the_request(portal).state
    events = audited(portal, "request.approved") + audited(portal, "request.rejected")
    assert len(events) == len(done)
    if second == "expire":
        assert (state, len(done)) in {("mailed", 1), ("expired", 0)}
        assert len(audited(portal, "request.expired")) == 1 - len(done)
    else:
        assert len(done) == 1
        assert refused == [Refused(Reason.ALREADY_DONE)]


@pytest.mark.case("Q4")
def test_approved_after_it_expired_is_already_done(portal: Portal, tmp_path: Path, clock: FakeClock) -> None:
    boston(portal, tmp_path)
    request_account(portal, first_name="Anna")
    desk = member(portal)
    clock.advance(days=90)
    portal.purge()

    assert approve(portal, desk) == Refused(Reason.ALREADY_DONE)
    assert not audited(portal, "account.created")


def test_request_approved_late_still_waits_for_its_family(
    portal: Portal, tmp_path: Path, clock: FakeClock
) -> None:
    boston(portal, tmp_path)
    request_account(portal, first_name="Anna")
    desk = member(portal)
    clock.advance(days=60)
    approve(portal, desk)

    portal.purge()

    assert isinstance(confirm(portal), EmailConfirmed)


def test_what_is_over_is_forgotten_with_its_notes(portal: Portal, tmp_path: Path, clock: FakeClock) -> None:
    boston(portal, tmp_path)
    request_account(portal, first_name="Anna")
    reject(portal, member(portal), "words")
    clock.advance(days=90)

    portal.purge()

    with portal.begin(read_only=True) as tx:
        assert not tx.session.scalars(select(AccountRequestRow)).all()
        assert not tx.session.scalars(select(RequestNoteRow)).all()


def test_auditor_looks_and_decides_nothing(portal: Portal, tmp_path: Path) -> None:
    boston(portal, tmp_path)
    request_account(portal, first_name="Anna")
    auditor = member(portal, Role.AUDITOR)

    listed = does(portal, lambda tx: tx.account_requests.list(auditor, View.WAITING))

    assert not isinstance(listed, Refused)
    assert [each.name for each in listed] == ["Anna López"]
    assert approve(portal, auditor) == Refused(Reason.FORBIDDEN)
    assert reject(portal, auditor) == Refused(Reason.FORBIDDEN)
    assert len(audited(portal, "request.listed")) == 1


@pytest.mark.case("T1")
def test_school_administrator_sees_requests_of_contacts_at_the_school_alone(
    portal: Portal, tmp_path: Path
) -> None:
    boston(portal, tmp_path)
    request_account(portal, first_name="Anna")
    with portal.begin(read_only=True) as tx:
        school = tx.session.scalars(select(Student.school_id).where(Student.source_id == "S1")).one()
    own = member(portal, Role.SCHOOL_ADMINISTRATOR, [school])
    other = member(portal, Role.SCHOOL_ADMINISTRATOR, ["another school"])
    request_id = the_request(portal).request_id

    mine = does(portal, lambda tx: tx.account_requests.list(own, View.WAITING))
    theirs = does(portal, lambda tx: tx.account_requests.list(other, View.WAITING))

    assert not isinstance(mine, Refused)
    assert len(mine) == 1
    assert theirs == ()
    for deed in ("one", "connect"):
        refused = does(portal, lambda tx, deed=deed: getattr(tx.account_requests, deed)(other, request_id))
        assert refused == Refused(Reason.NOT_FOUND)
    assert reject(portal, other) == Refused(Reason.NOT_FOUND)


def test_staff_of_another_district_see_nothing(portal: Portal, tmp_path: Path) -> None:
    boston(portal, tmp_path)
    request_account(portal, first_name="Anna")
    desk = member(portal)
    stranger = StaffMember("x", "westborough", "X", "x@schools.example", Role.DESK)
    request_id = the_request(portal).request_id

    found = does(portal, lambda tx: tx.account_requests.one(stranger, request_id))

    assert found == Refused(Reason.NOT_FOUND)
    assert shown(portal, desk).line.name == "Anna López"


def test_the_same_question_sent_twice_is_asked_once(portal: Portal, tmp_path: Path) -> None:
    boston(portal, tmp_path)
    request_account(portal, first_name="Anna")
    desk, request_id = member(portal), the_request(portal).request_id
    question = NewQuestion(request_id, "Which school does your child go to?", "a" * 32)

    outcomes = [does(portal, lambda tx: tx.account_requests.ask(desk, question)) for _ in range(2)]

    assert outcomes == [Asked(), Refused(Reason.ALREADY_DONE)]
    assert [kind for kind, _ in mails(portal)].count("request_question") == 1
    assert [note.kind for note in shown(portal, desk).notes] == [NoteKind.QUESTION]


def test_neither_audit_nor_mail_shows_what_anybody_wrote(portal: Portal, tmp_path: Path) -> None:
    boston(portal, tmp_path)
    request_account(portal, first_name="Anna")
    desk, request_id = member(portal), the_request(portal).request_id
    does(portal, lambda tx: tx.account_requests.ask(desk, NewQuestion(request_id, "CANARY-1?", "a" * 32)))
    reject(portal, desk, "CANARY-2")

    with portal.begin(read_only=True) as tx:
        kept = [*tx.session.scalars(select(AuditRow.details)), *tx.session.scalars(select(OutboxRow.details))]
        notes = list(tx.session.scalars(select(RequestNoteRow.words)))
    assert "CANARY" not in " ".join(kept)
    assert not any(b"CANARY" in each for each in notes)
    assert "Anna" not in " ".join(kept)


@pytest.mark.parametrize("forged", ["\0", "\ud800", "x" * 2000, "'; drop table accounts; --"])
def test_forged_names_are_nobodys(portal: Portal, tmp_path: Path, forged: str) -> None:
    boston(portal, tmp_path)
    request_account(portal, first_name="Anna")
    desk, request_id = member(portal), the_request(portal).request_id
    approval = Approval(request_id, forged, CHECKED)

    unknown = does(portal, lambda tx: tx.account_requests.one(desk, forged))
    approved = does(portal, lambda tx: tx.account_requests.approve(desk, approval))
    planned = does(portal, lambda tx: tx.merging.plan(desk, forged, forged))

    assert unknown == planned == Refused(Reason.NOT_FOUND)
    assert isinstance(approved, Refused)
    assert len(shown(portal, desk, forged).candidates) == 1
