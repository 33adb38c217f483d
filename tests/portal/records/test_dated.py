"""Answer with attendance day by day, beside the days on which the school says that there is no school."""

from datetime import date

import pytest

from portal.core.outcomes import Reason
from portal.records.answers import Question
from portal.records.charted import AttendanceCalendar, NoSchoolDay
from tests.support.rosters import Answered, Family, Refusing, Roster, small_roster


def about(**question: object) -> object:
    return lambda records: records.attendance_calendar("conversation", Question(**question))


def dated() -> Roster:
    """Let Maya be absent twice, and let the school's calendar have days."""
    roster = small_roster().absence("NS1", "2026-09-14").absence("NS1", "2026-10-05", "Tardy")
    for day, title in (
        ("2026-10-12", "No school: Columbus Day"),
        ("2026-10-13", "Holiday concert"),
        ("2026-10-14", "School closed (snow)"),
        ("2026-10-14", "No school for anybody"),
        ("2027-02-15", "No School"),
    ):
        roster.add("x_events", schoolId="100", date=day, title=title)
    return roster


def test_it_begins_with_the_term_and_ends_today(family: Family, ask: Answered) -> None:
    family(dated(), "NS1")

    answer: AttendanceCalendar = ask(about())

    assert (answer.student, answer.since, answer.until) == ("Maya", date(2026, 8, 31), date(2026, 10, 15))
    assert [day.date for day in answer.attendance.days] == [date(2026, 9, 14), date(2026, 10, 5)]


def test_only_what_is_called_no_school_is_none_and_each_day_once(family: Family, ask: Answered) -> None:
    family(dated(), "NS1")

    answer: AttendanceCalendar = ask(about())

    assert [each.day for each in answer.no_school] == [date(2026, 10, 12), date(2026, 10, 14)]
    assert answer.no_school[0] == NoSchoolDay(date(2026, 10, 12), "No school: Columbus Day")


def test_days_to_come_end_with_their_first(family: Family, ask: Answered) -> None:
    family(dated(), "NS1")

    answer: AttendanceCalendar = ask(about(since=date(2026, 11, 2), until=date(2026, 11, 6)))

    assert answer.since == answer.until == date(2026, 11, 2)


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ({"student": "Diego"}, Reason.NOT_YOUR_STUDENT),
        ({"course": "underwater basket weaving"}, Reason.NO_SUCH_COURSE),
    ],
)
def test_what_may_not_be_seen_or_is_not_there_is_refused(
    family: Family, refusal: Refusing, question: dict[str, str], reason: Reason
) -> None:
    family(dated(), "NS1")

    assert refusal(about(**question)).reason is reason
