"""Refuse days that no term on record reaches, and tell a term that has not begun from an empty one."""

from collections.abc import Callable
from datetime import date

import pytest

from portal.core.outcomes import Reason, Refused
from portal.records.answers import Grades, Question
from portal.records.service import Records
from tests.support.rosters import Answered, Family, Refusing, small_roster

QUESTIONS = [
    Records.grades,
    Records.attendance,
    Records.assignments,
    Records.test_results,
    Records.teacher_comments,
    Records.grades_history,
    Records.attendance_history,
    Records.schedule,
    Records.grades_compared,
    Records.attendance_compared,
]
TERMS = ("Spring 2026", "Fall Semester", "2026-2027", "Spring Semester")
Asked = Callable[[Records, str, Question], object]


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize(
    ("since", "until"),
    [
        (date(2011, 3, 2), date(2011, 3, 2)),
        (None, date(2026, 1, 11)),
        (date(2027, 6, 12), None),
        (date(2031, 1, 5), date(2031, 1, 5)),
    ],
)
def test_days_before_and_after_all_terms_are_refused(
    family: Family, refusal: Refusing, question: Asked, since: date | None, until: date | None
) -> None:
    family(small_roster(), "NS1")

    refused = refusal(lambda records: question(records, "conversation", Question(since=since, until=until)))

    assert refused == Refused(Reason.OUTSIDE_RECORDS, choices=TERMS)


@pytest.mark.parametrize(
    ("since", "until"),
    [
        (date(2011, 3, 2), None),
        (date(2026, 1, 1), date(2026, 1, 12)),
        (date(2027, 6, 11), date(2027, 7, 1)),
        (date(2026, 7, 4), date(2026, 7, 4)),
    ],
)
def test_days_that_reach_into_the_terms_or_lie_between_them_are_answered(
    family: Family, ask: Answered, since: date, until: date | None
) -> None:
    family(small_roster(), "NS1")

    assert ask(lambda records: records.attendance("conversation", Question(since=since, until=until)))


@pytest.mark.parametrize("term", ["next", "Spring Semester"])
def test_a_term_that_has_not_begun_is_answered_as_that_term_without_a_line(
    family: Family, ask: Answered, term: str
) -> None:
    family(small_roster().grade("NS1", "ALG", "A"), "NS1")

    answer: Grades = ask(lambda records: records.grades("conversation", Question(term=term)))

    assert (answer.term.title, answer.lines) == ("Spring Semester", ())


def test_after_the_last_term_there_is_no_next_one(family: Family, refusal: Refusing) -> None:
    roster = small_roster().drop("academicSessions", sourcedId="SPRING")
    for row in roster.rows["classes"]:
        row["termSourcedIds"] = "FALL,SPRING-26"
    family(roster, "NS1")

    refused = refusal(lambda records: records.grades("conversation", Question(term="next")))

    assert refused.reason is Reason.NO_SUCH_TERM
