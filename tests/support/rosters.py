"""Build small OneRoster sets: a valid one, to which a test adds what it is about."""

import csv
import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from portal.core.outcomes import Refused
from portal.sis.outcomes import Imported
from portal.sis.report import ImportFailedError
from portal.sis.source import Kind
from portal.sis.standing import StandingRow

Import = Callable[..., Imported]
Family = Callable[..., None]
Answered = Callable[..., Any]
Refusing = Callable[..., Refused]
Refusal = Callable[..., ImportFailedError]

HEADERS = {
    "manifest": "propertyName,value",
    "orgs": "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId",
    "academicSessions": (
        "sourcedId,status,dateLastModified,title,type,startDate,endDate,parentSourcedId,schoolYear"
    ),
    "courses": (
        "sourcedId,status,dateLastModified,schoolYearSourcedId,title,courseCode,grades,orgSourcedId,"
        "subjects,subjectCodes"
    ),
    "classes": (
        "sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,classType,location,"
        "schoolSourcedId,termSourcedIds,subjects,subjectCodes,periods"
    ),
    "users": (
        "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,"
        "familyName,middleName,identifier,email,sms,phone,agentSourcedIds,grades,password"
    ),
    "enrollments": (
        "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,"
        "beginDate,endDate"
    ),
    "categories": "sourcedId,status,dateLastModified,title",
    "lineItems": (
        "sourcedId,status,dateLastModified,title,description,assignDate,dueDate,classSourcedId,"
        "categorySourcedId,gradingPeriodSourcedId,resultValueMin,resultValueMax"
    ),
    "results": (
        "sourcedId,status,dateLastModified,lineItemSourcedId,studentSourcedId,scoreStatus,score,"
        "scoreDate,comment"
    ),
    "x_relationships": (
        "parentIdentifier,studentIdentifier,relation,primaryContact,livesWith,emergencyContact,legalGuardian"
    ),
    "x_portal_access": "parentIdentifier,studentIdentifier,portalAccess,receivesEmail",
    "x_term_grades": "studentIdentifier,classSourcedId,termSourcedId,letter,percent,final,comment",
    "x_attendance": "studentIdentifier,schoolId,date,category,reason,sectionIdentifier,arrivalTime",
    "x_schools": "schoolId,address,city,postalCode,phone,fax,email,hours,mapUrl",
    "x_meetings": "classSourcedId,weekday,period,startTime,endTime,room,teacher",
    "x_test_results": "studentIdentifier,date,test,subject,score,maxScore,level",
    "x_transactions": "studentIdentifier,date,account,description,amount",
    "x_bulletins": "schoolId,date,title,text",
    "x_events": "schoolId,date,title",
    "x_course_requests": "studentIdentifier,courseSourcedId,schoolYear,status",
    "x_registration_windows": "schoolIdentifier,schoolYear,grade,opens,closes,leastCourses,mostCourses",
    "x_course_offerings": "courseSourcedId,schoolYear,description,grades,seats,prerequisites",
}
ROSTER = ("orgs", "academicSessions", "courses", "classes", "users", "enrollments")
OPTIONAL = ("categories", "lineItems", "results")
UNREAD = ("demographics", "resources", "classResources", "courseResources")


class NothingStands:
    """Be a district without any import yet."""

    def number(self) -> int:
        return 0

    def is_empty(self) -> bool:
        return True

    def rows(self, kind: Kind) -> Iterator[StandingRow]:
        return iter(())


class Roster:
    """Hold the rows of a set; a row is its cells by column, what is not given stays empty."""

    def __init__(self) -> None:
        self.rows: dict[str, list[dict[str, str]]] = {name: [] for name in ROSTER}
        self.manifest = {"manifest.version": "1.0", "oneroster.version": "1.1"}
        self.raw: dict[str, bytes] = {}

    def add(self, file: str, **cells: str) -> "Roster":
        """Add a row."""
        self.rows.setdefault(file, []).append(cells)
        return self

    def change(self, file: str, row: int, **cells: str) -> "Roster":
        """Change cells of a row, as its number is reported: the header is row 1."""
        self.rows[file][row - 2] |= cells
        return self

    def drop(self, file: str, **cells: str) -> "Roster":
        """Leave out the rows that carry these cells."""
        self.rows[file] = [row for row in self.rows[file] if not cells.items() <= row.items()]
        return self

    def student(self, key: str, given: str, family: str, **cells: str) -> "Roster":
        """Add a student at the high school."""
        return self.add("users", **person_row(key, given, family, "student", "HS") | cells)

    def parent(self, key: str, given: str, family: str, *students: str, **cells: str) -> "Roster":
        """Add a parent of students."""
        person = person_row(key, given, family, "parent", "HS") | {"agentSourcedIds": ",".join(students)}
        return self.add("users", **person | cells)

    def teacher(self, key: str, given: str, family: str, **cells: str) -> "Roster":
        """Add a teacher."""
        return self.add("users", **person_row(key, given, family, "teacher", "HS") | cells)

    def school_class(self, key: str, course: str, terms: str = "FALL", **cells: str) -> "Roster":
        """Add a class at the high school."""
        row = {"sourcedId": key, "title": key, "courseSourcedId": course, "classType": "scheduled"}
        return self.add("classes", **row | {"schoolSourcedId": "HS", "termSourcedIds": terms} | cells)

    def enroll(self, person: str, *classes: str, role: str = "student", **cells: str) -> "Roster":
        """Put somebody into classes."""
        for each in classes:
            row = {"sourcedId": f"E-{person}-{each}", "classSourcedId": each, "schoolSourcedId": "HS"}
            self.add("enrollments", **row | {"userSourcedId": person, "role": role} | cells)
        return self

    def absence(self, student: str, day: str, category: str = "Excused Absence", **cells: str) -> "Roster":
        """Add an attendance event at the high school."""
        row = {"studentIdentifier": student, "schoolId": "100", "date": day, "category": category}
        return self.add("x_attendance", **row | cells)

    def grade(self, student: str, section: str, letter: str, **cells: str) -> "Roster":
        """Add a term grade of the fall, not final."""
        row = {"studentIdentifier": student, "classSourcedId": section, "termSourcedId": "FALL"}
        return self.add("x_term_grades", **row | {"letter": letter, "final": "false"} | cells)

    def files(self) -> dict[str, bytes]:
        """Return the files of the set by name."""
        modes = {name: "bulk" if name in self.rows else "absent" for name in (*ROSTER, *OPTIONAL, *UNREAD)}
        named = {f"file.{name}": mode for name, mode in modes.items()}
        manifest = [{"propertyName": name, "value": value} for name, value in (named | self.manifest).items()]
        files = {f"{name}.csv": _csv(name, rows) for name, rows in self.rows.items()}
        return {"manifest.csv": _csv("manifest", manifest), **files, **self.raw}

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


def small_roster() -> Roster:
    """Return a district with a high school, two terms, two courses and one family of two children."""
    roster = Roster()
    roster.add("orgs", sourcedId="D", name="Westborough", type="district", identifier="D1")
    for key, name, identifier in (("HS", "Assabet High", "100"), ("MS", "Mill Pond Middle", "200")):
        roster.add(
            "orgs", sourcedId=key, name=name, type="school", identifier=identifier, parentSourcedId="D"
        )
    for key, title, kind, start, end in (
        ("SY", "2026-2027", "schoolYear", "2026-08-31", "2027-06-11"),
        ("SPRING-26", "Spring 2026", "semester", "2026-01-12", "2026-06-12"),
        ("FALL", "Fall Semester", "semester", "2026-08-31", "2026-12-18"),
        ("SPRING", "Spring Semester", "semester", "2027-01-04", "2027-06-11"),
    ):
        parent = "SY" if key in ("FALL", "SPRING") else ""
        roster.add(
            "academicSessions",
            sourcedId=key,
            title=title,
            type=kind,
            startDate=start,
            endDate=end,
            parentSourcedId=parent,
            schoolYear=end[:4],
        )
    roster.add("courses", sourcedId="C-ALG", title="Algebra I", courseCode="ALG-1", orgSourcedId="D")
    roster.add("courses", sourcedId="C-BIO", title="Biology", courseCode="BIO", orgSourcedId="D")
    roster.school_class("ALG", "C-ALG", "FALL,SPRING,SPRING-26", periods="2")
    roster.school_class("BIO", "C-BIO", "FALL,SPRING,SPRING-26", periods="03 - Traditional")
    roster.student("S1", "Maya", "López", grades="09").student("S2", "Diego", "López", grades="10")
    roster.parent("P1", "Ana", "López", "S1", "S2", email="ana@example.org").teacher("T1", "Ruth", "Kline")
    roster.enroll("S1", "ALG", "BIO").enroll("S2", "BIO")
    return roster.enroll("T1", "ALG", "BIO", role="teacher", primary="true")


def person_row(key: str, given: str, family: str, role: str, school: str) -> dict[str, str]:
    """Return the cells of somebody at a school."""
    return {
        "sourcedId": key,
        "enabledUser": "true",
        "orgSourcedIds": school,
        "role": role,
        "username": key.lower(),
        "givenName": given,
        "familyName": family,
        "identifier": f"N{key}",
    }


def _csv(name: str, rows: list[dict[str, str]]) -> bytes:
    columns = HEADERS[name].split(",")
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()
