"""Define what a student-information source hands to an import, whatever its format.

A source yields what is referred to before what refers to it; only the parents of schools and terms
and the two ends of a guardian link may come later. References are the source's own ids, or
identifiers where a field says so; the import resolves and checks them. Every date of a record is a
field of type `date`, so that a source that wraps another can move them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar, Protocol

from portal.sis.report import Report


class Kind(StrEnum):
    """Name a kind of imported row."""

    SCHOOLS = "schools"
    TERMS = "terms"
    COURSES = "courses"
    SECTIONS = "sections"
    SCHOOL_TERMS = "school_terms"
    STUDENTS = "students"
    CONTACTS = "contacts"
    STAFF = "staff"
    RELATIONSHIPS = "relationships"
    PORTAL_ACCESS = "portal_access"
    ENROLLMENTS = "enrollments"
    CATEGORIES = "categories"
    ASSIGNMENTS = "assignments"
    SCORES = "scores"
    TERM_GRADES = "term_grades"
    ATTENDANCE = "attendance"
    SCHOOL_DETAILS = "school_details"
    MEETINGS = "meetings"
    TEST_RESULTS = "test_results"
    MONEY_ENTRIES = "money_entries"
    BULLETINS = "bulletins"
    EVENTS = "events"
    COURSE_REQUESTS = "course_requests"
    REGISTRATION_WINDOWS = "registration_windows"
    COURSE_OFFERINGS = "course_offerings"


# One file holds all people, so that an id is unique among them whatever their role.
PEOPLE = (Kind.STUDENTS, Kind.CONTACTS, Kind.STAFF)


class StatedBy(StrEnum):
    """Name who says that two people are linked: the row of either, or one that describes the link."""

    STUDENT = "student"
    CONTACT = "contact"
    DETAIL = "detail"


# What a school may mark a score with, in the order in which it is kept.
MARKS = ("late", "missing", "incomplete", "in progress")


@dataclass(frozen=True, slots=True)
class Origin:
    """Say where a record stands: the file and its row, the header being row 1.

    `columns` tells what the file calls a field, for the report.
    """

    file: str
    row: int
    columns: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)

    def column(self, name: str) -> str:
        """Return what the file calls a field."""
        return self.columns.get(name, name)


@dataclass(frozen=True, slots=True)
class Record:
    """Be one row of a source."""

    kind: ClassVar[Kind]
    origin: Origin


@dataclass(frozen=True, slots=True)
class SchoolRecord(Record):
    """Name an organisation; `parent` is the id of the one above."""

    kind: ClassVar[Kind] = Kind.SCHOOLS
    id: str
    identifier: str
    name: str
    type: str
    parent: str


@dataclass(frozen=True, slots=True)
class TermRecord(Record):
    """Bound a term; `parent` is the id of the longer one that it lies in."""

    kind: ClassVar[Kind] = Kind.TERMS
    id: str
    title: str
    type: str
    start: date
    end: date
    parent: str
    school_year: str


@dataclass(frozen=True, slots=True)
class CourseRecord(Record):
    """Name a course; `subject_codes` are only compared with those of its classes."""

    kind: ClassVar[Kind] = Kind.COURSES
    id: str
    title: str
    code: str
    school: str
    school_year: str
    subjects: tuple[str, ...] = ()
    subject_codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SectionRecord(Record):
    """Name a class of a course at a school."""

    kind: ClassVar[Kind] = Kind.SECTIONS
    id: str
    title: str
    code: str
    location: str
    course: str
    school: str
    terms: tuple[str, ...]
    periods: tuple[str, ...]
    subject_codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StudentRecord(Record):
    """Name a student; the first school is the main one."""

    kind: ClassVar[Kind] = Kind.STUDENTS
    id: str
    identifier: str
    given_name: str
    middle_name: str
    family_name: str
    grade: str
    schools: tuple[str, ...]
    enabled: bool


@dataclass(frozen=True, slots=True)
class ContactRecord(Record):
    """Name a parent, guardian or relative."""

    kind: ClassVar[Kind] = Kind.CONTACTS
    id: str
    identifier: str
    given_name: str
    middle_name: str
    family_name: str
    role: str
    email: str
    phone: str
    sms: str
    schools: tuple[str, ...]
    enabled: bool


@dataclass(frozen=True, slots=True)
class StaffRecord(Record):
    """Name a teacher or another member of staff."""

    kind: ClassVar[Kind] = Kind.STAFF
    id: str
    identifier: str
    given_name: str
    family_name: str
    role: str
    email: str
    schools: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GuardianRecord(Record):
    """Link a contact with a student by their ids; either end may say it, or both."""

    kind: ClassVar[Kind] = Kind.RELATIONSHIPS
    contact: str
    student: str
    stated_by: StatedBy = StatedBy.STUDENT


@dataclass(frozen=True, slots=True)
class RelationshipRecord(Record):
    """Describe a link; both ends are identifiers. It makes the link where no other record did."""

    kind: ClassVar[Kind] = Kind.RELATIONSHIPS
    contact: str
    student: str
    relation: str
    primary_contact: bool | None
    lives_with: bool | None
    emergency_contact: bool | None
    legal_guardian: bool | None


@dataclass(frozen=True, slots=True)
class PortalAccessRecord(Record):
    """Allow or bar a contact for a student; both ends are identifiers."""

    kind: ClassVar[Kind] = Kind.PORTAL_ACCESS
    contact: str
    student: str
    allowed: bool
    receives_email: bool


@dataclass(frozen=True, slots=True)
class EnrollmentRecord(Record):
    """Put a student or a member of staff into a class."""

    kind: ClassVar[Kind] = Kind.ENROLLMENTS
    id: str
    section: str
    school: str
    person: str
    role: str
    is_primary: bool | None
    begin: date | None
    end: date | None


@dataclass(frozen=True, slots=True)
class CategoryRecord(Record):
    """Name a kind of assignment."""

    kind: ClassVar[Kind] = Kind.CATEGORIES
    id: str
    title: str


@dataclass(frozen=True, slots=True)
class AssignmentRecord(Record):
    """Describe what a class was given to do."""

    kind: ClassVar[Kind] = Kind.ASSIGNMENTS
    id: str
    title: str
    description: str
    assigned: date | None
    due: date | None
    section: str
    category: str
    term: str
    minimum: Decimal | None
    maximum: Decimal | None


@dataclass(frozen=True, slots=True)
class ScoreRecord(Record):
    """Say what a student (by id) earned for an assignment; `marks` are out of MARKS."""

    kind: ClassVar[Kind] = Kind.SCORES
    id: str
    assignment: str
    student: str
    status: str
    score: Decimal | None
    day: date | None
    comment: str
    text: str = ""
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TermGradeRecord(Record):
    """Grade a student (by identifier) in a class for a term."""

    kind: ClassVar[Kind] = Kind.TERM_GRADES
    student: str
    section: str
    term: str
    letter: str
    percent: Decimal | None
    final: bool
    comment: str


@dataclass(frozen=True, slots=True)
class AttendanceRecord(Record):
    """Report an exception of a student (by identifier): of a day, or of a class where one is named."""

    kind: ClassVar[Kind] = Kind.ATTENDANCE
    student: str
    school: str
    day: date
    category: str
    reason: str
    section: str
    arrival: str


@dataclass(frozen=True, slots=True)
class SchoolDetailsRecord(Record):
    """Say where a school (by identifier or id) is and how it is reached."""

    kind: ClassVar[Kind] = Kind.SCHOOL_DETAILS
    school: str
    address: str
    city: str
    postal_code: str
    phone: str
    fax: str
    email: str
    hours: str
    map_url: str


@dataclass(frozen=True, slots=True)
class MeetingRecord(Record):
    """Say when and where a class meets."""

    kind: ClassVar[Kind] = Kind.MEETINGS
    section: str
    weekday: int
    period: str
    start: str
    end: str
    room: str
    teacher: str


@dataclass(frozen=True, slots=True)
class TestResultRecord(Record):
    """Report what a student (by identifier) reached in a test outside class."""

    kind: ClassVar[Kind] = Kind.TEST_RESULTS
    __test__: ClassVar[bool] = False  # pytest would take the name for a test
    student: str
    day: date
    test: str
    subject: str
    score: Decimal | None
    maximum: Decimal | None
    level: str


@dataclass(frozen=True, slots=True)
class MoneyEntryRecord(Record):
    """Report one line of a student's (by identifier) lunch or fee account."""

    kind: ClassVar[Kind] = Kind.MONEY_ENTRIES
    student: str
    day: date
    account: str
    description: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class BulletinRecord(Record):
    """Carry one notice of a school (by identifier or id)."""

    kind: ClassVar[Kind] = Kind.BULLETINS
    school: str
    day: date
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class EventRecord(Record):
    """Carry one day of a school's (by identifier or id) calendar."""

    kind: ClassVar[Kind] = Kind.EVENTS
    school: str
    day: date
    title: str


@dataclass(frozen=True, slots=True)
class CourseRequestRecord(Record):
    """Carry a student's (by identifier) wish to take a course."""

    kind: ClassVar[Kind] = Kind.COURSE_REQUESTS
    student: str
    course: str
    school_year: str
    status: str


@dataclass(frozen=True, slots=True)
class RegistrationWindowRecord(Record):
    """Say when a school takes registrations; `school` is an identifier, an empty `grade` is every one."""

    kind: ClassVar[Kind] = Kind.REGISTRATION_WINDOWS
    school: str
    school_year: str
    grade: str
    opens: date
    closes: date
    least_courses: int | None
    most_courses: int | None


@dataclass(frozen=True, slots=True)
class CourseOfferingRecord(Record):
    """Offer a course for a school year; `course` and `prerequisites` are ids of courses."""

    kind: ClassVar[Kind] = Kind.COURSE_OFFERINGS
    course: str
    school_year: str
    description: str
    grades: tuple[str, ...]
    seats: int | None
    prerequisites: tuple[str, ...]


class SisSource(Protocol):
    """Yield what a student-information system says, and report what is wrong with how it says it."""

    def records(self, report: Report) -> Iterator[Record]:
        """Say what the set is and yield the records; what cannot be read goes to the report."""
