"""Turn the records of a source into rows, and check that whatever they refer to is there."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from portal.sis.identity import row_id
from portal.sis.report import Problem, Report
from portal.sis.source import PEOPLE, Kind, Record, StatedBy
from portal.sis.staging import Pending, Staged, Staging
from portal.sis.tables import COLUMNS

NOUNS = {
    Kind.SCHOOLS: "school",
    Kind.TERMS: "term",
    Kind.COURSES: "course",
    Kind.SECTIONS: "class",
    Kind.STUDENTS: "student",
    Kind.CONTACTS: "parent, guardian or relative",
    Kind.STAFF: "teacher or other member of staff",
    Kind.CATEGORIES: "category",
    Kind.ASSIGNMENTS: "assignment",
}
# Most rows refer to what the rows around them refer to; this many are kept in memory, never more.
REMEMBERED = 20_000
NO_DETAIL: Mapping[str, str | None] = {
    "relation": "",
    "primary_contact": None,
    "lives_with": None,
    "emergency_contact": None,
    "legal_guardian": None,
}
Key = TypeVar("Key")
Value = TypeVar("Value")


def space(kind: Kind) -> str:
    """Return what an id of this kind must be unique among."""
    return "people" if kind in PEOPLE else kind.value


def explain(kinds: tuple[Kind, ...], found: Kind | None) -> str:
    """Say what is wrong with a reference that finds nothing, or a row of a wrong kind."""
    wanted = " or ".join(NOUNS[kind] for kind in kinds)
    if found is None:
        return f"the set has no {wanted} with this id"
    if kinds == (Kind.CONTACTS,) and found is Kind.STUDENTS:
        return "this is a student too; of two people who are linked exactly one must be a student"
    return f"this is a {NOUNS[found]}, not a {wanted}"


def _ordered(kind: Kind, values: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(values[name] for name in COLUMNS[kind])


class Stager:
    """Offer what turning records into rows needs, for one import."""

    def __init__(self, district: str, staging: Staging, report: Report) -> None:
        """Work for one district's import."""
        self.staging = staging
        self._district = district
        self._report = report
        self._kinds: dict[str, Kind] = {}
        self._named: dict[tuple[Kind, str], str] = {}

    def keep(self, record: Record, key: str, *, alias: str = "", **values: Any) -> str:
        """Stage a row under its key; a second one of the same key is an error."""
        return self.keep_as(record, record.kind, key, alias=alias, **values)

    def keep_as(self, record: Record, kind: Kind, key: str, *, alias: str, **values: Any) -> str:
        """Stage a row of a kind that only what stands tells."""
        staged = Staged(self.id_of(kind, key), kind, _ordered(kind, values), alias)
        origin = record.origin
        if not self.staging.add(staged, origin.file, origin.row):
            _, row = self.staging.origin(staged.id)
            self.wrong(record, "id", f"row {row} is the same one already", key)
        return staged.id

    def stands(self, kind: Kind, key: str) -> tuple[Kind, dict[str, Any]] | None:
        """Return the kind and the values of a row that the district has."""
        found = self.staging.stands(self.id_of(kind, key))
        if found is None:
            return None
        return found[0], dict(zip(COLUMNS[found[0]], found[1], strict=True))

    def keep_repeatable(self, record: Record, key: str, **values: Any) -> None:
        """Stage a row that may be in the set more than once, and is then another each time."""
        count = self.staging.count_repeat(self.id_of(record.kind, key))
        self.keep(record, f"{key}|{count}", **values)

    def keep_link(
        self, record: Record, stated_by: StatedBy, contact: str, student: str, **detail: Any
    ) -> None:
        """Stage a link, which may be said from both ends and once more in detail."""
        link = self.id_of(Kind.RELATIONSHIPS, f"{contact}|{student}")
        said = self._link(link)
        if stated_by is StatedBy.DETAIL and stated_by in said["stated_by"]:
            _, row = self.staging.origin(link)
            self.wrong(record, "student", f"row {row} is about the same two already", "")
            return
        values = said | detail | {"stated_by": sorted({*said["stated_by"], stated_by})}
        if values != said:
            ends = {"contact_id": contact, "student_id": student}
            staged = Staged(link, Kind.RELATIONSHIPS, _ordered(Kind.RELATIONSHIPS, ends | values))
            self.staging.replace(staged, record.origin.file, record.origin.row)

    def carry_link(
        self, link: str, contact: str, student: str, stated_by: Iterable[str], detail: Mapping[str, Any]
    ) -> None:
        """Stage a link that stands, together with what the set says of it."""
        said = self._link(link)
        values = said | dict(detail) | {"stated_by": sorted({*said["stated_by"], *stated_by})}
        ends = {"contact_id": contact, "student_id": student}
        staged = Staged(link, Kind.RELATIONSHIPS, _ordered(Kind.RELATIONSHIPS, values | ends))
        self.staging.replace(staged, "", 0)

    def _link(self, link: str) -> dict[str, Any]:
        kept = self.staging.kept(link)
        return (
            dict(zip(COLUMNS[Kind.RELATIONSHIPS], kept, strict=True))
            if kept
            else {**NO_DETAIL, "stated_by": []}
        )

    def remove(self, record: Record, of: Kind, key: str) -> None:
        """Take a row away from what the district has."""
        target, origin = self.id_of(of, key), record.origin
        if not self.staging.delete(target, origin.file, origin.row):
            _, row = self.staging.origin(target)
            self.wrong(record, "id", f"row {row} is the same one already", key)
        self._kinds.pop(target, None)

    def refer(self, record: Record, field: str, value: str, *kinds: Kind) -> str:
        """Return the id of a row that must be staged already."""
        target = self.id_of(kinds[0], value)
        found = self._kinds.get(target) or self.staging.kind_of(target)
        if found in kinds and found is not None:
            self._remember(self._kinds, target, found)
        else:
            self.wrong(record, field, explain(kinds, found), value)
        return target

    def refer_if(self, record: Record, field: str, value: str, kind: Kind) -> str | None:
        """Return the id of a row that must be staged already, or None where none is named."""
        return self.refer(record, field, value, kind) if value else None

    def refer_later(self, record: Record, field: str, value: str, kind: Kind) -> str:
        """Return the id of a row that may come later in the set."""
        target, origin = self.id_of(kind, value), record.origin
        self.staging.postpone(Pending(target, (kind,), origin.file, origin.row, origin.column(field), value))
        return target

    def refer_by_name(self, record: Record, field: str, value: str, kind: Kind) -> str:
        """Return the id of the row that carries an identifier; exactly one must."""
        known = self._named.get((kind, value))
        if known is not None:
            return known
        found = self.staging.by_alias(kind, value) or self._by_id(kind, value)
        if len(found) != 1:
            noun = NOUNS[kind]
            text = f"more than one {noun} has this identifier" if found else f"no {noun} has this identifier"
            self.wrong(record, field, text, value)
            return self.id_of(kind, value)
        self._remember(self._named, (kind, value), found[0])
        return found[0]

    def wrong(self, record: Record, field: str, text: str, value: str) -> None:
        """Report what stops the import."""
        origin = record.origin
        self._report.error(Problem(text, origin.file, origin.row, origin.column(field), value))

    def odd(self, record: Record, field: str, text: str, value: str) -> None:
        """Report what staff should look at."""
        origin = record.origin
        self._report.warn(Problem(text, origin.file, origin.row, origin.column(field), value))

    def is_linked(self, contact: str, student: str) -> bool:
        """Tell whether a contact and a student are linked."""
        return self.staging.kind_of(self.id_of(Kind.RELATIONSHIPS, f"{contact}|{student}")) is not None

    def finish(self) -> None:
        """Check what could not be checked before the end, and add what follows from the whole."""
        for pending, found in self.staging.unresolved():
            text = explain(pending.kinds, found)
            self._report.error(Problem(text, pending.file, pending.row, pending.field, pending.value))
        for school, term in self.staging.school_terms():
            key = self.id_of(Kind.SCHOOL_TERMS, f"{school}|{term}")
            self.staging.add(Staged(key, Kind.SCHOOL_TERMS, (school, term)), "", 0)

    def _by_id(self, kind: Kind, value: str) -> list[str]:
        target = self.id_of(kind, value)
        return [target] if kind is Kind.SCHOOLS and self.staging.kind_of(target) is kind else []

    def id_of(self, kind: Kind, key: str) -> str:
        """Return the id of the row of a kind with the source's own key."""
        return row_id(self._district, space(kind), key)

    @staticmethod
    def _remember(cache: dict[Key, Value], key: Key, value: Value) -> None:
        if len(cache) >= REMEMBERED:
            cache.clear()
        cache[key] = value
