"""Say for each record of a source which row it becomes and what it must refer to."""

from collections.abc import Callable, Iterable
from itertools import chain
from typing import Any

from portal.sis.change_rows import CHANGE_BUILDERS, link
from portal.sis.delta import Delta
from portal.sis.report import Report
from portal.sis.side_rows import SIDE_BUILDERS
from portal.sis.source import (
    AssignmentRecord,
    CategoryRecord,
    ContactRecord,
    CourseRecord,
    EnrollmentRecord,
    GuardianRecord,
    Kind,
    PortalAccessRecord,
    Record,
    RelationshipRecord,
    SchoolRecord,
    ScoreRecord,
    SectionRecord,
    StaffRecord,
    StatedBy,
    StudentRecord,
    TermRecord,
)
from portal.sis.stager import Stager
from portal.sis.standing import Standing


def stage(stager: Stager, records: Iterable[Record], report: Report, standing: Standing) -> None:
    """Stage every record and check the whole; what is wrong goes to the report."""
    given = iter(records)
    # A source has said what the set is when its first record comes.
    first = next(given, None)
    delta = Delta(stager, standing, report)
    if not delta.begin():
        return
    for record in chain((first,) if first else (), given):
        BUILDERS[type(record)](stager, record)
    delta.finish()
    stager.finish()


def _school(to: Stager, at: SchoolRecord) -> None:
    to.keep(
        at,
        at.id,
        alias=at.identifier,
        source_id=at.id,
        identifier=at.identifier,
        name=at.name,
        type=at.type,
        parent_id=to.refer_later(at, "parent", at.parent, Kind.SCHOOLS) if at.parent else None,
    )


def _term(to: Stager, at: TermRecord) -> None:
    parent = to.refer_later(at, "parent", at.parent, Kind.TERMS) if at.parent else None
    kept = to.keep(
        at,
        at.id,
        title=at.title,
        type=at.type,
        start=at.start,
        end=at.end,
        parent_id=parent,
        school_year=at.school_year,
    )
    if parent:
        to.staging.put_term_under(kept, parent)


def _course(to: Stager, at: CourseRecord) -> None:
    to.refer_if(at, "school_year", at.school_year, Kind.TERMS)
    school = to.refer(at, "school", at.school, Kind.SCHOOLS)
    kept = to.keep(at, at.id, title=at.title, code=at.code, school_id=school, subjects=list(at.subjects))
    if at.subject_codes:
        to.staging.set_subjects(kept, ",".join(sorted(at.subject_codes)))


def _section(to: Stager, at: SectionRecord) -> None:
    course = to.refer(at, "course", at.course, Kind.COURSES)
    school = to.refer(at, "school", at.school, Kind.SCHOOLS)
    terms = [to.refer(at, "terms", term, Kind.TERMS) for term in at.terms]
    codes, expected = ",".join(sorted(at.subject_codes)), to.staging.subjects(course)
    if codes and expected and codes != expected:
        to.odd(at, "subject_codes", f"its course has the subject codes {expected}", codes)
    for term in terms:
        to.staging.teach(school, term)
    to.keep(
        at,
        at.id,
        title=at.title,
        code=at.code,
        location=at.location,
        course_id=course,
        school_id=school,
        term_ids=terms,
        periods=list(at.periods),
    )


def _student(to: Stager, at: StudentRecord) -> None:
    schools = [to.refer(at, "schools", school, Kind.SCHOOLS) for school in at.schools]
    to.keep(
        at,
        at.id,
        alias=at.identifier,
        source_id=at.id,
        identifier=at.identifier,
        given_name=at.given_name,
        middle_name=at.middle_name,
        family_name=at.family_name,
        grade=at.grade,
        school_id=schools[0],
        school_ids=schools,
        enabled=at.enabled,
    )


def _contact(to: Stager, at: ContactRecord) -> None:
    for school in at.schools:
        to.refer(at, "schools", school, Kind.SCHOOLS)
    to.keep(
        at,
        at.id,
        alias=at.identifier,
        source_id=at.id,
        identifier=at.identifier,
        given_name=at.given_name,
        middle_name=at.middle_name,
        family_name=at.family_name,
        role=at.role,
        email=at.email,
        phone=at.phone,
        sms=at.sms,
        enabled=at.enabled,
    )


def _staff(to: Stager, at: StaffRecord) -> None:
    for school in at.schools:
        to.refer(at, "schools", school, Kind.SCHOOLS)
    to.keep(
        at,
        at.id,
        source_id=at.id,
        given_name=at.given_name,
        family_name=at.family_name,
        role=at.role,
        email=at.email,
    )


def _guardian(to: Stager, at: GuardianRecord) -> None:
    link(to, at, (at.contact, at.student), at.stated_by)


def _relationship(to: Stager, at: RelationshipRecord) -> None:
    contact = to.refer_by_name(at, "contact", at.contact, Kind.CONTACTS)
    student = to.refer_by_name(at, "student", at.student, Kind.STUDENTS)
    to.keep_link(
        at,
        StatedBy.DETAIL,
        contact,
        student,
        relation=at.relation,
        primary_contact=at.primary_contact,
        lives_with=at.lives_with,
        emergency_contact=at.emergency_contact,
        legal_guardian=at.legal_guardian,
    )


def _portal_access(to: Stager, at: PortalAccessRecord) -> None:
    contact = to.refer_by_name(at, "contact", at.contact, Kind.CONTACTS)
    student = to.refer_by_name(at, "student", at.student, Kind.STUDENTS)
    if not to.is_linked(contact, student):
        to.wrong(at, "contact", "this contact is not linked with this student", at.contact)
    to.keep(
        at,
        f"{contact}|{student}",
        contact_id=contact,
        student_id=student,
        allowed=at.allowed,
        receives_email=at.receives_email,
    )


def _enrollment(to: Stager, at: EnrollmentRecord) -> None:
    to.refer(at, "school", at.school, Kind.SCHOOLS)
    kind = Kind.STUDENTS if at.role == "student" else Kind.STAFF
    to.keep(
        at,
        at.id,
        section_id=to.refer(at, "section", at.section, Kind.SECTIONS),
        person_id=to.refer(at, "person", at.person, kind),
        role=at.role,
        is_primary=at.is_primary,
        begin=at.begin,
        end=at.end,
    )


def _category(to: Stager, at: CategoryRecord) -> None:
    to.keep(at, at.id, title=at.title)


def _assignment(to: Stager, at: AssignmentRecord) -> None:
    to.keep(
        at,
        at.id,
        title=at.title,
        description=at.description,
        assigned=at.assigned,
        due=at.due,
        section_id=to.refer(at, "section", at.section, Kind.SECTIONS),
        category_id=to.refer_if(at, "category", at.category, Kind.CATEGORIES),
        term_id=to.refer_if(at, "term", at.term, Kind.TERMS),
        minimum=at.minimum,
        maximum=at.maximum,
    )


def _score(to: Stager, at: ScoreRecord) -> None:
    to.keep(
        at,
        at.id,
        assignment_id=to.refer(at, "assignment", at.assignment, Kind.ASSIGNMENTS),
        student_id=to.refer(at, "student", at.student, Kind.STUDENTS),
        status=at.status,
        score=at.score,
        day=at.day,
        comment=at.comment,
        text=at.text,
        marks=list(at.marks),
    )


BUILDERS: dict[type[Record], Callable[[Stager, Any], object]] = {
    SchoolRecord: _school,
    TermRecord: _term,
    CourseRecord: _course,
    SectionRecord: _section,
    StudentRecord: _student,
    ContactRecord: _contact,
    StaffRecord: _staff,
    GuardianRecord: _guardian,
    RelationshipRecord: _relationship,
    PortalAccessRecord: _portal_access,
    EnrollmentRecord: _enrollment,
    CategoryRecord: _category,
    AssignmentRecord: _assignment,
    ScoreRecord: _score,
    **SIDE_BUILDERS,
    **CHANGE_BUILDERS,
}
