"""Say which table holds which kind of imported row, and how staged values become its columns."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Date, Table

from portal.sis import models
from portal.sis.finding import CONTACT_KEYS, contact_keys
from portal.sis.models import Exact, SisRow
from portal.sis.source import Kind

MODELS: dict[Kind, type[SisRow]] = {
    Kind.SCHOOLS: models.School,
    Kind.TERMS: models.Term,
    Kind.COURSES: models.Course,
    Kind.SECTIONS: models.Section,
    Kind.SCHOOL_TERMS: models.SchoolTerm,
    Kind.STUDENTS: models.Student,
    Kind.CONTACTS: models.Contact,
    Kind.STAFF: models.Staff,
    Kind.RELATIONSHIPS: models.Relationship,
    Kind.PORTAL_ACCESS: models.PortalAccess,
    Kind.ENROLLMENTS: models.Enrollment,
    Kind.CATEGORIES: models.Category,
    Kind.ASSIGNMENTS: models.Assignment,
    Kind.SCORES: models.Score,
    Kind.TERM_GRADES: models.TermGrade,
    Kind.ATTENDANCE: models.AttendanceEvent,
    Kind.SCHOOL_DETAILS: models.SchoolDetails,
    Kind.MEETINGS: models.Meeting,
    Kind.TEST_RESULTS: models.TestResult,
    Kind.MONEY_ENTRIES: models.MoneyEntry,
    Kind.BULLETINS: models.Bulletin,
    Kind.EVENTS: models.SchoolEvent,
    Kind.COURSE_REQUESTS: models.CourseRequest,
    Kind.REGISTRATION_WINDOWS: models.RegistrationWindow,
    Kind.COURSE_OFFERINGS: models.CourseOffering,
}
OWN = frozenset({"district_id", "id", "digest", "retired_at", *CONTACT_KEYS})


def table_of(kind: Kind) -> Table:
    """Return the table of a kind."""
    table = MODELS[kind].__table__
    assert isinstance(table, Table)  # noqa: S101  (tells the type checker what a mapped class has)
    return table


def _columns(table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.columns if column.name not in OWN)


COLUMNS = {kind: _columns(table_of(kind)) for kind in Kind}


def _reader(type_: Any) -> Callable[[Any], Any] | None:
    if isinstance(type_, Date):
        return date.fromisoformat
    return Decimal if isinstance(type_, Exact) else None


READERS = {
    kind: {
        name: reader
        for name in COLUMNS[kind]
        if (reader := _reader(table_of(kind).columns[name].type)) is not None
    }
    for kind in Kind
}


def column_values(kind: Kind, staged: Sequence[Any]) -> dict[str, Any]:
    """Return staged values by column, dates and numbers as what they are."""
    values = dict(zip(COLUMNS[kind], staged, strict=True))
    for name, reader in READERS[kind].items():
        if values[name] is not None:
            values[name] = reader(values[name])
    return values | contact_keys(values) if kind is Kind.CONTACTS else values
