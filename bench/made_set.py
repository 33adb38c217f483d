"""Write made-up OneRoster sets of any size, row by row, for imports to be measured with."""

import csv
from collections.abc import Iterator
from pathlib import Path

from portal.sis.sources import oneroster_files, side_files

SCHOOL_SIZE = 1000
CLASSES = 6
SCORES = 6
EVENTS = 8
DAYS = [f"2026-{month:02d}-{day:02d}" for month in (9, 10, 11) for day in range(1, 29)]


def write_set(path: Path, students: int) -> None:
    """Write a set of so many students, row by row."""
    schools = -(-students // SCHOOL_SIZE)
    files = {
        "manifest": _manifest(),
        "orgs": _orgs(schools),
        "academicSessions": _terms(),
        "courses": (_row(sourcedId=f"C{n}", title=f"Course {n}", orgSourcedId="D") for n in range(60)),
        "classes": _classes(schools),
        "users": _users(students, schools),
        "enrollments": _enrollments(students, schools),
        "lineItems": _assignments(schools),
        "results": _results(students),
        "x_term_grades": _term_grades(students),
        "x_attendance": _attendance(students),
    }
    layouts = {form.layout.name: form.layout for form in (*oneroster_files.FORMATS, *side_files.FORMATS)}
    for name, rows in files.items():
        layout = layouts.get(f"{name}.csv")
        header = layout.header if layout else ("propertyName", "value")
        with (path / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, header, restval="")
            writer.writeheader()
            writer.writerows(rows)


def write_changes(path: Path, students: int) -> None:
    """Write a set in which every hundredth student has another grade."""
    path.mkdir()
    properties = {"manifest.version": "1.0", "oneroster.version": "1.1", "file.users": "delta"}
    layouts = {form.layout.name: form.layout for form in oneroster_files.FORMATS}
    schools = -(-students // SCHOOL_SIZE)
    changed = {"grades": "09", "status": "active", "dateLastModified": "2026-09-14T05:30:00.000Z"}
    users = (
        user | changed
        for user in _users(students, schools)
        if user["role"] == "student" and int(user["identifier"]) % 100 == 0
    )
    with (path / "manifest.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("propertyName", "value"), *properties.items()])
    with (path / "users.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, layouts["users.csv"].header, restval="")
        writer.writeheader()
        writer.writerows(users)


def _row(**cells: str) -> dict[str, str]:
    return cells


def _manifest() -> Iterator[dict[str, str]]:
    yield _row(propertyName="manifest.version", value="1.0")
    yield _row(propertyName="oneroster.version", value="1.1")
    for form in oneroster_files.FORMATS:
        name = form.layout.name.removesuffix(".csv")
        yield _row(propertyName=f"file.{name}", value="absent" if name == "categories" else "bulk")


def _orgs(schools: int) -> Iterator[dict[str, str]]:
    yield _row(sourcedId="D", name="District", type="district", identifier="D")
    for n in range(schools):
        yield _row(
            sourcedId=f"O{n}", name=f"School {n}", type="school", identifier=f"{n}", parentSourcedId="D"
        )


def _terms() -> Iterator[dict[str, str]]:
    for key, start, end in (("FALL", "2026-08-31", "2026-12-18"), ("SPRING", "2027-01-04", "2027-06-11")):
        yield _row(sourcedId=key, title=key, type="semester", startDate=start, endDate=end, schoolYear="2027")


def _classes(schools: int) -> Iterator[dict[str, str]]:
    for school in range(schools):
        for n in range(60):
            yield _row(
                sourcedId=f"K{school}-{n}",
                title=f"Class {n}",
                courseSourcedId=f"C{n}",
                classType="scheduled",
                schoolSourcedId=f"O{school}",
                termSourcedIds="FALL,SPRING",
                periods=str(n % 6 + 1),
            )


def _users(students: int, schools: int) -> Iterator[dict[str, str]]:
    for n in range(students):
        person = {"enabledUser": "true", "orgSourcedIds": f"O{n % schools}", "familyName": f"Family{n}"}
        agents = f"P{n}a,P{n}b"
        yield person | _row(
            sourcedId=f"S{n}",
            identifier=f"{n}",
            role="student",
            givenName=f"Child{n}",
            agentSourcedIds=agents,
        )
        for end in "ab":
            yield person | _row(
                sourcedId=f"P{n}{end}", identifier=f"{n}{end}", role="parent", givenName=f"Parent{end}"
            )


def _enrollments(students: int, schools: int) -> Iterator[dict[str, str]]:
    for n in range(students):
        for each in _classes_of(n):
            yield _row(
                sourcedId=f"E{n}-{each}",
                classSourcedId=f"K{n % schools}-{each}",
                schoolSourcedId=f"O{n % schools}",
                userSourcedId=f"S{n}",
                role="student",
            )


def _classes_of(student: int) -> list[int]:
    return [(student * 7 + each * 10) % 60 for each in range(CLASSES)]


def _assignments(schools: int) -> Iterator[dict[str, str]]:
    for school in range(schools):
        for n in range(60):
            yield _row(
                sourcedId=f"L{school}-{n}",
                title="Homework",
                classSourcedId=f"K{school}-{n}",
                gradingPeriodSourcedId="FALL",
                resultValueMax="100",
            )


def _results(students: int) -> Iterator[dict[str, str]]:
    schools = -(-students // SCHOOL_SIZE)
    for n in range(students):
        for each in _classes_of(n)[:SCORES]:
            yield _row(
                sourcedId=f"R{n}-{each}",
                lineItemSourcedId=f"L{n % schools}-{each}",
                studentSourcedId=f"S{n}",
                scoreStatus="fully graded",
                score=str(n % 101),
            )


def _term_grades(students: int) -> Iterator[dict[str, str]]:
    schools = -(-students // SCHOOL_SIZE)
    for n in range(students):
        for each in _classes_of(n):
            yield _row(
                studentIdentifier=f"{n}",
                classSourcedId=f"K{n % schools}-{each}",
                termSourcedId="FALL",
                letter="ABCDF"[n % 5],
                final="false",
            )


def _attendance(students: int) -> Iterator[dict[str, str]]:
    schools = -(-students // SCHOOL_SIZE)
    for n in range(students):
        for each in range(EVENTS):
            yield _row(
                studentIdentifier=f"{n}",
                schoolId=f"{n % schools}",
                date=DAYS[(n + each * 9) % len(DAYS)],
                category="Excused Absence",
            )
