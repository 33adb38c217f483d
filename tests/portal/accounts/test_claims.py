"""Linking and unlinking students: guesses are counted, what is right is not, and nobody else is disturbed."""

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from sqlalchemy import func, select

from portal.accounts.models import AccountRow, LinkRow, SessionRow
from portal.accounts.outcomes import AccountOpened, StudentsLinked
from portal.core.models import AuditRow
from portal.core.outcomes import Reason, Refused, Violation
from portal.records.answers import Child
from portal.sis.models import Contact
from portal.transaction import Portal
from tests.support.clock import START, FakeClock
from tests.support.families import Letter, asker, enroll, link, mails, open_account
from tests.support.hashing import CountingHasher
from tests.support.portals import make_parent, sign_in
from tests.support.rosters import small_roster

NOT_FOUND = Refused(Reason.PAIR_NOT_FOUND, violations=(Violation("pair_not_found", row=1),))


@pytest.fixture
def letters(portal: Portal, tmp_path: Path) -> Mapping[str, Letter]:
    """Enroll the small roster's family; its parent has an account and is signed in."""
    enrolled = enroll(portal, tmp_path)
    make_parent(portal, display_name="Ana López", email="ana@example.org", email_confirmed=True)
    sign_in(portal)
    return enrolled


def linked(portal: Portal) -> int:
    with portal.begin(read_only=True) as tx:
        return tx.session.scalar(select(func.count()).select_from(LinkRow)) or 0


def at_once(number: int, work: Callable[[int], object]) -> list[object]:
    """Do the work in as many threads, all released together."""
    barrier, outcomes = threading.Barrier(number), []

    def one(index: int) -> None:
        barrier.wait()
        outcomes.append(work(index))

    threads = [threading.Thread(target=one, args=(index,)) for index in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


@pytest.mark.requirement("R50", "R59", "R62")
def test_students_are_linked_under_the_names_that_the_school_has(
    portal: Portal, letters: Mapping[str, Letter]
) -> None:
    maya = letters["S1"].claim(name="somebody", relationship="Legal Guardian")

    outcome = link(portal, maya, letters["S2"].claim())

    assert outcome == StudentsLinked(linked=("Maya López", "Diego López"), already=())
    assert mails(portal) == [("students_linked", "ana@example.org")]
    with portal.begin(read_only=True) as tx:
        relations = set(tx.session.scalars(select(LinkRow.relationship)))
        contact = tx.imports.find_contact("westborough", "P1")
        account = tx.session.scalars(select(AccountRow)).one()
    assert relations == {"legal_guardian", "mother"}
    assert contact is not None
    assert account.contact_id == contact.id


@pytest.mark.requirement("R60", "R61")
@pytest.mark.parametrize(
    ("access_id", "password"),
    [
        (" {} ", "{}"),
        ("{}", " {} "),
        ("lower {}", "{}"),
        ("{}", "lower {}"),
        ("hyphen {}", "{}"),
    ],
)
def test_pair_is_read_as_parents_copy_it(
    portal: Portal, letters: Mapping[str, Letter], access_id: str, password: str
) -> None:
    def typed(how: str, value: str) -> str:
        if how.startswith("lower"):
            return value.lower()
        return f"{value[:4]}-{value[4:]}" if how.startswith("hyphen") else how.format(value)

    maya = letters["S1"]
    claim = maya.claim(typed(password, maya.password), access_id=typed(access_id, maya.access_id))

    assert isinstance(link(portal, claim), StudentsLinked)


@pytest.mark.requirement("R60", "R61")
def test_one_students_password_opens_no_other_student(portal: Portal, letters: Mapping[str, Letter]) -> None:
    assert link(portal, letters["S1"].claim(letters["S2"].password)) == NOT_FOUND


@pytest.mark.case("L1")
def test_sixth_wrong_pair_within_the_hour_is_throttled(
    portal: Portal, letters: Mapping[str, Letter], clock: FakeClock
) -> None:
    unknown = [letters["S1"].claim(access_id=f"NOBODY{number}") for number in range(3)]
    wrong = [letters["S1"].claim("wrong"), letters["S2"].claim("wrong")]

    answers = [link(portal, claim) for claim in (*unknown, *wrong)]
    sixth = link(portal, letters["S1"].claim("wrong"))
    clock.advance(minutes=59)
    right = link(portal, letters["S1"].claim())
    clock.advance(minutes=1)
    sign_in(portal)
    later = link(portal, letters["S1"].claim())

    assert answers == [NOT_FOUND] * 5
    assert isinstance(sixth, Refused)
    assert (sixth.reason, sixth.retry_at) == (Reason.THROTTLED, START.replace(hour=15))
    assert isinstance(right, Refused)
    assert isinstance(later, StudentsLinked)


@pytest.mark.case("L1")
def test_requester_without_an_account_is_counted_by_the_source(
    portal: Portal, letters: Mapping[str, Letter]
) -> None:
    wrong = [letters["S1"].claim("wrong")]

    answers = [open_account(portal, wrong, asker(source="library")) for _ in range(6)]
    elsewhere = open_account(portal, [letters["S1"].claim()], asker(source="home"))

    assert answers[:5] == [NOT_FOUND] * 5
    assert isinstance(answers[5], Refused)
    assert answers[5].reason is Reason.THROTTLED
    assert isinstance(elsewhere, AccountOpened)


@pytest.mark.case("L1")
def test_right_pairs_are_not_counted(portal: Portal, letters: Mapping[str, Letter]) -> None:
    outcomes = [link(portal, letters["S1"].claim(), letters["S2"].claim()) for _ in range(12)]

    assert all(isinstance(outcome, StudentsLinked) for outcome in outcomes)


@pytest.mark.case("L2")
def test_access_id_is_paused_for_everybody_after_ten_wrong_passwords(
    portal: Portal, letters: Mapping[str, Letter], clock: FakeClock
) -> None:
    maya = letters["S1"]
    link(portal, letters["S2"].claim())
    for number in range(10):
        clock.advance(minutes=30 * (number == 9))
        open_account(portal, [maya.claim("wrong")])

    eleventh = open_account(portal, [letters["S2"].claim(), maya.claim()])
    other = open_account(portal, [letters["S2"].claim()])
    clock.advance(hours=23, minutes=59, seconds=59)
    last = open_account(portal, [maya.claim()], username="ana.last")
    clock.advance(seconds=1)
    over = open_account(portal, [maya.claim()], username="ana.over")

    end = START.replace(day=16, minute=30)
    assert eleventh == last == Refused(Reason.ACCESS_ID_PAUSED, retry_at=end)
    assert isinstance(other, AccountOpened)
    assert isinstance(over, AccountOpened)
    staff = [mail for mail in mails(portal) if mail[0].startswith("staff")]
    assert staff == [("staff_access_id_paused", "helpdesk@schools.example")]
    with portal.begin() as tx:
        assert "link.access_id_paused" in set(tx.session.scalars(select(AuditRow.event)))


@pytest.mark.case("L2")
def test_access_id_that_nobody_has_is_paused_alike_and_no_school_is_disturbed(
    portal: Portal, letters: Mapping[str, Letter]
) -> None:
    nobody = letters["S1"].claim(access_id="NOBODYS")

    answers = [open_account(portal, [nobody]) for _ in range(11)]

    assert answers[:10] == [NOT_FOUND] * 10
    assert answers[10] == Refused(Reason.ACCESS_ID_PAUSED, retry_at=START.replace(day=16))
    assert mails(portal) == []


@pytest.mark.case("L2")
def test_parents_who_are_linked_notice_nothing_of_a_pause(
    portal: Portal, letters: Mapping[str, Letter]
) -> None:
    link(portal, letters["S1"].claim())
    for _ in range(10):
        open_account(portal, [letters["S1"].claim("wrong")])

    with portal.begin() as tx:
        found = tx.records.child("conversation", None)

    assert isinstance(found, Child)
    assert found.name == "Maya López"


@pytest.mark.case("L3")
def test_fifty_pairs_at_once_are_checked_five_times(portal: Portal, letters: Mapping[str, Letter]) -> None:
    answers = at_once(50, lambda _: link(portal, letters["S1"].claim("wrong")))

    reasons = Counter(answer.reason for answer in answers if isinstance(answer, Refused))
    assert reasons == Counter({Reason.PAIR_NOT_FOUND: 5, Reason.THROTTLED: 45})


@pytest.mark.case("L3")
def test_students_in_another_order_at_once_wait_for_each_other_and_all_get_in(
    portal: Portal, letters: Mapping[str, Letter]
) -> None:
    claims = [letters["S1"].claim(), letters["S2"].claim()]

    answers = at_once(8, lambda index: link(portal, *claims[:: 1 if index % 2 else -1]))

    assert all(isinstance(answer, StudentsLinked) for answer in answers)


@pytest.mark.case("L7")
def test_same_student_in_two_tabs_at_once_is_linked_once(
    portal: Portal, letters: Mapping[str, Letter]
) -> None:
    answers = at_once(4, lambda _: link(portal, letters["S1"].claim()))

    first = [answer for answer in answers if answer == StudentsLinked(("Maya López",), ())]
    others = [answer for answer in answers if answer == StudentsLinked((), ("Maya López",))]
    assert (len(first), len(others), linked(portal)) == (1, 3, 1)
    assert len(mails(portal)) == 1


@pytest.mark.case("L7")
def test_student_linked_before_is_said_to_be(portal: Portal, letters: Mapping[str, Letter]) -> None:
    link(portal, letters["S1"].claim())

    again = link(portal, letters["S1"].claim(), letters["S2"].claim(), letters["S1"].claim())

    assert again == StudentsLinked(linked=("Diego López",), already=("Maya López",))


def test_same_request_sent_twice_has_one_outcome(portal: Portal, letters: Mapping[str, Letter]) -> None:
    first = link(portal, letters["S1"].claim(), request_id="once")
    second = link(portal, letters["S1"].claim(), request_id="once")

    assert second == first == StudentsLinked(("Maya López",), ())


@pytest.mark.case("L10")
def test_pair_of_another_district_is_a_wrong_pair_and_counted_here(
    portal: Portal, letters: Mapping[str, Letter], tmp_path: Path
) -> None:
    boston = enroll(portal, tmp_path / "boston", slug="boston")

    answers = [link(portal, boston["S1"].claim()) for _ in range(6)]

    assert answers[:5] == [NOT_FOUND] * 5
    assert isinstance(answers[5], Refused)
    assert answers[5].reason is Reason.THROTTLED


def test_nobody_links_without_being_signed_in(portal: Portal, letters: Mapping[str, Letter]) -> None:
    with portal.begin() as tx:
        tx.sessions.end("conversation")

    assert link(portal, letters["S1"].claim()) == Refused(Reason.NOT_SIGNED_IN)
    assert linked(portal) == 0


def test_district_that_links_otherwise_says_so(
    portal: Portal, letters: Mapping[str, Letter], tmp_path: Path
) -> None:
    enroll(portal, tmp_path / "again", parent_single_sign_on=False)

    assert link(portal, letters["S1"].claim()) == Refused(Reason.TURNED_OFF)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ({"access_id": ""}, Violation("empty", field="access_id", row=1)),
        ({"access_id": "A\0"}, Violation("characters", field="access_id", row=1)),
        ({"access_id": "A" * 65}, Violation("too_long", 64, "access_id", 1)),
        ({"name": "M" * 201}, Violation("too_long", 200, "student_name", 1)),
        ({"name": "Maya\nBcc: all"}, Violation("characters", field="student_name", row=1)),
        ({"relationship": " "}, Violation("empty", field="relationship", row=1)),
        ({"relationship": "teacher"}, Violation("relationship_unknown", field="relationship", row=1)),
        ({"password": "\ud800"}, Violation("characters", field="access_password", row=1)),
        ({"password": "x" * 5000}, Violation("characters", field="access_password", row=1)),
    ],
)
def test_field_that_cannot_be_right_is_named_and_not_counted(
    portal: Portal, letters: Mapping[str, Letter], typed: dict[str, str], expected: Violation
) -> None:
    claim = letters["S1"].claim(**typed)

    answers = [link(portal, claim) for _ in range(6)]

    assert answers == [Refused(Reason.FIELDS_REFUSED, violations=(expected,))] * 6


def test_no_student_and_too_many_are_refused(portal: Portal, letters: Mapping[str, Letter]) -> None:
    nobody, crowd = link(portal), link(portal, *([letters["S1"].claim()] * 11))

    assert nobody == Refused(Reason.FIELDS_REFUSED, violations=(Violation("no_student", field="students"),))
    many = Violation("too_many_students", 10, "students")
    assert crowd == Refused(Reason.FIELDS_REFUSED, violations=(many,))


def test_request_that_cannot_be_stored_is_refused(portal: Portal, letters: Mapping[str, Letter]) -> None:
    assert link(portal, letters["S1"].claim(), request_id="a\0b") == Refused(Reason.INVALID_REQUEST)


def test_account_whose_contact_is_barred_from_a_student_gets_no_link_and_staff_a_case(
    portal: Portal, tmp_path: Path
) -> None:
    rights = {"portalAccess": "false", "receivesEmail": "false"}
    roster = small_roster().add("x_portal_access", parentIdentifier="NP1", studentIdentifier="NS2", **rights)
    letters = enroll(portal, tmp_path, roster)
    with portal.begin(read_only=True) as tx:
        contact = tx.imports.find_contact("westborough", "P1")
    assert contact is not None
    make_parent(portal, display_name="Changed Since", contact_id=contact.id)
    sign_in(portal)

    outcome = link(portal, letters["S1"].claim(), letters["S2"].claim())
    with portal.begin() as tx:
        cases = tx.cases.waiting("westborough")

    assert outcome == Refused(Reason.BARRED)
    assert linked(portal) == 0
    assert [(case.kind, case.channel, case.details["name"]) for case in cases] == [
        ("barred", "console", "Changed Since")
    ]


def test_account_whose_contact_the_school_keeps_out_gets_no_child_of_another_family_either(
    portal: Portal, letters: Mapping[str, Letter]
) -> None:
    names = {"given_name": "Ana", "middle_name": "", "family_name": "Stranger"}
    known = {"identifier": "X1", "role": "parent", "email": "", "phone": "", "sms": "", "enabled": False}
    with portal.begin() as tx:
        row = Contact(district_id="westborough", id="x1", source_id="X1", digest=b"", **names, **known)
        tx.session.add(row)
        tx.session.scalars(select(AccountRow)).one().contact_id = "x1"

    outcome = link(portal, letters["S1"].claim())

    assert outcome == Refused(Reason.BARRED)
    assert linked(portal) == 0


def test_barred_outcome_repeated_after_signing_out_opens_no_case_twice(
    portal: Portal, tmp_path: Path
) -> None:
    rights = {"portalAccess": "false", "receivesEmail": "false"}
    roster = small_roster().add("x_portal_access", parentIdentifier="NP1", studentIdentifier="NS1", **rights)
    letters = enroll(portal, tmp_path, roster)
    make_parent(portal, display_name="Ana López")
    sign_in(portal)
    link(portal, letters["S1"].claim(), request_id="once")
    with portal.begin() as tx:
        tx.sessions.end("conversation")

    repeated = link(portal, letters["S1"].claim(), request_id="once")

    with portal.begin() as tx:
        assert len(tx.cases.waiting("westborough")) == 1
        assert tx.session.scalar(select(func.count()).select_from(SessionRow)) == 1
    assert repeated == Refused(Reason.BARRED)


def test_no_mail_goes_to_an_address_that_nobody_confirmed(portal: Portal, tmp_path: Path) -> None:
    letters = enroll(portal, tmp_path)
    make_parent(portal, email="typed@example.org")
    sign_in(portal)

    link(portal, letters["S1"].claim())

    assert mails(portal) == []


def test_unlinked_student_is_gone_and_comes_back_only_with_the_letter(
    portal: Portal, letters: Mapping[str, Letter]
) -> None:
    link(portal, letters["S1"].claim())

    with portal.begin() as tx:
        first = tx.claims.unlink("conversation", letters["S1"].student_id)
        second = tx.claims.unlink("conversation", letters["S1"].student_id)
        events = list(tx.session.scalars(select(AuditRow.event)))
    gone = linked(portal)
    again = link(portal, letters["S1"].claim())

    assert (first, second, gone) == (True, False, 0)
    assert events.count("link.removed") == 1
    assert again == StudentsLinked(("Maya López",), ())


def test_nobody_unlinks_the_student_of_another_account(portal: Portal, letters: Mapping[str, Letter]) -> None:
    link(portal, letters["S1"].claim())
    make_parent(portal, username="other")
    sign_in(portal, "other", conversation="elsewhere")

    with portal.begin() as tx:
        theirs = tx.claims.unlink("elsewhere", letters["S1"].student_id)
        nobodys = tx.claims.unlink("signed out", letters["S1"].student_id)

    assert theirs is False
    assert nobodys == Refused(Reason.NOT_SIGNED_IN)
    assert linked(portal) == 1


def test_right_and_wrong_pairs_cost_no_hashing(
    portal: Portal, letters: Mapping[str, Letter], hasher: CountingHasher
) -> None:
    before = (hasher.verified, hasher.hashed)

    link(portal, letters["S1"].claim("wrong"))
    link(portal, letters["S1"].claim())

    assert (hasher.verified, hasher.hashed) == before
