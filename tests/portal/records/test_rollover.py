"""A new school year: the set of the new one is imported, and parents ask as before."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from portal.core.outcomes import Reason, Refused
from portal.records.answers import Question, Students
from portal.records.school_work import GradesHistory
from portal.sis.models import AccessCredential
from portal.sis.outcomes import Imported
from portal.sis.sources.oneroster_csv import OneRosterFolderOrZip
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.portals import sign_in
from tests.support.rosters import Answered, Family, Refusing, Roster, small_roster

Renew = Callable[[Roster], Imported]


def last_year() -> Roster:
    """Give Maya grades and absences of last year."""
    roster = small_roster().add("orgs", sourcedId="OTHER", name="Other High", type="school", identifier="400")
    roster.grade("NS1", "ALG", "B", final="true").grade(
        "NS1", "ALG", "A", termSourcedId="SPRING", final="true"
    )
    return roster.absence("NS1", "2026-10-06")


def next_year(*, with_history: bool) -> Roster:
    """Move Maya up, Diego to another school and Iris in, with the old year or without it."""
    roster = last_year() if with_history else small_roster()
    if not with_history:
        roster.rows["academicSessions"] = []
        roster.rows["classes"] = []
    roster.rows["enrollments"] = []
    for key, title, kind, start, end in (
        ("SY28", "2027-2028", "schoolYear", "2027-08-30", "2028-06-09"),
        ("FALL-27", "Fall Semester", "semester", "2027-08-30", "2027-12-17"),
    ):
        roster.add(
            "academicSessions",
            sourcedId=key,
            title=title,
            type=kind,
            startDate=start,
            endDate=end,
            parentSourcedId="" if key == "SY28" else "SY28",
            schoolYear="2028",
        )
    roster.add("courses", sourcedId="C-GEO", title="Geometry", courseCode="GEO", orgSourcedId="D")
    roster.school_class("GEO-27", "C-GEO", "FALL-27", periods="1").enroll("S1", "GEO-27")
    roster.enroll("T1", "GEO-27", role="teacher", primary="true")
    roster.change("users", 2, grades="10").change("users", 3, grades="11", orgSourcedIds="MS")
    return roster.grade("NS1", "GEO-27", "C", termSourcedId="FALL-27")


@pytest.fixture
def renew(portal: Portal, clock: FakeClock, tmp_path: Path) -> Renew:
    """Import the set of the new year, on its first of October, and sign the parent in again."""

    def renewed(roster: Roster) -> Imported:
        clock.advance(days=351)
        with portal.begin() as tx:
            done = tx.imports.run("westborough", OneRosterFolderOrZip(roster.folder(tmp_path / "next")))
        assert not isinstance(sign_in(portal, "parent1"), Refused)
        return done

    return renewed


def about(name: str, **question: object) -> Callable[..., object]:
    return lambda records: getattr(records, name)("conversation", Question(**question))


def test_account_keeps_its_children_and_the_new_year_is_the_current_one(
    portal: Portal, family: Family, renew: Renew, ask: Answered
) -> None:
    family(last_year(), "NS1", "NS2")
    with portal.begin(read_only=True) as tx:
        codes = set(tx.session.execute(select(AccessCredential.student_id, AccessCredential.access_id)).all())

    renew(next_year(with_history=True))

    students: Students = ask(lambda records: records.students("conversation"))
    tabs = {child.first_name: (child.grade, child.school) for child in students.children}
    assert tabs == {"Diego": ("11", "Mill Pond Middle"), "Maya": ("10", "Assabet High")}
    grades = ask(about("grades", student="Maya"))
    assert (grades.term.since, [line.course for line in grades.lines]) == (date(2027, 8, 30), ["Geometry"])
    with portal.begin(read_only=True) as tx:
        kept = set(tx.session.execute(select(AccessCredential.student_id, AccessCredential.access_id)).all())
    assert codes == kept


@pytest.mark.requirement("R94")
def test_old_year_that_the_set_still_holds_is_history(family: Family, renew: Renew, ask: Answered) -> None:
    family(last_year(), "NS1")

    done = renew(next_year(with_history=True))

    history: GradesHistory = ask(about("grades_history"))
    assert [(each.term.title, [line.letter for line in each.lines]) for each in history.terms] == [
        ("Spring Semester", ["A"])
    ]
    of_course: GradesHistory = ask(about("grades_history", course="algebra"))
    assert [line.letter for each in of_course.terms for line in each.lines] == ["B", "A"]
    absences = ask(about("attendance", since=date(2026, 10, 1), until=date(2026, 10, 31)))
    assert absences.absences == 1
    assert done.warnings == ()


def test_what_the_new_set_no_longer_holds_is_named(family: Family, renew: Renew, ask: Answered) -> None:
    family(last_year(), "NS1")

    done = renew(next_year(with_history=False))

    said = [str(warning) for warning in done.warnings]
    assert len(said) == 1
    assert "no longer holds Spring 2026, 2026-2027, Fall Semester, Spring Semester" in said[0]
    assert "2 term grades, 1 attendance went too" in said[0]
    history: GradesHistory = ask(about("grades_history"))
    assert history.terms == ()


@pytest.mark.requirement("R80")
def test_leaver_is_named_and_its_parent_is_told(
    family: Family, renew: Renew, ask: Answered, refusal: Refusing
) -> None:
    family(last_year(), "NS1", "NS2")
    roster = next_year(with_history=True).drop("users", sourcedId="S2")
    roster.rows["users"][1]["agentSourcedIds"] = "S1"

    done = renew(roster)

    assert [(each.file, each.value) for each in done.warnings] == [("students", "S2")]
    students: Students = ask(lambda records: records.students("conversation"))
    assert [child.first_name for child in students.children] == ["Diego", "Maya"]
    assert refusal(about("grades", student="Diego")).reason is Reason.STUDENT_UNAVAILABLE
