"""Name the classes of a child's records, those that it has left included."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core.folding import fold
from portal.records.sections import ChildSection, period_of, sections_of
from portal.sis.models import Course, Section, Student


def sections_with(session: Session, student: Student, wanted: Collection[str]) -> list[ChildSection]:
    """Return the classes a student is enrolled in and those with these ids, by course.

    Whoever changes class, or goes on to the next year, keeps what was graded before.
    """
    held = sections_of(session, student)
    left = set(wanted) - {each.section.id for each in held}
    if not left:
        return held
    query = (
        select(Section, Course)
        .join(Course, (Course.district_id == student.district_id) & (Course.id == Section.course_id))
        .where(Section.district_id == student.district_id, Section.id.in_(left))
    )
    found = [_former(section, course) for section, course in session.execute(query)]
    return sorted([*held, *found], key=lambda each: (fold(each.course), each.period, each.section.id))


def _former(section: Section, course: Course) -> ChildSection:
    periods = tuple(dict.fromkeys(map(period_of, section.periods)))
    return ChildSection(section, course.title, tuple(course.subjects), periods, teacher="")
