"""Name what is answered about a child's work: assignments, tests, remarks, and how it was before."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from portal.records.answers import Attendance, GradeLine, TermSpan

# Marks that a gradebook writes where a remark goes, folded; they are told as the state of the work.
MARKS = frozenset({"", "late", "missing", "exempt"})


class Work(StrEnum):
    """Tell apart what of the assignments may be asked for."""

    MISSING = "missing"
    LATE = "late"
    SCORES = "scores"
    ZEROS = "zeros"
    DUE = "due"


class AssignmentState(StrEnum):
    """Say how an assignment stands: `unscored` is past its day without a word from the school."""

    SCORED = "scored"
    PARTLY = "partly"
    MISSING = "missing"
    EXEMPT = "exempt"
    HANDED_IN = "handed_in"
    UNSCORED = "unscored"
    DUE = "due"


@dataclass(frozen=True, slots=True)
class AssignmentLine:
    """Name one assignment; `late` and the like are what the school marked, never what dates suggest.

    `day` is when the score was entered. `text` is a score in words ("B+"), beside the points or alone.
    `remark` is the teacher's, word for word, unless it only marks the state.
    """

    title: str
    course: str
    state: AssignmentState
    due: date | None = None
    score: Decimal | None = None
    maximum: Decimal | None = None
    day: date | None = None
    late: bool = False
    remark: str = ""
    text: str = ""
    incomplete: bool = False
    in_progress: bool = False


@dataclass(frozen=True, slots=True)
class Assignments:
    """Answer with a child's assignments of a term or of a range of days.

    `work` is the part that was asked for, None for all. `unscored` counts assignments past their day
    of which the school says nothing yet. Without a term and an `until` it is about what is to come.
    `coming` is what is due next, where nothing is due in the range that was asked for.
    """

    student: str
    work: Work | None
    lines: tuple[AssignmentLine, ...]
    since: date
    until: date | None = None
    term: TermSpan | None = None
    unscored: int = 0
    coming: tuple[AssignmentLine, ...] = ()
    course: str = ""


@dataclass(frozen=True, slots=True)
class TestLine:
    """Keep what was reached in one test, as the school entered it."""

    __test__ = False  # pytest would take the name for a test

    day: date
    test: str
    subject: str = ""
    score: Decimal | None = None
    maximum: Decimal | None = None
    level: str = ""


@dataclass(frozen=True, slots=True)
class TestResults:
    """Answer with the tests of a term or of a range of days, the newest first.

    Where there are none of the subject that was asked for, `others` are those of other subjects, and
    `earlier` are the ones of before.
    """

    __test__ = False

    student: str
    since: date
    until: date
    lines: tuple[TestLine, ...]
    term: TermSpan | None = None
    others: tuple[TestLine, ...] = ()
    earlier: tuple[TestLine, ...] = ()
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Remark:
    """Keep what a teacher wrote: with a grade (`term`), or with the score of an assignment."""

    course: str
    text: str
    teacher: str = ""
    term: str = ""
    assignment: str = ""
    day: date | None = None


@dataclass(frozen=True, slots=True)
class TeacherComments:
    """Answer with what teachers wrote in a term or a range of days; `earlier` is from before it."""

    student: str
    since: date
    until: date
    lines: tuple[Remark, ...]
    term: TermSpan | None = None
    earlier: tuple[Remark, ...] = ()
    course: str = ""


@dataclass(frozen=True, slots=True)
class TermHistory:
    """Hold the grades of one term, by course."""

    term: TermSpan
    lines: tuple[GradeLine, ...]


@dataclass(frozen=True, slots=True)
class GradesHistory:
    """Answer with entered grades, a term after the other, the oldest first.

    Without a course it is the previous term, or the last one before it that has grades: then `asked`
    is the term that has none. With a course it is every term in which it was graded. `has_trend` tells
    that a course has the percents of several terms, so that they can be drawn.
    """

    student: str
    terms: tuple[TermHistory, ...]
    asked: TermSpan | None = None
    course: str = ""
    has_trend: bool = False


@dataclass(frozen=True, slots=True)
class AttendanceHistory:
    """Answer with the whole attendance of a range, and with each month in which something happened."""

    whole: Attendance
    months: tuple[Attendance, ...]

    @property
    def student(self) -> str:
        """Return the label of the child's tab."""
        return self.whole.student
