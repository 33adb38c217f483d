"""Read what students of an Ed-Fi set did: assignments and scores, attendance, tests."""

from collections.abc import Iterator
from decimal import Decimal

from portal.sis.source import (
    AssignmentRecord,
    AttendanceRecord,
    CategoryRecord,
    Record,
    ScoreRecord,
    TestResultRecord,
)
from portal.sis.sources.edfi_element import Element
from portal.sis.sources.edfi_places import school_of_section, session_of_section
from portal.sis.sources.edfi_set import EdFiSet
from portal.sis.sources.table import LONG, NUMBER

# Events are exceptions: whoever has none of a day was there, so presence is no event of ours.
PRESENT = "In Attendance"
CATEGORIES = {
    "Excused Absence": "Excused Absence",
    "Unexcused Absence": "Unexcused Absence",
    "Tardy": "Tardy",
    "Partial": "Partial",
    "Early departure": "Partial",
}
STATES = {
    "Exempt": "exempt",
    "Graded": "fully graded",
    "Not Submitted": "not submitted",
    # What was given back to be worked on again.
    "Returned": "partially graded",
    "Submitted": "submitted",
}


def assignment(at: Element, held: EdFiSet) -> Iterator[Record]:
    """Yield what a class was given to do, and its category where it is the first of it."""
    category, section = at.code("GradebookEntryType"), held.referred(at, "Section")
    if category and held.note("category", category):
        yield CategoryRecord(at.origin, id=category, title=category)
    yield AssignmentRecord(
        at.origin,
        id=held.key("GradebookEntry", at),
        title=at.text("Title", required=True),
        description=at.text("Description", longest=LONG),
        assigned=at.sure_day("DateAssigned"),
        due=at.day("DueDate"),
        section=section,
        category=category,
        term=session_of_section(held, section),
        minimum=None,
        maximum=at.number("MaxPoints"),
    )


def score(at: Element, held: EdFiSet) -> Iterator[Record]:
    """Yield what a student earned for an assignment."""
    key, student = held.referred(at, "GradebookEntry"), held.referred(at, "Student")
    entry = held.find("GradebookEntry", key)
    points, number = at.number("PointsEarned"), at.number("NumericGradeEarned")
    # A numeric grade is no number of points: beside a maximum of points it would read as one.
    has_scale = entry is not None and entry.number("MaxPoints") is not None
    earned = points if points is not None or has_scale else number
    yield ScoreRecord(
        at.origin,
        id=f"{key}|{student}",
        assignment=key,
        student=student,
        status=_status(at, earned),
        score=earned,
        day=at.day("DateFulfilled"),
        comment=_comment(at, told=earned is not None),
    )


def school_attendance(at: Element, held: EdFiSet) -> Iterator[Record]:
    """Yield an exception of a day."""
    yield from _attendance(at, held, held.referred(at, "School"), "")


def section_attendance(at: Element, held: EdFiSet) -> Iterator[Record]:
    """Yield an exception of a class."""
    section = held.referred(at, "Section")
    school = school_of_section(held, section)
    if school:
        yield from _attendance(at, held, school, section)
    else:
        at.wrong("SectionReference", "the set has no Section of this key", section)


def assessment(at: Element, held: EdFiSet) -> Iterator[Record]:
    """Yield each result of a test, named with how it was reckoned: a percentile is no score."""
    student, day = held.referred(at, "Student"), at.sure_day("AdministrationDate")
    test = at.key("AssessmentReference/AssessmentIdentity/AssessmentIdentifier")
    levels = {
        each.code("AssessmentReportingMethod"): each.code("PerformanceLevel")
        for each in at.each("PerformanceLevel")
    }
    results = {each.code("AssessmentReportingMethod"): each.text("Result") for each in at.each("ScoreResult")}
    for method in {**results, **levels}:
        result, level = results.get(method, ""), levels.get(method, "")
        is_score = "score" in method.lower() and NUMBER.fullmatch(result) is not None
        yield TestResultRecord(
            at.origin,
            student=student,
            day=day,
            test=f"{test} ({method})" if method else test,
            subject="",
            score=Decimal(result) if is_score else None,
            maximum=None,
            level=level if is_score else ", ".join(part for part in (result, level) if part),
        )


def _attendance(at: Element, held: EdFiSet, school: str, section: str) -> Iterator[Record]:
    code = at.code("AttendanceEvent/AttendanceEventCategory", required=True)
    if code == PRESENT:
        return
    if code not in CATEGORIES:
        text = f"this must be one of: {', '.join([PRESENT, *CATEGORIES])}"
        at.wrong("AttendanceEvent/AttendanceEventCategory", text, code)
        return
    yield AttendanceRecord(
        at.origin,
        student=held.referred(at, "Student"),
        school=school,
        day=at.sure_day("AttendanceEvent/EventDate"),
        category=CATEGORIES[code],
        reason=at.text("AttendanceEvent/AttendanceEventReason"),
        section=section,
        arrival=at.time("ArrivalTime"),
    )


def _status(at: Element, earned: Decimal | None) -> str:
    code = at.code("SubmissionStatus")
    if code and code not in STATES:
        at.wrong("SubmissionStatus", f"this must be one of: {', '.join(STATES)}", code)
    return STATES.get(code, "partially graded" if earned is None else "fully graded")


def _comment(at: Element, *, told: bool) -> str:
    """Return the remark; late work is marked in it, as gradebooks do that know no mark for it."""
    remarks = [at.text("DiagnosticStatement", longest=LONG)]
    if not told:
        remarks = [at.raw("NumericGradeEarned"), at.text("LetterGradeEarned"), *remarks]
    late = ["Late"] if at.code("AssignmentLateStatus") == "Late" else []
    return ": ".join([*late, *(["; ".join(said)] if (said := [part for part in remarks if part]) else [])])
