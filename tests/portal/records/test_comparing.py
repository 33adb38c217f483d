"""Put two terms or two stretches of days side by side."""

from datetime import date
from decimal import Decimal

import pytest

from portal.core.outcomes import Reason, Refused
from portal.records.answers import Question
from portal.records.compared import AttendanceCompared, GradesCompared
from tests.support.clock import FakeClock
from tests.support.rosters import Answered, Family, Refusing, Roster, small_roster


def graded() -> Roster:
    """Return the small school with grades in two terms, and absences in both."""
    roster = small_roster()
    roster.grade("NS1", "ALG", "B", percent="85").grade("NS1", "BIO", "A", percent="93.5")
    for section, letter, percent, term in (
        ("ALG", "C", "74", "SPRING-26"),
        ("BIO", "A", "93.5", "SPRING-26"),
    ):
        roster.add(
            "x_term_grades",
            studentIdentifier="NS1",
            classSourcedId=section,
            termSourcedId=term,
            letter=letter,
            percent=percent,
            final="true",
        )
    for day in ("2026-01-20", "2026-05-04", "2026-05-05", "2026-09-08"):
        roster.absence("NS1", day)
    return roster


def grades(**question: object) -> object:
    return lambda records: records.grades_compared("conversation", Question(student="Maya", **question))


def attendance(**question: object) -> object:
    return lambda records: records.attendance_compared("conversation", Question(student="Maya", **question))


@pytest.mark.parametrize(
    "question",
    [
        {},
        {"term": "previous"},
        {"term": "current"},
        {"against": "current", "term": "previous"},
        {"against": "Fall Semester", "term": "Spring 2026"},
    ],
)
def test_terms_stand_in_their_order_however_they_are_named(
    family: Family, ask: Answered, question: dict[str, str]
) -> None:
    family(graded(), "NS1")

    found: GradesCompared = ask(grades(**question))

    assert found.then is not None
    assert (found.then.title, found.now.title) == ("Spring 2026", "Fall Semester")
    assert [(line.course, line.change) for line in found.lines] == [
        ("Algebra I", Decimal(11)),
        ("Biology", Decimal(0)),
    ]


def test_a_term_to_come_is_put_beside_the_current_one(family: Family, ask: Answered) -> None:
    family(graded(), "NS1")

    found: GradesCompared = ask(grades(term="Spring Semester"))

    assert found.then is not None
    assert (found.then.title, found.now.title) == ("Fall Semester", "Spring Semester")
    assert [(line.then is None, line.now is None) for line in found.lines] == [(False, True)] * 2


def test_the_first_term_has_nothing_beside_it(family: Family, ask: Answered, clock: FakeClock) -> None:
    roster = graded().drop("academicSessions", sourcedId="SPRING-26")
    roster.rows["x_term_grades"] = [r for r in roster.rows["x_term_grades"] if r["termSourcedId"] == "FALL"]
    for row in roster.rows["classes"]:
        row["termSourcedIds"] = "FALL,SPRING"
    family(roster, "NS1")

    found: GradesCompared = ask(grades())
    days: AttendanceCompared = ask(attendance())

    assert found.then is None
    assert [line.change for line in found.lines] == [None, None]
    assert (days.then, days.now.absences) == (None, 1)


def test_a_course_of_one_term_only_has_nothing_beside_it(family: Family, ask: Answered) -> None:
    roster = graded()
    roster.rows["x_term_grades"] = [
        row
        for row in roster.rows["x_term_grades"]
        if (row["classSourcedId"], row["termSourcedId"]) != ("BIO", "SPRING-26")
    ]
    family(roster, "NS1")

    found: GradesCompared = ask(grades(course="Biology"))

    assert [(line.course, line.then, line.change) for line in found.lines] == [("Biology", None, None)]


def test_a_course_that_the_child_does_not_have_is_refused(family: Family, refusal: Refusing) -> None:
    family(graded(), "NS1")

    refused = refusal(grades(course="Fencing"))

    assert refused == Refused(Reason.NO_SUCH_COURSE, choices=("Algebra I", "Biology"))
    assert refusal(attendance(course="Fencing")).reason is Reason.NO_SUCH_COURSE


@pytest.mark.parametrize("about", [grades, attendance])
def test_a_term_that_does_not_exist_is_refused(family: Family, refusal: Refusing, about: object) -> None:
    family(graded(), "NS1")

    assert refusal(about(against="Q1", term="Q7")).reason is Reason.NO_SUCH_TERM  # type: ignore[operator]


def test_a_running_term_is_put_beside_as_long_a_beginning(family: Family, ask: Answered) -> None:
    family(graded(), "NS1")

    found: AttendanceCompared = ask(attendance())

    assert found.then is not None
    assert found.alike is not None
    assert (found.now.absences, found.then.absences, found.alike.absences) == (1, 3, 1)
    assert (found.alike.since, found.alike.until) == (date(2026, 1, 12), date(2026, 2, 26))


def test_a_term_that_is_over_is_compared_as_a_whole(family: Family, ask: Answered, clock: FakeClock) -> None:
    family(graded(), "NS1")

    found: AttendanceCompared = ask(attendance(against="Spring 2026", term="previous"))

    assert found.then is not None
    assert found.then.term is not None
    assert found.then.term.title == "Spring 2026"


@pytest.mark.parametrize(
    ("asked", "then", "now"),
    [
        (("2026-10-05", "2026-10-09"), ("2026-10-05", "2026-10-09"), ("2026-10-10", "2026-10-15")),
        (("2026-10-12", "2026-10-18"), ("2026-10-05", "2026-10-11"), ("2026-10-12", "2026-10-18")),
    ],
)
def test_days_are_put_beside_the_days_next_to_them(
    family: Family, ask: Answered, asked: tuple[str, str], then: tuple[str, str], now: tuple[str, str]
) -> None:
    family(graded(), "NS1")
    days = dict(zip(("since", "until"), map(date.fromisoformat, asked), strict=True))

    found: AttendanceCompared = ask(attendance(**days))

    assert found.then is not None
    assert (found.then.since.isoformat(), found.then.until.isoformat()) == then
    assert (found.now.since.isoformat(), found.now.until.isoformat()) == now
