"""Answer with a child's attendance day by day, beside the days on which there is no school."""

from collections.abc import Iterable
from datetime import date

from portal.core.folding import fold
from portal.records.answers import Attendance
from portal.records.charted import AttendanceCalendar, NoSchoolDay
from portal.records.school_life import CalendarDay

# The school's calendar has titles only. These say it beyond doubt; "Spring break food drive" does not.
NO_SCHOOL = ("no school", "no classes", "school closed", "schools closed", "school is closed")


def calendar_of(attendance: Attendance, days: Iterable[CalendarDay], today: date) -> AttendanceCalendar:
    """Put an answer about attendance and the days of the school's calendar together.

    It ends today: nothing can be recorded of days to come.
    """
    until = max(attendance.since, min(attendance.until, today))
    closed: dict[date, NoSchoolDay] = {}
    for each in days:
        if any(words in fold(each.title) for words in NO_SCHOOL):
            closed.setdefault(each.date, NoSchoolDay(each.date, each.title))
    return AttendanceCalendar(attendance, attendance.since, until, tuple(closed.values()))
