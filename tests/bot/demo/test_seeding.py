"""A seeded demo is what its sheet says, and seeding it again changes nothing."""

import json
import shutil
import stat
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pyotp
import pytest

from bot.demo import Demo, DemoParent, Situation, demo_sign_in_lines, seed
from bot.settings import ROOT
from portal.accounts.outcomes import Cause, MustChangePassword, SignedIn, SignIn
from portal.core.errors import PortalError
from portal.core.outcomes import Reason, Refused
from portal.core.secret import Secret
from portal.helpdesk.staff.outcomes import StaffMember
from portal.helpdesk.staff.proving import StaffCode
from portal.helpdesk.staff.roles import Role
from portal.helpdesk.staff.signing_in import SigningInStaff, StaffSignIn
from portal.records.answers import Attendance, Grades, Question, Students
from portal.transaction import Portal
from tests.support.clock import FakeClock

DATA = ROOT / "data" / "demo"


def sign_in(portal: Portal, parent: DemoParent) -> tuple[str, SignedIn | MustChangePassword | Refused]:
    conversation = uuid4().hex
    request = SignIn(
        district=parent.district,
        username=parent.username,
        password=Secret(parent.password),
        source=f"test-{conversation}",
        conversation=conversation,
        channel="test",
        request_id="1",
    )
    return conversation, portal.sign_in(request)


def those(demo: Demo, *situations: Situation) -> list[DemoParent]:
    return [parent for parent in demo.parents if parent.situation in situations]


def those_of(demo: Demo, slug: str) -> list[DemoParent]:
    return [parent for parent in demo.parents if parent.district == slug]


def reasons(outcomes: Iterable[object]) -> set[object]:
    return {outcome.reason if isinstance(outcome, Refused) else type(outcome) for outcome in outcomes}


def attendance_dates(portal: Portal, conversation: str, child: str) -> Attendance:
    with portal.begin() as tx:
        found = tx.records.attendance(conversation, Question(student=child))
    assert isinstance(found, Attendance)
    return found


def test_the_sheet_names_every_situation_in_both_districts(portal: Portal, tmp_path: Path) -> None:
    demo = seed(portal, DATA, tmp_path)

    written = json.loads((tmp_path / "demo.json").read_text(encoding="utf-8"))
    assert stat.S_IMODE((tmp_path / "demo.json").stat().st_mode) == 0o600
    assert set(written) == {"parents", "staff"}
    assert {parent.district for parent in demo.parents} == {"westborough", "boston"}
    for slug in ("westborough", "boston"):
        own = [parent for parent in written["parents"] if parent["district"] == slug]
        assert {parent["situation"] for parent in own} == set(Situation)
        assert sum(parent["situation"] == "ok" for parent in own) >= 3
    for parent in written["parents"]:
        assert set(parent) == {"district", "username", "password", "email", "children", "situation"}
        assert (parent["email"] is None) == (parent["situation"] == "no_email")
        for child in parent["children"]:
            assert set(child) == {"name", "student_id", "access_id", "access_password"}
            assert all(child.values())


def test_every_situation_is_real_and_ok_parents_get_this_terms_answers(
    portal: Portal, tmp_path: Path
) -> None:
    demo = seed(portal, DATA, tmp_path)

    for parent in those(demo, Situation.OK, Situation.NO_EMAIL):
        conversation, outcome = sign_in(portal, parent)
        assert isinstance(outcome, SignedIn), parent.username
        assert_records(portal, conversation, parent)
    for situation, cause in (
        (Situation.TEMPORARY_PASSWORD, Cause.TEMPORARY),
        (Situation.EXPIRED_PASSWORD, Cause.EXPIRED),
    ):
        outcomes = [sign_in(portal, parent)[1] for parent in those(demo, situation)]
        assert [out.cause for out in outcomes if isinstance(out, MustChangePassword)] == [cause, cause]
    locked = [sign_in(portal, parent)[1] for parent in those(demo, Situation.LOCKED)]
    assert reasons(locked) == {Reason.LOCKED_CONTACT_SCHOOL}
    nobody = [sign_in(portal, parent)[1] for parent in those(demo, Situation.NO_ACCOUNT)]
    assert reasons(nobody) == {Reason.BAD_CREDENTIALS}


def assert_records(portal: Portal, conversation: str, parent: DemoParent) -> None:
    with portal.begin() as tx:
        students = tx.records.students(conversation)
        assert isinstance(students, Students)
        assert {child.name for child in students.children} == {child.name for child in parent.children}
        for child in students.children:
            grades = tx.records.grades(conversation, Question(student=child.name))
            attendance = tx.records.attendance(conversation, Question(student=child.name))
            assert isinstance(grades, Grades)
            assert isinstance(attendance, Attendance)
            assert grades.term.current
            assert len([line for line in grades.lines if line.letter and not line.final]) == 6
            assert grades.term.since <= tx.now.date() <= grades.term.until


@pytest.mark.requirement("R80")
def test_a_barred_parent_sees_nothing_of_the_child(portal: Portal, tmp_path: Path) -> None:
    demo = seed(portal, DATA, tmp_path)

    for parent in those(demo, Situation.BARRED):
        conversation, _ = sign_in(portal, parent)
        with portal.begin() as tx:
            answer = tx.records.grades(conversation, Question(student=parent.children[0].name))

        assert answer == Refused(Reason.STUDENT_UNAVAILABLE)


@pytest.mark.requirement("R79")
@pytest.mark.parametrize(("username", "name"), [("kwhitfield", "Emma"), ("wchen", "Alex")])
def test_children_of_the_same_first_name_are_asked_apart(
    portal: Portal, tmp_path: Path, username: str, name: str
) -> None:
    demo = seed(portal, DATA, tmp_path)
    (parent,) = [parent for parent in demo.parents if parent.username == username]

    conversation, _ = sign_in(portal, parent)
    with portal.begin() as tx:
        answer = tx.records.grades(conversation, Question(student=name))

    assert isinstance(answer, Refused)
    assert answer.reason is Reason.WHICH_STUDENT
    assert len(set(answer.choices)) == len(parent.children) == 2


def test_the_access_passwords_of_the_sheet_belong_to_one_child_each(portal: Portal, tmp_path: Path) -> None:
    demo = seed(portal, DATA, tmp_path)

    pairs = {(p.district, c.student_id): c for p in demo.parents for c in p.children}
    assert len({child.access_id for child in pairs.values()}) == len(pairs)
    assert len({child.access_password for child in pairs.values()}) == len(pairs)


def test_seeding_twice_changes_nothing(portal: Portal, clock: FakeClock, tmp_path: Path) -> None:
    first = seed(portal, DATA, tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    clock.advance(seconds=timedelta(weeks=2).total_seconds())

    second = seed(portal, DATA, tmp_path)

    assert second == first
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()} == before


def test_a_seeding_that_was_killed_is_finished_by_the_next(portal: Portal, tmp_path: Path) -> None:
    first = seed(portal, DATA, tmp_path)
    (tmp_path / "demo-dates.json").unlink()

    second = seed(portal, DATA, tmp_path)

    assert second == first
    assert isinstance(sign_in(portal, those(second, Situation.OK)[0])[1], SignedIn)


def test_a_demo_whose_term_is_over_gets_new_dates_and_keeps_its_passwords(
    portal: Portal, clock: FakeClock, tmp_path: Path
) -> None:
    first = seed(portal, DATA, tmp_path)
    with portal.begin() as tx:
        tx.accounts.unlock("westborough", "jokafor", "asked for it", "test")
    clock.advance(seconds=timedelta(weeks=20, days=3).total_seconds())

    second = seed(portal, DATA, tmp_path)

    assert second == first
    parent = those(second, Situation.OK)[0]
    conversation, _ = sign_in(portal, parent)
    attendance = attendance_dates(portal, conversation, parent.children[0].name)
    assert attendance.since <= clock.now().date() <= attendance.until
    assert all(day.date < clock.now().date() for day in attendance.days)
    # What somebody mended since is not broken again.
    (locked,) = [p for p in those(second, Situation.LOCKED) if p.district == "westborough"]
    assert isinstance(sign_in(portal, locked)[1], SignedIn)


def test_another_database_is_seeded_whatever_the_state_folder_remembers(
    portal: Portal, tmp_path: Path
) -> None:
    (tmp_path / "demo-dates.json").write_text('{"westborough": {"files": "x", "weeks": 0}}')

    demo = seed(portal, DATA, tmp_path)

    assert isinstance(sign_in(portal, those(demo, Situation.OK)[0])[1], SignedIn)


def test_a_lost_sheet_is_written_again_without_the_access_passwords(portal: Portal, tmp_path: Path) -> None:
    seed(portal, DATA, tmp_path)
    (tmp_path / "demo.json").unlink()

    demo = seed(portal, DATA, tmp_path)
    (tmp_path / "demo-dates.json").unlink()
    again = seed(portal, DATA, tmp_path)

    assert again == demo
    assert {child.access_password for parent in demo.parents for child in parent.children} == {None}


def test_only_the_district_whose_files_changed_is_imported_again(portal: Portal, tmp_path: Path) -> None:
    data, var = tmp_path / "demo", tmp_path / "var"
    for slug in ("boston", "westborough"):
        shutil.copytree(DATA / slug, data / slug)
    var.mkdir()
    first = seed(portal, data, var)
    people = data / "boston" / "users.csv"
    people.write_text(people.read_text(encoding="utf-8").replace("Jean-Luc", "Jean-Marc"), encoding="utf-8")

    second = seed(portal, data, var)

    names = {child.name for parent in second.parents for child in parent.children}
    assert "Jean-Marc Baptiste" in names
    assert those_of(first, "westborough") == those_of(second, "westborough")


def test_a_parent_who_is_not_in_the_files_is_said_plainly_and_nothing_is_imported(
    portal: Portal, tmp_path: Path
) -> None:
    data = tmp_path / "demo"
    shutil.copytree(DATA / "boston", data / "boston")
    parents = data / "boston" / "parents.yml"
    parents.write_text(parents.read_text(encoding="utf-8").replace("'270017'", "'999999'"), encoding="utf-8")

    with pytest.raises(PortalError, match=r"names 999999, who is not in users\.csv"):
        seed(portal, data, tmp_path)

    with portal.begin(read_only=True) as tx:
        assert tx.imports.find_contact("boston", "270011") is None


def test_options_tried_out_in_the_state_folder_stay(portal: Portal, tmp_path: Path) -> None:
    seed(portal, DATA, tmp_path)
    path = tmp_path / "districts" / "boston.yml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("session_idle_minutes: 15", "session_idle_minutes: 7")
    )

    seed(portal, DATA, tmp_path)

    with portal.begin(read_only=True) as tx:
        boston = tx.districts.get("boston")
    assert boston is not None
    assert boston.options.session_idle_minutes == 7


def test_a_password_that_the_tried_options_refuse_is_said_plainly(portal: Portal, tmp_path: Path) -> None:
    options = (DATA / "boston" / "district.yml").read_text(encoding="utf-8")
    (tmp_path / "districts").mkdir()
    strict = options.replace("min_length: 8", "min_length: 60")
    (tmp_path / "districts" / "boston.yml").write_text(strict, encoding="utf-8")

    with pytest.raises(
        PortalError, match=r"got no account \(password_refused too_short\): look at districts/boston"
    ):
        seed(portal, DATA, tmp_path)


def test_the_terminal_says_who_can_be_tried(portal: Portal, tmp_path: Path) -> None:
    demo = seed(portal, DATA, tmp_path)

    lines = demo_sign_in_lines(demo)

    mother = demo.parents[[parent.username for parent in demo.parents].index("mlopez")]
    (hers,) = [line for line in lines if " mlopez " in line]
    assert mother.password in hers
    assert "Maya López, Diego López, Sofía López (signs in)" in hers
    assert len(lines) == 1 + 2 * (1 + 3 + 6) + 2 + 8
    assert any("dana@westborough.example" in line and "desk" in line for line in lines)
    assert all(len(line) <= 150 for line in lines)
    assert mother.password not in repr(demo)
    assert demo.staff[0]["totp_secret"] not in repr(demo)


def test_staff_of_the_demo_sign_in_with_what_its_sheet_says(portal: Portal, tmp_path: Path) -> None:
    demo = seed(portal, DATA, tmp_path)
    entered = {}
    for each in demo.staff:
        half, token = uuid4().hex, uuid4().hex
        request = StaffSignIn(each["email"], Secret(each["password"]), f"test-{half}", half)
        portal.run(SigningInStaff(request))
        code = pyotp.TOTP(each["totp_secret"]).at(portal.clock.now())
        with portal.begin() as tx:
            entered[each["email"]] = tx.staff_proving.prove(StaffCode(code, f"test-{half}", half, token))

    seed(portal, DATA, tmp_path)

    roles = [(found.district, found.role) for found in entered.values() if isinstance(found, StaffMember)]
    assert sorted(roles) == sorted((slug, role) for slug in ("westborough", "boston") for role in Role)
    bound = entered["joan@westborough.example"]
    assert isinstance(bound, StaffMember)
    assert len(bound.schools) == 1
    written = json.loads((tmp_path / "demo.json").read_text(encoding="utf-8"))["staff"]
    assert [set(each) for each in written] == [
        {"district", "name", "email", "role", "schools", "password", "totp_secret"}
    ] * 8
