from datetime import date

import pytest

from portal.core.outcomes import Reason, Refused
from portal.records.answers import (
    Attendance,
    AttendanceDay,
    AttendanceKind,
    AttendanceLine,
    Question,
    TermSpan,
)
from tests.support.clock import FakeClock
from tests.support.rosters import Answered, Family, Refusing, Roster, small_roster


def about(**question: object) -> object:
    return lambda records: records.attendance("conversation", Question(**question))


def term_of_maya() -> Roster:
    """Return what Maya missed: three days in the fall (one not excused), one in the spring before."""
    roster = small_roster().absence("NS1", "2026-03-03")
    roster.absence("NS1", "2026-09-09", reason="Illness").absence("NS1", "2026-09-10")
    roster.absence("NS1", "2026-09-11").absence("NS1", "2026-09-11", "Unexcused Absence")
    roster.absence("NS1", "2026-09-14", "Tardy", arrivalTime="08:40").absence("NS1", "2026-09-15", "Partial")
    roster.absence("NS1", "2026-09-16", "Unexcused Absence", sectionIdentifier="ALG")
    roster.absence("NS1", "2026-09-17", "Excused Absence", sectionIdentifier="ALG")
    roster.absence("NS1", "2026-09-17", "Tardy", sectionIdentifier="BIO")
    return roster.absence("NS2", "2026-09-18")


@pytest.mark.requirement("R92", "R95")
def test_days_absent_this_term_are_distinct_days_split_by_excuse(family: Family, ask: Answered) -> None:
    family(term_of_maya(), "NS1")

    answer: Attendance = ask(about())

    assert answer.term == TermSpan("Fall Semester", date(2026, 8, 31), date(2026, 12, 18), current=True)
    assert (answer.since, answer.until) == (date(2026, 8, 31), date(2026, 12, 18))
    assert (answer.absences, answer.excused, answer.unexcused) == (3, 2, 1)
    assert (answer.tardies, answer.partial, answer.class_absences, answer.whole_days) == (2, 1, 2, 3)
    assert answer.by_course == (
        AttendanceLine("Algebra I", "2", 2, 0),
        AttendanceLine("Biology", "3", 0, 1),
    )
    assert answer.days[0] == AttendanceDay(date(2026, 9, 9), AttendanceKind.EXCUSED, "", "Illness", "")
    assert answer.days[4] == AttendanceDay(date(2026, 9, 14), AttendanceKind.TARDY, "", "", "08:40")
    assert [day.date for day in answer.days] == sorted(day.date for day in answer.days)


def test_late_arrival_that_the_class_recorded_too_is_one(family: Family, ask: Answered) -> None:
    roster = small_roster().absence("NS1", "2026-09-14", "Tardy", arrivalTime="10:30")
    roster.absence("NS1", "2026-09-14", "Tardy", sectionIdentifier="ALG", arrivalTime="10:30")
    roster.absence("NS1", "2026-09-15", "Tardy", arrivalTime="08:40")
    roster.absence("NS1", "2026-09-15", "Tardy", sectionIdentifier="ALG", arrivalTime="11:05")
    family(roster, "NS1")

    answer: Attendance = ask(about())

    assert answer.tardies == 3
    assert [(day.date.day, day.course, day.arrival) for day in answer.days] == [
        (14, "Algebra I", "10:30"),
        (15, "", "08:40"),
        (15, "Algebra I", "11:05"),
    ]


def test_each_child_has_its_own_days(family: Family, ask: Answered) -> None:
    family(term_of_maya(), "NS1", "NS2")

    assert ask(about(student="Diego")).absences == 1
    assert ask(about(student="Maya")).absences == 3


@pytest.mark.parametrize("question", [{"course": "algebra"}, {"class_period": "2"}])
def test_absences_of_one_class_are_counted_by_class(
    family: Family, ask: Answered, question: dict[str, str]
) -> None:
    family(term_of_maya(), "NS1")

    answer: Attendance = ask(about(**question))

    assert (answer.absences, answer.excused, answer.unexcused, answer.tardies) == (2, 1, 1, 0)
    assert (answer.course, answer.whole_days) == ("Algebra I", 3)
    assert answer.period == ("2" if "class_period" in question else "")
    assert {day.course for day in answer.days} == {"Algebra I"}
    assert answer.by_course == (AttendanceLine("Algebra I", "2", 2, 0),)


def test_class_that_was_never_missed_has_none(family: Family, ask: Answered) -> None:
    family(term_of_maya(), "NS1")

    answer: Attendance = ask(about(course="Biology", term="previous"))

    assert (answer.absences, answer.tardies, answer.days) == (0, 0, ())


def test_previous_term_has_its_own_days(family: Family, ask: Answered) -> None:
    family(term_of_maya(), "NS1")

    answer: Attendance = ask(about(term="previous"))

    assert answer.term is not None
    assert (answer.term.title, answer.absences) == ("Spring 2026", 1)


@pytest.mark.parametrize(
    ("days", "span", "absences"),
    [
        ({"since": date(2026, 9, 10)}, (date(2026, 9, 10), date(2026, 10, 15)), 2),
        ({"until": date(2026, 9, 10)}, (date(2026, 8, 31), date(2026, 9, 10)), 2),
        ({"since": date(2026, 9, 9), "until": date(2026, 9, 9)}, (date(2026, 9, 9), date(2026, 9, 9)), 1),
        ({"since": date(2026, 9, 11), "until": date(2026, 9, 9)}, (date(2026, 9, 9), date(2026, 9, 11)), 3),
        ({"since": date(2026, 12, 1)}, (date(2026, 12, 1), date(2026, 12, 1)), 0),
    ],
    ids=["since", "until", "one day", "turned round", "ahead"],
)
def test_range_of_days_is_taken_as_asked(
    family: Family, ask: Answered, days: dict[str, date], span: tuple[date, date], absences: int
) -> None:
    family(term_of_maya(), "NS1")

    answer: Attendance = ask(about(**days))

    assert (answer.since, answer.until) == span
    assert answer.absences == absences
    assert answer.term is None


def test_class_in_a_range_of_days(family: Family, ask: Answered) -> None:
    family(term_of_maya(), "NS1")

    answer: Attendance = ask(about(course="algebra", since=date(2026, 9, 17), until=date(2026, 9, 17)))

    assert (answer.absences, answer.excused) == (1, 1)


def test_nothing_recorded_is_no_absence(family: Family, ask: Answered) -> None:
    family(small_roster(), "NS1")

    answer: Attendance = ask(about())

    assert (answer.absences, answer.tardies, answer.days, answer.by_course) == (0, 0, (), ())


@pytest.mark.parametrize(
    ("question", "reason"),
    [({"term": "winter"}, Reason.NO_SUCH_TERM), ({"course": "chess"}, Reason.NO_SUCH_COURSE)],
)
def test_unknown_term_or_course_is_refused(
    family: Family, refusal: Refusing, question: dict[str, str], reason: Reason
) -> None:
    family(small_roster(), "NS1")

    refused: Refused = refusal(about(**question))

    assert refused.reason is reason
    assert refused.choices


@pytest.mark.parametrize(("hours", "today"), [(13.9, date(2026, 10, 15)), (14.1, date(2026, 10, 16))])
def test_day_begins_in_the_districts_time_zone(
    family: Family, ask: Answered, clock: FakeClock, hours: float, today: date
) -> None:
    clock.advance(hours=hours)
    family(small_roster(), "NS1")

    assert ask(about(since=date(2026, 10, 1))).until == today


def test_corrected_attendance_counts_as_corrected(family: Family, ask: Answered) -> None:
    family(small_roster().absence("NS1", "2026-09-09", "Unexcused Absence"), "NS1")
    family(small_roster().absence("NS1", "2026-09-09"), conversation="another")

    answer: Attendance = ask(about())

    assert (answer.absences, answer.excused) == (1, 1)


def test_absence_from_a_class_that_was_dropped_still_counts(family: Family, ask: Answered) -> None:
    roster = small_roster().absence("NS1", "2026-09-09", sectionIdentifier="ALG")
    family(roster.drop("enrollments", sourcedId="E-S1-ALG"), "NS1")

    answer: Attendance = ask(about())

    assert answer.class_absences == 1
    assert answer.days[0].course == "Algebra I"
