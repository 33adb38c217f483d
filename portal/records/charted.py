"""Name what is drawn rather than told: grades over the terms, attendance over the days."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.records.answers import Attendance, TermSpan


@dataclass(frozen=True, slots=True)
class GradePoint:
    """Hold the percent that was entered for a term; `final` is off while it can still change."""

    term: TermSpan
    percent: Decimal
    final: bool


@dataclass(frozen=True, slots=True)
class CourseTrend:
    """Hold one course's percents, the oldest first; `period` tells two classes of one course apart."""

    course: str
    points: tuple[GradePoint, ...]
    period: str = ""


@dataclass(frozen=True, slots=True)
class GradeTrend:
    """Answer how a child's grades went, by course; only percents that the school entered.

    `has_letters` tells that there are grades on record that are letters alone. `course` is the one
    that was asked for, or "" for all of them.
    """

    student: str
    courses: tuple[CourseTrend, ...]
    has_letters: bool = False
    course: str = ""

    @property
    def changes(self) -> bool:
        """Tell whether there is a trend at all: a course with the percents of two terms."""
        return any(len(each.points) > 1 for each in self.courses)


@dataclass(frozen=True, slots=True)
class NoSchoolDay:
    """Name a day on which the school's calendar says that there is no school."""

    day: date
    title: str


@dataclass(frozen=True, slots=True)
class AttendanceCalendar:
    """Answer with a child's attendance day by day; `since` and `until` end with what can be recorded."""

    attendance: Attendance
    since: date
    until: date
    no_school: tuple[NoSchoolDay, ...] = ()

    @property
    def student(self) -> str:
        """Return the label of the child's tab."""
        return self.attendance.student
