"""Hold an Ed-Fi set on disk while it is read: its files may name what comes later, or in another file.

As in the staging area, the system removes the private database when it is closed or the process dies.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from typing import Self

from portal.sis.report import Problem, Report
from portal.sis.source import Origin
from portal.sis.sources.edfi_element import Element
from portal.sis.sources.edfi_xml import REF, Found

SCHEMA = """
CREATE TABLE entity (n INTEGER PRIMARY KEY, name TEXT NOT NULL, file TEXT NOT NULL, line INTEGER NOT NULL,
    id TEXT NOT NULL, plain TEXT NOT NULL);
CREATE INDEX entity_name ON entity (name);
CREATE UNIQUE INDEX entity_id ON entity (file, id) WHERE id <> '';
CREATE TABLE keyed (name TEXT, key TEXT, n INTEGER NOT NULL, PRIMARY KEY (name, key)) WITHOUT ROWID;
CREATE TABLE fact (kind TEXT, key TEXT, value TEXT, rank TEXT NOT NULL, n INTEGER NOT NULL,
    PRIMARY KEY (kind, key, value)) WITHOUT ROWID;
"""
# What an entity is known by; a name that is itself a key here is a reference to such an entity.
KEYS: dict[str, tuple[str, ...]] = {
    "LocalEducationAgency": ("LocalEducationAgencyId",),
    "School": ("SchoolId",),
    "EducationOrganization": ("EducationOrganizationId",),
    "Student": ("StudentUniqueId",),
    "Contact": ("ContactUniqueId",),
    "Staff": ("StaffUniqueId",),
    "Session": ("SessionName", "SchoolYear", "School"),
    "GradingPeriod": ("GradingPeriodName", "SchoolYear", "School"),
    "Calendar": ("CalendarCode", "SchoolYear", "School"),
    "ClassPeriod": ("ClassPeriodName", "School"),
    "Course": ("CourseCode", "EducationOrganization"),
    "CourseOffering": ("LocalCourseCode", "School", "Session"),
    "Section": ("SectionIdentifier", "CourseOffering"),
    "GradebookEntry": ("GradebookEntryIdentifier", "Namespace"),
    "Assessment": ("AssessmentIdentifier", "Namespace"),
    "StudentAssessment": ("StudentAssessmentIdentifier", "Assessment", "Student"),
    "StudentSchoolAssociation": ("Student", "School", "EntryDate"),
}
# What others are looked up by, or what nobody else would find a second one of.
KEPT = (
    "Calendar",
    "ClassPeriod",
    "CourseOffering",
    "Section",
    "GradebookEntry",
    "StudentAssessment",
    "StudentSchoolAssociation",
)
# The published sample itself says an offering twice; one that is said alike twice is still one.
SAID_AGAIN = frozenset({"CourseOffering"})
# An import refuses a second one of these by itself.
RECORDS = frozenset({"Section", "GradebookEntry"})
# Faults beyond these may be told twice, which a set as broken as that can bear.
REMEMBERED = 1_000
KINDS_OF = {"EducationOrganization": frozenset({"School", "LocalEducationAgency"})}


class _Once(Report):
    """Pass a fault on once, though an entity is looked at for more than one reason."""

    def __init__(self, report: Report) -> None:
        super().__init__()
        self._report = report
        self._told: set[Problem] = set()

    def error(self, problem: Problem) -> None:
        if self._is_new(problem):
            self._report.error(problem)

    def warn(self, problem: Problem) -> None:
        if self._is_new(problem):
            self._report.warn(problem)

    def _is_new(self, problem: Problem) -> bool:
        if problem in self._told:
            return False
        if len(self._told) < REMEMBERED:
            self._told.add(problem)
        return True


class EdFiSet:
    """Keep the entities of a set by name and by key, and what follows from them."""

    def __init__(self, report: Report) -> None:
        """Open an empty set; what is wrong with it goes to the report."""
        self._report = _Once(report)
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute("PRAGMA journal_mode=OFF")
        self._database.execute("PRAGMA synchronous=OFF")
        self._database.execute("PRAGMA cache_size=-32768")
        self._database.executescript(SCHEMA)
        self._database.execute("BEGIN")

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the set, which removes it."""
        self._database.close()

    def add(self, file: str, found: Found) -> None:
        """Keep an entity; two of one id in a file are an error."""
        values = (found.name, file, found.line, found.id, json.dumps(found.plain, ensure_ascii=False))
        query = "INSERT OR IGNORE INTO entity (name, file, line, id, plain) VALUES (?,?,?,?,?)"
        if self._database.execute(query, values).rowcount == 0:
            element = self._element(file, found.line, values[-1], {})
            element.wrong("id", "another element of this file has this id already", found.id)

    def settle(self) -> None:
        """Note each entity under what it is known by; a second one is an error."""
        for name in KEPT:
            for n, element in self._numbered(name):
                key = self.key(name, element)
                query = "INSERT OR IGNORE INTO keyed VALUES (?,?,?)"
                if element.usable and self._database.execute(query, (name, key, n)).rowcount == 0:
                    self._refuse_second(name, key, element)

    def has(self, name: str) -> bool:
        """Tell whether the set holds any such entity, or an interchange of this name."""
        return self._database.execute("SELECT 1 FROM entity WHERE name = ?", (name,)).fetchone() is not None

    def each(self, name: str, columns: Mapping[str, str] | None = None) -> Iterator[Element]:
        """Yield the entities of a name; `columns` tells what the report calls the fields of a record."""
        return (element for _, element in self._numbered(name, columns or {}))

    def find(self, name: str, key: str) -> Element | None:
        """Return the entity that is known by a key."""
        query = "SELECT file, line, plain FROM keyed JOIN entity USING (n) WHERE keyed.name = ? AND key = ?"
        found = self._database.execute(query, (name, key)).fetchone()
        if found is None:
            return None
        file, line, plain = found
        return self._element(file, line, plain, {})

    def key(self, name: str, element: Element) -> str:
        """Return what an entity, or the identity in a reference to it, is known by."""
        parts = [
            self.referred(element, part) if part in KEYS else element.key(part)
            for part in KEYS[_name_of(name, element)]
        ]
        return "|".join(parts)

    def referred(self, element: Element, name: str, *, at: str = "", required: bool = True) -> str:
        """Return the key of the entity that an element refers to, or nothing where it refers to none."""
        path = at or f"{name}Reference"
        reference = element.first(path)
        if reference is not None:
            return self.key_in(reference, name)
        if required:
            element.spoil()
            element.wrong(path, "this reference must be there")
        return ""

    def key_in(self, reference: Element, name: str) -> str:
        """Return the key of the entity that a reference means: by its identity, or by an id in the file."""
        identity = reference.first(f"{name}Identity")
        target = identity or self._by_id(reference, name)
        if target is None:
            reference.spoil()
            return ""
        return self.key(name, target)

    def note(self, kind: str, key: str, value: str = "", rank: str = "") -> bool:
        """Note something that follows from an entity; return whether it is new."""
        query = "INSERT OR IGNORE INTO fact SELECT ?,?,?,?, count(*) FROM fact WHERE kind = ? AND key = ?"
        return self._database.execute(query, (kind, key, value, rank, kind, key)).rowcount == 1

    def noted(self, kind: str, key: str) -> list[tuple[str, str]]:
        """Return what was noted about a key, the highest rank first: the values and their ranks."""
        query = "SELECT value, rank FROM fact WHERE kind = ? AND key = ? ORDER BY rank DESC, n"
        return list(self._database.execute(query, (kind, key)))

    def _numbered(self, name: str, columns: Mapping[str, str] | None = None) -> Iterator[tuple[int, Element]]:
        query = "SELECT n, file, line, plain FROM entity WHERE name = ? ORDER BY n"
        for n, file, line, plain in self._database.execute(query, (name,)):
            yield n, self._element(file, line, plain, columns or {})

    def _element(self, file: str, line: int, plain: str, columns: Mapping[str, str]) -> Element:
        return Element(Origin(file, line, columns), json.loads(plain), self._report)

    def _refuse_second(self, name: str, key: str, element: Element) -> None:
        first = self.find(name, key)
        line = first.origin.row if first else 0
        if name in SAID_AGAIN and first is not None and first.said == element.said:
            element.odd("", f"row {line} says the same {name} already", key)
        elif name not in RECORDS:
            element.wrong("", f"row {line} is the same {name} already", key)

    def _by_id(self, reference: Element, name: str) -> Element | None:
        id_ = reference.raw(REF)
        if not id_:
            text = f"a reference must hold a {name}Identity, or the id of one in this file as ref"
            reference.wrong("", text)
            return None
        query = "SELECT name, file, line, plain FROM entity WHERE file = ? AND id = ?"
        found = self._database.execute(query, (reference.origin.file, id_)).fetchone()
        if found is None:
            reference.wrong("", f"no {name} in this file has this id", id_)
            return None
        kind, file, line, plain = found
        if kind not in KINDS_OF.get(name, {name}):
            reference.wrong("", f"this is the id of a {kind}, not of a {name}", id_)
            return None
        return self._element(file, line, plain, {})


def _name_of(name: str, element: Element) -> str:
    """Return which kind of organisation it is where a reference leaves that open."""
    found = (kind for kind in KINDS_OF.get(name, ()) if element.raw(KEYS[kind][0]))
    return next(found, name)
