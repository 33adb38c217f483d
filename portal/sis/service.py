"""Import a district's families and what its schools know of them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import func, or_, select

from portal.core.audit import Audit, AuditEvent
from portal.core.context import Context
from portal.core.errors import ImportRefusedError
from portal.core.models import DistrictRow
from portal.sis.access import AccessCodes
from portal.sis.hanging import still_named
from portal.sis.models import AccessCredential, Contact, ImportRow, PortalAccess, Relationship, Student
from portal.sis.outcomes import Counts, Imported, ImportedPerson, LastImport, MintedPassword
from portal.sis.report import Mode, Problem, Report
from portal.sis.rollover import lost_with_terms
from portal.sis.rows import stage
from portal.sis.source import Kind, SisSource
from portal.sis.stager import Stager
from portal.sis.staging import Staging
from portal.sis.standing import Standing, StandingRows
from portal.sis.tables import table_of
from portal.sis.watching import Watch, unwatched, watched
from portal.sis.writer import Writer, chunks

__all__ = [
    "CheckedSet",
    "Counts",
    "Imported",
    "ImportedPerson",
    "Imports",
    "LastImport",
    "MintedPassword",
    "checked",
]
AccountsOf = Callable[[Sequence[str]], Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class CheckedSet:
    """Hold a file set that has no error, on disk, until it is applied.

    `base` is the number of the import that it was checked against.
    """

    district: str
    staging: Staging
    report: Report
    base: int


@contextmanager
def checked(
    district: str, source: SisSource, standing: Standing, watch: Watch = unwatched
) -> Iterator[CheckedSet]:
    """Read and check a file set; raise ImportRefusedError, with every problem, if it has an error.

    This needs no transaction: a large set is checked without keeping anybody from the database.
    """
    report, base = Report(), standing.number()
    with Staging() as staging:
        records = watched(source.records(report), watch)
        stage(Stager(district, staging, report), records, report, standing)
        report.refuse_if_broken()
        yield CheckedSet(district, staging, report, base)


class Imports:
    """Bring file sets in, all or nothing, inside the caller's transaction."""

    def __init__(self, context: Context, accounts_of: AccountsOf) -> None:
        """Work in the given transaction.

        `accounts_of` tells how many accounts hang on students and contacts, by their ids: accounts
        lie above this package, and an import only has to say what becomes of them.
        """
        self._context = context
        self._accounts_of = accounts_of

    def run(self, district: str, source: SisSource, *, dry_run: bool = False, mint: bool = False) -> Imported:
        """Import a file set; raise ImportRefusedError, with every problem, if it has an error.

        `mint` gives every student without an access password one; the clear values are in the
        result and nowhere else. `dry_run` does everything and takes it back.
        """
        with checked(district, source, self.standing(district)) as file_set:
            return self.apply(file_set, dry_run=dry_run, mint=mint)

    def standing(self, district: str) -> Standing:
        """Return what the district has, for the check of a set that says only what changed."""
        return StandingRows(self._context.session, district)

    def apply(
        self, file_set: CheckedSet, *, dry_run: bool = False, mint: bool = False, watch: Watch = unwatched
    ) -> Imported:
        """Import a set that was checked before this transaction began, as `run` does."""
        district, report = file_set.district, file_set.report
        # The row is locked, so that two imports into one district come one after the other.
        if self._context.session.get(DistrictRow, district, with_for_update=True) is None:
            message = f"There is no district {district}; nothing was imported."
            raise ImportRefusedError(message)
        self._refuse_if_overtaken(file_set)
        with self._context.session.begin_nested() as savepoint:
            counts = self._write(file_set, watch)
            codes = AccessCodes(self._context, district)
            issued = codes.issue()
            minted = codes.mint() if mint and not dry_run else ()
            if dry_run:
                savepoint.rollback()
        if not dry_run:
            self._record(district, counts, report)
        warnings = tuple(report.warnings)
        return Imported(
            counts, warnings, report.warning_count, dry_run, issued, minted, provenance=report.provenance
        )

    def last(self, district: str) -> LastImport | None:
        """Return the last import that was applied, so that an answer can say as of when it is."""
        query = select(ImportRow).where(ImportRow.district_id == district)
        found = self._context.session.scalars(query.order_by(ImportRow.number.desc()).limit(1)).first()
        return None if found is None else LastImport(found.at, found.source)

    def find_student(self, district: str, identifier: str) -> ImportedPerson | None:
        """Return the student with the identifier (users.identifier, else the source's id)."""
        query = select(Student, AccessCredential.access_id).outerjoin(
            AccessCredential,
            (AccessCredential.district_id == Student.district_id)
            & (AccessCredential.student_id == Student.id),
        )
        which = or_(Student.identifier == identifier, Student.source_id == identifier)
        order = (Student.retired_at.is_not(None), Student.identifier != identifier, Student.id)
        query = query.where(Student.district_id == district, which).order_by(*order)
        found = self._context.session.execute(query.limit(1)).first()
        return None if found is None else _person(found[0], access_id=found[1] or "")

    def find_contact(self, district: str, identifier: str) -> ImportedPerson | None:
        """Return the contact with the identifier (users.identifier, else the source's id)."""
        which = or_(Contact.identifier == identifier, Contact.source_id == identifier)
        order = (Contact.retired_at.is_not(None), Contact.identifier != identifier, Contact.id)
        query = select(Contact).where(Contact.district_id == district, which).order_by(*order)
        found = self._context.session.scalars(query.limit(1)).first()
        return None if found is None else _person(found, email=found.email)

    def _refuse_if_overtaken(self, file_set: CheckedSet) -> None:
        if file_set.report.provenance.mode is Mode.BULK:
            return
        if self.standing(file_set.district).number() != file_set.base:
            message = (
                "Another import ended while this set was being checked; nothing was imported. Try again."
            )
            raise ImportRefusedError(message)

    def _write(self, file_set: CheckedSet, watch: Watch) -> dict[Kind, Counts]:
        session, district, staging = self._context.session, file_set.district, file_set.staging
        report = file_set.report
        writer = Writer(session.connection(), district, self._context.now)
        counts: dict[Kind, Counts] = {}
        for kind in Kind:
            watch(f"writing {kind.value}", staging.count(kind))
            # The terms of a school follow from the whole, whatever the set says only in part.
            whole = kind is Kind.SCHOOL_TERMS or report.provenance.is_whole(kind)
            writer.know_existing(kind, staging, whole=whole)
            added = writer.add(kind, staging.added(kind))
            changed = writer.change(kind, staging.changed(kind))
            retired = 0
            for ids in chunks(staging.gone(kind, whole=whole)):
                writer.retire(kind, ids)
                self._warn(district, kind, ids, report)
                retired += len(ids)
            unchanged = staging.count(kind) - added - changed
            counts[kind] = Counts(added, changed, retired, unchanged)
        for problem in self._lost(file_set, counts):
            report.warn(problem)
        # What the session holds of these tables may now be out of date.
        session.expire_all()
        return counts

    def _lost(self, file_set: CheckedSet, counts: Mapping[Kind, Counts]) -> Iterator[Problem]:
        connection, now = self._context.session.connection(), self._context.now
        yield from lost_with_terms(connection, file_set.district, now, counts)
        if file_set.report.provenance.mode is Mode.DELTA:
            yield from still_named(connection, file_set.district, file_set.staging, now)

    def _record(self, district: str, counts: Mapping[Kind, Counts], report: Report) -> None:
        changed, given = sum(count.touched for count in counts.values()), report.provenance
        # Noted also where nothing changed: the records are as of now.
        number = select(func.coalesce(func.max(ImportRow.number), 0)).where(ImportRow.district_id == district)
        self._context.session.add(
            ImportRow(
                district_id=district,
                number=self._context.session.scalars(number).one() + 1,
                at=self._context.now,
                source=given.source,
                mode=given.mode,
                changed=changed,
            )
        )
        if changed:
            self._audit(district, counts)

    def _audit(self, district: str, counts: Mapping[Kind, Counts]) -> None:
        Audit(self._context).record(
            district,
            AuditEvent.IMPORT_APPLIED,
            students=counts[Kind.STUDENTS].total,
            added=sum(count.added for count in counts.values()),
            changed=sum(count.changed for count in counts.values()),
            retired=sum(count.retired for count in counts.values()),
        )

    def _warn(self, district: str, kind: Kind, ids: list[str], report: Report) -> None:
        if kind is Kind.RELATIONSHIPS:
            self._warn_of_links(district, ids, report)
        elif kind is Kind.PORTAL_ACCESS:
            self._warn_of_bars(district, ids, report)
        elif kind in (Kind.STUDENTS, Kind.CONTACTS):
            people = table_of(kind).c
            accounts = self._accounts_of(ids)
            query = select(people.id, people.source_id).where(
                people.district_id == district, people.id.in_(accounts)
            )
            for person in self._context.session.execute(query.order_by(people.source_id)):
                number = accounts[person.id]
                text = f"gone from the set; {number} account(s) keep their link and see nothing through it"
                report.warn(Problem(text, kind.value, value=person.source_id))

    def _warn_of_links(self, district: str, ids: list[str], report: Report) -> None:
        # Where one of the two is gone altogether, that has been said already.
        query = (
            select(Relationship.contact_id, Student.source_id)
            .join(Student, (Student.district_id == district) & (Student.id == Relationship.student_id))
            .join(Contact, (Contact.district_id == district) & (Contact.id == Relationship.contact_id))
        )
        here = (Student.retired_at.is_(None), Contact.retired_at.is_(None))
        which = (Relationship.district_id == district, Relationship.id.in_(ids), *here)
        found = self._context.session.execute(query.where(*which).order_by(Student.source_id)).all()
        accounts = self._accounts_of([contact for contact, _ in found])
        for contact, student in found:
            if contact in accounts:
                text = "a guardian with an account is no longer this student's, and sees nothing more"
                report.warn(Problem(text, "relationships", value=student))

    def _warn_of_bars(self, district: str, ids: list[str], report: Report) -> None:
        # Who was kept from a child may see it again: a file that was only forgotten must not do that unseen.
        both = (Relationship.contact_id == PortalAccess.contact_id) & (
            Relationship.student_id == PortalAccess.student_id
        )
        query = (
            select(Contact.source_id, Student.source_id)
            .select_from(PortalAccess)
            .join(Relationship, (Relationship.district_id == district) & both)
            .join(Student, (Student.district_id == district) & (Student.id == PortalAccess.student_id))
            .join(Contact, (Contact.district_id == district) & (Contact.id == PortalAccess.contact_id))
            .where(PortalAccess.district_id == district, PortalAccess.id.in_(ids))
            .where(PortalAccess.allowed.is_(False), Relationship.retired_at.is_(None))
        )
        for contact, student in self._context.session.execute(query.order_by(*query.selected_columns)):
            text = "a guardian was barred from this student, and without a row of its own may see it again"
            report.warn(Problem(text, Kind.PORTAL_ACCESS.value, value=f"{contact} {student}"))


def _person(row: Student | Contact, *, email: str = "", access_id: str = "") -> ImportedPerson:
    identifier = row.identifier or row.source_id
    return ImportedPerson(row.id, identifier, row.given_name, row.family_name, email, access_id)
