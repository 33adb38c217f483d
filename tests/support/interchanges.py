"""Build small Ed-Fi sets: a valid one, to which a test adds what it is about.

Every entity stands on a line of its own: the first of a file on line 3.
"""

import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from xml.sax.saxutils import escape, quoteattr

from portal.sis.report import Problem
from portal.sis.source import Record

Row = TypeVar("Row", bound=Record)

URI = "uri://ed-fi.org/"
NAMESPACE = "http://ed-fi.org/5.2.0"
FIRST_LINE = 3
HOMES = {
    "EducationOrganization": ("LocalEducationAgency", "School", "Course", "ClassPeriod"),
    "EducationOrgCalendar": ("Session", "GradingPeriod", "Calendar", "CalendarDate"),
    "MasterSchedule": ("CourseOffering", "Section", "BellSchedule"),
    "Student": ("Student",),
    "Contact": ("Contact", "StudentContactAssociation"),
    "StaffAssociation": ("Staff", "StaffSectionAssociation"),
    "StudentEnrollment": ("StudentSchoolAssociation", "StudentSectionAssociation"),
    "StudentAttendance": ("StudentSchoolAttendanceEvent", "StudentSectionAttendanceEvent"),
    "StudentGradebook": ("GradebookEntry", "StudentGradebookEntry"),
    "StudentGrade": ("Grade",),
    "StudentAssessment": ("StudentAssessment",),
}
HOME_OF = {name: home for home, names in HOMES.items() for name in names}


def code(descriptor: str, value: str) -> str:
    """Return a descriptor as Ed-Fi writes it."""
    return f"{URI}{descriptor}Descriptor#{value}"


def to(name: str, **identity: Any) -> dict[str, Any]:
    """Return a reference by identity."""
    return {f"{name}Reference": {f"{name}Identity": identity}}


STUDENT = to("Student", StudentUniqueId="101")
HIGH_SCHOOL = to("School", SchoolId="100")
FALL = to("Session", SessionName="Fall", SchoolYear="2026-2027", **HIGH_SCHOOL)
ALGEBRA_OFFERED = to("CourseOffering", LocalCourseCode="ALG", **HIGH_SCHOOL, **FALL)
ALGEBRA = to("Section", SectionIdentifier="ALG-1", **ALGEBRA_OFFERED)
SECOND_PERIOD = to("ClassPeriod", ClassPeriodName="02 - Second", **HIGH_SCHOOL)
HOMEWORK = to("GradebookEntry", GradebookEntryIdentifier="HW1", Namespace="urn:gradebook")

GIVEN_HOMEWORK: dict[str, Any] = {
    "GradebookEntryIdentifier": "HW1",
    "Namespace": "urn:gradebook",
    "Title": "Problem set",
    "DateAssigned": "2026-09-09",
    **ALGEBRA,
}
Read = Callable[..., "Given"]


@dataclass(frozen=True, slots=True)
class Given:
    """Hold what a set yielded, and what was said of it; checked as an import checks it."""

    records: tuple[Record, ...]
    errors: tuple[Problem, ...]
    warnings: tuple[Problem, ...]

    def of(self, kind: type[Row]) -> list[Row]:
        """Return the records of a class."""
        return [record for record in self.records if isinstance(record, kind)]


class Interchanges:
    """Hold the entities of a set by interchange, and files that are put in as they are."""

    def __init__(self) -> None:
        self.entities: dict[str, list[tuple[str, dict[str, Any]]]] = {}
        self.raw: dict[str, bytes] = {}

    def add(self, name: str, **content: Any) -> "Interchanges":
        """Add an entity to the file of its interchange."""
        self.entities.setdefault(HOME_OF[name], []).append((name, content))
        return self

    def change(self, name: str, **content: Any) -> "Interchanges":
        """Change parts of the first entity of a name; None leaves a part out."""
        own = next(own for each, own in self.entities[HOME_OF[name]] if each == name)
        own.update(content)
        for part in [part for part, value in own.items() if value is None]:
            del own[part]
        return self

    def drop(self, name: str) -> "Interchanges":
        """Leave out the entities of a name."""
        home = HOME_OF[name]
        self.entities[home] = [each for each in self.entities[home] if each[0] != name]
        return self

    def line(self, name: str) -> int:
        """Return the line that the last entity of a name stands on."""
        names = [each for each, _ in self.entities[HOME_OF[name]]]
        return len(names) - 1 - names[::-1].index(name) + FIRST_LINE

    def file(self, name: str, content: bytes | str) -> "Interchanges":
        """Put a file in, in the place of the one of the same name."""
        self.raw[name] = content.encode() if isinstance(content, str) else content
        return self

    def files(self) -> dict[str, bytes]:
        """Return the files of the set by name."""
        return {
            f"{home}.xml": _document(home, own).encode() for home, own in self.entities.items()
        } | self.raw

    def folder(self, path: Path) -> Path:
        """Write the set into a new folder."""
        path.mkdir(parents=True)
        for name, content in self.files().items():
            (path / name).write_bytes(content)
        return path

    def zip(self, path: Path) -> Path:
        """Write the set into a new ZIP."""
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in self.files().items():
                archive.writestr(name, content)
        return path


def small_interchanges() -> Interchanges:
    """Return a district with a high school, one class, and one family: Maya López and her mother Ana."""
    made = Interchanges()
    made.add("LocalEducationAgency", LocalEducationAgencyId="1", NameOfInstitution="Westborough")
    made.add(
        "School",
        SchoolId="100",
        NameOfInstitution="Assabet High",
        **to("LocalEducationAgency", LocalEducationAgencyId="1"),
    )
    made.add(
        "Course",
        CourseCode="ALG",
        CourseTitle="Algebra I",
        AcademicSubject=code("AcademicSubject", "Mathematics"),
        **to("EducationOrganization", EducationOrganizationId="100"),
    )
    made.add(
        "ClassPeriod",
        ClassPeriodName="02 - Second",
        MeetingTime={"StartTime": "09:30:00", "EndTime": "10:20:00"},
        **HIGH_SCHOOL,
    )
    made.add(
        "Session",
        SessionName="Fall",
        SchoolYear="2026-2027",
        BeginDate="2026-08-31",
        EndDate="2026-12-18",
        Term=code("Term", "Fall Semester"),
        **HIGH_SCHOOL,
    )
    course = to("Course", CourseCode="ALG", **to("EducationOrganization", EducationOrganizationId="100"))
    made.add("CourseOffering", LocalCourseCode="ALG", **HIGH_SCHOOL, **FALL, **course)
    made.add("Section", SectionIdentifier="ALG-1", **ALGEBRA_OFFERED, **SECOND_PERIOD)
    made.add("Student", StudentUniqueId="101", Name={"FirstName": "Maya", "LastSurname": "López"})
    made.add(
        "StudentSchoolAssociation",
        EntryDate="2026-08-31",
        EntryGradeLevel=code("GradeLevel", "Ninth grade"),
        **STUDENT,
        **HIGH_SCHOOL,
    )
    made.add("StudentSectionAssociation", BeginDate="2026-08-31", **STUDENT, **ALGEBRA)
    made.add("Contact", ContactUniqueId="901", Name={"FirstName": "Ana", "LastSurname": "López"})
    made.add(
        "StudentContactAssociation",
        Relation=code("Relation", "Mother"),
        PrimaryContactStatus="true",
        LivesWith="true",
        EmergencyContactStatus="false",
        **STUDENT,
        **to("Contact", ContactUniqueId="901"),
    )
    made.add("Staff", StaffUniqueId="801", Name={"FirstName": "Ruth", "LastSurname": "Kline"})
    return made.add(
        "StaffSectionAssociation",
        ClassroomPosition=code("ClassroomPosition", "Teacher of Record"),
        **to("Staff", StaffUniqueId="801"),
        **ALGEBRA,
    )


def absence(day: str, category: str = "Excused Absence", **content: Any) -> dict[str, Any]:
    """Return what an attendance event says."""
    kind = code("AttendanceEventCategory", category)
    return {"AttendanceEvent": {"EventDate": day, "AttendanceEventCategory": kind}, **STUDENT, **content}


def _document(home: str, entities: list[tuple[str, dict[str, Any]]]) -> str:
    root = f"Interchange{home}"
    lines = "\n".join(_xml(name, content) for name, content in entities)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{NAMESPACE}">\n{lines}\n</{root}>\n'


def _xml(name: str, content: Any) -> str:
    if isinstance(content, list):
        return "".join(_xml(name, each) for each in content)
    if not isinstance(content, dict):
        return f"<{name}>{escape(str(content))}</{name}>"
    marks = "".join(f" {key[1:]}={quoteattr(str(content[key]))}" for key in ("@id", "@ref") if key in content)
    inner = "".join(_xml(key, each) for key, each in content.items() if not key.startswith("@"))
    return f"<{name}{marks}>{inner}</{name}>"
