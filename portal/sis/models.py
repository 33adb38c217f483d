"""Keep what a district's student-information system says about its families.

Only an import writes these tables, and it checks every reference before it writes. Rows are never
deleted: what a later file set no longer names is marked with `retired_at`, so that nothing that
hangs on a row (an account's link) loses its ground silently.
"""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Dialect, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from portal.core.database import BEGINS_ALIKE, Base, Instant
from portal.sis.finding import CONTACT_KEYS


class Exact(TypeDecorator[Decimal]):
    """Store a decimal number digit by digit, exact and alike on every database."""

    impl = String(40)
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        """Turn the number into its digits."""
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:
        """Turn the digits into the number."""
        return None if value is None else Decimal(value)


class SisRow(Base):
    """Give every imported row its key, what it looked like when imported, and when it was retired.

    `id` is derived from the district, the kind and the source's own key: the same row has the same
    id in every import, and nothing has to be looked up to refer to it. `digest` tells a changed row.
    """

    __abstract__ = True

    district_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(16))
    retired_at: Mapped[datetime | None] = mapped_column(Instant)


class School(SisRow):
    """Name an organisation: a school, or the district above it."""

    __tablename__ = "sis_schools"

    source_id: Mapped[str]
    identifier: Mapped[str]
    name: Mapped[str]
    type: Mapped[str]
    parent_id: Mapped[str | None]


class SchoolDetails(SisRow):
    """Say where a school is and how it is reached."""

    __tablename__ = "sis_school_details"

    school_id: Mapped[str]
    address: Mapped[str]
    city: Mapped[str]
    postal_code: Mapped[str]
    phone: Mapped[str]
    fax: Mapped[str]
    email: Mapped[str]
    hours: Mapped[str]
    map_url: Mapped[str]


class Term(SisRow):
    """Bound a stretch of the school year; both days belong to it."""

    __tablename__ = "sis_terms"

    title: Mapped[str]
    type: Mapped[str]
    start: Mapped[date]
    end: Mapped[date]
    parent_id: Mapped[str | None]
    school_year: Mapped[str]


class SchoolTerm(SisRow):
    """Say that a school teaches in a term; OneRoster says so only through the school's classes."""

    __tablename__ = "sis_school_terms"
    __table_args__ = (Index(None, "district_id", "school_id"),)

    school_id: Mapped[str]
    term_id: Mapped[str]


class Course(SisRow):
    """Name what is taught."""

    __tablename__ = "sis_courses"

    title: Mapped[str]
    code: Mapped[str]
    school_id: Mapped[str]
    subjects: Mapped[list[str]]


class Section(SisRow):
    """Name a class: a course taught to one group at one school."""

    __tablename__ = "sis_sections"

    title: Mapped[str]
    code: Mapped[str]
    location: Mapped[str]
    course_id: Mapped[str]
    school_id: Mapped[str]
    term_ids: Mapped[list[str]]
    periods: Mapped[list[str]]


class Student(SisRow):
    """Name a student; `enabled` is off where the district blocks access to the record."""

    __tablename__ = "sis_students"
    __table_args__ = (
        Index(None, "district_id", "identifier"),
        Index(None, "district_id", "school_id"),
        Index(
            "ix_sis_students_begins_identifier",
            "district_id",
            "identifier",
            postgresql_ops={"identifier": "text_pattern_ops"},
        ),
    )

    source_id: Mapped[str]
    identifier: Mapped[str]
    given_name: Mapped[str]
    middle_name: Mapped[str]
    family_name: Mapped[str]
    grade: Mapped[str]
    school_id: Mapped[str]
    school_ids: Mapped[list[str]]
    enabled: Mapped[bool]


class Contact(SisRow):
    """Name a parent, guardian or relative; no e-mail on file is the usual case.

    What ends in `_key` is how staff find a contact: see `portal.sis.finding`.
    """

    __tablename__ = "sis_contacts"
    __table_args__ = (
        Index(None, "district_id", "identifier"),
        Index(None, "district_id", "email"),
        *(Index(None, "district_id", key) for key in CONTACT_KEYS),
    )

    source_id: Mapped[str]
    identifier: Mapped[str]
    given_name: Mapped[str]
    middle_name: Mapped[str]
    family_name: Mapped[str]
    role: Mapped[str]
    email: Mapped[str]
    phone: Mapped[str]
    sms: Mapped[str]
    enabled: Mapped[bool]
    family_key: Mapped[str] = mapped_column(BEGINS_ALIKE, default="", server_default="")
    given_key: Mapped[str] = mapped_column(BEGINS_ALIKE, default="", server_default="")
    email_key: Mapped[str] = mapped_column(BEGINS_ALIKE, default="", server_default="")
    phone_key: Mapped[str] = mapped_column(BEGINS_ALIKE, default="", server_default="")
    sms_key: Mapped[str] = mapped_column(BEGINS_ALIKE, default="", server_default="")


class Staff(SisRow):
    """Name a teacher or another member of staff."""

    __tablename__ = "sis_staff"

    source_id: Mapped[str]
    given_name: Mapped[str]
    family_name: Mapped[str]
    role: Mapped[str]
    email: Mapped[str]


class Relationship(SisRow):
    """Say who belongs to which student, and how; None is what the files leave open.

    `stated_by` names which rows say so (the student's, the contact's, the one that describes the
    link): when one of them changes alone, the link stands as long as another still says it.
    """

    __tablename__ = "sis_relationships"
    __table_args__ = (
        Index(None, "district_id", "student_id"),
        Index(None, "district_id", "contact_id"),
    )

    contact_id: Mapped[str]
    student_id: Mapped[str]
    relation: Mapped[str]
    primary_contact: Mapped[bool | None]
    lives_with: Mapped[bool | None]
    emergency_contact: Mapped[bool | None]
    legal_guardian: Mapped[bool | None]
    stated_by: Mapped[list[str]]


class PortalAccess(SisRow):
    """Say whether a contact may see a student on the portal and gets mail; a bar is `allowed` off."""

    __tablename__ = "sis_portal_access"
    __table_args__ = (
        Index(None, "district_id", "student_id"),
        Index(None, "district_id", "contact_id"),
    )

    contact_id: Mapped[str]
    student_id: Mapped[str]
    allowed: Mapped[bool]
    receives_email: Mapped[bool]


class Enrollment(SisRow):
    """Put a student or a teacher into a class."""

    __tablename__ = "sis_enrollments"
    __table_args__ = (
        Index(None, "district_id", "person_id"),
        Index(None, "district_id", "section_id"),
    )

    section_id: Mapped[str]
    person_id: Mapped[str]
    role: Mapped[str]
    is_primary: Mapped[bool | None]
    begin: Mapped[date | None]
    end: Mapped[date | None]


class Category(SisRow):
    """Name a kind of assignment (homework, test)."""

    __tablename__ = "sis_categories"

    title: Mapped[str]


class Assignment(SisRow):
    """Describe what a class was given to do."""

    __tablename__ = "sis_assignments"
    __table_args__ = (Index(None, "district_id", "section_id"),)

    title: Mapped[str]
    description: Mapped[str]
    assigned: Mapped[date | None]
    due: Mapped[date | None]
    section_id: Mapped[str]
    category_id: Mapped[str | None]
    term_id: Mapped[str | None]
    minimum: Mapped[Decimal | None] = mapped_column(Exact)
    maximum: Mapped[Decimal | None] = mapped_column(Exact)


class Score(SisRow):
    """Keep what a student earned for an assignment: a number, a text ("B+", "Pass"), or both.

    `marks` are the school's own: late, missing, incomplete, in progress.
    """

    __tablename__ = "sis_scores"
    __table_args__ = (Index(None, "district_id", "student_id"),)

    assignment_id: Mapped[str]
    student_id: Mapped[str]
    status: Mapped[str]
    score: Mapped[Decimal | None] = mapped_column(Exact)
    day: Mapped[date | None]
    comment: Mapped[str]
    text: Mapped[str]
    marks: Mapped[list[str]]


class TermGrade(SisRow):
    """Keep the grade of a student in a class for a term; `final` is off while it can still change."""

    __tablename__ = "sis_term_grades"
    __table_args__ = (Index(None, "district_id", "student_id"),)

    student_id: Mapped[str]
    section_id: Mapped[str]
    term_id: Mapped[str]
    letter: Mapped[str]
    percent: Mapped[Decimal | None] = mapped_column(Exact)
    final: Mapped[bool]
    comment: Mapped[str]


class AttendanceEvent(SisRow):
    """Keep one exception of a day, or of a class where `section_id` is set; presence is implied."""

    __tablename__ = "sis_attendance"
    __table_args__ = (Index(None, "district_id", "student_id"),)

    student_id: Mapped[str]
    school_id: Mapped[str]
    section_id: Mapped[str | None]
    day: Mapped[date]
    category: Mapped[str]
    reason: Mapped[str]
    arrival: Mapped[str]


class Meeting(SisRow):
    """Say when and where a class meets; weekday 1 is Monday."""

    __tablename__ = "sis_meetings"
    __table_args__ = (Index(None, "district_id", "section_id"),)

    section_id: Mapped[str]
    weekday: Mapped[int]
    period: Mapped[str]
    start: Mapped[str]
    end: Mapped[str]
    room: Mapped[str]
    teacher: Mapped[str]


class TestResult(SisRow):
    """Keep what a student reached in a test outside class."""

    __tablename__ = "sis_test_results"
    __table_args__ = (Index(None, "district_id", "student_id"),)
    __test__ = False  # pytest would take the name for a test

    student_id: Mapped[str]
    day: Mapped[date]
    test: Mapped[str]
    subject: Mapped[str]
    score: Mapped[Decimal | None] = mapped_column(Exact)
    maximum: Mapped[Decimal | None] = mapped_column(Exact)
    level: Mapped[str]


class MoneyEntry(SisRow):
    """Keep one line of a student's lunch or fee account; a charge is negative."""

    __tablename__ = "sis_money_entries"
    __table_args__ = (Index(None, "district_id", "student_id"),)

    student_id: Mapped[str]
    day: Mapped[date]
    account: Mapped[str]
    description: Mapped[str]
    amount: Mapped[Decimal] = mapped_column(Exact)


class Bulletin(SisRow):
    """Keep one notice of a school."""

    __tablename__ = "sis_bulletins"
    __table_args__ = (Index(None, "district_id", "school_id"),)

    school_id: Mapped[str]
    day: Mapped[date]
    title: Mapped[str]
    text: Mapped[str]


class SchoolEvent(SisRow):
    """Keep one day of a school's calendar."""

    __tablename__ = "sis_events"
    __table_args__ = (Index(None, "district_id", "school_id"),)

    school_id: Mapped[str]
    day: Mapped[date]
    title: Mapped[str]


class CourseRequest(SisRow):
    """Keep a student's wish to take a course next year."""

    __tablename__ = "sis_course_requests"
    __table_args__ = (
        Index(None, "district_id", "student_id"),
        Index(None, "district_id", "course_id"),
    )

    student_id: Mapped[str]
    course_id: Mapped[str]
    school_year: Mapped[str]
    status: Mapped[str]


class AccessCredential(Base):
    """Hold a student's Access ID, and the HMAC of the access password once one was minted."""

    __tablename__ = "sis_access_credentials"
    __table_args__ = (UniqueConstraint("district_id", "access_id"),)

    district_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    student_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    access_id: Mapped[str]
    password_mac: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    issued_at: Mapped[datetime] = mapped_column(Instant)
    minted_at: Mapped[datetime | None] = mapped_column(Instant)


class RegistrationWindow(SisRow):
    """Say when a school takes registrations for a school year, and how many courses; "" is every grade."""

    __tablename__ = "sis_registration_windows"
    __table_args__ = (Index(None, "district_id", "school_id"),)

    school_id: Mapped[str]
    school_year: Mapped[str]
    grade: Mapped[str]
    opens: Mapped[date]
    closes: Mapped[date]
    least_courses: Mapped[int | None]
    most_courses: Mapped[int | None]


class CourseOffering(SisRow):
    """Offer a course for a school year: to which grades, how many seats, and after which courses.

    `source_id` is what the student-information system calls the course.
    """

    __tablename__ = "sis_course_offerings"
    __table_args__ = (Index(None, "district_id", "course_id"),)

    course_id: Mapped[str]
    source_id: Mapped[str]
    school_year: Mapped[str]
    description: Mapped[str]
    grades: Mapped[list[str]]
    seats: Mapped[int | None]
    prerequisite_ids: Mapped[list[str]]


class ImportRow(Base):
    """Note one import that was applied, so that an answer can say of which day its records are."""

    __tablename__ = "sis_imports"

    district_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Instant)
    source: Mapped[str]
    mode: Mapped[str]
    changed: Mapped[int]
