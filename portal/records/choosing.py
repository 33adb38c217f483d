"""Hold what a family wants to register for next year against the school's rules."""

from collections.abc import Iterable, Sequence
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from portal.records.children import LinkedChild
from portal.records.course_catalog import CourseCatalog, Offered
from portal.records.course_names import CourseNames
from portal.records.course_requests import (
    CourseChoice,
    CourseProblem,
    CourseRequests,
    RegistrationChecked,
    RequestLine,
    RequestStatus,
    Rule,
    Window,
    WindowState,
)
from portal.records.course_wishes import DENIED, CourseWishes, Requested, State
from portal.records.terms import Terms

Found = Offered | CourseProblem


class Choosing:
    """Say what one child may choose, and what stops it from the rest, as things stand now."""

    def __init__(
        self, session: Session, linked: LinkedChild, terms: Terms, zone: ZoneInfo, today: date
    ) -> None:
        """Take the child, the terms of its schools, and today in the district's time zone."""
        self.catalog = CourseCatalog(session, linked.student, terms)
        self.wishes = CourseWishes(session, linked.student, self.catalog.school_year)
        self._label = linked.child.label
        self._grade = linked.student.grade
        self._zone = zone
        self._today = today
        self._look()

    def _look(self) -> None:
        self.offered = self.catalog.offered()
        self.requests = self.wishes.requests()
        self._asked = {each.course_id: each for each in self.requests}
        self._taken_seats = self.wishes.taken_seats(
            [o.course_id for o in self.offered if o.seats is not None]
        )
        needed = {key for each in self.offered for key in each.prerequisite_ids}
        self._titles = self.catalog.titles(needed)
        self._missing = self._not_taken(needed)

    def look_again(self, courses: Iterable[str]) -> None:
        """Keep everybody else from these courses, and look again: what was free may be gone."""
        self.catalog.lock(courses)
        self._look()

    def view(self) -> CourseRequests:
        """Return what is requested and what is open."""
        return CourseRequests(
            student=self._label,
            school=self.catalog.school(),
            school_year=self.catalog.school_year,
            window=self.window(),
            requests=tuple(map(self._line, self.requests)),
            choices=tuple(self.choice(each) for each in self.offered if each.is_for(self._grade)),
        )

    def named(self, courses: Sequence[str]) -> list[Found]:
        """Return the courses that are meant, each once, and what is wrong with the other names."""
        names = CourseNames(self.offered, self._grade, self.catalog.taught)
        found = [names.find(typed) for typed in courses if typed.strip()]
        return list(dict.fromkeys(found))

    def check(self, courses: Sequence[str]) -> RegistrationChecked:
        """Return what would become of registering for these courses."""
        stopped = self._window_problems()
        if self.catalog.window is None:
            return self._checked([], stopped)
        right: list[CourseChoice] = []
        problems = list(stopped)
        for each in self.named(courses):
            if isinstance(each, CourseProblem):
                problems.append(each)
                continue
            choice = self.choice(each)
            problems.extend(choice.problems)
            right.extend([] if choice.problems else [choice])
        most = self.catalog.window.most_courses
        if right and most is not None and self.count + len(right) > most:
            problems.append(CourseProblem(Rule.TOO_MANY, number=most))
        return self._checked(right, problems, self.warnings(len(right)))

    def check_withdrawal(self, courses: Sequence[str]) -> RegistrationChecked:
        """Return what would become of taking these courses back: only what was registered here can be."""
        problems = self._window_problems()
        own = {each.course_id: each for each in self.requests}
        names = CourseNames([_as_offered(each) for each in self.requests], "", dict)
        right = []
        for meant in dict.fromkeys(names.find(typed) for typed in courses if typed.strip()):
            if isinstance(meant, CourseProblem):
                unknown = meant.rule is Rule.UNKNOWN_COURSE
                problems.append(CourseProblem(Rule.NOT_REGISTERED, meant.course) if unknown else meant)
            elif own[meant.course_id].status != State.REGISTERED:
                problems.append(CourseProblem(Rule.HELD_BY_SCHOOL, meant.title))
            else:
                right.append(CourseChoice(meant.course_id, meant.title))
        return self._checked(right, problems, self.warnings(-len(right)))

    @property
    def count(self) -> int:
        """Count the courses that are requested and not denied."""
        return sum(each.status != DENIED for each in self.requests)

    def warnings(self, more: int) -> tuple[CourseProblem, ...]:
        """Return what should be known once there are so many courses more."""
        least = self.catalog.window.least_courses if self.catalog.window else None
        if least is None or self.count + more >= least:
            return ()
        return (CourseProblem(Rule.TOO_FEW, number=least),)

    def window(self) -> Window | None:
        """Return when registration is open, with where today lies."""
        row = self.catalog.window
        if row is None:
            return None
        state = WindowState.OPEN
        if self._today < row.opens:
            state = WindowState.NOT_YET
        elif self._today > row.closes:
            state = WindowState.CLOSED
        limits = (row.least_courses, row.most_courses)
        return Window(self.catalog.school(), row.opens, row.closes, state, *limits)

    def choice(self, each: Offered) -> CourseChoice:
        """Return one course with everything that stops the child from it."""
        return CourseChoice(
            course_id=each.course_id,
            course=each.title,
            description=each.description,
            after=tuple(self._titles.get(key, "") for key in each.prerequisite_ids),
            seats_left=self._seats_left(each),
            problems=tuple(self._problems(each)),
        )

    def _problems(self, each: Offered) -> list[CourseProblem]:
        asked = self._asked.get(each.course_id)
        if asked is not None:
            rule = Rule.ALREADY_DENIED if asked.status == DENIED else Rule.ALREADY_REQUESTED
            return [CourseProblem(rule, each.title)]
        problems = []
        if not each.is_for(self._grade):
            problems.append(CourseProblem(Rule.NOT_FOR_GRADE, each.title, each.grades))
        missing = tuple(self._titles.get(key, "") for key in each.prerequisite_ids if key in self._missing)
        if missing:
            problems.append(CourseProblem(Rule.PREREQUISITE_MISSING, each.title, missing))
        if self._seats_left(each) == 0:
            problems.append(CourseProblem(Rule.FULL, each.title, number=each.seats))
        return problems

    def _seats_left(self, each: Offered) -> int | None:
        if each.seats is None:
            return None
        return max(each.seats - self._taken_seats.get(each.course_id, 0), 0)

    def _not_taken(self, needed: set[str]) -> set[str]:
        if not needed:
            return set()
        ids, codes = self.catalog.taken_courses()
        code_of = self.catalog.codes(needed)
        return {key for key in needed if key not in ids and code_of.get(key) not in codes}

    def _window_problems(self) -> list[CourseProblem]:
        window = self.window()
        if window is None:
            return [CourseProblem(Rule.NO_WINDOW)]
        match window.state:
            case WindowState.NOT_YET:
                return [CourseProblem(Rule.NOT_OPEN_YET, day=window.opens)]
            case WindowState.CLOSED:
                return [CourseProblem(Rule.CLOSED, day=window.closes)]
            case WindowState.OPEN:
                return []

    def _checked(
        self,
        right: Sequence[CourseChoice],
        problems: Sequence[CourseProblem],
        warnings: tuple[CourseProblem, ...] = (),
    ) -> RegistrationChecked:
        place = (self._label, self.catalog.school(), self.catalog.school_year)
        return RegistrationChecked(*place, tuple(right), tuple(problems), warnings)

    def _line(self, each: Requested) -> RequestLine:
        on = each.at.astimezone(self._zone).date() if each.at is not None else None
        return RequestLine(each.course_id, each.title, RequestStatus(each.status), on)


def _as_offered(each: Requested) -> Offered:
    return Offered(each.course_id, each.title, "", (), "", (), None, ())
