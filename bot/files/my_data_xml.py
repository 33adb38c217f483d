"""Write "MyData" as XML, in the terms of the SIF 2.x student record exchange."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from lxml import etree
from lxml.builder import ElementMaker

from bot.files.family_record import ChildRecord, FamilyRecord, TermRecord
from portal.records.answers import Attendance, AttendanceDay, AttendanceLine, GradeLine
from portal.records.school_work import Remark

NAMESPACE = "http://www.sifinfo.org/infrastructure/2.x"
# XML knows no way to write these, however they came into a school's files.
UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

Element = etree._Element  # noqa: SLF001  (lxml has no public name for the type of an element)
_E = ElementMaker(namespace=NAMESPACE, nsmap={None: NAMESPACE})


def written(record: FamilyRecord) -> bytes:
    """Return the file of one family, as `schemas/mydata.xsd` describes it."""
    root = _E.StudentRecordExchangeData()
    for number, child in enumerate(record.children, 1):
        key = f"student-{number}"
        root.append(_demographic(child, key))
        root.append(_academic(child, key))
    at = record.at.isoformat(timespec="seconds")
    root.append(_extended(ExportedAt=at, DistrictName=record.district))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _demographic(child: ChildRecord, key: str) -> Element:
    name = _E.Name()
    parts = {"LastName": child.last_name, "FirstName": child.first_name, "MiddleName": child.middle_name}
    name.extend(_given(parts))
    data = _E.StudentPersonalData()
    data.extend(_given({"LocalId": child.number}))
    data.append(name)
    data.extend(_given({"GradeLevel": child.grade, "SchoolName": child.school}))
    return _E.StudentDemographicRecord(data, RefId=key)


def _academic(child: ChildRecord, key: str) -> Element:
    history = _E.CourseHistory(*(_term(each) for each in child.terms))
    days = _E.AttendanceDays(*(_day(each) for each in child.attendance.days))
    comments = _E.TeacherComments(*(_comment(each) for each in child.remarks))
    summary = _summary(child.attendance)
    return _E.StudentAcademicRecord(history, summary, days, comments, StudentRefId=key)


def _term(record: TermRecord) -> Element:
    term = record.term
    info = _E.TermInfoData()
    dates = {"StartDate": term.since.isoformat(), "EndDate": term.until.isoformat()}
    info.extend(_given({"TermCode": term.title, **dates}))
    courses = (_course(line, term.title, record.attendance.by_course) for line in record.lines)
    return _E.Term(info, _E.Courses(*courses), _summary(record.attendance))


def _course(line: GradeLine, term: str, missed: Sequence[AttendanceLine]) -> Element:
    own = [each for each in missed if (each.course, each.period) == (line.course, line.period)]
    mark = _E.MarkData(Final="true" if line.final else "false")
    percent = "" if line.percent is None else _plain(line.percent)
    mark.extend(_given({"Letter": line.letter, "Percentage": percent, "Narrative": line.comment}))
    period = _E.MarkingPeriod(mark, *_so_far(line))
    # In this course alone; days absent all day stand in the summary of the term.
    counts = {"DaysAbsent": sum(e.absences for e in own), "DaysTardy": sum(e.tardies for e in own)}
    period.extend(_given({name: str(count) for name, count in counts.items()}))
    course = _E.Course()
    course.extend(_given({"CourseTitle": line.course}))
    course.append(_E.MarkingPeriods(period))
    course.append(_extended(StoreCode=term, InstructorName=line.teacher, Period=line.period))
    return course


def _so_far(line: GradeLine) -> Iterator[Element]:
    """Tell the points of a course that has no grade yet; they are none."""
    if line.so_far is not None:
        earned, possible = line.so_far.earned, line.so_far.possible
        points = {"Scores": str(line.so_far.count)}
        points |= {} if earned is None else {"Earned": _plain(earned)}
        points |= {} if possible is None else {"Possible": _plain(possible)}
        yield _E.PointsSoFar(**points)


def _summary(attendance: Attendance) -> Element:
    counts = {
        "StartDate": attendance.since.isoformat(),
        "EndDate": attendance.until.isoformat(),
        "DaysAbsent": attendance.absences,
        "ExcusedAbsences": attendance.excused,
        "UnexcusedAbsences": attendance.unexcused,
        "ClassesAbsent": attendance.class_absences,
        "Tardies": attendance.tardies,
        "PartialDays": attendance.partial,
    }
    summary = _E.StudentAttendanceSummary()
    summary.extend(_given({name: str(value) for name, value in counts.items()}))
    return summary


def _day(day: AttendanceDay) -> Element:
    made = _E.AttendanceDay(Kind=day.kind.value)
    told = {"CourseTitle": day.course, "Reason": day.reason, "ArrivalTime": day.arrival}
    made.extend(_given({"Date": day.date.isoformat(), **told}))
    return made


def _comment(remark: Remark) -> Element:
    made = _E.TeacherComment()
    dated = {"Date": remark.day.isoformat() if remark.day else ""}
    named = {"CourseTitle": remark.course, "InstructorName": remark.teacher, "Assignment": remark.assignment}
    made.extend(_given({**named, **dated, "Narrative": remark.text}))
    return made


def _extended(**values: str) -> Element:
    made = _E.SIF_ExtendedElements()
    for name, value in values.items():
        if value:
            made.append(_E.SIF_ExtendedElement(_clean(value), Name=name))
    return made


def _given(values: dict[str, str]) -> list[Element]:
    """Return an element for each value there is: nothing is made up for what a school does not know."""
    return [_E(name, _clean(value)) for name, value in values.items() if value]


def _clean(text: str) -> str:
    return UNWRITABLE.sub(REPLACEMENT, text)


def _plain(number: Decimal) -> str:
    return f"{number:f}"
