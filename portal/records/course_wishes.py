"""Look up what is wished for next year: the school's requests, what was registered here, the seats."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, func, or_, select, union
from sqlalchemy.orm import Session

from portal.records.models import RegistrationRow
from portal.sis.models import Course, CourseRequest, Student

DENIED = "denied"


class State(StrEnum):
    """Tell what a parent's own registration is now.

    `DROPPED` was taken back before staff fetched it; of a `WITHDRAWN` one they must be told.
    """

    REGISTERED = "registered"
    WITHDRAWN = "withdrawn"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Requested:
    """Hold one request: from the school, or made here on `at` and not taken over yet."""

    course_id: str
    title: str
    status: str
    at: datetime | None = None


class CourseWishes:
    """Look up the wishes for one school year, most of them of one student."""

    def __init__(self, session: Session, student: Student, school_year: str) -> None:
        """Take the student and the year in which the school year ends."""
        self._session = session
        self._district = student.district_id
        self._student = student.id
        self._school_year = school_year

    def requests(self) -> list[Requested]:
        """Return what is requested, by title; what the school says goes before what was made here."""
        kept, replaced = self._of_school()
        for row, title in self._session.execute(self._own()):
            since = replaced.get(row.course_id)
            # The school had it after it was made here: whatever became of it there is what counts.
            if row.course_id not in kept and (since is None or since <= row.changed_at):
                kept[row.course_id] = Requested(row.course_id, title, State.REGISTERED, row.changed_at)
        return sorted(kept.values(), key=lambda each: (each.title, each.course_id))

    def taken_seats(self, courses: Collection[str]) -> dict[str, int]:
        """Count the students who have asked for each course, here or at the school."""
        if not courses:
            return {}
        wanted = union(self._asked_at_school(courses), self._asked_here(courses)).subquery()
        query = select(wanted.c.course_id, func.count()).group_by(wanted.c.course_id)
        return {row[0]: row[1] for row in self._session.execute(query)}

    def own_rows(self) -> dict[str, RegistrationRow]:
        """Return what was registered or taken back here, by course, as it stands in the database now."""
        query = select(RegistrationRow).where(
            RegistrationRow.district_id == self._district,
            RegistrationRow.student_id == self._student,
            RegistrationRow.school_year == self._school_year,
        )
        rows = self._session.scalars(query.execution_options(populate_existing=True))
        return {row.course_id: row for row in rows}

    def _of_school(self) -> tuple[dict[str, Requested], dict[str, datetime]]:
        """Return the school's requests, and until when it had those that it has no longer."""
        query = (
            select(CourseRequest, Course.title)
            .join(Course, (Course.district_id == self._district) & (Course.id == CourseRequest.course_id))
            .where(
                CourseRequest.district_id == self._district,
                CourseRequest.student_id == self._student,
                CourseRequest.school_year == self._school_year,
            )
        )
        kept, gone = dict[str, Requested](), dict[str, datetime]()
        for row, title in self._session.execute(query):
            if row.retired_at is None:
                kept[row.course_id] = Requested(row.course_id, title, row.status)
            else:
                gone[row.course_id] = row.retired_at
        return kept, gone

    def _own(self) -> Select[RegistrationRow, str]:
        return (
            select(RegistrationRow, Course.title)
            .join(Course, (Course.district_id == self._district) & (Course.id == RegistrationRow.course_id))
            .where(
                RegistrationRow.district_id == self._district,
                RegistrationRow.student_id == self._student,
                RegistrationRow.school_year == self._school_year,
                RegistrationRow.state == State.REGISTERED.value,
            )
        )

    def _asked_at_school(self, courses: Collection[str]) -> Select[str, str]:
        return select(CourseRequest.course_id, CourseRequest.student_id).where(
            CourseRequest.district_id == self._district,
            CourseRequest.course_id.in_(courses),
            CourseRequest.school_year == self._school_year,
            CourseRequest.status != DENIED,
            CourseRequest.retired_at.is_(None),
        )

    def _asked_here(self, courses: Collection[str]) -> Select[str, str]:
        return select(RegistrationRow.course_id, RegistrationRow.student_id).where(
            RegistrationRow.district_id == self._district,
            RegistrationRow.course_id.in_(courses),
            RegistrationRow.school_year == self._school_year,
            RegistrationRow.state == State.REGISTERED.value,
            ~is_taken_over(),
        )


def is_taken_over() -> Any:
    """Return the condition that the school has, or had afterwards, what was registered here."""
    return (
        select(CourseRequest.id)
        .where(
            CourseRequest.district_id == RegistrationRow.district_id,
            CourseRequest.student_id == RegistrationRow.student_id,
            CourseRequest.course_id == RegistrationRow.course_id,
            CourseRequest.school_year == RegistrationRow.school_year,
            or_(CourseRequest.retired_at.is_(None), CourseRequest.retired_at > RegistrationRow.changed_at),
        )
        .exists()
    )
