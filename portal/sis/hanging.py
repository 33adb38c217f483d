"""Say what still names a row that a set of changes took away."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from portal.sis.report import Problem
from portal.sis.source import Kind
from portal.sis.staging import Staging
from portal.sis.tables import table_of


class Name(NamedTuple):
    """Say which column of a kind names a row of another, and what the namers are called."""

    target: Kind
    title: str
    namer: Kind
    column: str
    noun: str


NAMES = (
    Name(Kind.SCHOOLS, "name", Kind.SECTIONS, "school_id", "class(es)"),
    Name(Kind.SCHOOLS, "name", Kind.STUDENTS, "school_id", "student(s)"),
    Name(Kind.COURSES, "title", Kind.SECTIONS, "course_id", "class(es)"),
    Name(Kind.SECTIONS, "title", Kind.ENROLLMENTS, "section_id", "enrollment(s)"),
    Name(Kind.SECTIONS, "title", Kind.ASSIGNMENTS, "section_id", "assignment(s)"),
    Name(Kind.SECTIONS, "title", Kind.TERM_GRADES, "section_id", "term grade(s)"),
    Name(Kind.STUDENTS, "source_id", Kind.ENROLLMENTS, "person_id", "enrollment(s)"),
    Name(Kind.STAFF, "source_id", Kind.ENROLLMENTS, "person_id", "enrollment(s)"),
    # Who was barred may come back under another id, and then no row bars them.
    Name(Kind.STUDENTS, "source_id", Kind.PORTAL_ACCESS, "student_id", "portal access row(s)"),
    Name(Kind.CONTACTS, "source_id", Kind.PORTAL_ACCESS, "contact_id", "portal access row(s)"),
    Name(Kind.CATEGORIES, "title", Kind.ASSIGNMENTS, "category_id", "assignment(s)"),
    Name(Kind.TERMS, "title", Kind.ASSIGNMENTS, "term_id", "assignment(s)"),
    Name(Kind.TERMS, "title", Kind.TERM_GRADES, "term_id", "term grade(s)"),
    Name(Kind.ASSIGNMENTS, "title", Kind.SCORES, "assignment_id", "score(s)"),
)


def still_named(connection: Connection, district: str, staging: Staging, now: datetime) -> Iterator[Problem]:
    """Yield a warning for each row that was retired now while others still name it."""
    for name in NAMES:
        target, namer = table_of(name.target), table_of(name.namer)
        joined = (namer.c.district_id == district) & (namer.c[name.column] == target.c.id)
        title = target.c[name.title]
        query = (
            select(target.c.id, title, func.count())
            .join(namer, joined)
            .where(target.c.district_id == district, target.c.retired_at == now, namer.c.retired_at.is_(None))
            .group_by(target.c.id, title)
        )
        for row, called, number in connection.execute(query.order_by(title, target.c.id)):
            file, place = staging.origin(row)
            text = f"this is gone, but {number} {name.noun} still name it; they stay, without it"
            yield Problem(text, file or name.target.value, place, "", called)
