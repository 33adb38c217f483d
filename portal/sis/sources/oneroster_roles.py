"""Keep roles.csv of OneRoster 1.2 on disk, until users.csv says who has them."""

import sqlite3
from collections.abc import Iterator
from typing import Self

from portal.sis.changes import PlaceRecord
from portal.sis.report import Problem, Report
from portal.sis.source import Kind, Origin, Record
from portal.sis.sources.oneroster_people import CONTACT_ROLES, Place
from portal.sis.sources.table import Row

ROLE_TYPES = frozenset({"primary", "secondary"})
ROLES = CONTACT_ROLES | {
    "student",
    "administrator",
    "aide",
    "counselor",
    "districtAdministrator",
    "principal",
    "proctor",
    "siteAdministrator",
    "systemAdministrator",
    "teacher",
}
SCHEMA = """
CREATE TABLE role (id TEXT PRIMARY KEY, person TEXT NOT NULL, type TEXT NOT NULL, role TEXT NOT NULL,
    school TEXT NOT NULL, begin TEXT NOT NULL, end TEXT NOT NULL, row INTEGER NOT NULL);
CREATE INDEX role_person ON role (person);
CREATE TABLE ended (person TEXT NOT NULL, row INTEGER NOT NULL);
CREATE TABLE claimed (person TEXT PRIMARY KEY) WITHOUT ROWID;
"""
# Every school may have a primary role for somebody. The one at the primary school decides what they
# are, else one that has not ended, else the last that began.
MAIN = """
SELECT role, school FROM role WHERE person = ? AND type = 'primary'
ORDER BY school <> ?, end <> '', begin DESC, row LIMIT 1
"""
SCHOOLS = "SELECT school FROM role WHERE person = ? ORDER BY type, row"
OTHERS = "SELECT DISTINCT role FROM role WHERE person = ? AND role <> ?"
UNCLAIMED = """
SELECT person, min(row) FROM role WHERE person NOT IN (SELECT person FROM claimed) GROUP BY person ORDER BY 2
"""
ONLY_ENDED = "SELECT person, row FROM ended WHERE person NOT IN (SELECT person FROM role) ORDER BY row"
FILE = "roles.csv"
COLUMNS = {"person": "userSourcedId", "schools": "orgSourcedId"}
NO_PRIMARY = "this user has no primary role here; send all roles of a user together"
ENDED = "a role was taken away and no other one given; this user's schools stay until a set says them"


class Roles:
    """Hold who is what at which school, for one set."""

    def __init__(self) -> None:
        """Open an empty store; the system removes it when it is closed."""
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute("PRAGMA journal_mode=OFF")
        self._database.execute("PRAGMA synchronous=OFF")
        self._database.executescript(SCHEMA)
        self._database.execute("BEGIN")

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the store, which removes it."""
        self._database.close()

    def read(self, row: Row) -> Iterator[Record]:
        """Keep a row; it takes users.csv to know who that is."""
        key, person = row.sourced_id("sourcedId"), row.sourced_id("userSourcedId")
        school, kind = row.sourced_id("orgSourcedId"), row.choice("roleType", ROLE_TYPES)
        role = row.choice("role", ROLES, extensible=True)
        begin, end = row.day("beginDate"), row.day("endDate")
        if begin and end and end < begin:
            row.wrong("endDate", "the role ends before it begins")
        row.sourced_id("userProfileSourcedId", required=False)
        values = (key, person, kind, role, school, str(begin or ""), str(end or ""), row.origin.row)
        done = self._database.execute("INSERT OR IGNORE INTO role VALUES (?,?,?,?,?,?,?,?)", values)
        if not done.rowcount:
            row.wrong("sourcedId", "another row has this id already")
        yield from ()

    def end(self, row: Row) -> Iterator[Record]:
        """Note that a role was taken away."""
        person = row.sourced_id("userSourcedId", required=False)
        self._database.execute("INSERT INTO ended VALUES (?,?)", (person, row.origin.row))
        yield from ()

    def forget(self, person: str) -> None:
        """Note that somebody is gone, and with them every role."""
        self._database.execute("INSERT OR IGNORE INTO claimed VALUES (?)", (person,))
        self._database.execute("DELETE FROM ended WHERE person = ?", (person,))

    def claim(self, person: str, primary_school: str) -> Place | None:
        """Return what somebody in users.csv is, and where; None where no primary role says so."""
        self._database.execute("INSERT OR IGNORE INTO claimed VALUES (?)", (person,))
        return self._place(person, primary_school)

    def _place(self, person: str, primary_school: str) -> Place | None:
        main = self._database.execute(MAIN, (person, primary_school)).fetchone()
        if main is None:
            return None
        role, school = main
        schools = [school, *(found[0] for found in self._database.execute(SCHOOLS, (person,)))]
        return Place(role, tuple(dict.fromkeys(schools)))

    def has(self, person: str) -> bool:
        """Tell whether somebody has any role here."""
        found = self._database.execute("SELECT 1 FROM role WHERE person = ? LIMIT 1", (person,))
        return found.fetchone() is not None

    def others(self, person: str, role: str) -> list[str]:
        """Return the roles that somebody has beside this one."""
        return [found[0] for found in self._database.execute(OTHERS, (person, role))]

    def left_over(self, report: Report) -> Iterator[Record]:
        """Yield the places of whoever has roles here and no row in users.csv."""
        for person, row in self._database.execute(UNCLAIMED):
            place = self._place(person, "")
            if place is None:
                report.error(Problem(NO_PRIMARY, FILE, row, "roleType", person))
            else:
                origin = Origin(FILE, row, COLUMNS)
                yield PlaceRecord(origin, kind_of(place.role), person, place.role, place.schools)
        for person, row in self._database.execute(ONLY_ENDED):
            report.warn(Problem(ENDED, FILE, row, "status", person))


def kind_of(role: str) -> Kind:
    """Return which kind of person has a role."""
    if role == "student":
        return Kind.STUDENTS
    return Kind.CONTACTS if role in CONTACT_ROLES else Kind.STAFF
