"""Say what the files of OneRoster 1.1 look like and read their rows; most of 1.2 is the same."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from portal.sis.changes import GoneRecord
from portal.sis.source import (
    PEOPLE,
    AssignmentRecord,
    CategoryRecord,
    CourseRecord,
    EnrollmentRecord,
    Kind,
    Record,
    SchoolRecord,
    ScoreRecord,
    SectionRecord,
    TermRecord,
)
from portal.sis.sources.oneroster_people import CONTACT_ROLES, STAFF_ROLES, Place, person
from portal.sis.sources.table import LONG, Layout, Row

ROSTER = frozenset({"orgs", "academicSessions", "courses", "classes", "users", "roles", "enrollments"})
# A password has no business here: it is blanked before anything looks at its row.
UNREAD_COLUMNS = frozenset({"password"})
ORG_TYPES = frozenset({"department", "school", "district", "local", "state", "national"})
TERM_TYPES = frozenset({"gradingPeriod", "semester", "schoolYear", "term"})
CLASS_TYPES = frozenset({"homeroom", "scheduled"})
ROLES = CONTACT_ROLES | STAFF_ROLES | {"student"}
ENROLLMENT_ROLES = frozenset({"administrator", "proctor", "student", "teacher"})
SCORE_STATES = frozenset({"exempt", "fully graded", "not submitted", "partially graded", "submitted"})


@dataclass(frozen=True, slots=True)
class Format:
    """Join a file's layout with the reader of its rows, and say which kinds of rows it holds.

    `remove` reads a row that is deleted, where that is more than taking away what has its id.
    """

    layout: Layout
    read: Callable[[Row], Iterable[Record]]
    required: bool = False
    kinds: tuple[Kind, ...] = ()
    remove: Callable[[Row], Iterable[Record]] | None = None

    def gone(self, row: Row) -> Iterable[Record]:
        """Yield what takes away the row that a set of changes deletes."""
        if self.remove:
            return self.remove(row)
        return (GoneRecord(row.origin, self.kinds[0], row.sourced_id("sourcedId")),)

    @property
    def name(self) -> str:
        """Return what the manifest calls the file."""
        return self.layout.name.removesuffix(".csv")


def layout(name: str, header: str, columns: str) -> Layout:
    """Return a layout; `columns` holds what a field is called in the file, as `field=column`."""
    pairs = (pair.split("=", 1) for pair in columns.split())
    return Layout(name, tuple(header.split(",")), dict(pairs), UNREAD_COLUMNS)


def _org(row: Row) -> Iterator[Record]:
    yield SchoolRecord(
        row.origin,
        id=row.sourced_id("sourcedId"),
        identifier=row.text("identifier"),
        name=row.text("name", required=True),
        type=row.choice("type", ORG_TYPES, extensible=True),
        parent=row.sourced_id("parentSourcedId", required=False),
    )


def _term(row: Row) -> Iterator[Record]:
    start, end = row.sure_day("startDate"), row.sure_day("endDate")
    if end < start:
        row.wrong("endDate", "the term ends before it starts")
    yield TermRecord(
        row.origin,
        id=row.sourced_id("sourcedId"),
        title=row.text("title", required=True),
        type=row.choice("type", TERM_TYPES, extensible=True),
        start=start,
        end=end,
        parent=row.sourced_id("parentSourcedId", required=False),
        school_year=row.text("schoolYear"),
    )


def _course(row: Row) -> Iterator[Record]:
    yield CourseRecord(
        row.origin,
        id=row.sourced_id("sourcedId"),
        title=row.text("title", required=True),
        code=row.text("courseCode"),
        school=row.sourced_id("orgSourcedId"),
        school_year=row.sourced_id("schoolYearSourcedId", required=False),
        subjects=row.items("subjects"),
        subject_codes=row.items("subjectCodes"),
    )


def _section(row: Row) -> Iterator[Record]:
    row.choice("classType", CLASS_TYPES, extensible=True)
    yield SectionRecord(
        row.origin,
        id=row.sourced_id("sourcedId"),
        title=row.text("title", required=True),
        code=row.text("classCode"),
        location=row.text("location"),
        course=row.sourced_id("courseSourcedId"),
        school=row.sourced_id("schoolSourcedId"),
        terms=row.sourced_ids("termSourcedIds", required=True),
        periods=row.items("periods"),
        subject_codes=row.items("subjectCodes"),
    )


def _user(row: Row) -> Iterator[Record]:
    role = row.choice("role", ROLES)
    schools = row.sourced_ids("orgSourcedIds", required=role == "student")
    if role in ROLES:
        yield from person(row, Place(role, schools))


def _enrollment(row: Row) -> Iterator[Record]:
    begin, end = row.day("beginDate"), row.day("endDate")
    if begin and end and end < begin:
        row.wrong("endDate", "the enrollment ends before it begins")
    yield EnrollmentRecord(
        row.origin,
        id=row.sourced_id("sourcedId"),
        section=row.sourced_id("classSourcedId"),
        school=row.sourced_id("schoolSourcedId"),
        person=row.sourced_id("userSourcedId"),
        role=row.choice("role", ENROLLMENT_ROLES),
        is_primary=row.flag("primary"),
        begin=begin,
        end=end,
    )


def _category(row: Row) -> Iterator[Record]:
    yield CategoryRecord(row.origin, id=row.sourced_id("sourcedId"), title=row.text("title", required=True))


def assignment(row: Row, *, term: str = "gradingPeriodSourcedId") -> Iterator[Record]:
    """Yield what a class was given to do; `term` is the column that names the term."""
    yield AssignmentRecord(
        row.origin,
        id=row.sourced_id("sourcedId"),
        title=row.text("title", required=True),
        description=row.text("description", longest=LONG),
        assigned=row.day("assignDate"),
        due=row.day("dueDate"),
        section=row.sourced_id("classSourcedId"),
        category=row.sourced_id("categorySourcedId", required=False),
        term=row.sourced_id(term, required=False),
        minimum=row.number("resultValueMin"),
        maximum=row.number("resultValueMax"),
    )


def score(row: Row, *, text: str = "", marks: tuple[str, ...] = ()) -> Iterator[Record]:
    """Yield what a student earned."""
    yield ScoreRecord(
        row.origin,
        id=row.sourced_id("sourcedId"),
        assignment=row.sourced_id("lineItemSourcedId"),
        student=row.sourced_id("studentSourcedId"),
        status=row.choice("scoreStatus", SCORE_STATES),
        score=row.number("score"),
        day=row.day("scoreDate"),
        comment=row.text("comment", longest=LONG),
        text=text,
        marks=marks,
    )


def form(
    name: str, header: str, columns: str, read: Callable[[Row], Iterable[Record]], *kinds: Kind
) -> Format:
    """Return the format of a file; a roster needs what it is made of."""
    header = f"sourcedId,status,dateLastModified,{header}"
    known = layout(f"{name}.csv", header, f"id=sourcedId {columns}")
    return Format(known, read, name in ROSTER, kinds)


FORMATS = (
    form("orgs", "name,type,identifier,parentSourcedId", "parent=parentSourcedId", _org, Kind.SCHOOLS),
    form(
        "academicSessions",
        "title,type,startDate,endDate,parentSourcedId,schoolYear",
        "parent=parentSourcedId",
        _term,
        Kind.TERMS,
    ),
    form(
        "courses",
        "schoolYearSourcedId,title,courseCode,grades,orgSourcedId,subjects,subjectCodes",
        "school=orgSourcedId school_year=schoolYearSourcedId subject_codes=subjectCodes",
        _course,
        Kind.COURSES,
    ),
    form(
        "classes",
        "title,grades,courseSourcedId,classCode,classType,location,schoolSourcedId,termSourcedIds,"
        "subjects,subjectCodes,periods",
        "course=courseSourcedId school=schoolSourcedId terms=termSourcedIds subject_codes=subjectCodes",
        _section,
        Kind.SECTIONS,
    ),
    form(
        "users",
        "enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,middleName,identifier,"
        "email,sms,phone,agentSourcedIds,grades,password",
        "schools=orgSourcedIds contact=agentSourcedIds student=agentSourcedIds",
        _user,
        *PEOPLE,
    ),
    form(
        "enrollments",
        "classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate",
        "section=classSourcedId school=schoolSourcedId person=userSourcedId",
        _enrollment,
        Kind.ENROLLMENTS,
    ),
    form("categories", "title", "", _category, Kind.CATEGORIES),
    form(
        "lineItems",
        "title,description,assignDate,dueDate,classSourcedId,categorySourcedId,gradingPeriodSourcedId,"
        "resultValueMin,resultValueMax",
        "section=classSourcedId category=categorySourcedId term=gradingPeriodSourcedId",
        assignment,
        Kind.ASSIGNMENTS,
    ),
    form(
        "results",
        "lineItemSourcedId,studentSourcedId,scoreStatus,score,scoreDate,comment",
        "assignment=lineItemSourcedId student=studentSourcedId",
        score,
        Kind.SCORES,
    ),
)
# Known to OneRoster, not needed by a parent's assistant, and therefore not even read.
UNREAD = ("demographics", "resources", "classResources", "courseResources")
