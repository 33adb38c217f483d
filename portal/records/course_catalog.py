"""Look up what a child may choose next year: when, which courses, and after which others."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, bindparam, or_, select, union
from sqlalchemy.orm import Session

from portal.records.terms import Terms
from portal.sis.models import (
    Course,
    CourseOffering,
    Enrollment,
    RegistrationWindow,
    School,
    Section,
    Student,
    TermGrade,
)

YEAR = re.compile(r"\d{4}")
# The first message of every session asks these: they are built once.
WINDOWS = (
    select(RegistrationWindow)
    .where(
        RegistrationWindow.district_id == bindparam("district"),
        RegistrationWindow.school_year == bindparam("year"),
        RegistrationWindow.retired_at.is_(None),
    )
    .order_by(RegistrationWindow.id)
)
_TAKING = (School.district_id == bindparam("district"), School.id.in_(bindparam("schools", expanding=True)))
# What schools and the districts above them offer in a school year.
_IS_OFFERED = (
    Course.district_id == bindparam("district"),
    Course.id == CourseOffering.course_id,
    CourseOffering.district_id == bindparam("district"),
    CourseOffering.school_year == bindparam("year"),
    CourseOffering.retired_at.is_(None),
    Course.school_id.in_(
        union(
            select(School.id).where(*_TAKING),
            select(School.parent_id).where(*_TAKING, School.parent_id != ""),
        )
    ),
)
OFFERED = (
    select(CourseOffering, Course.title, Course.code, Course.subjects)
    .where(*_IS_OFFERED)
    .order_by(Course.title, Course.id)
)
# Only the titles, of several schools at once: whole offerings take long to read.
TITLES = select(Course.title).where(*_IS_OFFERED).distinct()


@dataclass(frozen=True, slots=True)
class Offered:
    """Join a course with the conditions on which it is offered."""

    course_id: str
    title: str
    code: str
    subjects: tuple[str, ...]
    description: str
    grades: tuple[str, ...]
    seats: int | None
    prerequisite_ids: tuple[str, ...]

    def is_for(self, grade: str) -> bool:
        """Tell whether students of a grade may choose the course."""
        return not self.grades or grade_key(grade) in map(grade_key, self.grades)


class CourseCatalog:
    """Look up what one student may choose in the school year after the current one."""

    def __init__(self, session: Session, student: Student, terms: Terms) -> None:
        """Take the student and the terms of its schools."""
        self._session = session
        self._district = student.district_id
        self.student = student
        self.school_year = next_school_year(terms)
        self.window = self._window()

    def school(self) -> str:
        """Return the name of the school that takes the registration."""
        key = self.student.school_id if self.window is None else self.window.school_id
        query = select(School.name).where(School.district_id == self._district, School.id == key)
        return self._session.scalar(query) or ""

    def offered(self) -> list[Offered]:
        """Return the courses that the school offers in that year, to whatever grade, by title."""
        if self.window is None:
            return []
        place = {"district": self._district, "year": self.school_year, "schools": [self.window.school_id]}
        return [_offered(*row) for row in self._session.execute(OFFERED, place)]

    def taught(self) -> dict[str, str]:
        """Return the titles of all the courses of the school, offered or not, by their ids."""
        query = select(Course.id, Course.title).where(
            Course.district_id == self._district,
            Course.school_id.in_(self._places()),
            Course.retired_at.is_(None),
        )
        return {row.id: row.title for row in self._session.execute(query.order_by(Course.title, Course.id))}

    def titles(self, ids: Collection[str]) -> dict[str, str]:
        """Return what courses are called, by their ids."""
        query = select(Course.id, Course.title).where(
            Course.district_id == self._district, Course.id.in_(ids)
        )
        return {row.id: row.title for row in self._session.execute(query)} if ids else {}

    def taken_courses(self) -> tuple[frozenset[str], frozenset[str]]:
        """Return the ids and the codes of the courses that the student takes, took or was graded in."""
        enrolled = self._in_class(Enrollment, Enrollment.person_id == self.student.id)
        graded = self._in_class(TermGrade, TermGrade.student_id == self.student.id)
        found = self._session.execute(union(enrolled, graded)).all()
        # The same course has another id in each school year, and keeps its code.
        return frozenset(row.id for row in found), frozenset(row.code for row in found if row.code)

    def codes(self, ids: Collection[str]) -> dict[str, str]:
        """Return the codes of courses by their ids."""
        query = select(Course.id, Course.code).where(Course.district_id == self._district, Course.id.in_(ids))
        return {row.id: row.code for row in self._session.execute(query)} if ids else {}

    def lock(self, courses: Iterable[str]) -> None:
        """Let nobody else register this child, or anybody for these courses, until the commit.

        In this order, so that two families who want the same two courses wait for each other. SQLite
        lets one transaction write at a time anyway.
        """
        child = select(Student.id).where(Student.district_id == self._district, Student.id == self.student.id)
        self._session.execute(child.with_for_update())
        rows = select(CourseOffering.id).where(
            CourseOffering.district_id == self._district,
            CourseOffering.school_year == self.school_year,
            CourseOffering.course_id.in_(list(courses)),
        )
        self._session.execute(rows.order_by(CourseOffering.id).with_for_update())

    def _window(self) -> RegistrationWindow | None:
        if not self.school_year:
            return None
        place = {"district": self._district, "year": self.school_year}
        return _fitting(self.student, self._session.scalars(WINDOWS, place).all())

    def _places(self) -> list[str]:
        """Return the school that takes the registration and the district above it."""
        if self.window is None:
            return []
        key = self.window.school_id
        above = select(School.parent_id).where(School.district_id == self._district, School.id == key)
        parent = self._session.scalar(above)
        return [key, parent] if parent else [key]

    def _in_class(self, kept: Any, whose: Any) -> Select[str, str]:
        # Of a class that is gone with its school year the child was part to the end; from one that is
        # still held it was taken out.
        return (
            select(Course.id, Course.code)
            .join(Section, (Section.district_id == self._district) & (Section.course_id == Course.id))
            .join(kept, (kept.district_id == self._district) & (kept.section_id == Section.id))
            .where(
                Course.district_id == self._district,
                whose,
                or_(kept.retired_at.is_(None), Section.retired_at.is_not(None)),
            )
        )


def offered_titles(session: Session, students: Iterable[tuple[Student, Terms]]) -> tuple[str, ...]:
    """Return the titles of all that is offered to any of these students, to whatever grade, in order."""
    asked: dict[tuple[str, str], list[Student]] = {}
    for student, terms in students:
        if year := next_school_year(terms):
            asked.setdefault((student.district_id, year), []).append(student)
    titles: set[str] = set()
    for (district, year), theirs in asked.items():
        place = {"district": district, "year": year}
        windows = session.scalars(WINDOWS, place).all()
        fitting = [_fitting(student, windows) for student in theirs]
        if schools := {window.school_id for window in fitting if window is not None}:
            titles.update(session.scalars(TITLES, {**place, "schools": sorted(schools)}))
    return tuple(sorted(titles))


def next_school_year(terms: Terms) -> str:
    """Return the year in which the school year after the current one ends, or "" where none is known."""
    current = terms.current()
    around = [current, *terms.around(current)] if current else []
    # Some schools name a term of the autumn by its own year, but the school year always by its end.
    years = [int(year) for term in around for year in YEAR.findall(term.school_year)]
    return str(max(years) + 1) if years else ""


def _fitting(student: Student, windows: Sequence[RegistrationWindow]) -> RegistrationWindow | None:
    """Return the window in which a student registers."""
    ranked = [(rank, each) for each in windows if (rank := _rank(student, each)) is not None]
    return min(ranked, key=lambda pair: pair[0])[1] if ranked else None


def _rank(student: Student, window: RegistrationWindow) -> int | None:
    """Return how well a window fits a student, or None: another school's must name the grade."""
    is_own = window.school_id in [student.school_id, *student.school_ids]
    if window.grade and grade_key(window.grade) == grade_key(student.grade):
        return 0 if is_own else 2
    return 1 if is_own and not window.grade else None


def grade_key(grade: str) -> str:
    """Return a grade as it is compared: "08" and "8" are one."""
    return grade.strip().lstrip("0").casefold()


def _offered(row: CourseOffering, title: str, code: str, subjects: list[str]) -> Offered:
    return Offered(
        course_id=row.course_id,
        title=title,
        code=code,
        subjects=tuple(subjects),
        description=row.description,
        grades=tuple(row.grades),
        seats=row.seats,
        prerequisite_ids=tuple(row.prerequisite_ids),
    )
