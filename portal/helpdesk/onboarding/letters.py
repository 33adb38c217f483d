"""Print the letters that a school hands out: each with an Access ID and a new access password."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import ColumnElement, and_, case, func, or_, select, update
from sqlalchemy.orm import Session

from portal.accounts.claims import links_by_access_id
from portal.accounts.names import is_storable
from portal.accounts.piloting import Pilot
from portal.core.audit import Audit, AuditEvent
from portal.core.context import Context
from portal.core.districts import Districts
from portal.core.outcomes import Reason, Refused
from portal.helpdesk.onboarding.asking import AskingForLetters, asked_for, has_letter, present
from portal.helpdesk.onboarding.models import LetterRow, LetterRunRow
from portal.helpdesk.onboarding.outcomes import (
    Layout,
    LetterFinished,
    LetterRun,
    LettersAsked,
    LettersReady,
    NothingToPrint,
    SchoolLetters,
)
from portal.helpdesk.onboarding.sheets import Sheets, letter_code
from portal.helpdesk.staff.outcomes import StaffMember
from portal.helpdesk.staff.roles import Deed
from portal.helpdesk.staff.scope import Scope
from portal.sis.access import AccessCodes
from portal.sis.identity import derived_access_password
from portal.sis.models import School, Student
from portal.sis.outcomes import MintedPassword

# A transaction prints so many letters; whoever waits for the database waits no longer than that.
BATCH = 100
MOST_RUNS = 20
# For a paper jam or a lost download; after that the letters can be printed anew, and void these.
HELD_AFTER_HANDING = timedelta(hours=24)
# What nobody ever took was handed out to nobody.
HELD_UNTAKEN = timedelta(days=7)


class Codes(Protocol):
    """Keep the codes of the links on letters."""

    def put_on_letter(self, code: str, district: str, student: str, language: str) -> tuple[bytes, datetime]:
        """Keep a code; return what it is stored under, and until when it is good."""

    def void(self, stored_under: Sequence[bytes]) -> None:
        """Let codes open nothing any more."""


class Letters:
    """Begin, print and finish runs of letters inside one transaction.

    A run is asked for, printed in batches (`print_next`, each a transaction), read (`ready`) and finished.
    Where it is interrupted it goes on: what a letter holds is derived again, so nothing is voided twice.
    """

    def __init__(self, context: Context, codes: Codes) -> None:
        """Work in the transaction of this context."""
        self._context = context
        self._session: Session = context.session
        self._codes = codes

    def schools(self, member: StaffMember) -> tuple[SchoolLetters, ...] | Refused:
        """Return the schools that are theirs and take part, by name, with who has a letter."""
        if not (member.may(Deed.PRINT_LETTERS) or member.may(Deed.SEE_FUNNEL)):
            return Refused(Reason.FORBIDDEN)
        joined = and_(School.district_id == Student.district_id, School.id == Student.school_id)
        with_letter = func.sum(case((has_letter(), 1), else_=0))
        served = Pilot(self._context, Districts(self._context).get_one(member.district)).students()
        query = (
            select(School.id, School.identifier, School.name, func.count(), with_letter)
            .join(Student, joined)
            .where(served, Scope(self._context, member).students(), present(), School.retired_at.is_(None))
            .group_by(School.id, School.identifier, School.name)
            .order_by(School.name, School.id)
        )
        return tuple(SchoolLetters(*row) for row in self._session.execute(query))

    def ask(self, member: StaffMember, asked: LettersAsked) -> LetterRun | NothingToPrint | Refused:
        """Begin a run, or return the one that is open for the same; nothing is voided yet."""
        if not member.may(Deed.PRINT_LETTERS):
            return Refused(Reason.FORBIDDEN)
        begun = AskingForLetters(self._context, member).begin(asked)
        return self.run(member, begun) if isinstance(begun, str) else begun

    def run(self, member: StaffMember, run_id: str) -> LetterRun | Refused:
        """Return a run, if it is theirs to see."""
        row = self._found(member, run_id)
        return row if isinstance(row, Refused) else self._shown([row])[0]

    def runs(self, member: StaffMember) -> tuple[LetterRun, ...] | Refused:
        """Return the last runs that are theirs to see, the newest first."""
        if not member.may(Deed.PRINT_LETTERS):
            return Refused(Reason.FORBIDDEN)
        newest = (LetterRunRow.begun_at.desc(), LetterRunRow.run_id)
        query = select(LetterRunRow).where(_theirs(member)).order_by(*newest).limit(MOST_RUNS)
        return self._shown(list(self._session.scalars(query)))

    def print_next(self, member: StaffMember, run_id: str) -> int | Refused:
        """Give the next letters of a run their access passwords, and return how many are left.

        From here on the access passwords that those students had before are void.
        """
        row = self._found(member, run_id)
        if isinstance(row, Refused):
            return row
        if row.finished_at is not None:
            return Refused(Reason.ALREADY_DONE)
        waiting = and_(LetterRow.run_id == run_id, *_UNPRINTED)
        batch = select(LetterRow.student_id).where(waiting).order_by(LetterRow.position).limit(BATCH)
        students = list(self._session.scalars(batch))
        # One run at a time gives a student a password: the students are held before the letters are read.
        held = AccessCodes(self._context, row.district_id).lock(self._entitled(row, students))
        mine = select(LetterRow).where(waiting, LetterRow.student_id.in_(students))
        locked = mine.order_by(LetterRow.position).with_for_update()
        letters = list(self._session.scalars(locked, execution_options={"populate_existing": True}))
        self._print(row, [each for each in letters if each.student_id in held])
        for gone in (each for each in letters if each.student_id not in held):
            gone.superseded_at, gone.seed = self._context.now, None
        self._session.flush()
        left = select(func.count()).select_from(LetterRow).where(waiting)
        count = self._session.scalars(left).one()
        if letters:
            self._note(AuditEvent.LETTERS_PRINTED, member, run_id, letters=len(letters))
        return count

    def ready(self, member: StaffMember, run_id: str) -> LettersReady | Refused:
        """Return the printed sheets of an open run; who takes them is on record."""
        row = self._found(member, run_id)
        if isinstance(row, Refused):
            return row
        if row.finished_at is not None:
            return Refused(Reason.ALREADY_DONE)
        district = Districts(self._context).get_one(row.district_id)
        served = Pilot(self._context, district).handed(asked_for(row.open_for))
        if row.handed_at is None:
            self._leave_out(row, served)
        ready = Sheets(self._context, district).of(self._shown([row])[0], served)
        row.handed_at = row.handed_at or self._context.now
        count = sum(len(sheet.children) for sheet in ready.sheets)
        self._note(AuditEvent.LETTERS_HANDED, member, run_id, letters=count)
        return ready

    def finish(self, member: StaffMember, run_id: str) -> LetterFinished | Refused:
        """Forget what the letters of a run are derived from: they exist on paper only."""
        row = self._found(member, run_id)
        if isinstance(row, Refused):
            return row
        if row.finished_at is None:
            self._finish(row)
            self._note(AuditEvent.LETTERS_FINISHED, member, run_id)
        return LetterFinished(run_id)

    def purge(self) -> None:
        """Finish the runs that were handed over some time ago, or that nobody ever took."""
        now = self._context.now
        over = or_(
            LetterRunRow.handed_at <= now - HELD_AFTER_HANDING,
            and_(LetterRunRow.handed_at.is_(None), LetterRunRow.begun_at <= now - HELD_UNTAKEN),
        )
        query = select(LetterRunRow).where(LetterRunRow.finished_at.is_(None), over)
        for row in self._session.scalars(query.with_for_update(skip_locked=True)):
            self._finish(row)

    def _entitled(self, row: LetterRunRow, students: Sequence[str]) -> list[str]:
        """Return those who still are at a school that takes part; much may have changed meanwhile."""
        pilot = Pilot(self._context, Districts(self._context).get_one(row.district_id))
        mine = (Student.district_id == row.district_id, Student.id.in_(students))
        here = (*mine, present(), pilot.handed(asked_for(row.open_for)))
        return list(self._session.scalars(select(Student.id).where(*here)))

    def _leave_out(self, row: LetterRunRow, served: ColumnElement[bool]) -> None:
        """Void the letters, on no paper yet, of those whose schools take part no more."""
        theirs = select(Student.id).where(Student.district_id == row.district_id, served)
        gone = and_(
            LetterRow.run_id == row.run_id,
            LetterRow.superseded_at.is_(None),
            LetterRow.student_id.not_in(theirs),
        )
        self._void(gone)

    def _print(self, row: LetterRunRow, letters: Sequence[LetterRow]) -> None:
        students = [each.student_id for each in letters]
        self._supersede(row.district_id, students, [each.letter_id for each in letters])
        if links_by_access_id(Districts(self._context).get_one(row.district_id)):
            keys = self._context.keys
            minted = [
                MintedPassword(each.student_id, "", derived_access_password(keys, each.seed or ""))
                for each in letters
            ]
            AccessCodes(self._context, row.district_id).renew(minted)
        for each in letters:
            code = letter_code(self._context.keys, each.seed or "")
            each.code_hash, each.code_until = self._codes.put_on_letter(
                code, each.district_id, each.student_id, each.language
            )
            each.printed_at = self._context.now

    def _supersede(self, district: str, students: Sequence[str], new: Sequence[str]) -> None:
        older = and_(
            LetterRow.district_id == district,
            LetterRow.student_id.in_(students),
            LetterRow.letter_id.not_in(new),
            LetterRow.superseded_at.is_(None),
        )
        self._void(older)

    def _void(self, letters: ColumnElement[bool]) -> None:
        held = select(LetterRow.code_hash).where(letters, LetterRow.code_hash.is_not(None))
        self._codes.void([each for each in self._session.scalars(held) if each is not None])
        void = update(LetterRow).where(letters).values(superseded_at=self._context.now, seed=None)
        self._session.execute(void)

    def _finish(self, row: LetterRunRow) -> None:
        row.finished_at, row.open_for = self._context.now, None
        of_run = LetterRow.run_id == row.run_id
        self._session.execute(update(LetterRow).where(of_run).values(seed=None))
        if row.handed_at is None:
            untaken = update(LetterRow).where(of_run, LetterRow.superseded_at.is_(None))
            self._session.execute(untaken.values(superseded_at=self._context.now))

    def _found(self, member: StaffMember, run_id: str) -> LetterRunRow | Refused:
        if not member.may(Deed.PRINT_LETTERS):
            return Refused(Reason.FORBIDDEN)
        if not is_storable(run_id):
            return Refused(Reason.NOT_FOUND)
        query = select(LetterRunRow).where(_theirs(member), LetterRunRow.run_id == run_id)
        return self._session.scalar(query) or Refused(Reason.NOT_FOUND)

    def _shown(self, rows: Sequence[LetterRunRow]) -> tuple[LetterRun, ...]:
        ids = [row.run_id for row in rows]
        counted = (
            select(LetterRow.run_id, func.count(), func.count(LetterRow.printed_at))
            .where(LetterRow.run_id.in_(ids), LetterRow.superseded_at.is_(None))
            .group_by(LetterRow.run_id)
        )
        counts = {run: (all_, printed) for run, all_, printed in self._session.execute(counted)}
        schools = [row.school_id for row in rows]
        named = select(School.id, School.name).where(School.id.in_(schools))
        names = dict(list(self._session.execute(named)))
        return tuple(_run(row, names.get(row.school_id, ""), *counts.get(row.run_id, (0, 0))) for row in rows)

    def _note(self, event: AuditEvent, member: StaffMember, run: str, letters: int | None = None) -> None:
        Audit(self._context).record(member.district, event, by=member.by, run=run, letters=letters)


def note_started(context: Context) -> Callable[[bytes], None]:
    """Return what notes that the link of a letter was used, for the first time."""

    def note(stored_under: bytes) -> None:
        mine = and_(LetterRow.code_hash == stored_under, LetterRow.started_at.is_(None))
        context.session.execute(update(LetterRow).where(mine).values(started_at=context.now))

    return note


_UNPRINTED = (LetterRow.printed_at.is_(None), LetterRow.superseded_at.is_(None))


def _theirs(member: StaffMember) -> ColumnElement[bool]:
    mine = LetterRunRow.district_id == member.district
    if not member.is_of_schools:
        return mine
    return and_(mine, LetterRunRow.school_id.in_(sorted(member.schools)))


def _run(row: LetterRunRow, school: str, letters: int, printed: int) -> LetterRun:
    return LetterRun(
        run_id=row.run_id,
        district=row.district_id,
        school_id=row.school_id,
        school=school,
        language=row.language,
        layout=Layout(row.layout),
        asked_by=row.asked_by,
        begun_at=row.begun_at,
        handed_at=row.handed_at,
        finished_at=row.finished_at,
        letters=letters,
        printed=printed,
    )
