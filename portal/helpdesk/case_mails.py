"""Bring an answer of staff to families whom no chat brings it: a mail says where it is, the page shows it."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from portal.accounts.mailing import to_owner
from portal.accounts.models import AccountRow
from portal.accounts.outcomes import LiveSession
from portal.accounts.sessions import Sessions
from portal.core.context import Context
from portal.core.outbox import MailKind, Outbox
from portal.helpdesk.case_files import CaseFiles
from portal.helpdesk.case_outcomes import EntryKind
from portal.helpdesk.models import CaseEntryRow, CaseRow

MAILED = "mailed"
# Messages reach Telegram by themselves; every other chat must be open to be read.
PUSHED = "telegram"
MOST_SHOWN = 10


@dataclass(frozen=True, slots=True)
class CaseAnswer:
    """Show what staff answered to the family of an account."""

    number: int
    name: str
    text: str = field(repr=False)
    at: datetime


class CaseMails:
    """Tell of answers by mail, and show them to whoever is signed in, inside one transaction."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._context = context
        self._session = context.session
        self._files = CaseFiles(context)

    def answered(self, row: CaseRow, *, has_chat: bool) -> None:
        """Mail to the family that an answer waits, where it would not see it in a chat; once until it read.

        The mail goes to the address that the account has, never to one that was typed into the case, and
        says nothing of what was asked or answered.
        """
        account = self._session.get(AccountRow, row.account_id) if row.account_id else None
        if account is None or not account.email or account.disabled_at is not None:
            return
        if (has_chat and self._sees_its_chat(row)) or self._was_mailed(row):
            return
        Outbox(self._context).put(
            row.district_id, MailKind.CASE_ANSWERED, to_owner(account, row.language), number=row.number
        )
        self._files.happened(row, MAILED)

    def read(self, live: LiveSession) -> tuple[CaseAnswer, ...]:
        """Return what staff answered lately in the cases of an account, the newest first, as heard by now."""
        query = (
            select(CaseEntryRow, CaseRow)
            .join(CaseRow, CaseRow.case_id == CaseEntryRow.case_id)
            .where(CaseRow.district_id == live.district, CaseRow.account_id == live.account_id)
            .where(CaseEntryRow.kind == EntryKind.STAFF.value)
            .order_by(CaseEntryRow.id.desc())
            .limit(MOST_SHOWN)
        )
        found = [(entry, row) for entry, row in self._session.execute(query)]
        names = self._files.names({entry.by for entry, _ in found})
        for entry, row in found:
            if entry.told_at is None:
                entry.told_at = self._context.now
                row.unread = max(0, row.unread - 1)
        return tuple(
            CaseAnswer(row.number, names.get(entry.by, ""), self._files.text(entry), entry.at)
            for entry, row in found
            if self._files.text(entry)
        )

    def _sees_its_chat(self, row: CaseRow) -> bool:
        # Whoever was active in the chat within the time-out is still about; nobody else looks at its page.
        live = Sessions(self._context).any_scope(row.conversation_id, touch=False)
        return row.channel == PUSHED or (isinstance(live, LiveSession) and live.account_id == row.account_id)

    def _was_mailed(self, row: CaseRow) -> bool:
        """Tell whether a mail told of an answer that the family has not read yet."""
        history = self._files.history(row)
        mailed = max((each.id for each in history if each.what == MAILED), default=0)
        return any(
            each.kind is EntryKind.STAFF and each.told_at is None and each.id < mailed for each in history
        )
