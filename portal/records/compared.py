"""Name what is answered when one time is put beside another."""

from dataclasses import dataclass
from decimal import Decimal

from portal.records.answers import Attendance, GradeLine, TermSpan


@dataclass(frozen=True, slots=True)
class CourseCompared:
    """Put a course's grade of one term beside that of another; None where there is none."""

    course: str
    then: GradeLine | None = None
    now: GradeLine | None = None

    @property
    def change(self) -> Decimal | None:
        """Return by how many points the percent went up; None where the two cannot be compared."""
        if self.then is None or self.now is None or self.then.percent is None or self.now.percent is None:
            return None
        return self.now.percent - self.then.percent


@dataclass(frozen=True, slots=True)
class GradesCompared:
    """Answer with the grades of two terms by course; `then` is None where there is no earlier term."""

    student: str
    now: TermSpan
    then: TermSpan | None
    lines: tuple[CourseCompared, ...]


@dataclass(frozen=True, slots=True)
class AttendanceCompared:
    """Answer with the attendance of two times, the earlier one first.

    `alike` is as long a beginning of the earlier time as the later one has run so far, where that is
    shorter; `then` is None where there is no earlier time.
    """

    now: Attendance
    then: Attendance | None
    alike: Attendance | None = None

    @property
    def student(self) -> str:
        """Return the label of the child's tab."""
        return self.now.student
