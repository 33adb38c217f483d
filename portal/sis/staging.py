"""Hold a file set on disk while it is checked, so that its size costs no memory.

The database of the portal is not touched before everything is known to be right. The staging area
is a private database without a name: the system removes it when it is closed or the process dies.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self

from portal.sis.source import Kind

SCHEMA = """
CREATE TABLE record (id TEXT NOT NULL, kind TEXT NOT NULL, alias TEXT NOT NULL, file TEXT NOT NULL,
    row INTEGER NOT NULL, digest BLOB NOT NULL, payload TEXT NOT NULL);
CREATE UNIQUE INDEX record_id ON record (id);
CREATE INDEX record_alias ON record (alias, kind) WHERE alias <> '';
CREATE INDEX record_kind ON record (kind);
CREATE TABLE deleted (id TEXT PRIMARY KEY, file TEXT NOT NULL, row INTEGER NOT NULL)
    WITHOUT ROWID;
CREATE TABLE standing (id TEXT PRIMARY KEY, kind TEXT NOT NULL, alias TEXT NOT NULL,
    payload TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX standing_alias ON standing (alias, kind) WHERE alias <> '';
CREATE INDEX standing_kind ON standing (kind);
CREATE TABLE partly (id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE repeat (id TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE pending (id TEXT NOT NULL, kinds TEXT NOT NULL, file TEXT NOT NULL, row INTEGER NOT NULL,
    field TEXT NOT NULL, value TEXT NOT NULL);
CREATE TABLE parent (term TEXT PRIMARY KEY, parent TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX parent_parent ON parent (parent);
CREATE TABLE taught (school TEXT, term TEXT, PRIMARY KEY (school, term)) WITHOUT ROWID;
CREATE TABLE subject (course TEXT PRIMARY KEY, codes TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE existing (id TEXT NOT NULL, kind TEXT NOT NULL, digest BLOB NOT NULL,
    retired INTEGER NOT NULL, PRIMARY KEY (id, kind)) WITHOUT ROWID;
"""
# A school teaches in the terms of its classes, in the longer ones around them and in their parts.
SCHOOL_TERMS = """
WITH RECURSIVE
up (school, term) AS (SELECT school, term FROM taught UNION
    SELECT school, parent FROM up JOIN parent USING (term)),
down (school, term) AS (SELECT school, term FROM taught UNION
    SELECT school, parent.term FROM down JOIN parent ON parent.parent = down.term)
SELECT school, term FROM up UNION SELECT school, term FROM down ORDER BY school, term
"""
ENCODER = json.JSONEncoder(default=str, ensure_ascii=False)
ADDED = """
SELECT r.id, r.digest, r.payload FROM record r LEFT JOIN existing e ON e.id = r.id AND e.kind = r.kind
WHERE r.kind = ? AND e.id IS NULL ORDER BY r.rowid
"""
CHANGED = """
SELECT r.id, r.digest, r.payload FROM record r JOIN existing e ON e.id = r.id AND e.kind = r.kind
WHERE r.kind = ? AND (e.digest <> r.digest OR e.retired) ORDER BY r.rowid
"""
GONE = """
SELECT e.id FROM existing e LEFT JOIN record r ON r.id = e.id AND r.kind = e.kind
WHERE e.kind = ? AND NOT e.retired AND r.id IS NULL
"""
# A set that says only what changed takes away what it deletes, or what became another kind of person.
GONE_PARTLY = """
SELECT e.id FROM existing e LEFT JOIN record r ON r.id = e.id
WHERE e.kind = ? AND NOT e.retired
    AND (r.kind <> e.kind OR EXISTS (SELECT 1 FROM deleted d WHERE d.id = e.id))
"""
TOUCHED = """
SELECT r.id FROM record r WHERE r.kind IN (SELECT value FROM json_each(?)) UNION SELECT id FROM deleted
"""
UNRESOLVED = """
SELECT p.*, coalesce(r.kind, s.kind) found
FROM pending p LEFT JOIN record r ON r.id = p.id LEFT JOIN standing s ON s.id = p.id
WHERE found IS NULL OR instr(',' || p.kinds || ',', ',' || found || ',') = 0 ORDER BY p.rowid
"""
# A link is left alone where both ends stand and the set says nothing of either.
LINKS = """
SELECT l.id, l.payload FROM standing l
    LEFT JOIN standing c ON c.id = json_extract(l.payload, '$[0]')
    LEFT JOIN standing s ON s.id = json_extract(l.payload, '$[1]')
WHERE l.kind = 'relationships' AND (?1 OR c.id IS NULL OR s.id IS NULL
    OR EXISTS (SELECT 1 FROM record r WHERE r.id = c.id) OR EXISTS (SELECT 1 FROM record r WHERE r.id = s.id))
ORDER BY l.id
"""
NAMED = """
SELECT id FROM record WHERE alias = ?1 AND alias <> '' AND kind = ?2 UNION ALL
SELECT s.id FROM standing s LEFT JOIN record r ON r.id = s.id
WHERE s.alias = ?1 AND s.alias <> '' AND s.kind = ?2 AND r.id IS NULL LIMIT 2
"""


@dataclass(frozen=True, slots=True)
class Staged:
    """Hold a row as it will be written; `alias` is the identifier that side files use."""

    id: str
    kind: Kind
    values: tuple[Any, ...]
    alias: str = ""


@dataclass(frozen=True, slots=True)
class Pending:
    """Hold a reference that can be checked only when the whole set was read."""

    id: str
    kinds: tuple[Kind, ...]
    file: str
    row: int
    field: str
    value: str


class Staging:
    """Keep the rows of one import until they are written."""

    def __init__(self) -> None:
        """Open an empty staging area."""
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute("PRAGMA journal_mode=OFF")
        self._database.execute("PRAGMA synchronous=OFF")
        self._database.execute("PRAGMA cache_size=-32768")
        self._database.executescript(SCHEMA)
        self._database.execute("BEGIN")
        self._deletes = False

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the staging area, which removes it."""
        self._database.close()

    def add(self, row: Staged, file: str, number: int) -> bool:
        """Keep a row; return False where one of the same id is kept, or deleted, already."""
        if self._deletes and self._one("SELECT 1 FROM deleted WHERE id = ?", row.id):
            return False
        payload = ENCODER.encode(row.values)
        digest = hashlib.blake2b(payload.encode(), digest_size=16).digest()
        values = (row.id, row.kind, row.alias, file, number, digest, payload)
        done = self._database.execute("INSERT OR IGNORE INTO record VALUES (?,?,?,?,?,?,?)", values)
        return done.rowcount == 1

    def replace(self, row: Staged, file: str, number: int) -> None:
        """Keep a row in the place of the one of the same id."""
        self._database.execute("DELETE FROM record WHERE id = ?", (row.id,))
        self.add(row, file, number)

    def origin(self, row_id: str) -> tuple[str, int]:
        """Return the file and row that a kept or deleted row came from."""
        query = (
            "SELECT file, row FROM record WHERE id = ?1 UNION ALL SELECT file, row FROM deleted WHERE id = ?1"
        )
        found = self._one(query, row_id)
        return (found[0], found[1]) if found else ("", 0)

    def kept(self, row_id: str) -> list[Any] | None:
        """Return the values of a kept row."""
        found = self._one("SELECT payload FROM record WHERE id = ?", row_id)
        return json.loads(found[0]) if found else None

    def delete(self, row_id: str, file: str, number: int) -> bool:
        """Take a row away from what stands; return False where the set has said something of it."""
        if self.origin(row_id)[0]:
            return False
        self._deletes = True
        self._database.execute("INSERT INTO deleted VALUES (?,?,?)", (row_id, file, number))
        self._database.execute("DELETE FROM standing WHERE id = ?", (row_id,))
        return True

    def stand(self, kind: Kind, rows: Iterable[tuple[str, str, Sequence[Any]]]) -> None:
        """Take rows of a kind that the portal has and the set may leave as they are: id, alias, values."""
        encoded = ((row, kind, alias, ENCODER.encode(values)) for row, alias, values in rows)
        self._database.executemany("INSERT INTO standing VALUES (?,?,?,?)", encoded)

    def standing(self, kind: Kind) -> Iterator[tuple[str, list[Any]]]:
        """Yield the id and the values of the rows of a kind that stand, whatever the set says of them."""
        for row, payload in self._database.execute(
            "SELECT id, payload FROM standing WHERE kind = ? ORDER BY id", (kind,)
        ):
            yield row, json.loads(payload)

    def links(self, *, every: bool) -> Iterator[tuple[str, list[Any]]]:
        """Yield the links that stand and that the set may change: every one, or those of whom it speaks."""
        for row, payload in self._database.execute(LINKS, (every,)):
            yield row, json.loads(payload)

    def stands(self, row_id: str) -> tuple[Kind, list[Any]] | None:
        """Return the kind and the values of a row that stands."""
        found = self._one("SELECT kind, payload FROM standing WHERE id = ?", row_id)
        return (Kind(found[0]), json.loads(found[1])) if found else None

    def say_partly(self, row_id: str) -> None:
        """Note that the set says only some of a kept row, the rest being as it stands."""
        self._database.execute("INSERT OR IGNORE INTO partly VALUES (?)", (row_id,))

    def is_said(self, row_id: str) -> bool:
        """Tell whether the set says all of a row."""
        query = "SELECT 1 FROM record WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM partly WHERE id = ?1)"
        return self._one(query, row_id) is not None

    def count_repeat(self, row_id: str) -> int:
        """Return how many times this id was asked for, this time included."""
        found = self._one(
            "INSERT INTO repeat VALUES (?, 1) ON CONFLICT DO UPDATE SET n = n + 1 RETURNING n", row_id
        )
        return int(found[0]) if found else 1

    def kind_of(self, row_id: str) -> Kind | None:
        """Return the kind of a row that is kept, or else stands."""
        found = self._one("SELECT kind FROM record WHERE id = ?", row_id)
        found = found or self._one("SELECT kind FROM standing WHERE id = ?", row_id)
        return Kind(found[0]) if found else None

    def by_alias(self, kind: Kind, alias: str) -> list[str]:
        """Return the ids of the rows of a kind that carry an identifier, two at most."""
        return [found[0] for found in self._database.execute(NAMED, (alias, kind))]

    def postpone(self, pending: Pending) -> None:
        """Keep a reference to check when the whole set was read."""
        values = (pending.id, ",".join(pending.kinds), pending.file, pending.row)
        self._database.execute(
            "INSERT INTO pending VALUES (?,?,?,?,?,?)", (*values, pending.field, pending.value)
        )

    def unresolved(self) -> Iterator[tuple[Pending, Kind | None]]:
        """Yield the postponed references that point to nothing, or to a row of a wrong kind."""
        for *pending, kind in self._database.execute(UNRESOLVED):
            target, kinds, file, row, field, value = pending
            allowed = tuple(Kind(name) for name in kinds.split(","))
            yield Pending(target, allowed, file, row, field, value), Kind(kind) if kind else None

    def put_term_under(self, term: str, parent: str) -> None:
        """Note the longer term that a term lies in."""
        self._database.execute("INSERT OR REPLACE INTO parent VALUES (?,?)", (term, parent))

    def teach(self, school: str, term: str) -> None:
        """Note that a school has a class in a term."""
        self._database.execute("INSERT OR IGNORE INTO taught VALUES (?,?)", (school, term))

    def school_terms(self) -> list[tuple[str, str]]:
        """Return every school with every term that it teaches in."""
        return list(self._database.execute(SCHOOL_TERMS))

    def set_subjects(self, course: str, codes: str) -> None:
        """Note the subject codes of a course."""
        self._database.execute("INSERT OR IGNORE INTO subject VALUES (?,?)", (course, codes))

    def subjects(self, course: str) -> str:
        """Return the subject codes of a course."""
        found = self._one("SELECT codes FROM subject WHERE course = ?", course)
        return found[0] if found else ""

    def know(self, rows: Iterable[tuple[str, str, bytes, bool]]) -> None:
        """Take rows that the portal has: id, kind, digest, whether retired."""
        self._database.executemany("INSERT INTO existing VALUES (?,?,?,?)", rows)

    def added(self, kind: Kind) -> Iterator[tuple[str, bytes, list[Any]]]:
        """Yield the id, digest and values of the rows that the portal does not have."""
        yield from self._rows(kind, ADDED)

    def changed(self, kind: Kind) -> Iterator[tuple[str, bytes, list[Any]]]:
        """Yield the id, digest and values of the rows that the portal has otherwise, or retired."""
        yield from self._rows(kind, CHANGED)

    def gone(self, kind: Kind, *, whole: bool = True) -> Iterator[str]:
        """Yield the ids of the rows that the portal has and the set, where it is whole, does not."""
        query = GONE if whole else GONE_PARTLY
        return (found[0] for found in self._database.execute(query, (kind,)))

    def touched(self, *kinds: Kind) -> Iterator[str]:
        """Yield the ids of the rows of these kinds that the set says something of."""
        return (found[0] for found in self._database.execute(TOUCHED, (json.dumps(kinds),)))

    def count(self, kind: Kind) -> int:
        """Return how many rows of a kind the set holds."""
        found = self._one("SELECT count(*) FROM record WHERE kind = ?", kind)
        return int(found[0]) if found else 0

    def _rows(self, kind: Kind, query: str) -> Iterator[tuple[str, bytes, list[Any]]]:
        for row, digest, payload in self._database.execute(query, (kind,)):
            yield row, digest, json.loads(payload)

    def _one(self, query: str, *values: str) -> Sequence[Any] | None:
        found: Sequence[Any] | None = self._database.execute(query, values).fetchone()
        return found
