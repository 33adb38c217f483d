"""Letters open what they say they open, once, for whom they were printed; nothing is voided twice."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from sqlalchemy import select, text

from portal.core.models import AuditRow
from portal.core.outcomes import Reason, Refused
from portal.dialogue.start_codes import FOR_PARENTS, StartCode
from portal.helpdesk.onboarding import letters as printing
from portal.helpdesk.onboarding.models import LetterRow
from portal.helpdesk.onboarding.outcomes import (
    Layout,
    LetterFinished,
    LettersAsked,
    LettersReady,
    NothingToPrint,
)
from portal.helpdesk.staff.outcomes import StaffMember
from portal.helpdesk.staff.roles import Role
from portal.migrations.tables import METADATA
from portal.sis.sources.oneroster_csv import OneRosterFolderOrZip
from portal.transaction import Portal
from tests.portal.helpdesk.onboarding.conftest import two_schools
from tests.support.clock import FakeClock
from tests.support.letters import ask, links, member_of, print_all, printed
from tests.support.portals import make_district, make_parent

Ids = Mapping[str, str]
_LEFT = text("update sis_students set retired_at = :now where id = :student")


def finish(portal: Portal, member: StaffMember, run_id: str) -> LetterFinished | Refused:
    with portal.begin() as tx:
        return tx.letters.finish(member, run_id)


def events(portal: Portal) -> list[tuple[str, str]]:
    with portal.begin(read_only=True) as tx:
        rows = tx.session.scalars(select(AuditRow).order_by(AuditRow.number))
        return [(row.event, row.details) for row in rows if row.event.startswith("letters.")]


@pytest.mark.requirement("R50", "R60", "R61")
def test_each_student_of_a_school_gets_a_letter_that_links_the_child(
    portal: Portal, students: Ids, schools: Ids, member: StaffMember
) -> None:
    letters = printed(portal, member, school=schools["100"])

    assert set(letters) == set(students.values()) - {students["S9"]}
    assert links(portal, letters[students["S1"]])
    assert links(portal, letters[students["S2"]])
    assert len({each.access_id for each in letters.values()}) == len(letters)


def test_the_code_of_a_letter_begins_with_its_child_once_and_the_letter_is_counted_as_started(
    portal: Portal, students: Ids, schools: Ids, member: StaffMember
) -> None:
    letter = printed(portal, member, school=schools["200"], language="es")[students["S9"]]

    with portal.begin() as tx:
        begun = tx.start_codes.spend(letter.code, FOR_PARENTS, turn_id="t1")
    with portal.begin() as tx:
        again = tx.start_codes.spend(letter.code, FOR_PARENTS, turn_id="t2")

    assert isinstance(begun, StartCode)
    assert (begun.student, begun.access_id, begun.language) == (students["S9"], letter.access_id, "es")
    assert isinstance(again, Refused)
    with portal.begin() as tx:
        assert tx.session.scalars(select(LetterRow.started_at)).one() is not None


def test_a_letter_printed_anew_voids_the_old_one_and_its_link(
    portal: Portal, students: Ids, schools: Ids, member: StaffMember
) -> None:
    old = printed(portal, member, school=schools["200"])[students["S9"]]

    new = printed(portal, member, student=students["S9"])[students["S9"]]

    with portal.begin() as tx:
        found = tx.start_codes.find(old.code)
    assert isinstance(found, Refused)
    assert not links(portal, old)
    assert links(portal, new)
    assert old.access_id == new.access_id


def test_a_second_run_prints_only_for_those_who_have_no_letter(
    portal: Portal, students: Ids, schools: Ids, member: StaffMember
) -> None:
    first = printed(portal, member, school=schools["200"])

    with portal.begin() as tx:
        nothing = tx.letters.ask(member, LettersAsked("second", schools["200"], again=False))
    finish(portal, member, runs(portal, member)[0])
    with portal.begin() as tx:
        afterwards = tx.letters.ask(member, LettersAsked("third", schools["200"]))
    rest = printed(portal, member)

    # While the run is open, asking again leads back to it.
    assert not isinstance(nothing, NothingToPrint)
    assert afterwards == NothingToPrint(1)
    assert set(rest) == set(students.values()) - set(first)
    assert links(portal, first[students["S9"]])


def runs(portal: Portal, member: StaffMember) -> list[str]:
    with portal.begin() as tx:
        found = tx.letters.runs(member)
    assert isinstance(found, tuple)
    return [each.run_id for each in found]


def test_a_run_that_was_interrupted_goes_on_and_voids_nothing_twice(
    portal: Portal, students: Ids, schools: Ids, member: StaffMember, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printing, "BATCH", 1)
    run = ask(portal, member, school=schools["100"])
    with portal.begin() as tx:
        left = tx.letters.print_next(member, run.run_id)
    before = when_minted(portal)

    # Started anew, as by somebody whose machine went off.
    again = ask(portal, member, school=schools["100"])
    letters = print_all(portal, member, again.run_id)

    after = when_minted(portal)
    assert isinstance(left, int)
    assert left > 0
    assert again.run_id == run.run_id
    assert len(before) == 1
    assert before.items() <= after.items()
    assert links(portal, letters.sheets[0].children[0])


def when_minted(portal: Portal) -> Mapping[str, tuple[bytes | None, object]]:
    with portal.begin() as tx:
        rows = tx.session.scalars(select(LetterRow).where(LetterRow.printed_at.is_not(None)))
        return {row.letter_id: (row.code_hash, row.printed_at) for row in rows}


def test_the_same_run_printed_twice_is_the_same_letters(
    portal: Portal, students: Ids, schools: Ids, member: StaffMember
) -> None:
    run = ask(portal, member, school=schools["100"])
    first = print_all(portal, member, run.run_id)

    second = print_all(portal, member, run.run_id)

    assert second.sheets == first.sheets
    assert links(portal, second.sheets[0].children[0])


def test_after_a_run_is_finished_nobody_can_derive_its_letters(
    portal: Portal, students: Ids, schools: Ids, member: StaffMember
) -> None:
    run = ask(portal, member, school=schools["200"])
    letter = print_all(portal, member, run.run_id).sheets[0].children[0]

    finished = [finish(portal, member, run.run_id) for _ in range(2)]

    with portal.begin() as tx:
        refused = tx.letters.ready(member, run.run_id), tx.letters.print_next(member, run.run_id)
        seeds = list(tx.session.scalars(select(LetterRow.seed)))
    assert finished == [LetterFinished(run.run_id)] * 2
    assert refused == (Refused(Reason.ALREADY_DONE), Refused(Reason.ALREADY_DONE))
    assert seeds == [None]
    assert links(portal, letter)


@pytest.mark.parametrize(("hours", "open_"), [(23.9, True), (24, False)])
def test_a_run_that_was_taken_is_finished_a_day_later(
    portal: Portal,
    students: Ids,
    schools: Ids,
    member: StaffMember,
    clock: FakeClock,
    *,
    hours: float,
    open_: bool,
) -> None:
    run = ask(portal, member, school=schools["200"])
    print_all(portal, member, run.run_id)
    clock.advance(hours=hours)

    portal.purge()

    with portal.begin() as tx:
        ready = tx.letters.ready(member, run.run_id)
        nothing = tx.letters.ask(member, LettersAsked("later", schools["200"], again=False))
    assert isinstance(ready, LettersReady) is open_
    assert isinstance(nothing, NothingToPrint) is not open_


def test_a_run_that_nobody_took_is_forgotten_and_its_students_have_no_letter(
    portal: Portal, students: Ids, schools: Ids, member: StaffMember, clock: FakeClock
) -> None:
    run = ask(portal, member, school=schools["200"])
    with portal.begin() as tx:
        tx.letters.print_next(member, run.run_id)
    clock.advance(days=7)

    portal.purge()

    assert set(printed(portal, member, school=schools["200"])) == {students["S9"]}


def test_a_letter_of_an_open_run_that_was_printed_anew_is_left_out_of_it(
    portal: Portal, students: Ids, schools: Ids, member: StaffMember
) -> None:
    run = ask(portal, member, school=schools["100"])
    print_all(portal, member, run.run_id)
    new = printed(portal, member, student=students["S1"])[students["S1"]]

    ready = print_all(portal, member, run.run_id)

    left = {child.student_id for sheet in ready.sheets for child in sheet.children}
    assert students["S1"] not in left
    assert ready.left_out == 1
    assert links(portal, new)


def test_the_same_form_sent_twice_is_one_run(
    portal: Portal, students: Ids, schools: Ids, member: StaffMember
) -> None:
    first = ask(portal, member, school=schools["200"], request_id="form")
    print_all(portal, member, first.run_id)
    finish(portal, member, first.run_id)

    second = ask(portal, member, school=schools["200"], request_id="form", again=True)

    assert second.run_id == first.run_id


def test_siblings_share_a_sheet_and_others_do_not(
    portal: Portal, students: Ids, schools: Ids, member: StaffMember
) -> None:
    run = ask(portal, member, school=schools["100"], layout=Layout.HOUSEHOLD)

    sheets = print_all(portal, member, run.run_id).sheets

    together = {frozenset(child.student_id for child in sheet.children) for sheet in sheets}
    assert frozenset({students["S1"], students["S2"]}) in together
    assert all(len(each) == 1 for each in together if students["S1"] not in each)


def test_a_letter_speaks_the_language_that_a_parent_chose_else_the_districts(
    portal: Portal, students: Ids, schools: Ids, member: StaffMember
) -> None:
    make_parent(portal, username="mlopez", children=[students["S1"]], language="es")
    run = ask(portal, member, school=schools["100"])

    sheets = print_all(portal, member, run.run_id).sheets

    spoken = {child.student_id: sheet.language for sheet in sheets for child in sheet.children}
    assert spoken.pop(students["S1"]) == "es"
    assert set(spoken.values()) == {"en"}


def test_where_the_school_links_the_children_a_letter_has_no_password_and_mints_none(
    portal: Portal, students: Ids, schools: Ids, member: StaffMember
) -> None:
    make_district(portal, locales=["en"], account_opening="request")

    letter = printed(portal, member, school=schools["200"])[students["S9"]]

    assert (letter.access_id, letter.password) == ("", None)
    assert letter.code


def test_who_asked_printed_took_and_ended_the_letters_is_audited_without_a_name(
    portal: Portal, students: Ids, schools: Ids, member: StaffMember
) -> None:
    run = ask(portal, member, school=schools["200"])
    letter = print_all(portal, member, run.run_id).sheets[0].children[0]
    finish(portal, member, run.run_id)

    found = events(portal)

    assert [event for event, _ in found] == [
        "letters.asked",
        "letters.printed",
        "letters.handed",
        "letters.finished",
    ]
    assert all(member.by in details and run.run_id in details for _, details in found)
    assert letter.password is not None
    told = "".join(details for _, details in found)
    assert not any(secret in told for secret in ("Noor", letter.password.value, letter.code))


@pytest.mark.case("RT8")
def test_no_table_holds_a_password_or_a_code(
    portal: Portal, students: Ids, schools: Ids, member: StaffMember
) -> None:
    letter = printed(portal, member, school=schools["200"])[students["S9"]]

    with portal.begin() as tx:
        tables = [table.select() for table in METADATA.sorted_tables]
        dump = [str(row) for table in tables for row in tx.session.execute(table)]
    assert letter.password is not None
    assert not any(letter.password.value in row or letter.code in row for row in dump)


@pytest.mark.case("T1")
@pytest.mark.parametrize("role", [Role.DESK, Role.AUDITOR])
def test_who_may_not_print_is_refused_everything(
    portal: Portal, students: Ids, schools: Ids, role: Role
) -> None:
    run = ask(portal, member_of(Role.DISTRICT_ADMINISTRATOR), school=schools["200"])
    other = member_of(role)

    with portal.begin() as tx:
        answers = [
            tx.letters.ask(other, LettersAsked("form", schools["200"])),
            tx.letters.runs(other),
            tx.letters.run(other, run.run_id),
            tx.letters.print_next(other, run.run_id),
            tx.letters.ready(other, run.run_id),
            tx.letters.finish(other, run.run_id),
        ]
    assert answers == [Refused(Reason.FORBIDDEN)] * 6


@pytest.mark.case("T1")
def test_a_school_administrator_prints_for_the_own_school_and_knows_of_no_other(
    portal: Portal, students: Ids, schools: Ids, member: StaffMember
) -> None:
    own = member_of(Role.SCHOOL_ADMINISTRATOR, schools["200"])
    other = ask(portal, member, school=schools["100"])

    letters = printed(portal, own, school=schools["200"])

    assert set(letters) == {students["S9"]}
    with portal.begin() as tx:
        wanted = [
            LettersAsked("a", schools["100"]),
            LettersAsked("b"),
            LettersAsked("c", student=students["S1"]),
        ]
        refused = [
            *(tx.letters.ask(own, asked) for asked in wanted),
            tx.letters.run(own, other.run_id),
            tx.letters.ready(own, other.run_id),
        ]
    assert refused == [Refused(Reason.NOT_FOUND)] * 5


@pytest.mark.parametrize("made_up", ["", "nobody", "' OR 1=1--", "x" * 500])
def test_a_school_or_student_that_is_not_there_is_not_found(
    portal: Portal, students: Ids, schools: Ids, made_up: str, member: StaffMember
) -> None:
    with portal.begin() as tx:
        student = tx.letters.ask(member, LettersAsked("form", student=made_up or "-"))
        elsewhere = tx.letters.ask(
            member_of(Role.DISTRICT_ADMINISTRATOR, district="boston"), LettersAsked("form", schools["200"])
        )

    assert student == Refused(Reason.NOT_FOUND)
    assert elsewhere == Refused(Reason.NOT_FOUND)


def test_a_student_who_left_while_the_run_was_open_gets_no_letter(
    portal: Portal, students: Ids, schools: Ids, member: StaffMember
) -> None:
    run = ask(portal, member, school=schools["200"])
    with portal.begin() as tx:
        tx.session.execute(_LEFT, {"student": students["S9"], "now": 1})

    ready = print_all(portal, member, run.run_id)

    assert ready.sheets == ()


def pilot(portal: Portal, *schools: str) -> None:
    make_district(portal, locales=["en", "es"], pilot_schools=list(schools))


def test_in_a_pilot_only_students_of_its_schools_are_listed_and_get_letters(
    portal: Portal, students: Ids, schools: Ids, member: StaffMember
) -> None:
    pilot(portal, "200")

    with portal.begin() as tx:
        listed = tx.letters.schools(member)
        refused = tx.letters.ask(member, LettersAsked("r1", school=schools["100"]))
    letters = printed(portal, member)

    assert not isinstance(listed, Refused)
    assert [each.identifier for each in listed] == ["200"]
    assert refused == Refused(Reason.NOT_IN_PILOT)
    assert set(letters) == {students["S9"]}
    assert links(portal, letters[students["S9"]])


def test_in_a_pilot_nobody_elsewhere_is_printed_a_letter_but_a_brother_or_sister(
    portal: Portal, students: Ids, member: StaffMember, tmp_path: Path
) -> None:
    moved = two_schools().change("users", 3, orgSourcedIds="MS")
    with portal.begin() as tx:
        tx.imports.run("westborough", OneRosterFolderOrZip(moved.folder(tmp_path / "moved")))
    pilot(portal, "100")

    with portal.begin() as tx:
        stranger = tx.letters.ask(member, LettersAsked("r1", student=students["S9"]))
    sister = printed(portal, member, student=students["S2"])
    others = printed(portal, member, again=True)

    assert stranger == Refused(Reason.NOT_IN_PILOT)
    assert set(sister) == {students["S2"]}
    assert set(others) == {students["S1"], students["S3"]}


def test_student_of_several_schools_takes_part_with_any_of_them(
    portal: Portal, students: Ids, member: StaffMember, tmp_path: Path
) -> None:
    shared = two_schools().change("users", 3, orgSourcedIds="MS,HS")
    with portal.begin() as tx:
        tx.imports.run("westborough", OneRosterFolderOrZip(shared.folder(tmp_path / "shared")))
    pilot(portal, "100")

    assert set(printed(portal, member)) == set(students.values()) - {students["S9"]}


def test_everybody_has_a_letter_again_when_the_pilot_is_over(
    portal: Portal, students: Ids, member: StaffMember
) -> None:
    pilot(portal, "200")
    run = ask(portal, member)
    print_all(portal, member, run.run_id)
    finish(portal, member, run.run_id)
    pilot(portal)

    rest = printed(portal, member)

    assert set(rest) == set(students.values()) - {students["S9"]}


def test_a_run_that_was_open_when_the_pilot_began_prints_for_its_schools_only(
    portal: Portal, students: Ids, member: StaffMember, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printing, "BATCH", 1)
    run = ask(portal, member)
    with portal.begin() as tx:
        tx.letters.print_next(member, run.run_id)
    pilot(portal, "200")

    again = ask(portal, member)
    ready = print_all(portal, member, again.run_id)
    finish(portal, member, run.run_id)
    pilot(portal)
    rest = printed(portal, member)

    assert again.run_id == run.run_id
    assert [child.student_id for sheet in ready.sheets for child in sheet.children] == [students["S9"]]
    assert ready.left_out == len(students) - 1
    assert set(rest) == set(students.values()) - {students["S9"]}


def test_letters_that_were_taken_before_the_pilot_began_stay_good_and_are_not_printed_once_more(
    portal: Portal, students: Ids, member: StaffMember
) -> None:
    run = ask(portal, member)
    taken = print_all(portal, member, run.run_id)
    pilot(portal, "200")

    once_more = print_all(portal, member, run.run_id)
    pilot(portal)

    letters = {child.student_id: child for sheet in taken.sheets for child in sheet.children}
    assert [child.student_id for sheet in once_more.sheets for child in sheet.children] == [students["S9"]]
    assert links(portal, letters[students["S1"]])


def test_a_letter_asked_for_a_sister_is_printed_though_the_pilot_began_meanwhile(
    portal: Portal, students: Ids, member: StaffMember, tmp_path: Path
) -> None:
    moved = two_schools().change("users", 3, orgSourcedIds="MS")
    with portal.begin() as tx:
        tx.imports.run("westborough", OneRosterFolderOrZip(moved.folder(tmp_path / "moved")))
    sister = ask(portal, member, student=students["S2"])
    stranger = ask(portal, member, student=students["S9"])
    pilot(portal, "100")

    assert len(print_all(portal, member, sister.run_id).sheets) == 1
    assert print_all(portal, member, stranger.run_id).sheets == ()
