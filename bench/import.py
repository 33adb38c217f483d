"""Measure an import: seconds, rows a second and memory, for sets made up on the fly.

Run `python -m bench.import [--students N] [--database URL]`. Each size is imported into an empty
database in a process of its own: what is new, then the same set again, then a delta of every hundredth
student. Memory must not grow with the set. A terminal shows how far each import is. The table goes to
the terminal, the figures to docs/benchmarks.md.
"""

import argparse
import csv
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psutil

from bench.report import ROOT, Goal, Measured, Row, Table, keep
from bot.importing import import_set
from portal.accounts.passwords import Argon2Hasher
from portal.core.clock import SystemClock
from portal.core.database import Base, open_engine
from portal.core.keys import Keys
from portal.sis.sources import oneroster_files, side_files
from portal.transaction import Portal

MEBIBYTE = 2**20
SCHOOL_SIZE = 1000
CLASSES = 6
SCORES = 6
EVENTS = 8
DAYS = [f"2026-{month:02d}-{day:02d}" for month in (9, 10, 11) for day in range(1, 29)]


def main() -> None:
    """Measure a tenth of the students, then all of them, and print both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=10_000)
    parser.add_argument("--database", help="an empty PostgreSQL database; without it SQLite in a new file")
    parser.add_argument("--only", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only:
        print(json.dumps(measure(options.students, options.database)))
        return
    sizes = [options.students] if options.database else [options.students // 10, options.students]
    figures = [figure for size in sizes for figure in _in_a_process(size, options.database)]
    print(f"{'students':>9} {'import':>10} {'rows':>10} {'seconds':>8} {'rows/s':>8} {'peak MiB':>9}")
    for f in figures:
        print(
            f"{f['students']:>9} {f['import']:>10} {f['rows']:>10} {f['seconds']:>8.1f} "
            f"{f['rows_per_second']:>8} {f['peak_mib']:>9}"
        )
    keep("import-postgresql" if options.database else "import", told(figures, options.database))


def told(figures: Sequence[Row], database: str | None) -> Measured:
    """Return the imports as they are kept; the set must not be held in memory."""
    most = max(float(row["peak_mib"] or 0) for row in figures)
    least = min(float(row["peak_mib"] or 0) for row in figures)
    goals = [Goal("memory of the largest set against the smallest", round(most / least, 2), "x", at_most=1.3)]
    where = "PostgreSQL" if database else "SQLite"
    how = f"python -m bench.import --students {max(int(row['students'] or 0) for row in figures)}"
    how += " --database postgresql://..." if database else ""
    return Measured(f"Importing a roster, {where}", how, [Table("", figures)], goals if not database else ())


def _in_a_process(students: int, database: str | None) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "bench.import", "--only", "--students", str(students)]
    command += ["--database", database] if database else []
    # The errors stay with the terminal, which shows how far the import is.
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    figures: list[dict[str, Any]] = json.loads(done.stdout)
    return figures


def measure(students: int, database: str | None) -> list[dict[str, Any]]:
    """Import a set of so many students twice and return both figures."""
    with tempfile.TemporaryDirectory(prefix="hallpass-bench-") as folder:
        path = Path(folder) / "set"
        path.mkdir()
        write_set(path, students)
        engine = open_engine(database or f"sqlite:///{folder}/bench.db")
        Base.metadata.create_all(engine)
        portal = Portal(engine, clock=SystemClock(), keys=Keys(b"x" * 32), hasher=Argon2Hasher())
        district = {
            "name": "Bench",
            "portal_url": "https://example.org/public",
            "time_zone": "America/New_York",
        }
        with portal.begin() as tx:
            tx.districts.apply("bench", district, "1")
        figures = [_measured(portal, path, students, what) for what in ("new", "same again")]
        changes = Path(folder) / "changes"
        write_changes(changes, students)
        figures.append(_measured(portal, changes, students, "delta of 1%"))
        portal.close()
        engine.dispose()
    return figures


def _measured(portal: Portal, path: Path, students: int, what: str) -> dict[str, Any]:
    with _Peak() as peak:
        start = time.perf_counter()
        done = import_set(portal, "bench", path, dry_run=False)
        seconds = time.perf_counter() - start
    rows = sum(count.total for count in done.counts.values())
    return {
        "students": students,
        "import": what,
        "rows": rows,
        "seconds": round(seconds, 2),
        "rows_per_second": round(rows / seconds),
        "peak_mib": peak.mebibytes,
    }


class _Peak:
    """Watch the resident memory of this process."""

    def __init__(self) -> None:
        self.mebibytes = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> "_Peak":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        process = psutil.Process()
        while not self._done.wait(0.05):
            self.mebibytes = max(self.mebibytes, process.memory_info().rss // MEBIBYTE)


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


if __name__ == "__main__":
    main()
