"""Say what the files of OneRoster 1.1 look like and read their rows."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from portal.sis.source import (
    AssignmentRecord,
    CategoryRecord,
    ContactRecord,
    CourseRecord,
    EnrollmentRecord,
    GuardianRecord,
    Record,
    SchoolRecord,
    ScoreRecord,
    SectionRecord,
    StaffRecord,
    StatedBy,
    StudentRecord,
    TermRecord,
)
from portal.sis.sources.table import LONG, Layout, Row

ORG_TYPES = frozenset({"department", "school", "district", "local", "state", "national"})
TERM_TYPES = frozenset({"gradingPeriod", "semester", "schoolYear", "term"})
CLASS_TYPES = frozenset({"homeroom", "scheduled"})
CONTACT_ROLES = frozenset({"parent", "guardian", "relative"})
STAFF_ROLES = frozenset({"administrator", "aide", "proctor", "teacher"})
ROLES = CONTACT_ROLES | STAFF_ROLES | {"student"}
ENROLLMENT_ROLES = frozenset({"administrator", "proctor", "student", "teacher"})
SCORE_STATES = frozenset({"exempt", "fully graded", "not submitted", "partially graded", "submitted"})


@dataclass(frozen=True, slots=True)
class Format:
    """Join a file's layout with the reader of its rows."""

    layout: Layout
    read: Callable[[Row], Iterable[Record]]
    required: bool = False


def layout(name: str, header: str, columns: str, *, unread: frozenset[str] = frozenset()) -> Layout:
    """Return a layout; `columns` holds what a field is called in the file, as `field=column`."""
    pairs = (pair.split("=", 1) for pair in columns.split())
    return Layout(name, tuple(header.split(",")), dict(pairs), unread)


def _org(row: Row) -> Iterator[Record]:
    yield SchoolRecord(
        row.origin,
        id=row.sourced_id("sourcedId"),
        identifier=row.text("identifier"),
        name=row.text("name", required=True),
        type=row.choice("type", ORG_TYPES),
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
        type=row.choice("type", TERM_TYPES),
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
    row.choice("classType", CLASS_TYPES)
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
    if role == "student":
        yield from _student(row)
    elif role in CONTACT_ROLES:
        yield from _contact(row, role)
    elif role in STAFF_ROLES:
        yield _staff(row, role)


def _student(row: Row) -> Iterator[Record]:
    student = StudentRecord(
        row.origin,
        id=row.sourced_id("sourcedId"),
        identifier=row.text("identifier"),
        given_name=row.text("givenName", required=True),
        middle_name=row.text("middleName"),
        family_name=row.text("familyName", required=True),
        grade=", ".join(row.items("grades")),
        schools=row.sourced_ids("orgSourcedIds", required=True),
        enabled=row.flag("enabledUser", required=True) is True,
    )
    yield student
    for agent in row.sourced_ids("agentSourcedIds"):
        yield GuardianRecord(row.origin, contact=agent, student=student.id)


def _contact(row: Row, role: str) -> Iterator[Record]:
    contact = ContactRecord(
        row.origin,
        id=row.sourced_id("sourcedId"),
        identifier=row.text("identifier"),
        given_name=row.text("givenName", required=True),
        middle_name=row.text("middleName"),
        family_name=row.text("familyName", required=True),
        role=role,
        email=row.text("email"),
        phone=row.text("phone"),
        sms=row.text("sms"),
        schools=row.sourced_ids("orgSourcedIds"),
        enabled=row.flag("enabledUser", required=True) is True,
    )
    yield contact
    for student in row.sourced_ids("agentSourcedIds"):
        yield GuardianRecord(row.origin, contact=contact.id, student=student, stated_by=StatedBy.CONTACT)


def _staff(row: Row, role: str) -> Record:
    if row.items("agentSourcedIds"):
        row.wrong("agentSourcedIds", f"a {role} is no agent; only a student and a guardian are linked")
    return StaffRecord(
        row.origin,
        id=row.sourced_id("sourcedId"),
        identifier=row.text("identifier"),
        given_name=row.text("givenName", required=True),
        family_name=row.text("familyName", required=True),
        role=role,
        email=row.text("email"),
        schools=row.sourced_ids("orgSourcedIds"),
    )


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


def _assignment(row: Row) -> Iterator[Record]:
    yield AssignmentRecord(
        row.origin,
        id=row.sourced_id("sourcedId"),
        title=row.text("title", required=True),
        description=row.text("description", longest=LONG),
        assigned=row.day("assignDate"),
        due=row.day("dueDate"),
        section=row.sourced_id("classSourcedId"),
        category=row.sourced_id("categorySourcedId", required=False),
        term=row.sourced_id("gradingPeriodSourcedId", required=False),
        minimum=row.number("resultValueMin"),
        maximum=row.number("resultValueMax"),
    )


def _score(row: Row) -> Iterator[Record]:
    yield ScoreRecord(
        row.origin,
        id=row.sourced_id("sourcedId"),
        assignment=row.sourced_id("lineItemSourcedId"),
        student=row.sourced_id("studentSourcedId"),
        status=row.choice("scoreStatus", SCORE_STATES),
        score=row.number("score"),
        day=row.day("scoreDate"),
        comment=row.text("comment", longest=LONG),
    )


def _format(
    name: str, header: str, columns: str, read: Callable[[Row], Iterable[Record]], *, required: bool = True
) -> Format:
    header = f"sourcedId,status,dateLastModified,{header}"
    unread = frozenset({"password"})
    return Format(layout(f"{name}.csv", header, f"id=sourcedId {columns}", unread=unread), read, required)


FORMATS = (
    _format("orgs", "name,type,identifier,parentSourcedId", "parent=parentSourcedId", _org),
    _format(
        "academicSessions",
        "title,type,startDate,endDate,parentSourcedId,schoolYear",
        "parent=parentSourcedId",
        _term,
    ),
    _format(
        "courses",
        "schoolYearSourcedId,title,courseCode,grades,orgSourcedId,subjects,subjectCodes",
        "school=orgSourcedId school_year=schoolYearSourcedId subject_codes=subjectCodes",
        _course,
    ),
    _format(
        "classes",
        "title,grades,courseSourcedId,classCode,classType,location,schoolSourcedId,termSourcedIds,"
        "subjects,subjectCodes,periods",
        "course=courseSourcedId school=schoolSourcedId terms=termSourcedIds subject_codes=subjectCodes",
        _section,
    ),
    _format(
        "users",
        "enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,middleName,identifier,"
        "email,sms,phone,agentSourcedIds,grades,password",
        "schools=orgSourcedIds contact=agentSourcedIds student=agentSourcedIds",
        _user,
    ),
    _format(
        "enrollments",
        "classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate",
        "section=classSourcedId school=schoolSourcedId person=userSourcedId",
        _enrollment,
    ),
    _format("categories", "title", "", _category, required=False),
    _format(
        "lineItems",
        "title,description,assignDate,dueDate,classSourcedId,categorySourcedId,gradingPeriodSourcedId,"
        "resultValueMin,resultValueMax",
        "section=classSourcedId category=categorySourcedId term=gradingPeriodSourcedId",
        _assignment,
        required=False,
    ),
    _format(
        "results",
        "lineItemSourcedId,studentSourcedId,scoreStatus,score,scoreDate,comment",
        "assignment=lineItemSourcedId student=studentSourcedId",
        _score,
        required=False,
    ),
)
# Known to OneRoster, not needed by a parent's assistant, and therefore not even read.
UNREAD = ("demographics", "resources", "classResources", "courseResources")
