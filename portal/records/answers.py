"""Name what a parent asks about a child and what is answered."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Question:
    """Carry what a parent typed; None is what was left open.

    `term` is None for the current one, "previous", or a title. `since` and `until` are both part of
    the range and go before `term`. `kind` is "absent", "tardy" or None for both. `account` is "lunch",
    "fees" or None for both. `moment` is "now" or "next" where only the class of then is meant.
    `work` is the part of the assignments that is meant, as `school_work.Work` names them, or None for all.
    `subject` is what was typed for `course`, where that is the title of a course already.
    `against` is the term that `term` is put beside. `calendar` is "homework", "events" or "both".
    `page` is the one to print, as its address calls it.
    """

    student: str | None = None
    course: str | None = None
    term: str | None = None
    since: date | None = None
    until: date | None = None
    kind: str | None = None
    class_period: str | None = None
    account: str | None = None
    moment: str | None = None
    work: str | None = None
    subject: str | None = None
    calendar: str | None = None
    against: str | None = None
    page: str | None = None


@dataclass(frozen=True, slots=True)
class Names:
    """List the names that a parent may use: full and first names of the children, courses, terms.

    `offerings` are the courses that the children may choose for next year, in every way to write them.
    """

    students: tuple[str, ...] = ()
    courses: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    offerings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Child:
    """Name a linked child; `label` is its tab: the first name, with more where two share it.

    `name` is the full name. `detail` is what tells same first names apart (grade, school), or "".
    """

    student_id: str
    first_name: str
    name: str
    label: str
    detail: str = ""
    school: str = ""
    grade: str = ""


@dataclass(frozen=True, slots=True)
class Students:
    """List the linked children as their tabs stand: by first name."""

    children: tuple[Child, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Return the labels of the tabs."""
        return tuple(child.label for child in self.children)


@dataclass(frozen=True, slots=True)
class TermSpan:
    """Name the term of an answer; `current` is off when today lies in none and an older one stands in."""

    title: str
    since: date
    until: date
    current: bool


@dataclass(frozen=True, slots=True)
class ScoresSoFar:
    """Sum up the scores of a class so far: points, not a grade.

    `earned` and `possible` count only scored assignments that say how many points they are worth.
    """

    count: int
    earned: Decimal | None
    possible: Decimal | None


@dataclass(frozen=True, slots=True)
class GradeLine:
    """Grade one course: a term grade (letter, percent), or only `so_far`, which is no grade.

    `final` is off while the grade can still change.
    """

    course: str
    letter: str = ""
    percent: Decimal | None = None
    final: bool = False
    teacher: str = ""
    comment: str = ""
    period: str = ""
    so_far: ScoresSoFar | None = None


@dataclass(frozen=True, slots=True)
class Grades:
    """Answer with a child's grades of a term, by course; no lines means none are entered.

    `has_trend` tells that a course has the percents of several terms, so that they can be drawn.
    """

    student: str
    term: TermSpan
    lines: tuple[GradeLine, ...]
    has_trend: bool = False


class AttendanceKind(StrEnum):
    """Tell the kinds of exceptions apart."""

    EXCUSED = "excused"
    UNEXCUSED = "unexcused"
    TARDY = "tardy"
    PARTIAL = "partial"


@dataclass(frozen=True, slots=True)
class AttendanceDay:
    """Name one exception; `course` is empty where it counts for the whole day."""

    date: date
    kind: AttendanceKind
    course: str = ""
    reason: str = ""
    arrival: str = ""


@dataclass(frozen=True, slots=True)
class AttendanceLine:
    """Count one course's exceptions."""

    course: str
    period: str
    absences: int
    tardies: int


@dataclass(frozen=True, slots=True)
class Attendance:
    """Answer with a child's attendance in a range of days.

    Without a course or period `absences` counts distinct days absent, all day; an absence from a
    single class is in `class_absences` and does not make a day. With one it counts what is recorded
    for that class; days absent all day are in `whole_days` either way. A day is excused only if
    everything recorded on it is. `until` may lie ahead: the term's end. `days` holds every exception.
    """

    student: str
    since: date
    until: date
    term: TermSpan | None
    absences: int
    excused: int
    unexcused: int
    tardies: int
    partial: int
    class_absences: int
    whole_days: int
    days: tuple[AttendanceDay, ...]
    by_course: tuple[AttendanceLine, ...] = ()
    course: str = ""
    period: str = ""
