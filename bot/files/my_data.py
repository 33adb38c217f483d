"""Gather what goes into "MyData": the records of all the children that a parent may see (R87)."""

from dataclasses import replace
from datetime import date

from bot.files.family_record import ChildRecord, FamilyRecord, TermRecord
from bot.files.making import Draw, MadeFile
from portal.core.outcomes import Reason, Refused
from portal.records.answers import GradeLine, Question, TermSpan
from portal.records.children import LinkedChild
from portal.records.family import Family
from portal.records.files import OpenedFile

MEDIA_TYPE = "application/xml"
# Before any child's first day at school: everything that is on record is asked for.
BEGINNING = date(1900, 1, 1)


def gather_my_data(opened: OpenedFile) -> Draw | Refused:
    """Ask for the records of every child; one that may not be seen now is left out altogether."""
    family = opened.family
    # A child that was barred since the file was offered must not be in it.
    found = [_child(family, linked) for linked in family.children.all() if linked.available]
    children = tuple(child for child in found if child is not None)
    if not children:
        return Refused(Reason.STUDENT_UNAVAILABLE)
    record = FamilyRecord(family.district().options.name, family.now(), children)
    name = f"MyData {record.at.date().isoformat()}.xml"
    return lambda: MadeFile(_written(record), MEDIA_TYPE, name)


def _written(record: FamilyRecord) -> bytes:
    # The library that writes XML is loaded with the first of these files: few parents ask for one.
    from bot.files.my_data_xml import written  # noqa: PLC0415

    return written(record)


def _child(family: Family, linked: LinkedChild) -> ChildRecord | None:
    label, student = linked.child.label, linked.student
    ever = Question(student=label, since=BEGINNING, until=family.today())
    attendance, remarks = family.attendance(ever), family.teacher_comments(ever)
    if isinstance(attendance, Refused) or isinstance(remarks, Refused):
        return None
    terms = _terms(family, ever)
    # Before the first thing on record there is nothing to count from.
    first = min(
        (*(day.date for day in attendance.days), *(each.term.since for each in terms), attendance.until)
    )
    return ChildRecord(
        number=student.identifier,
        first_name=student.given_name,
        middle_name=student.middle_name,
        last_name=student.family_name,
        grade=student.grade,
        school=linked.child.school,
        terms=terms,
        attendance=replace(attendance, since=first),
        remarks=tuple(each for each in remarks.lines if each.assignment),
    )


def _terms(family: Family, ever: Question) -> tuple[TermRecord, ...]:
    """Return every marking period with grades, and in the current one the courses without any, too."""
    graded: dict[TermSpan, tuple[GradeLine, ...]] = {}
    before = family.grades_history(ever)
    if not isinstance(before, Refused):
        graded = {each.term: each.lines for each in before.terms}
    now = family.grades(Question(student=ever.student))
    if not isinstance(now, Refused):
        graded.setdefault(now.term, ())
        has = {(line.course, line.period) for line in graded[now.term]}
        open_yet = tuple(line for line in now.lines if (line.course, line.period) not in has)
        graded[now.term] += open_yet
    order = sorted(graded, key=lambda term: (term.since, term.until, term.title))
    records = []
    for term in order:
        within = replace(ever, since=term.since, until=term.until)
        attendance = family.attendance(within)
        if not isinstance(attendance, Refused):
            records.append(TermRecord(term, graded[term], attendance))
    return tuple(records)
