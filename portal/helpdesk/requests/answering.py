"""Let a family read what its school asked about its request, and answer: in its chat, or behind a mail."""

from sqlalchemy import select

from portal.accounts.mailing import RequestState
from portal.accounts.models import AccountRequestRow
from portal.accounts.names import is_storable
from portal.core.audit import Audit, AuditEvent
from portal.core.context import Context
from portal.core.districts import Districts
from portal.core.outbox import MailKind, Outbox, To
from portal.core.outcomes import Reason, Refused, Violation
from portal.core.secret import Secret
from portal.core.tokens import VOID, OpenToken, TokenPurpose, Tokens
from portal.helpdesk.requests.models import RequestNoteRow
from portal.helpdesk.requests.notes import MOST_WORDS, RequestNotes
from portal.helpdesk.requests.outcomes import Answered, FamilyLetter, NoteKind


class RequestAnswers:
    """Give a family the question that is open, and keep its answer with the request."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._context = context
        self._session = context.session
        self._notes = RequestNotes(context)

    def question(self, conversation: str) -> str | None:
        """Return the question that is open in a conversation, if one is."""
        asked = self._asked_in(conversation)
        return None if asked is None else self._notes.words(asked[1])["words"]

    def answer(self, conversation: str, words: str) -> Answered | Refused:
        """Keep the answer that a family gave in its chat; refuse with ALREADY_DONE where none is awaited."""
        asked = self._asked_in(conversation)
        if asked is None:
            return Refused(Reason.ALREADY_DONE)
        row = asked[0]
        return self._kept(row, words)

    def read(self, district: str, token: Secret) -> FamilyLetter | Refused:
        """Show what the school wrote to whoever holds the token of its mail; looking spends nothing."""
        found = self._behind(district, token)
        if isinstance(found, Refused):
            return found
        row, _ = found
        kind = NoteKind.REJECTED if row.state == RequestState.REJECTED else NoteKind.QUESTION
        newest = self._notes.last(row.request_id, kind)
        if newest is None:
            return VOID
        can_answer = kind is NoteKind.QUESTION and self._open(row) is not None
        # Why staff decided so is theirs to read.
        words = {name: text for name, text in self._notes.words(newest).items() if name != "reason"}
        return FamilyLetter(kind, words, can_answer)

    def answer_by_mail(self, district: str, token: Secret, words: str) -> Answered | Refused:
        """Keep the answer of whoever holds the token of the question's mail."""
        found = self._behind(district, token)
        if isinstance(found, Refused):
            return found
        row, held = found
        if self._open(row) is None:
            return Refused(Reason.ALREADY_DONE)
        kept = self._kept(row, words)
        if isinstance(kept, Answered):
            Tokens(self._context).spend(district, held.purpose, token)
        return kept

    def _behind(self, district: str, token: Secret) -> tuple[AccountRequestRow, OpenToken] | Refused:
        held = Tokens(self._context).find(district, TokenPurpose.ANSWER_REQUEST, token)
        if isinstance(held, Refused):
            return held
        row = self._held(held.details.get("request_id", ""))
        return VOID if row is None else (row, held)

    def _asked_in(self, conversation: str) -> tuple[AccountRequestRow, RequestNoteRow] | None:
        query = select(AccountRequestRow).where(
            AccountRequestRow.conversation == conversation,
            AccountRequestRow.state == RequestState.STAFF.value,
        )
        for row in self._session.scalars(query.order_by(AccountRequestRow.created_at.desc())):
            held = self._held(row.request_id)
            question = None if held is None else self._open(held)
            if held is not None and question is not None:
                return held, question
        return None

    def _held(self, request_id: str) -> AccountRequestRow | None:
        # Held until the answer is written: staff may be deciding in this moment.
        locked = not self._context.read_only
        return self._session.get(
            AccountRequestRow, request_id, with_for_update=locked, populate_existing=True
        )

    def _open(self, row: AccountRequestRow) -> RequestNoteRow | None:
        is_waiting = row.state == RequestState.STAFF
        return self._notes.open_question(row.request_id) if is_waiting else None

    def _kept(self, row: AccountRequestRow, words: str) -> Answered | Refused:
        text = words.strip()
        if not text or len(text) > MOST_WORDS or not is_storable(*_lines(text)):
            key = "empty" if not text else "too_long" if len(text) > MOST_WORDS else "characters"
            return Refused(Reason.FIELDS_REFUSED, violations=(Violation(key, field="reply"),))
        self._notes.add(row, NoteKind.ANSWER, {"words": text})
        subject = f"request:{row.request_id}"
        Audit(self._context).record(row.district_id, AuditEvent.REQUEST_ANSWERED, subject=subject)
        district = Districts(self._context).get_one(row.district_id)
        Outbox(self._context).put(
            row.district_id, MailKind.STAFF_REQUEST, To(district.options.help_at().email)
        )
        # The chats of staff hear of it as of a new one.
        row.told_at = None
        return Answered()


def _lines(text: str) -> list[str]:
    return [text[start : start + 1000] for start in range(0, len(text), 1000)]
