"""Say what the side files look like that carry what OneRoster 1.1 lacks, and read their rows."""

import re
from collections.abc import Callable, Iterable, Iterator

from portal.sis.source import (
    AttendanceRecord,
    BulletinRecord,
    CourseOfferingRecord,
    CourseRequestRecord,
    EventRecord,
    Kind,
    MeetingRecord,
    MoneyEntryRecord,
    PortalAccessRecord,
    Record,
    RegistrationWindowRecord,
    RelationshipRecord,
    SchoolDetailsRecord,
    TermGradeRecord,
    TestResultRecord,
)
from portal.sis.sources.oneroster_files import Format, layout
from portal.sis.sources.table import LONG, Row

CATEGORIES = frozenset({"Excused Absence", "Unexcused Absence", "Tardy", "Partial"})
ACCOUNTS = frozenset({"lunch", "fees"})
REQUEST_STATES = frozenset({"requested", "approved", "denied"})
WEEKDAYS = frozenset("1234567")
YEAR = re.compile(r"\d{4}")
AMOUNT = re.compile(r"[+-]?\d{1,9}\.\d{2}")


def _relationship(row: Row) -> Iterator[Record]:
    yield RelationshipRecord(
        row.origin,
        contact=row.key("parentIdentifier"),
        student=row.key("studentIdentifier"),
        relation=row.text("relation"),
        primary_contact=row.flag("primaryContact"),
        lives_with=row.flag("livesWith"),
        emergency_contact=row.flag("emergencyContact"),
        legal_guardian=row.flag("legalGuardian"),
    )


def _portal_access(row: Row) -> Iterator[Record]:
    yield PortalAccessRecord(
        row.origin,
        contact=row.key("parentIdentifier"),
        student=row.key("studentIdentifier"),
        allowed=row.flag("portalAccess", required=True) is True,
        receives_email=row.flag("receivesEmail", required=True) is True,
    )


def _term_grade(row: Row) -> Iterator[Record]:
    yield TermGradeRecord(
        row.origin,
        student=row.key("studentIdentifier"),
        section=row.sourced_id("classSourcedId"),
        term=row.sourced_id("termSourcedId"),
        letter=row.text("letter"),
        percent=row.number("percent"),
        final=row.flag("final", required=True) is True,
        comment=row.text("comment", longest=LONG),
    )


def _attendance(row: Row) -> Iterator[Record]:
    yield AttendanceRecord(
        row.origin,
        student=row.key("studentIdentifier"),
        school=row.key("schoolId"),
        day=row.sure_day("date"),
        category=row.choice("category", CATEGORIES),
        reason=row.text("reason"),
        section=row.sourced_id("sectionIdentifier", required=False),
        arrival=row.time("arrivalTime"),
    )


def _school_details(row: Row) -> Iterator[Record]:
    yield SchoolDetailsRecord(
        row.origin,
        school=row.key("schoolId"),
        address=row.text("address"),
        city=row.text("city"),
        postal_code=row.text("postalCode"),
        phone=row.text("phone"),
        fax=row.text("fax"),
        email=row.text("email"),
        hours=row.text("hours"),
        map_url=row.link("mapUrl"),
    )


def _meeting(row: Row) -> Iterator[Record]:
    weekday = row.choice("weekday", WEEKDAYS)
    yield MeetingRecord(
        row.origin,
        section=row.sourced_id("classSourcedId"),
        weekday=int(weekday) if weekday in WEEKDAYS else 1,
        period=row.text("period"),
        start=row.time("startTime"),
        end=row.time("endTime"),
        room=row.text("room"),
        teacher=row.text("teacher"),
    )


def _test_result(row: Row) -> Iterator[Record]:
    yield TestResultRecord(
        row.origin,
        student=row.key("studentIdentifier"),
        day=row.sure_day("date"),
        test=row.text("test", required=True),
        subject=row.text("subject"),
        score=row.number("score"),
        maximum=row.number("maxScore"),
        level=row.text("level"),
    )


def _money_entry(row: Row) -> Iterator[Record]:
    amount = row.number("amount", required=True)
    if amount is None:
        return
    if not AMOUNT.fullmatch(row.text("amount")):
        row.wrong("amount", "an amount has two digits after the point, as -2.50")
    yield MoneyEntryRecord(
        row.origin,
        student=row.key("studentIdentifier"),
        day=row.sure_day("date"),
        account=row.choice("account", ACCOUNTS),
        description=row.text("description"),
        amount=amount,
    )


def _bulletin(row: Row) -> Iterator[Record]:
    yield BulletinRecord(
        row.origin,
        school=row.key("schoolId"),
        day=row.sure_day("date"),
        title=row.text("title", required=True),
        text=row.text("text", required=True, longest=LONG),
    )


def _event(row: Row) -> Iterator[Record]:
    yield EventRecord(
        row.origin,
        school=row.key("schoolId"),
        day=row.sure_day("date"),
        title=row.text("title", required=True),
    )


def _course_request(row: Row) -> Iterator[Record]:
    yield CourseRequestRecord(
        row.origin,
        student=row.key("studentIdentifier"),
        course=row.sourced_id("courseSourcedId"),
        school_year=row.text("schoolYear", required=True),
        status=row.choice("status", REQUEST_STATES),
    )


def _registration_window(row: Row) -> Iterator[Record]:
    opens, closes = row.sure_day("opens"), row.sure_day("closes")
    least, most = row.count("leastCourses"), row.count("mostCourses")
    if closes < opens:
        row.wrong("closes", f"this is before the day on which it opens, {opens}")
    if least is not None and most is not None and most < least:
        row.wrong("mostCourses", f"this is less than leastCourses, {least}")
    yield RegistrationWindowRecord(
        row.origin,
        school=row.key("schoolIdentifier"),
        school_year=_year(row),
        grade=row.text("grade"),
        opens=opens,
        closes=closes,
        least_courses=least,
        most_courses=most,
    )


def _course_offering(row: Row) -> Iterator[Record]:
    course, prerequisites = row.sourced_id("courseSourcedId"), row.sourced_ids("prerequisites")
    if course in prerequisites:
        row.wrong("prerequisites", "a course cannot be its own prerequisite")
    yield CourseOfferingRecord(
        row.origin,
        course=course,
        school_year=_year(row),
        description=row.text("description", longest=LONG),
        grades=row.items("grades"),
        seats=row.count("seats"),
        prerequisites=prerequisites,
    )


def _year(row: Row) -> str:
    text = row.key("schoolYear")
    # Only a year by its number tells which one comes next.
    if text and not YEAR.fullmatch(text):
        row.wrong("schoolYear", "this is not the year in which a school year ends, as 2027")
    return text


def _format(
    name: str, header: str, columns: str, read: Callable[[Row], Iterable[Record]], kind: Kind
) -> Format:
    return Format(layout(name, header, f"day=date {columns}"), read, kinds=(kind,))


STUDENT = "student=studentIdentifier"
PAIR = f"contact=parentIdentifier {STUDENT}"
FORMATS = (
    _format(
        "x_relationships.csv",
        "parentIdentifier,studentIdentifier,relation,primaryContact,livesWith,emergencyContact,legalGuardian",
        PAIR,
        _relationship,
        Kind.RELATIONSHIPS,
    ),
    _format(
        "x_portal_access.csv",
        "parentIdentifier,studentIdentifier,portalAccess,receivesEmail",
        PAIR,
        _portal_access,
        Kind.PORTAL_ACCESS,
    ),
    _format(
        "x_term_grades.csv",
        "studentIdentifier,classSourcedId,termSourcedId,letter,percent,final,comment",
        f"{STUDENT} section=classSourcedId term=termSourcedId",
        _term_grade,
        Kind.TERM_GRADES,
    ),
    _format(
        "x_attendance.csv",
        "studentIdentifier,schoolId,date,category,reason,sectionIdentifier,arrivalTime",
        f"{STUDENT} school=schoolId section=sectionIdentifier",
        _attendance,
        Kind.ATTENDANCE,
    ),
    _format(
        "x_schools.csv",
        "schoolId,address,city,postalCode,phone,fax,email,hours,mapUrl",
        "school=schoolId",
        _school_details,
        Kind.SCHOOL_DETAILS,
    ),
    _format(
        "x_meetings.csv",
        "classSourcedId,weekday,period,startTime,endTime,room,teacher",
        "section=classSourcedId",
        _meeting,
        Kind.MEETINGS,
    ),
    _format(
        "x_test_results.csv",
        "studentIdentifier,date,test,subject,score,maxScore,level",
        STUDENT,
        _test_result,
        Kind.TEST_RESULTS,
    ),
    _format(
        "x_transactions.csv",
        "studentIdentifier,date,account,description,amount",
        STUDENT,
        _money_entry,
        Kind.MONEY_ENTRIES,
    ),
    _format("x_bulletins.csv", "schoolId,date,title,text", "school=schoolId", _bulletin, Kind.BULLETINS),
    _format("x_events.csv", "schoolId,date,title", "school=schoolId", _event, Kind.EVENTS),
    _format(
        "x_course_requests.csv",
        "studentIdentifier,courseSourcedId,schoolYear,status",
        f"{STUDENT} course=courseSourcedId",
        _course_request,
        Kind.COURSE_REQUESTS,
    ),
    _format(
        "x_registration_windows.csv",
        "schoolIdentifier,schoolYear,grade,opens,closes,leastCourses,mostCourses",
        "school=schoolIdentifier",
        _registration_window,
        Kind.REGISTRATION_WINDOWS,
    ),
    _format(
        "x_course_offerings.csv",
        "courseSourcedId,schoolYear,description,grades,seats,prerequisites",
        "course=courseSourcedId",
        _course_offering,
        Kind.COURSE_OFFERINGS,
    ),
)
