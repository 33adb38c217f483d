"""Keep what was asked, answered and said about requests; what people wrote is encrypted."""

from collections.abc import Mapping, Sequence
from uuid import uuid4

from sqlalchemy import select

from portal.accounts.models import AccountRequestRow
from portal.core.context import Context
from portal.core.sealed import seal, unseal
from portal.helpdesk.requests.models import RequestNoteRow
from portal.helpdesk.requests.outcomes import Note, NoteKind
from portal.helpdesk.staff.models import StaffRow

# A page of it: whoever has more to say is called.
MOST_WORDS = 2000


class RequestNotes:
    """Write and read the steps of requests inside one transaction."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._context = context
        self._session = context.session

    def add(
        self,
        request: AccountRequestRow,
        kind: NoteKind,
        words: Mapping[str, str],
        *,
        by: str = "",
        note_id: str = "",
    ) -> None:
        """Write one step, under an id of the caller's own where it names one."""
        row = RequestNoteRow(
            note_id=note_id or uuid4().hex,
            district_id=request.district_id,
            request_id=request.request_id,
            kind=kind.value,
            by=by,
            words=seal(self._context.keys, {name: text[:MOST_WORDS] for name, text in words.items()}),
            at=self._context.now,
        )
        self._session.add(row)
        self._session.flush()

    def knows(self, note_id: str) -> bool:
        """Tell whether a step was written already."""
        return self._session.get(RequestNoteRow, note_id) is not None

    def of(self, request_id: str) -> tuple[Note, ...]:
        """Return the steps of a request, the first first, with the names of who took them."""
        rows = self._rows(request_id)
        names = self._names({row.by for row in rows if row.by})
        return tuple(Note(NoteKind(row.kind), row.at, names.get(row.by, ""), self.words(row)) for row in rows)

    def open_question(self, request_id: str) -> RequestNoteRow | None:
        """Return the last question to the family that it has not answered, if there is one."""
        said = [row for row in self._rows(request_id) if row.kind in {NoteKind.QUESTION, NoteKind.ANSWER}]
        return said[-1] if said and said[-1].kind == NoteKind.QUESTION else None

    def last(self, request_id: str, kind: NoteKind) -> RequestNoteRow | None:
        """Return the last step of a kind."""
        return next((row for row in reversed(self._rows(request_id)) if row.kind == kind), None)

    def words(self, row: RequestNoteRow) -> Mapping[str, str]:
        """Return what a step says."""
        words: Mapping[str, str] = unseal(self._context.keys, row.words)
        return words

    def _rows(self, request_id: str) -> Sequence[RequestNoteRow]:
        query = select(RequestNoteRow).where(RequestNoteRow.request_id == request_id)
        # A question and its answer may fall into one instant of the clock.
        order = (RequestNoteRow.at, RequestNoteRow.kind.desc(), RequestNoteRow.note_id)
        return self._session.scalars(query.order_by(*order)).all()

    def _names(self, who: set[str]) -> dict[str, str]:
        ids = [each.removeprefix("staff:") for each in who]
        query = select(StaffRow.staff_id, StaffRow.name).where(StaffRow.staff_id.in_(ids))
        return {f"staff:{staff_id}": name for staff_id, name in self._session.execute(query)}
