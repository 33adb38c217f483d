"""Hold the family's side of a case: who hears what in the chat, and what is said there to staff."""

from collections.abc import Callable

from sqlalchemy import bindparam, or_, select

from portal.accounts.outcomes import LiveSession
from portal.accounts.sessions import Sessions
from portal.core.context import Context
from portal.core.districts import District, Districts
from portal.helpdesk.case_files import CaseFiles
from portal.helpdesk.case_outcomes import CaseNews, CaseWords, EntryKind, HandedOver
from portal.helpdesk.casework import LIVE_FOR, TellChat
from portal.helpdesk.models import CaseEntryRow, CaseRow
from portal.helpdesk.outcomes import CaseState
from portal.helpdesk.staff.models import StaffRow

# Every message of every chat asks for its case: built once.
LOOKED_AT = (
    select(CaseRow)
    .where(
        CaseRow.conversation_id == bindparam("conversation"),
        or_(CaseRow.live_until.is_not(None), CaseRow.unread > 0),
    )
    .order_by(CaseRow.number)
)


class CaseChats:
    """Join chats with cases, inside one transaction."""

    def __init__(
        self, context: Context, tell: TellChat, tell_staff: Callable[[District, int, str], None]
    ) -> None:
        """Work in one transaction; `tell` puts news into a conversation, `tell_staff` into their chats."""
        self._context = context
        self._session = context.session
        self._files = CaseFiles(context)
        self._tell = tell
        self._tell_staff = tell_staff

    def handed_over(self, conversation: str) -> HandedOver | None:
        """Return the case that what is written in a conversation goes to, if staff are in it now.

        Whoever left without handing it back is out after a while, and the family is told so. What somebody
        could not be told while they were signed out is told now.
        """
        found: HandedOver | None = None
        for row in self._looked_at(conversation):
            if not self._may_hear(row):
                continue
            if row.unread:
                self._tell_again(row)
            if row.live_until is None:
                continue
            if row.live_until <= self._context.now:
                self._lapse(row)
            else:
                found = HandedOver(row.number, self._name(row.live_by))
        return found

    def hear(self, conversation: str, number: int, text: str) -> None:
        """Add what the family wrote to the case that it is about."""
        row = self._of(conversation, number)
        if row is None:
            return
        self._files.write(row, EntryKind.PARENT, {"text": text})
        row.waiting_since = row.waiting_since or self._context.now
        if row.state == CaseState.CLOSED.value:
            # It was closed while the family was writing: nobody would read it there.
            self._reopen(row)

    def words(self, conversation: str, entry_id: str) -> CaseWords | None:
        """Return what staff said, and note that it is heard; None where it is not for who is there now."""
        entry = self._session.get(CaseEntryRow, int(entry_id)) if entry_id.isdigit() else None
        row = None if entry is None else self._session.get(CaseRow, entry.case_id, with_for_update=True)
        if entry is None or row is None or row.conversation_id != conversation or not self._may_hear(row):
            return None
        if entry.told_at is None:
            entry.told_at = self._context.now
            row.unread = max(0, row.unread - 1)
        is_live = row.live_until is not None and row.live_until > self._context.now
        return CaseWords(row.number, self._name(entry.by), self._files.text(entry), is_live)

    def may_hear(self, conversation: str, number: int) -> bool:
        """Tell whether whoever is in a conversation now may hear of one of its cases."""
        row = self._of(conversation, number)
        return row is not None and self._may_hear(row)

    def leave(self, conversation: str) -> int | None:
        """Hand a chat back to the assistant, as the family asks; return the case that stays open."""
        row = next((each for each in self._looked_at(conversation) if each.live_until is not None), None)
        if row is None:
            return None
        self._end_live(row, "left")
        return row.number

    def judge(self, conversation: str, number: int, *, helped: bool) -> bool:
        """Keep the family's answer to whether it helped; a no opens the case again. False if it is late."""
        row = self._of(conversation, number)
        if row is None or row.state != CaseState.CLOSED.value or not self._may_hear(row):
            return False
        row.helped = helped
        self._files.happened(row, "helped" if helped else "not_helped")
        if not helped:
            row.waiting_since = self._context.now
            self._reopen(row)
            self._call(row)
        return True

    def join(self, conversation: str, number: int) -> HandedOver | None:
        """Let what the family writes from here on go to its case, whether or not staff look at once."""
        row = self._of(conversation, number)
        if row is None or row.state != CaseState.OPEN.value or not self._may_hear(row):
            return None
        row.live_by = row.live_by or row.assigned_to
        row.live_until = max(row.live_until or self._context.now, self._context.now + LIVE_FOR)
        self._files.happened(row, "joined")
        self._call(row)
        return HandedOver(row.number, self._name(row.live_by))

    def _call(self, row: CaseRow) -> None:
        """Let staff know that a family is back, who may not be looking at its case any more."""
        self._tell_staff(Districts(self._context).get_one(row.district_id), row.number, row.kind)

    @staticmethod
    def _reopen(row: CaseRow) -> None:
        row.state, row.closed_at = CaseState.OPEN.value, None
        row.version += 1

    def _looked_at(self, conversation: str) -> list[CaseRow]:
        return list(self._session.scalars(LOOKED_AT, {"conversation": conversation}))

    def _of(self, conversation: str, number: int) -> CaseRow | None:
        mine = (CaseRow.conversation_id == conversation, CaseRow.number == number)
        return self._session.scalar(select(CaseRow).where(*mine).with_for_update())

    def _may_hear(self, row: CaseRow) -> bool:
        # Computers are shared: what was asked by one parent is not answered to another.
        sessions = Sessions(self._context)
        live = sessions.any_scope(row.conversation_id, touch=False)
        if row.account_id is None:
            ended = sessions.others_ended(row.conversation_id)
            return ended is None or ended <= row.opened_at
        if isinstance(live, LiveSession):
            return live.account_id == row.account_id
        return row.conversation_id in sessions.conversations_of(row.account_id)

    def _tell_again(self, row: CaseRow) -> None:
        untold = select(CaseEntryRow.id).where(
            CaseEntryRow.case_id == row.case_id,
            CaseEntryRow.kind == EntryKind.STAFF.value,
            CaseEntryRow.told_at.is_(None),
        )
        for entry in self._session.scalars(untold.order_by(CaseEntryRow.id)):
            self._tell(row.conversation_id, CaseNews.SAID, {"entry": str(entry)})

    def _lapse(self, row: CaseRow) -> None:
        self._end_live(row, "lapsed")
        self._tell(row.conversation_id, CaseNews.LEFT, {"number": str(row.number)})

    def _end_live(self, row: CaseRow, what: str) -> None:
        row.live_by = row.live_until = None
        row.version += 1
        self._files.happened(row, what)

    def _name(self, staff_id: str | None) -> str:
        staff = self._session.get(StaffRow, staff_id) if staff_id else None
        return "" if staff is None else staff.name
