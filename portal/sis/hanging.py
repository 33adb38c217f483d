"""Say what still names a row that a set took away."""

from collections.abc import Iterator

from sqlalchemy import Connection, func, select

from portal.sis.report import Problem
from portal.sis.source import Kind
from portal.sis.staging import Staging
from portal.sis.tables import table_of
from portal.sis.writer import chunks

NAMES = (
    (Kind.SECTIONS, "school_id", "class(es)"),
    (Kind.STUDENTS, "school_id", "student(s)"),
    (Kind.SECTIONS, "course_id", "class(es)"),
    (Kind.ENROLLMENTS, "section_id", "enrollment(s)"),
    (Kind.ENROLLMENTS, "person_id", "enrollment(s)"),
    (Kind.ASSIGNMENTS, "section_id", "assignment(s)"),
    (Kind.ASSIGNMENTS, "category_id", "assignment(s)"),
    (Kind.ASSIGNMENTS, "term_id", "assignment(s)"),
    (Kind.SCORES, "assignment_id", "score(s)"),
    (Kind.TERM_GRADES, "section_id", "term grade(s)"),
    (Kind.TERM_GRADES, "term_id", "term grade(s)"),
)


def still_named(connection: Connection, district: str, staging: Staging) -> Iterator[Problem]:
    """Yield a warning for each row that was taken away while others still name it."""
    for taken in chunks(staging.deleted()):
        for kind, column, noun in NAMES:
            counts = _counts(connection, district, kind, column, [row for row, *_ in taken])
            for row, file, number, value in taken:
                if row in counts:
                    text = f"this is gone, but {counts[row]} {noun} still name it; they stay, without it"
                    yield Problem(text, file, number, "sourcedId", value)


def _counts(connection: Connection, district: str, kind: Kind, column: str, ids: list[str]) -> dict[str, int]:
    table = table_of(kind)
    named = table.c[column]
    query = select(named, func.count()).where(
        table.c.district_id == district, named.in_(ids), table.c.retired_at.is_(None)
    )
    return {row[0]: row[1] for row in connection.execute(query.group_by(named))}
