from datetime import date

import pytest

from portal.core.outcomes import Reason
from portal.records.answers import Question
from portal.records.school_work import AttendanceHistory
from tests.support.rosters import Answered, Family, Refusing, Roster, small_roster


def about(**question: object) -> object:
    return lambda records: records.attendance_history("conversation", Question(**question))


def attended() -> Roster:
    """Let Maya be absent and late in three months of two terms."""
    roster = small_roster().absence("NS1", "2026-09-09").absence("NS1", "2026-09-30", "Unexcused Absence")
    roster.absence("NS1", "2026-10-01", "Tardy").absence("NS1", "2026-10-02", sectionIdentifier="ALG")
    return roster.absence("NS1", "2026-05-05").absence("NS2", "2026-09-10")


@pytest.mark.requirement("R95")
def test_history_of_the_current_term_is_counted_by_month_and_in_all(family: Family, ask: Answered) -> None:
    family(attended(), "NS1")

    answer: AttendanceHistory = ask(about())

    assert answer.student == "Maya"
    assert answer.whole.term is not None
    assert answer.whole.term.title == "Fall Semester"
    assert (answer.whole.absences, answer.whole.tardies, answer.whole.class_absences) == (2, 1, 1)
    assert [(m.since, m.until, m.absences, m.tardies, m.class_absences) for m in answer.months] == [
        (date(2026, 9, 1), date(2026, 9, 30), 2, 0, 0),
        (date(2026, 10, 1), date(2026, 10, 31), 0, 1, 1),
    ]
    assert [day for month in answer.months for day in month.days] == list(answer.whole.days)


def test_month_that_the_range_cuts_is_cut(family: Family, ask: Answered) -> None:
    family(attended(), "NS1")

    answer: AttendanceHistory = ask(about(since=date(2026, 9, 20), until=date(2026, 10, 1)))

    assert [(m.since, m.until, m.absences, m.tardies) for m in answer.months] == [
        (date(2026, 9, 20), date(2026, 9, 30), 1, 0),
        (date(2026, 10, 1), date(2026, 10, 1), 0, 1),
    ]


def test_december_ends_with_the_year(family: Family, ask: Answered) -> None:
    family(small_roster().absence("NS1", "2026-12-31"), "NS1")

    answer: AttendanceHistory = ask(about(since=date(2026, 12, 1), until=date(2027, 1, 31)))

    assert [(m.since, m.until) for m in answer.months] == [(date(2026, 12, 1), date(2026, 12, 31))]


def test_one_course_is_counted_alone(family: Family, ask: Answered) -> None:
    family(attended(), "NS1")

    answer: AttendanceHistory = ask(about(course="algebra"))

    assert answer.whole.course == "Algebra I"
    assert [(m.since, m.absences) for m in answer.months] == [(date(2026, 10, 1), 1)]


def test_absence_from_a_class_that_the_child_left_is_not_taken_for_a_day(
    family: Family, ask: Answered
) -> None:
    family(attended().drop("enrollments", sourcedId="E-S1-ALG"), "NS1")

    answer: AttendanceHistory = ask(about())

    assert [day.course for day in answer.whole.days] == ["", "", "", "Algebra I"]
    assert (answer.whole.absences, answer.whole.class_absences) == (2, 1)


def test_nothing_recorded_is_no_month(family: Family, ask: Answered) -> None:
    family(small_roster(), "NS1")

    assert ask(about()).months == ()


@pytest.mark.parametrize(
    ("question", "reason"),
    [({"course": "chemistry"}, Reason.NO_SUCH_COURSE), ({"term": "winter"}, Reason.NO_SUCH_TERM)],
)
def test_what_is_not_there_is_refused(
    family: Family, refusal: Refusing, question: dict[str, str], reason: Reason
) -> None:
    family(small_roster(), "NS1")

    assert refusal(about(**question)).reason is reason
