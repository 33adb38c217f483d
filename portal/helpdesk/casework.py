"""Work on cases: answer, note, give to somebody, set a time, close; each change once."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import select

from portal.accounts.models import AccountRow
from portal.accounts.names import compared
from portal.accounts.sessions import Sessions
from portal.core.audit import Audit, AuditEvent
from portal.core.context import Context
from portal.core.outcomes import Reason, Refused, Violation
from portal.helpdesk.case_files import NOT_FOUND, CaseFiles
from portal.helpdesk.case_mails import CaseMails
from portal.helpdesk.case_outcomes import CaseChanged, CaseNews, EntryKind
from portal.helpdesk.models import CaseRow
from portal.helpdesk.outcomes import CaseKind, CaseOpened, CaseState, NewCase
from portal.helpdesk.staff.models import StaffRow
from portal.helpdesk.staff.outcomes import StaffMember
from portal.helpdesk.staff.roles import Deed
from portal.helpdesk.staff.scope import Scope
from portal.helpdesk.staff.sessions import member_of

# Tells a conversation of its case; one that is not a chat's hears nothing.
TellChat = Callable[[str, CaseNews, Mapping[str, str]], bool]
Outcome = CaseChanged | Refused
# Nobody is left with a silent chat because somebody at the desk went home.
LIVE_FOR = timedelta(minutes=30)
MOST_WORDS = 1024
FORBIDDEN = Refused(Reason.FORBIDDEN)
OUTDATED = Refused(Reason.OUTDATED)


class Casework:
    """Do what staff do with cases, inside one transaction."""

    def __init__(self, context: Context, open_case: Callable[[NewCase], CaseOpened], tell: TellChat) -> None:
        """Work in one transaction; `tell` lets a family hear of its case in its chat."""
        self._context = context
        self._session = context.session
        self._files = CaseFiles(context)
        self._open = open_case
        self._tell = tell

    def note(self, member: StaffMember, number: int, text: str, request_id: str) -> Outcome:
        """Write down what only staff read."""
        row = self._mine(member, number, text=text)
        if isinstance(row, Refused):
            return row
        if not self._files.was_written(row, request_id):
            self._files.write(
                row, EntryKind.NOTE, {"text": _plain(text)}, by=member.staff_id, request_id=request_id
            )
            self._record(row, member, AuditEvent.CASE_CHANGED, what="noted")
        return CaseChanged(number)

    def answer(self, member: StaffMember, number: int, text: str, request_id: str) -> Outcome:
        """Say something to the family, which hears it in its chat, or by mail that it waits."""
        row = self._mine(member, number, text=text)
        if isinstance(row, Refused):
            return row
        if self._files.was_written(row, request_id):
            return CaseChanged(number)
        if row.state != CaseState.OPEN.value:
            return Refused(Reason.OUTDATED)
        entry = self._files.write(
            row, EntryKind.STAFF, {"text": _plain(text)}, by=member.staff_id, request_id=request_id
        )
        row.first_answer_at = row.first_answer_at or self._context.now
        row.waiting_since = None
        row.assigned_to = row.assigned_to or member.staff_id
        if self._is_live(row):
            row.live_until = self._context.now + LIVE_FOR
        row.unread += 1
        has_chat = self._tell(row.conversation_id, CaseNews.SAID, {"entry": str(entry.id)})
        CaseMails(self._context).answered(row, has_chat=has_chat)
        self._record(row, member, AuditEvent.CASE_ANSWERED)
        return CaseChanged(number)

    def assign(self, member: StaffMember, number: int, staff_id: str, version: int) -> Outcome:
        """Give a case to somebody who may work on it, or with an empty id to nobody."""
        row = self._mine(member, number, version=version)
        if isinstance(row, Refused):
            return row
        if staff_id and not self._may_have(member, staff_id, number):
            return Refused(Reason.INVALID_REQUEST)
        row.assigned_to = staff_id or None
        name = self._files.names({staff_id}).get(staff_id, "")
        self._changed(row, member, "assigned" if staff_id else "unassigned", name=name)
        return CaseChanged(number)

    def set_due(self, member: StaffMember, number: int, due: datetime | None, version: int) -> Outcome:
        """Say by when a case should have its answer."""
        row = self._mine(member, number, version=version)
        if isinstance(row, Refused):
            return row
        row.due_at = due
        self._changed(row, member, "due" if due else "no_due", at=due.isoformat() if due else "")
        return CaseChanged(number)

    def take_over(self, member: StaffMember, number: int, version: int) -> Outcome:
        """Take the family's chat over: what it writes comes here, and the assistant is silent."""
        row = self._mine(member, number, version=version)
        if isinstance(row, Refused):
            return row
        if row.state != CaseState.OPEN.value:
            return OUTDATED
        if not self._tell(row.conversation_id, CaseNews.TAKEN, {"number": str(number), "name": member.name}):
            return Refused(Reason.INVALID_REQUEST)
        row.live_by, row.live_until = member.staff_id, self._context.now + LIVE_FOR
        row.assigned_to = row.assigned_to or member.staff_id
        self._changed(row, member, "taken_over")
        return CaseChanged(number)

    def hand_back(self, member: StaffMember, number: int) -> Outcome:
        """Let the assistant answer in the family's chat again; twice is once."""
        row = self._mine(member, number)
        if isinstance(row, Refused):
            return row
        if row.live_by is not None:
            self._leave(row)
            self._changed(row, member, "handed_back")
            self._tell(row.conversation_id, CaseNews.LEFT, {"number": str(number)})
        return CaseChanged(number)

    def close(self, member: StaffMember, number: int, done: str, version: int) -> Outcome:
        """Close a case with what was done, and ask the family whether it helped."""
        row = self._mine(member, number, version=version, text=done)
        if isinstance(row, Refused):
            return row
        if row.state != CaseState.OPEN.value:
            return Refused(Reason.ALREADY_DONE)
        self._leave(row)
        row.state, row.closed_at, row.waiting_since = CaseState.CLOSED.value, self._context.now, None
        row.helped = None
        self._files.write(row, EntryKind.NOTE, {"text": _plain(done)}, by=member.staff_id)
        self._changed(row, member, "closed", event=AuditEvent.CASE_CLOSED)
        self._tell(row.conversation_id, CaseNews.CLOSED, {"number": str(number)})
        return CaseChanged(number)

    def reopen(self, member: StaffMember, number: int, version: int) -> Outcome:
        """Open a closed case again."""
        row = self._mine(member, number, version=version)
        if isinstance(row, Refused):
            return row
        if row.state == CaseState.OPEN.value:
            return Refused(Reason.ALREADY_DONE)
        row.state, row.closed_at, row.helped = CaseState.OPEN.value, None, None
        self._changed(row, member, "reopened")
        return CaseChanged(number)

    def open_for(self, member: StaffMember, username: str, kind: CaseKind, text: str) -> CaseOpened | Refused:
        """Open a case for a parent; where they have a chat they hear of it there when it is answered."""
        if not member.may(Deed.WORK_CASES):
            return FORBIDDEN
        named = AccountRow.username_key == compared(username)
        account_id = self._session.scalar(
            select(AccountRow.account_id).where(named, Scope(self._context, member).accounts())
        )
        if account_id is None:
            return NOT_FOUND
        if (wrong := _wrong(text)) is not None:
            return wrong
        return self._open(self._new(member, account_id, kind, text))

    def _new(self, member: StaffMember, account_id: str, kind: CaseKind, text: str) -> NewCase:
        chats = Sessions(self._context).conversations_of(account_id)
        # A page is nowhere that somebody could be answered; without a chat the case is the account's own.
        chat = next((name for name, channel in chats.items() if channel != "web"), "")
        return NewCase(
            district=member.district,
            kind=kind,
            conversation=chat or f"account:{account_id}",
            channel=chats.get(chat, "desk"),
            language=self._language(account_id),
            account_id=account_id,
            details={"happened": _plain(text)},
            opened_by=member.staff_id,
        )

    def _language(self, account_id: str) -> str:
        return self._session.get_one(AccountRow, account_id).language or "en"

    def _mine(
        self, member: StaffMember, number: int, *, version: int | None = None, text: str | None = None
    ) -> CaseRow | Refused:
        if not member.may(Deed.WORK_CASES):
            return FORBIDDEN
        row = self._files.find(member, number, to_change=True)
        if row is None:
            return NOT_FOUND
        if version is not None and version != row.version:
            return OUTDATED
        return (None if text is None else _wrong(text)) or row

    def _may_have(self, member: StaffMember, staff_id: str, number: int) -> bool:
        given = self._session.get(StaffRow, staff_id)
        if given is None or given.district_id != member.district or given.disabled_at is not None:
            return False
        colleague = member_of(given)
        return colleague.may(Deed.WORK_CASES) and self._files.find(colleague, number) is not None

    def _is_live(self, row: CaseRow) -> bool:
        return row.live_until is not None and row.live_until > self._context.now

    @staticmethod
    def _leave(row: CaseRow) -> None:
        row.live_by = row.live_until = None

    def _changed(
        self,
        row: CaseRow,
        member: StaffMember,
        what: str,
        *,
        event: AuditEvent = AuditEvent.CASE_CHANGED,
        **data: str,
    ) -> None:
        row.version += 1
        self._files.happened(row, what, by=member.staff_id, **data)
        self._record(row, member, event, what=what)

    def _record(self, row: CaseRow, member: StaffMember, event: AuditEvent, **details: str) -> None:
        Audit(self._context).record(
            row.district_id, event, subject=f"case:{row.case_id}", by=member.by, **details
        )


def _plain(text: str) -> str:
    # Browsers end the lines of a field in a way of their own.
    return text.replace("\r\n", "\n").strip()


def _wrong(text: str) -> Refused | None:
    if not text.strip():
        return Refused(Reason.FIELDS_REFUSED, violations=(Violation("empty", field="text"),))
    if len(text) > MOST_WORDS:
        return Refused(Reason.FIELDS_REFUSED, violations=(Violation("too_long", field="text"),))
    return None
