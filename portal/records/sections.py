"""Say which classes a child is in, and which of them was meant."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVarTuple

from sqlalchemy import Select, and_, bindparam, select
from sqlalchemy.orm import Session

from portal.core.folding import fold
from portal.core.outcomes import Reason, Refused
from portal.records.matching import find
from portal.sis.models import Course, Enrollment, Meeting, Section, Staff, Student, Term

Columns = TypeVarTuple("Columns")
NUMBER = re.compile(r"\d+")
ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5"}


def _attended(query: Select[*Columns]) -> Select[*Columns]:
    return (
        query.select_from(Section)
        .join(
            Enrollment,
            and_(Enrollment.district_id == Section.district_id, Enrollment.section_id == Section.id),
        )
        .join(Course, and_(Course.district_id == Section.district_id, Course.id == Section.course_id))
        .where(
            Section.district_id == bindparam("district"),
            Section.retired_at.is_(None),
            Enrollment.role == "student",
            Enrollment.retired_at.is_(None),
        )
    )


# Most questions ask these: they are built once.
ENROLLED = (
    _attended(select(Section, Course, Enrollment.begin, Enrollment.end))
    .where(Enrollment.person_id == bindparam("student"))
    .order_by(Section.id)
)
# Only the titles: whole classes take long to read.
TITLES = (
    _attended(select(Course.title))
    .where(Enrollment.person_id.in_(bindparam("students", expanding=True)))
    .distinct()
)
MEETINGS = (
    select(Meeting)
    .where(
        Meeting.district_id == bindparam("district"),
        Meeting.section_id.in_(bindparam("sections", expanding=True)),
        Meeting.retired_at.is_(None),
    )
    .order_by(Meeting.weekday, Meeting.start, Meeting.id)
)
TEACHERS = (
    select(Enrollment.section_id, Enrollment.is_primary, Staff.given_name, Staff.family_name)
    .join(Staff, and_(Staff.district_id == Enrollment.district_id, Staff.id == Enrollment.person_id))
    .where(
        Enrollment.district_id == bindparam("district"),
        Enrollment.section_id.in_(bindparam("sections", expanding=True)),
        Enrollment.role == "teacher",
        Enrollment.retired_at.is_(None),
    )
    .order_by(Staff.family_name, Staff.given_name, Staff.id)
)


@dataclass(frozen=True, slots=True)
class ChildSection:
    """Join a class with what a parent calls it and with who teaches it when.

    `attended` holds from when to when the child is enrolled; None is what the files leave open.
    """

    section: Section
    course: str
    subjects: tuple[str, ...]
    periods: tuple[str, ...]
    teacher: str
    meetings: tuple[Meeting, ...] = ()
    attended: tuple[tuple[date | None, date | None], ...] = ()

    @property
    def period(self) -> str:
        """Return the first period, or nothing."""
        return self.periods[0] if self.periods else ""

    def is_attended(self, since: date, until: date) -> bool:
        """Tell whether the child is enrolled on any day of a range."""
        return any(
            (begin is None or begin <= until) and (end is None or since <= end)
            for begin, end in self.attended
        )


def sections_of(session: Session, student: Student) -> list[ChildSection]:
    """Return the classes a student is enrolled in, by course."""
    rows: dict[str, tuple[Section, Course]] = {}
    attended: dict[str, list[tuple[date | None, date | None]]] = {}
    who = {"district": student.district_id, "student": student.id}
    for section, course, begin, end in session.execute(ENROLLED, who):
        rows[section.id] = (section, course)
        attended.setdefault(section.id, []).append((begin, end))
    meetings = _meetings(session, student.district_id, rows)
    teachers = _teachers(session, student.district_id, rows)
    found = []
    for key, (section, course) in rows.items():
        met = tuple(meeting for meeting in meetings if meeting.section_id == key)
        spoken = [period_of(period) for period in [*section.periods, *(each.period for each in met)]]
        teacher = teachers.get(key) or next((each.teacher for each in met if each.teacher), "")
        periods = tuple(dict.fromkeys(period for period in spoken if period))
        named = (course.title, tuple(course.subjects), periods, teacher)
        found.append(ChildSection(section, *named, met, tuple(attended[key])))
    return sorted(found, key=lambda each: (fold(each.course), each.period, each.section.id))


def course_titles(session: Session, students: Sequence[Student]) -> tuple[str, ...]:
    """Return what the courses of these students are called, in order."""
    titles: set[str] = set()
    for district in {student.district_id for student in students}:
        theirs = [student.id for student in students if student.district_id == district]
        titles.update(session.scalars(TITLES, {"district": district, "students": theirs}))
    return tuple(sorted(titles, key=fold))


def during(sections: Iterable[ChildSection], terms: Collection[Term]) -> list[ChildSection]:
    """Return the classes that are held in any of the terms."""
    ids = {term.id for term in terms}
    return [each for each in sections if ids.intersection(each.section.term_ids)]


def chosen(
    sections: Sequence[ChildSection], course: str | None, period: str | None
) -> list[ChildSection] | Refused:
    """Return the classes that were meant; refuse with the child's own courses to choose from."""
    found = list(sections)
    if course is not None and course.strip():
        found = _named(found, course)
        titles = _titles(found)
        if len(titles) > 1:
            return Refused(Reason.WHICH_COURSE, choices=titles)
    if period is not None and period.strip():
        wanted = period_of(period)
        found = [each for each in found if wanted in each.periods]
    return found or Refused(Reason.NO_SUCH_COURSE, choices=_titles(sections))


def _meetings(session: Session, district: str, sections: Collection[str]) -> Sequence[Meeting]:
    return session.scalars(MEETINGS, {"district": district, "sections": list(sections)}).all()


def _teachers(session: Session, district: str, sections: Collection[str]) -> dict[str, str]:
    rows = session.execute(TEACHERS, {"district": district, "sections": list(sections)}).all()
    teachers: dict[str, str] = {}
    for section, _, given, family in sorted(rows, key=lambda row: not row.is_primary):
        teachers.setdefault(section, f"{given} {family}")
    return teachers


def period_of(text: str) -> str:
    """Return a period as it is compared."""
    # "02 - Traditional", "P2" and "2nd" are what a parent calls period 2.
    number = NUMBER.search(text)
    return str(int(number.group())) if number else fold(text)


def _named(sections: Sequence[ChildSection], typed: str) -> list[ChildSection]:
    names = {number: _names(each) for number, each in enumerate(sections)}
    # Some schools mix their subjects up, so a subject counts only where no title is meant.
    subjects = {number: tuple(map(fold, each.subjects)) for number, each in enumerate(sections)}
    return [sections[number] for number in find(typed, names) or find(typed, subjects)]


def _names(each: ChildSection) -> tuple[str, ...]:
    names = [fold(each.course), fold(each.section.title), fold(each.section.code)]
    numbered = [" ".join(ROMAN.get(word, word) for word in name.split()) for name in names]
    initials = ["".join(word[0] for word in name.split()) for name in names if " " in name]
    return tuple(dict.fromkeys([*names, *numbered, *initials]))


def _titles(sections: Iterable[ChildSection]) -> tuple[str, ...]:
    return tuple(sorted({each.course for each in sections}, key=fold))
