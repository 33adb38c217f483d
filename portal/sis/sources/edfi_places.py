"""Find what an Ed-Fi set says only in many places: where students are, who teaches, which day has class."""

from collections.abc import Iterator
from datetime import date

from portal.sis.report import Problem, Report
from portal.sis.sources.edfi_element import Element
from portal.sis.sources.edfi_set import EdFiSet

SCHOOL = "school"
CLASS = "class"
TEACHES = "teaches"
DAILY = "daily"
WITHIN = "within"
GRADE = "grade"
GRADES = {
    "Infant/toddler": "IT",
    "Preschool/Prekindergarten": "PK",
    "Kindergarten": "KG",
    "First grade": "01",
    "Second grade": "02",
    "Third grade": "03",
    "Fourth grade": "04",
    "Fifth grade": "05",
    "Sixth grade": "06",
    "Seventh grade": "07",
    "Eighth grade": "08",
    "Ninth grade": "09",
    "Tenth grade": "10",
    "Eleventh grade": "11",
    "Twelfth grade": "12",
}
# What shows a student in a class where the set has no StudentSectionAssociation.
SEEN_IN_CLASS = ("StudentGradebookEntry", "StudentSectionAttendanceEvent")


def gather(held: EdFiSet, report: Report) -> None:
    """Note all of it, before the first record is yielded."""
    _classes(held, report)
    _schools(held, report)
    for each in held.each("StaffSectionAssociation"):
        held.note(TEACHES, held.referred(each, "Staff"))
    for session in held.each("Session"):
        for period in session.each("GradingPeriodReference"):
            held.note(WITHIN, held.key_in(period, "GradingPeriod"), held.key("Session", session))
    for schedule in held.each("BellSchedule"):
        if schedule.first("AlternateDayName") is None and schedule.first("Date") is None:
            for period in schedule.each("ClassPeriodReference"):
                held.note(DAILY, held.key_in(period, "ClassPeriod"))


def section_of_work(held: EdFiSet, work: Element) -> str:
    """Return the class of a gradebook entry that an element refers to."""
    entry = held.find("GradebookEntry", held.referred(work, "GradebookEntry"))
    return held.referred(entry, "Section") if entry else ""


def school_of_section(held: EdFiSet, section: str) -> str:
    """Return the school of a class."""
    found = held.find("Section", section)
    return school_of(held, found) if found else ""


def school_of(held: EdFiSet, section: Element) -> str:
    """Return the school of a class, which is the one that offers its course where none is named."""
    own = held.referred(section, "School", at="LocationSchoolReference", required=False)
    offering = held.find("CourseOffering", held.referred(section, "CourseOffering"))
    return own or (held.referred(offering, "School") if offering else "")


def session_of_section(held: EdFiSet, section: str) -> str:
    """Return the session that a class is held in."""
    found = held.find("Section", section)
    offering = held.find("CourseOffering", held.referred(found, "CourseOffering")) if found else None
    return held.referred(offering, "Session") if offering else ""


def schools_of(held: EdFiSet, student: str) -> tuple[str, ...]:
    """Return the schools of a student, the main one first."""
    found = held.noted(SCHOOL, student)
    present = [school for school, rank in found if rank >= PRESENT]
    return tuple(present or [school for school, _ in found][:1])


def grade_of(held: EdFiSet, student: str) -> str:
    """Return the grade level of a student at the main school, as OneRoster writes it, or nothing."""
    found = held.noted(GRADE, student)
    return GRADES.get(found[0][0], found[0][0]) if found else ""


PRESENT = "1"


def _classes(held: EdFiSet, report: Report) -> None:
    if held.has("StudentSectionAssociation"):
        return
    for each, section in _seen(held):
        if section:
            held.note(CLASS, held.referred(each, "Student"), section)
    if any(held.has(name) for name in SEEN_IN_CLASS):
        text = (
            "the set has no StudentSectionAssociation: only gradebook and attendance show who is in a class"
        )
        report.warn(Problem(text))


def _schools(held: EdFiSet, report: Report) -> None:
    if held.has("StudentSchoolAssociation"):
        for each in held.each("StudentSchoolAssociation"):
            _enrolled(held, each)
        return
    text = "the set has no StudentSchoolAssociation: a student's school is that of attendance and classes"
    report.warn(Problem(text))
    for each in held.each("StudentSchoolAttendanceEvent"):
        held.note(SCHOOL, held.referred(each, "Student"), held.referred(each, "School"), PRESENT)
    for each, section in _seen(held):
        if school := school_of_section(held, section):
            held.note(SCHOOL, held.referred(each, "Student"), school, PRESENT)


def _enrolled(held: EdFiSet, at: Element) -> None:
    entered, left = at.sure_day("EntryDate"), at.day("ExitWithdrawDate")
    # Whoever has left counts only where there is no school that they are at.
    rank = f"{'0' if left else PRESENT} {(left or entered).isoformat()}"
    student = held.referred(at, "Student")
    held.note(SCHOOL, student, held.referred(at, "School"), rank)
    held.note(GRADE, student, at.code("EntryGradeLevel", required=True), rank)


def _seen(held: EdFiSet) -> Iterator[tuple[Element, str]]:
    for work in held.each("StudentGradebookEntry"):
        yield work, section_of_work(held, work)
    for event in held.each("StudentSectionAttendanceEvent"):
        yield event, held.referred(event, "Section")


def year_of(school_year: str) -> str:
    """Return the year that a school year ends in: "2022" of "2021-2022"."""
    return school_year[-4:]


def year_id(school_year: str) -> str:
    """Return the id of a school year; a session may be called alike, so it is kept apart."""
    return f"year {school_year}"


def day_text(day: date | None) -> str:
    """Return a day as a part of a key."""
    return day.isoformat() if day else ""
