"""Say the same for the records that only side files hold: they name people by identifier."""

from collections.abc import Callable
from typing import Any

from portal.sis.source import (
    AttendanceRecord,
    BulletinRecord,
    CourseOfferingRecord,
    CourseRequestRecord,
    EventRecord,
    Kind,
    MeetingRecord,
    MoneyEntryRecord,
    Record,
    RegistrationWindowRecord,
    SchoolDetailsRecord,
    TermGradeRecord,
    TestResultRecord,
)
from portal.sis.stager import Stager


def _term_grade(to: Stager, at: TermGradeRecord) -> None:
    student = to.refer_by_name(at, "student", at.student, Kind.STUDENTS)
    section = to.refer(at, "section", at.section, Kind.SECTIONS)
    term = to.refer(at, "term", at.term, Kind.TERMS)
    to.keep(
        at,
        f"{student}|{section}|{term}",
        student_id=student,
        section_id=section,
        term_id=term,
        letter=at.letter,
        percent=at.percent,
        final=at.final,
        comment=at.comment,
    )


def _attendance(to: Stager, at: AttendanceRecord) -> None:
    student = to.refer_by_name(at, "student", at.student, Kind.STUDENTS)
    section = to.refer_if(at, "section", at.section, Kind.SECTIONS)
    to.keep_repeatable(
        at,
        f"{student}|{at.day}|{section or ''}|{at.category}",
        student_id=student,
        school_id=to.refer_by_name(at, "school", at.school, Kind.SCHOOLS),
        section_id=section,
        day=at.day,
        category=at.category,
        reason=at.reason,
        arrival=at.arrival,
    )


def _school_details(to: Stager, at: SchoolDetailsRecord) -> None:
    school = to.refer_by_name(at, "school", at.school, Kind.SCHOOLS)
    to.keep(
        at,
        school,
        school_id=school,
        address=at.address,
        city=at.city,
        postal_code=at.postal_code,
        phone=at.phone,
        fax=at.fax,
        email=at.email,
        hours=at.hours,
        map_url=at.map_url,
    )


def _meeting(to: Stager, at: MeetingRecord) -> None:
    section = to.refer(at, "section", at.section, Kind.SECTIONS)
    to.keep_repeatable(
        at,
        f"{section}|{at.weekday}|{at.period}|{at.start}",
        section_id=section,
        weekday=at.weekday,
        period=at.period,
        start=at.start,
        end=at.end,
        room=at.room,
        teacher=at.teacher,
    )


def _test_result(to: Stager, at: TestResultRecord) -> None:
    student = to.refer_by_name(at, "student", at.student, Kind.STUDENTS)
    to.keep_repeatable(
        at,
        f"{student}|{at.day}|{at.test}|{at.subject}",
        student_id=student,
        day=at.day,
        test=at.test,
        subject=at.subject,
        score=at.score,
        maximum=at.maximum,
        level=at.level,
    )


def _money_entry(to: Stager, at: MoneyEntryRecord) -> None:
    student = to.refer_by_name(at, "student", at.student, Kind.STUDENTS)
    to.keep_repeatable(
        at,
        f"{student}|{at.day}|{at.account}|{at.amount}|{at.description}",
        student_id=student,
        day=at.day,
        account=at.account,
        description=at.description,
        amount=at.amount,
    )


def _bulletin(to: Stager, at: BulletinRecord) -> None:
    school = to.refer_by_name(at, "school", at.school, Kind.SCHOOLS)
    key = f"{school}|{at.day}|{at.title}"
    to.keep_repeatable(at, key, school_id=school, day=at.day, title=at.title, text=at.text)


def _event(to: Stager, at: EventRecord) -> None:
    school = to.refer_by_name(at, "school", at.school, Kind.SCHOOLS)
    to.keep_repeatable(at, f"{school}|{at.day}|{at.title}", school_id=school, day=at.day, title=at.title)


def _course_request(to: Stager, at: CourseRequestRecord) -> None:
    student = to.refer_by_name(at, "student", at.student, Kind.STUDENTS)
    course = to.refer(at, "course", at.course, Kind.COURSES)
    to.keep(
        at,
        f"{student}|{course}|{at.school_year}",
        student_id=student,
        course_id=course,
        school_year=at.school_year,
        status=at.status,
    )


def _registration_window(to: Stager, at: RegistrationWindowRecord) -> None:
    school = to.refer_by_name(at, "school", at.school, Kind.SCHOOLS)
    to.keep(
        at,
        f"{school}|{at.school_year}|{at.grade}",
        school_id=school,
        school_year=at.school_year,
        grade=at.grade,
        opens=at.opens,
        closes=at.closes,
        least_courses=at.least_courses,
        most_courses=at.most_courses,
    )


def _course_offering(to: Stager, at: CourseOfferingRecord) -> None:
    course = to.refer(at, "course", at.course, Kind.COURSES)
    to.keep(
        at,
        f"{course}|{at.school_year}",
        course_id=course,
        source_id=at.course,
        school_year=at.school_year,
        description=at.description,
        grades=list(at.grades),
        seats=at.seats,
        prerequisite_ids=[to.refer(at, "prerequisites", each, Kind.COURSES) for each in at.prerequisites],
    )


SIDE_BUILDERS: dict[type[Record], Callable[[Stager, Any], object]] = {
    TermGradeRecord: _term_grade,
    AttendanceRecord: _attendance,
    SchoolDetailsRecord: _school_details,
    MeetingRecord: _meeting,
    TestResultRecord: _test_result,
    MoneyEntryRecord: _money_entry,
    BulletinRecord: _bulletin,
    EventRecord: _event,
    CourseRequestRecord: _course_request,
    RegistrationWindowRecord: _registration_window,
    CourseOfferingRecord: _course_offering,
}
