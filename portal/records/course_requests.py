"""Name what is asked about next year's courses and what is answered."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class RequestStatus(StrEnum):
    """Tell what became of a request; `REGISTERED` is one that was made here and waits for the school."""

    REQUESTED = "requested"
    APPROVED = "approved"
    DENIED = "denied"
    REGISTERED = "registered"


class Rule(StrEnum):
    """Name each rule that keeps a child from a course, or a request from being taken back."""

    NO_WINDOW = "no_window"
    NOT_OPEN_YET = "not_open_yet"
    CLOSED = "closed"
    UNKNOWN_COURSE = "unknown_course"
    WHICH_COURSE = "which_course"
    NOT_OFFERED = "not_offered"
    NOT_FOR_GRADE = "not_for_grade"
    ALREADY_REQUESTED = "already_requested"
    ALREADY_DENIED = "already_denied"
    PREREQUISITE_MISSING = "prerequisite_missing"
    FULL = "full"
    TOO_MANY = "too_many"
    TOO_FEW = "too_few"
    NOT_REGISTERED = "not_registered"
    HELD_BY_SCHOOL = "held_by_school"


# These speak of the window or of all the courses together, not of one course.
OF_NO_COURSE = frozenset({Rule.NO_WINDOW, Rule.NOT_OPEN_YET, Rule.CLOSED, Rule.TOO_MANY, Rule.TOO_FEW})


@dataclass(frozen=True, slots=True)
class CourseProblem:
    """Say which rule stops which course, with what its words need.

    `course` is the title, or what was typed where no course of that name is known; it is empty for the
    rules of `OF_NO_COURSE`. `names` are the missing prerequisites, the courses to choose from or the
    grades that a course is for. `number` is the limit that is passed.
    """

    rule: Rule
    course: str = ""
    names: tuple[str, ...] = ()
    day: date | None = None
    number: int | None = None


class WindowState(StrEnum):
    """Tell where today lies."""

    NOT_YET = "not_yet"
    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Window:
    """Say when a school takes registrations, both days included, and how many courses."""

    school: str
    opens: date
    closes: date
    state: WindowState
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class RequestLine:
    """Name one request; `on` is the day on which it was made here, None for one from the school."""

    course_id: str
    course: str
    status: RequestStatus
    on: date | None = None


@dataclass(frozen=True, slots=True)
class CourseChoice:
    """Offer one course to a child; `problems` are empty where it may be chosen now.

    `after` are the prerequisites, `seats_left` is None where as many may come as want.
    """

    course_id: str
    course: str
    description: str = ""
    after: tuple[str, ...] = ()
    seats_left: int | None = None
    problems: tuple[CourseProblem, ...] = ()


@dataclass(frozen=True, slots=True)
class CourseRequests:
    """Answer with what is requested for a child and what it may still choose.

    `school_year` is the year in which the next school year ends; `window` is None where the school has
    not said when it takes registrations. `choices` are all courses that are offered to the child.
    """

    student: str
    school: str
    school_year: str
    window: Window | None
    requests: tuple[RequestLine, ...] = ()
    choices: tuple[CourseChoice, ...] = ()

    @property
    def is_open(self) -> bool:
        """Tell whether courses may be registered today."""
        return self.window is not None and self.window.state is WindowState.OPEN

    @property
    def open_choices(self) -> tuple[CourseChoice, ...]:
        """Return the courses that nothing stops, but perhaps the window."""
        return tuple(choice for choice in self.choices if not choice.problems)


@dataclass(frozen=True, slots=True)
class RegistrationChecked:
    """Say what would become of a wish: nothing is written before `problems` are empty.

    `courses` are those that no rule stops, in the order in which they were named, also beside others
    that one does. `warnings` keep nobody from registering.
    """

    student: str
    school: str
    school_year: str
    courses: tuple[CourseChoice, ...] = ()
    problems: tuple[CourseProblem, ...] = ()
    warnings: tuple[CourseProblem, ...] = ()

    @property
    def titles(self) -> tuple[str, ...]:
        """Return the titles of the courses that no rule stops."""
        return tuple(each.course for each in self.courses)

    @property
    def is_right(self) -> bool:
        """Tell whether all that was wished for may be done."""
        return bool(self.courses) and not self.problems


@dataclass(frozen=True, slots=True)
class Registered:
    """Say for which courses a child is registered now; the school has yet to take them over."""

    student: str
    school: str
    school_year: str
    courses: tuple[str, ...]
    at: datetime
    closes: date | None = None
    warnings: tuple[CourseProblem, ...] = ()


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """Say which registrations were taken back."""

    student: str
    school: str
    school_year: str
    courses: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class RegistrationLine:
    """Hand one registration, or one that was taken back, to staff, named as the school's system does."""

    student: str
    course: str
    school_year: str
    status: str
    at: datetime
