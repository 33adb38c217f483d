from datetime import date, timedelta
from decimal import Decimal

import pytest

from portal.core.outcomes import Reason
from portal.records.answers import GradeLine, Question
from portal.records.school_work import GradesHistory
from tests.support.clock import FakeClock
from tests.support.rosters import Answered, Family, Refusing, Roster, small_roster


def about(**question: object) -> object:
    return lambda records: records.grades_history("conversation", Question(**question))


def told(answer: GradesHistory) -> list[tuple[str, list[tuple[str, str]]]]:
    return [(each.term.title, [(line.course, line.letter) for line in each.lines]) for each in answer.terms]


def graded() -> Roster:
    """Give Maya grades now and in the spring before."""
    roster = small_roster().grade("NS1", "ALG", "A").grade("NS1", "BIO", "B")
    spring = {"termSourcedId": "SPRING-26", "final": "true"}
    return roster.grade("NS1", "ALG", "C", percent="74.5", comment="Steady.", **spring).grade(
        "NS1", "BIO", "D", **spring
    )


def term(roster: Roster, key: str, start: str, end: str, **cells: str) -> Roster:
    """Add a term in which biology is taught, too."""
    row = {"sourcedId": key, "title": key, "type": "semester", "startDate": start, "endDate": end}
    roster.change("classes", 3, termSourcedIds=f"FALL,SPRING,SPRING-26,{key}")
    return roster.add("academicSessions", schoolYear=end[:4], **row | cells)


@pytest.mark.requirement("R94")
def test_grades_of_the_previous_term_are_the_history(family: Family, ask: Answered) -> None:
    family(graded(), "NS1")

    answer: GradesHistory = ask(about())

    assert answer.student == "Maya"
    assert answer.asked is None
    assert told(answer) == [("Spring 2026", [("Algebra I", "C"), ("Biology", "D")])]
    assert answer.terms[0].lines[0] == GradeLine(
        "Algebra I", "C", Decimal("74.5"), True, "Ruth Kline", "Steady.", "2"
    )


@pytest.mark.parametrize("question", [{"course": "algebra"}, {"class_period": "2"}])
def test_history_of_a_course_is_each_of_its_terms(
    family: Family, ask: Answered, question: dict[str, str]
) -> None:
    family(graded(), "NS1")

    answer: GradesHistory = ask(about(**question))

    assert answer.course == "Algebra I"
    assert told(answer) == [("Spring 2026", [("Algebra I", "C")]), ("Fall Semester", [("Algebra I", "A")])]


@pytest.mark.parametrize(
    ("since", "until", "titles"),
    [
        (date(2026, 1, 1), date(2026, 12, 31), ["Spring 2026", "Fall Semester"]),
        (date(2026, 3, 2), None, ["Spring 2026"]),
        (None, date(2026, 9, 9), ["Fall Semester"]),
    ],
)
def test_range_of_days_is_each_graded_term_in_it(
    family: Family, ask: Answered, since: date | None, until: date | None, titles: list[str]
) -> None:
    family(graded(), "NS1")

    answer: GradesHistory = ask(about(since=since, until=until))

    assert [each.term.title for each in answer.terms] == titles


def test_term_can_be_named(family: Family, ask: Answered) -> None:
    family(graded(), "NS1")

    answer: GradesHistory = ask(about(term="Fall", course="biology"))

    assert told(answer) == [("Fall Semester", [("Biology", "B")])]


def test_last_graded_term_stands_in_for_a_previous_one_without_grades(family: Family, ask: Answered) -> None:
    roster = term(small_roster(), "Winter", "2026-06-15", "2026-08-01")
    family(roster.grade("NS1", "ALG", "C", termSourcedId="SPRING-26").grade("NS1", "ALG", "A"), "NS1")

    answer: GradesHistory = ask(about())

    assert told(answer) == [("Spring 2026", [("Algebra I", "C")])]
    assert answer.asked is not None
    assert answer.asked.title == "Winter"


def test_shortest_of_the_terms_that_ended_together_stands_in(family: Family, ask: Answered) -> None:
    roster = term(small_roster(), "2025-2026", "2025-08-31", "2026-06-12", type="schoolYear")
    term(roster, "Summer", "2026-06-15", "2026-08-01")
    roster.grade("NS1", "ALG", "B", termSourcedId="2025-2026")
    family(roster.grade("NS1", "ALG", "C", termSourcedId="SPRING-26"), "NS1")

    answer: GradesHistory = ask(about())

    assert told(answer) == [("Spring 2026", [("Algebra I", "C")])]


def test_term_that_still_runs_is_no_history(family: Family, ask: Answered) -> None:
    family(small_roster().grade("NS1", "ALG", "A").grade("NS1", "BIO", "A", termSourcedId="SY"), "NS1")

    answer: GradesHistory = ask(about())

    assert answer.terms == ()
    assert answer.asked is not None
    assert answer.asked.title == "Spring 2026"


def test_grades_within_the_previous_term_count(family: Family, ask: Answered) -> None:
    roster = term(small_roster(), "Q3", "2026-01-12", "2026-03-20", parentSourcedId="SPRING-26")
    family(roster.grade("NS1", "ALG", "C", termSourcedId="Q3"), "NS1")

    answer: GradesHistory = ask(about(term="Spring 2026"))

    assert told(answer) == [("Q3", [("Algebra I", "C")])]


def test_first_term_on_record_has_none_before_it(family: Family, ask: Answered, clock: FakeClock) -> None:
    clock.advance(seconds=timedelta(days=-200).total_seconds())
    family(graded(), "NS1")

    answer: GradesHistory = ask(about())

    assert (answer.terms, answer.asked) == ((), None)


def test_grade_of_a_class_that_the_child_left_is_kept(family: Family, ask: Answered) -> None:
    family(graded().drop("enrollments", sourcedId="E-S1-ALG"), "NS1")

    answer: GradesHistory = ask(about(course="algebra"))

    assert told(answer) == [("Spring 2026", [("Algebra I", "C")]), ("Fall Semester", [("Algebra I", "A")])]


def test_grade_that_the_source_took_back_is_gone(family: Family, ask: Answered) -> None:
    family(graded(), "NS1")
    after = small_roster().grade("NS1", "ALG", "B", termSourcedId="SPRING-26")
    family(after, conversation="another")

    assert told(ask(about())) == [("Spring 2026", [("Algebra I", "B")])]


@pytest.mark.parametrize(
    ("question", "reason"),
    [({"course": "chemistry"}, Reason.NO_SUCH_COURSE), ({"term": "winter"}, Reason.NO_SUCH_TERM)],
)
def test_what_is_not_there_is_refused(
    family: Family, refusal: Refusing, question: dict[str, str], reason: Reason
) -> None:
    family(graded(), "NS1")

    assert refusal(about(**question)).reason is reason
