"""Count what the published families' files say, with nothing of the product.

Each format is counted from its own files, so that an answer is held against the file it came from.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from xml.etree.ElementTree import Element

from tests.support.published import published
from tests.support.published_families import IN_ED_FI, parsed

Day = tuple[date, str]


@dataclass(slots=True)
class Child:
    """Hold what the files say of one student."""

    days: list[Day] = field(default_factory=list)
    arrivals: set[tuple[date, str]] = field(default_factory=set)
    scores: dict[str, Decimal] = field(default_factory=dict)
    late_work: set[str] = field(default_factory=set)
    tests: list[tuple[str, str]] = field(default_factory=list)
    classes: set[str] = field(default_factory=set)
    school: str = ""

    def absences(self) -> set[date]:
        """Return the days of which an absence is recorded."""
        return {day for day, category in self.days if category.endswith("Absence")}

    def unexcused(self) -> set[date]:
        """Return the days of which an unexcused absence is recorded."""
        return {day for day, category in self.days if category == "Unexcused Absence"}


def count_csv(student: str) -> Child:
    """Count in the OneRoster files."""
    folder = published("oneroster-1.1-grand-bend-families")
    child, number = Child(), f"STU{student}"
    titles = {row["sourcedId"]: row["title"] for row in _rows(folder, "lineItems.csv")}
    courses = {row["sourcedId"]: row["title"] for row in _rows(folder, "courses.csv")}
    classes = {row["sourcedId"]: courses[row["courseSourcedId"]] for row in _rows(folder, "classes.csv")}
    for row in _rows(folder, "x_attendance.csv"):
        if row["studentIdentifier"] == student:
            _attended(child, row["date"], row["category"], row["arrivalTime"])
    for row in _rows(folder, "results.csv"):
        if row["studentSourcedId"] == number:
            child.scores[titles[row["lineItemSourcedId"]]] = Decimal(row["score"])
    for row in _rows(folder, "enrollments.csv"):
        if row["userSourcedId"] == number:
            child.classes.add(classes[row["classSourcedId"]])
    orgs = {row["sourcedId"]: row["name"] for row in _rows(folder, "orgs.csv")}
    own = next(row for row in _rows(folder, "users.csv") if row["sourcedId"] == number)
    child.school = orgs[own["orgSourcedIds"]]
    return child


def count_xml(student: str) -> Child:
    """Count in the Ed-Fi files."""
    folder = published("edfi-5.2-grand-bend-families")
    child = Child()
    for file in ("StudentSchoolAttendance.xml", "StudentSectionAttendance-Tardy.xml"):
        for event in _about(folder, file, student):
            category = _text(event, "AttendanceEventCategory").split("#")[1]
            _attended(child, _text(event, "EventDate"), category, _text(event, "ArrivalTime"))
    for file in ("ACT", "SAT", "StateAssessment"):
        for each in _about(folder, f"StudentAssessment-{file}.xml", student):
            results = each.findall(f"{IN_ED_FI}ScoreResult")
            test = _text(each, "AssessmentIdentifier")
            child.tests += [(test, _text(result, "Result")) for result in results]
    sections = _sections(folder, student, child)
    child.classes = _courses(folder, sections)
    child.school = _school(folder, student, sections)
    return child


def _sections(folder: Path, student: str, child: Child) -> set[str]:
    """Take the scores down and return the classes that these or attendance show the student in."""
    entries = {
        _text(entry, "GradebookEntryIdentifier"): entry
        for entry in _all(folder, "StudentGradebook.xml", "GradebookEntry")
    }
    seen = _about(folder, "StudentSectionAttendance-Tardy.xml", student)
    for score in _about(folder, "StudentGradebook.xml", student):
        entry = entries[_text(score, "GradebookEntryIdentifier")]
        child.scores[_text(entry, "Title")] = Decimal(_text(score, "NumericGradeEarned"))
        if _text(score, "AssignmentLateStatus").endswith("#Late"):
            child.late_work.add(_text(entry, "Title"))
        seen.append(entry)
    return {_text(each, "SectionIdentifier") for each in seen}


def address_of(school: str) -> tuple[str, str]:
    """Return the street of a school and its main number, as the Ed-Fi files have them."""
    schools = _all(published("edfi-5.2-grand-bend-families"), "EducationOrganization.xml", "School")
    own = next(each for each in schools if _text(each, "NameOfInstitution") == school)
    addresses = {_text(each, "AddressType").split("#")[1]: each for each in own.iter(f"{IN_ED_FI}Address")}
    phones = {
        _text(each, "InstitutionTelephoneNumberType").split("#")[1]: _text(each, "TelephoneNumber")
        for each in own.iter(f"{IN_ED_FI}InstitutionTelephone")
    }
    return _text(addresses["Physical"], "StreetNumberName"), phones["Main"]


def _attended(child: Child, day: str, category: str, arrival: str) -> None:
    if category == "Tardy":
        child.arrivals.add((date.fromisoformat(day), arrival[:5]))
    else:
        child.days.append((date.fromisoformat(day), category))


def _courses(folder: Path, sections: set[str]) -> set[str]:
    codes = {
        _text(each, "LocalCourseCode")
        for each in _all(folder, "MasterSchedule.xml", "Section")
        if _text(each, "SectionIdentifier") in sections
    }
    courses = _all(folder, "EducationOrganization.xml", "Course")
    return {_text(each, "CourseTitle") for each in courses if _text(each, "CourseCode") in codes}


def _school(folder: Path, student: str, sections: set[str]) -> str:
    places = [_text(each, "SchoolId") for each in _about(folder, "StudentSchoolAttendance.xml", student)]
    places += [
        _text(each, "SchoolId")
        for each in _all(folder, "MasterSchedule.xml", "Section")
        if _text(each, "SectionIdentifier") in sections
    ]
    schools = _all(folder, "EducationOrganization.xml", "School")
    return next(_text(each, "NameOfInstitution") for each in schools if _text(each, "SchoolId") == places[0])


def _rows(folder: Path, file: str) -> Iterator[dict[str, str]]:
    with (folder / file).open(newline="", encoding="utf-8") as stream:
        yield from csv.DictReader(stream)


def _all(folder: Path, file: str, name: str) -> list[Element]:
    return parsed(folder / file).getroot().findall(f"{IN_ED_FI}{name}")


def _about(folder: Path, file: str, student: str) -> list[Element]:
    return [each for each in parsed(folder / file).getroot() if _text(each, "StudentUniqueId") == student]


def _text(element: Element, name: str) -> str:
    return next((each.text or "" for each in element.iter(f"{IN_ED_FI}{name}")), "")
