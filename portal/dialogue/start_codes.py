"""Keep the codes that a chat is opened with: each says where to begin, once, and permits nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, and_, delete, insert, or_, select, update

from portal.core.context import Context
from portal.core.keys import fingerprint
from portal.core.outcomes import Reason, Refused
from portal.core.sealed import seal, unseal
from portal.dialogue.models import StartCodeRow
from portal.sis.models import AccessCredential

# What Telegram takes as the payload of a link; what is longer was never one of ours.
LONGEST = 64
VOID = Refused(Reason.TOKEN_VOID)


class StartKind(StrEnum):
    """Name where a code is handed out, which tells how long it lives."""

    LETTER = "letter"
    PAGE = "page"
    STAFF = "staff"


# What a parent's chat may be begun with; a code for a chat of staff opens nothing there.
FOR_PARENTS = frozenset({StartKind.LETTER, StartKind.PAGE})
LIVES = {
    StartKind.LETTER: timedelta(days=60),
    StartKind.PAGE: timedelta(minutes=10),
    StartKind.STAFF: timedelta(minutes=10),
}


@dataclass(frozen=True, slots=True)
class NewStartCode:
    """Ask for a code; `student` is the child that a letter is about, `details` come back with it."""

    district: str
    kind: StartKind
    language: str = ""
    student: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MintedStartCode:
    """Hold a new code; it exists here and on the paper or page only."""

    code: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class StartCode:
    """Say where to begin.

    The Access ID of a letter's child is as of now. It is no secret and opens nothing: the access
    password is asked for all the same.
    """

    district: str
    kind: StartKind
    language: str = ""
    student: str | None = None
    access_id: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


def _nobody_counts(_: bytes) -> None:
    """Let a letter be begun with unnoticed."""


class StartCodes:
    """Mint, look at and spend codes inside one transaction."""

    def __init__(self, context: Context, begun: Callable[[bytes], None] = _nobody_counts) -> None:
        """Work in the transaction of this context; `begun` hears of each letter whose code is spent."""
        self._context = context
        self._begun = begun
        self._session = context.session
        self._keys = context.keys

    def mint(self, new: NewStartCode) -> MintedStartCode | Refused:
        """Return a new code, or refuse with NOT_FOUND where the district has no such student."""
        if new.student is not None and self._access_id(new.district, new.student) is None:
            return Refused(Reason.NOT_FOUND)
        code = self._context.new_token()[:LONGEST]
        row = self._row(new, code)
        self._session.execute(insert(StartCodeRow).values(row))
        return MintedStartCode(code, row["expires_at"])

    def put_on_letter(self, code: str, district: str, student: str, language: str) -> tuple[bytes, datetime]:
        """Keep a code that a letter is printed with; return what it is stored under, and until when."""
        row = self._row(NewStartCode(district, StartKind.LETTER, language, student), code)
        self._session.execute(insert(StartCodeRow).values(row))
        return row["code_hash"], row["expires_at"]

    def void(self, stored_under: Sequence[bytes]) -> None:
        """Let codes open nothing any more, as when a newer letter takes their place."""
        self._session.execute(delete(StartCodeRow).where(StartCodeRow.code_hash.in_(stored_under)))

    def find(self, code: str) -> StartCode | Refused:
        """Look at a code for parents without spending it, or refuse with TOKEN_VOID."""
        for_parents = StartCodeRow.kind.in_([kind.value for kind in FOR_PARENTS])
        unused = and_(self._named(code), StartCodeRow.used_at.is_(None), for_parents)
        row = self._session.scalar(select(StartCodeRow).where(unused))
        return VOID if row is None else self._shown(row)

    def spend(
        self, code: str, kinds: frozenset[StartKind], *, turn_id: str, within: str | None = None
    ) -> StartCode | Refused:
        """Spend a code of one of these kinds in one statement, or refuse with TOKEN_VOID.

        The same turn may spend it again: it is taken up anew where a process was killed. `within` is
        the district that somebody is signed in to; another district's code is left as it is.
        """
        first = or_(StartCodeRow.used_at.is_(None), StartCodeRow.used_by == turn_id)
        fits = and_(self._named(code), first, StartCodeRow.kind.in_([kind.value for kind in kinds]))
        if within is not None:
            fits = and_(fits, StartCodeRow.district_id == within)
        spent = update(StartCodeRow).where(fits).values(used_at=self._context.now, used_by=turn_id)
        row = self._session.scalar(spent.returning(StartCodeRow))
        if row is None:
            return VOID
        if row.kind == StartKind.LETTER.value:
            self._begun(row.code_hash)
        return self._shown(row)

    def purge(self) -> None:
        """Forget codes that are over."""
        self._session.execute(delete(StartCodeRow).where(StartCodeRow.expires_at <= self._context.now))

    def _row(self, new: NewStartCode, code: str) -> dict[str, Any]:
        told = {"language": new.language, "student": new.student, "details": dict(new.details)}
        return {
            "id": uuid4().hex,
            "district_id": new.district,
            "kind": new.kind.value,
            # Whoever reads the table cannot open a chat with it.
            "code_hash": fingerprint(code),
            "details": seal(self._keys, told),
            "created_at": self._context.now,
            "expires_at": self._context.now + LIVES[new.kind],
        }

    def _named(self, code: str) -> ColumnElement[bool]:
        # A made-up code may hold anything, also what cannot be encoded: it matches no hash then.
        readable = code[: LONGEST + 1].encode("utf-8", "backslashreplace").decode()
        named = StartCodeRow.code_hash == fingerprint(readable)
        return and_(named, StartCodeRow.expires_at > self._context.now)

    def _shown(self, row: StartCodeRow) -> StartCode:
        told = unseal(self._keys, row.details)
        student = told["student"]
        return StartCode(
            district=row.district_id,
            kind=StartKind(row.kind),
            language=told["language"],
            student=student,
            access_id=None if student is None else self._access_id(row.district_id, student),
            details=told["details"],
        )

    def _access_id(self, district: str, student: str) -> str | None:
        query = select(AccessCredential.access_id).where(
            AccessCredential.district_id == district, AccessCredential.student_id == student
        )
        return self._session.scalar(query)
