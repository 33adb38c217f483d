"""Read an Ed-Fi 5.2 set, the interchange files of a district, from a ZIP or a folder."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from portal.sis.report import Problem, Provenance, Report
from portal.sis.source import Record
from portal.sis.sources import edfi_grades, edfi_people, edfi_schools, edfi_work, side_files
from portal.sis.sources.edfi_element import Element
from portal.sis.sources.edfi_places import gather
from portal.sis.sources.edfi_set import EdFiSet
from portal.sis.sources.edfi_xml import entities
from portal.sis.sources.file_set import LARGEST_SET, FileSet, opened
from portal.sis.sources.table import rows

# Without any of these a set would retire what it only forgot to hold.
REQUIRED = (
    "InterchangeEducationOrganization",
    "InterchangeEducationOrgCalendar",
    "InterchangeMasterSchedule",
    "InterchangeStudent",
    "InterchangeContact",
)
# What Ed-Fi has no place for, and names people and schools by their identifiers alone.
SIDE_FILES = ("x_portal_access.csv", "x_transactions.csv", "x_bulletins.csv")


@dataclass(frozen=True, slots=True)
class Reader:
    """Join the name of an entity with what reads it, and what its file calls the fields of a record."""

    name: str
    read: Callable[[Element, EdFiSet], Iterator[Record]]
    columns: Mapping[str, str] = field(default_factory=dict)


STUDENT = {"student": "StudentReference"}
CLASS = {"section": "SectionReference", "school": "SectionReference"}
GRADED = {
    "student": edfi_grades.ASSOCIATION,
    "section": edfi_grades.ASSOCIATION,
    "term": "GradingPeriodReference",
}
SCHOOLS = (
    Reader("LocalEducationAgency", edfi_schools.agency, {"id": "LocalEducationAgencyId"}),
    Reader("School", edfi_schools.school, {"id": "SchoolId", "parent": "LocalEducationAgencyReference"}),
)
# What is referred to comes before what refers to it.
READERS = (
    Reader("Session", edfi_schools.session, {"id": "SessionName", "parent": "SchoolYear"}),
    Reader("GradingPeriod", edfi_grades.grading_period, {"id": "GradingPeriodName", "parent": "SchoolYear"}),
    Reader("Course", edfi_schools.course, {"id": "CourseCode", "school": "EducationOrganizationReference"}),
    Reader(
        "Section",
        edfi_schools.section,
        {
            "id": "SectionIdentifier",
            "course": "CourseOfferingReference",
            "terms": "CourseOfferingReference",
            "school": "LocationSchoolReference",
        },
    ),
    Reader("CalendarDate", edfi_schools.calendar_date, {"school": "CalendarReference"}),
    Reader("Student", edfi_people.student, {"id": "StudentUniqueId", "schools": "StudentUniqueId"}),
    Reader("Contact", edfi_people.contact, {"id": "ContactUniqueId"}),
    Reader("StudentContactAssociation", edfi_people.association, STUDENT | {"contact": "ContactReference"}),
    Reader("Staff", edfi_people.staff, {"id": "StaffUniqueId"}),
    Reader("StaffSectionAssociation", edfi_people.teaching, CLASS | {"person": "StaffReference"}),
    Reader("StudentSectionAssociation", edfi_people.attending, CLASS | {"person": "StudentReference"}),
    Reader("Student", edfi_people.seen_in_class),
    Reader("GradebookEntry", edfi_work.assignment, CLASS | {"id": "GradebookEntryIdentifier"}),
    Reader(
        "StudentGradebookEntry",
        edfi_work.score,
        STUDENT | {"id": "GradebookEntryReference", "assignment": "GradebookEntryReference"},
    ),
    Reader("Grade", edfi_grades.grade, GRADED),
    Reader(
        "StudentSchoolAttendanceEvent", edfi_work.school_attendance, STUDENT | {"school": "SchoolReference"}
    ),
    Reader("StudentSectionAttendanceEvent", edfi_work.section_attendance, STUDENT | CLASS),
    Reader("StudentAssessment", edfi_work.assessment, STUDENT),
)


class EdFiFolderOrZip:
    """Read the file set at a path; docs/import.md says what belongs there."""

    def __init__(self, path: Path, *, limit: int = LARGEST_SET) -> None:
        """Take the path and how many bytes a set may unpack to; nothing is opened yet."""
        self._path = path
        self._limit = limit

    def records(self, report: Report) -> Iterator[Record]:
        """Yield every record of the set; report what cannot be read."""
        report.describe(Provenance("Ed-Fi 5.2"))
        with opened(self._path, report, limit=self._limit) as files, EdFiSet(report) as held:
            _read(files, held, report)
            # What is not whole is not looked into: each of its faults would be told many times over.
            if report.error_count:
                return
            held.settle()
            gather(held, report)
            for reader in SCHOOLS:
                yield from _records(held, reader)
            yield from edfi_schools.years(held)
            for reader in READERS:
                yield from _records(held, reader)
            yield from _beside(files, report)


def _read(files: FileSet, held: EdFiSet, report: Report) -> None:
    for file in files.openers:
        if file.lower().endswith(".xml"):
            for found in entities(files, file, report):
                held.add(file, found)
        elif file not in SIDE_FILES:
            report.warn(Problem("this file is not known and was not read", file))
    if report.error_count:
        return
    missing = [name for name in REQUIRED if not held.has(name)]
    if missing:
        report.error(Problem(f"the set has no file of {', '.join(missing)}; a roster needs each"))


def _records(held: EdFiSet, reader: Reader) -> Iterator[Record]:
    for element in held.each(reader.name, reader.columns):
        found = list(reader.read(element, held))
        if element.usable:
            yield from found


def _beside(files: FileSet, report: Report) -> Iterator[Record]:
    for form in side_files.FORMATS:
        if form.layout.name in SIDE_FILES and form.layout.name in files:
            for row in rows(files, form.layout, report):
                found = list(form.read(row))
                if row.usable:
                    yield from found
