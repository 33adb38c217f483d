"""Let go, each hour, of what was kept long enough; `RULES` says of everything how long that is."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete, exists, or_, select, update

from portal.accounts import attempts, devices, gate, requests, sessions, waiting
from portal.accounts.models import SessionRow
from portal.core import tokens
from portal.core.audit import Audit
from portal.core.context import Context
from portal.core.districts import Districts
from portal.core.options import CASE_TEXT_DAYS, CHAT_HISTORY_DAYS
from portal.delivery import service as delivery
from portal.dialogue import service as dialogue
from portal.dialogue.models import (
    ChatRow,
    ConversationRow,
    InboxRow,
    JoinRow,
    MenuRow,
    TicketRow,
    TranscriptRow,
)
from portal.forgetting.emptying import empty_cases
from portal.helpdesk.desk import verifying
from portal.helpdesk.desk.models import DeskDeedRow
from portal.helpdesk.models import CaseEntryRow, CaseRow
from portal.helpdesk.outcomes import CaseState
from portal.helpdesk.requests import rounds
from portal.records import feeds

# So many rows at a time, the oldest first: nobody waits long for a lock.
AT_ONCE = 2000
# A session tells whose lines of a chat are whose, so it stays longer than any line of its own.
SESSIONS_LONGER = timedelta(days=2)
NOTHING_LOADED = {"synchronize_session": False}
# How long a district keeps what its families said unless its options say otherwise, and which ones do.
CHATS = (timedelta(days=CHAT_HISTORY_DAYS), "chat_history_days")
CASES = (timedelta(days=CASE_TEXT_DAYS), "case_text_days")


@dataclass(frozen=True, slots=True)
class Rule:
    """Say how long something is kept, and by which table and column that is counted.

    `option` names the district's option that says it instead, where there is one.
    """

    what: str
    table: str
    column: str
    kept: timedelta
    option: str = ""


RULES = (
    Rule("Attempts to sign in", "attempts", "at", attempts.KEPT),
    Rule("Counters of names and devices, unless they lock", "gate", "touched", gate.FORGET_AFTER),
    Rule("Devices that are known", "known_devices", "seen_at", devices.KEPT),
    Rule("Outcomes kept for a repeat", "requests", "at", requests.KEPT),
    Rule("Places to go back to", "sessions", "seen_at", sessions.RESTORABLE_FOR),
    Rule(
        "Sessions (two days longer than what was said in them)",
        "sessions",
        "started_at",
        CHATS[0] + SESSIONS_LONGER,
        CHATS[1],
    ),
    Rule("Tokens of mails", "tokens", "expires_at", tokens.KEPT),
    Rule("Mails that left or were given up", "outbox", "sent_at", delivery.KEPT),
    Rule("Requests that no family confirmed", "account_requests", "created_at", waiting.KEPT),
    Rule("Requests that were rejected", "account_requests", "decided_at", rounds.KEPT),
    Rule("Answers kept for a repeat", "dialogue_inbox", "answered_at", dialogue.REPEATS_KEPT),
    Rule("Tickets of masked fields", "dialogue_ticket", "expires_at", dialogue.REPEATS_KEPT),
    Rule("Buttons", "dialogue_menu", "created_at", dialogue.BUTTONS_KEPT),
    Rule(
        "What was said, and chats in which nothing was said since",
        "dialogue_transcript",
        "at",
        *CHATS,
    ),
    Rule("Calendars that were switched off", "calendar_feeds", "revoked_at", feeds.KEPT),
    Rule("Checklists about callers", "desk_caller_checks", "checked_at", verifying.KEPT),
    Rule("Words of closed cases", "cases", "closed_at", *CASES),
    Rule("What the desk noted of its deeds", "desk_deeds", "done_at", *CASES),
)


class Retention:
    """Let go of chats, sessions and words of cases as each district has it, in one transaction."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._context = context
        self._session = context.session

    def purge(self) -> bool:
        """Let go of what is over; True where so much of it was that there may be more."""
        # A chat whose district nobody has said belongs to none.
        went = [self._chats("", self._before(CHAT_HISTORY_DAYS))]
        for district in Districts(self._context).all():
            options = district.options
            went.append(self._chats(district.slug, self._before(options.chat_history_days)))
            went.append(self._cases(district.slug, self._before(options.case_text_days)))
        return max(went) >= AT_ONCE

    def _before(self, days: int) -> datetime:
        return self._context.now - timedelta(days=days)

    def _chats(self, district: str, before: datetime) -> int:
        # Lines are numbered as they are said: the first ones of a district are its oldest.
        first = select(TranscriptRow.id).where(TranscriptRow.district_id == district)
        oldest = first.order_by(TranscriptRow.id).limit(AT_ONCE)
        over = and_(TranscriptRow.id.in_(oldest), TranscriptRow.at <= before)
        went = delete(TranscriptRow).where(over).returning(TranscriptRow.id)
        lines = len(list(self._session.scalars(went, execution_options=NOTHING_LOADED)))
        # Once no more lines go: it looks over all chats of the district.
        silent = self._silent(district, before) if lines < AT_ONCE else 0
        # One that was never signed out of says to which messaging app's chat news of a child may go.
        is_told = exists().where(ChatRow.conversation_id == SessionRow.conversation)
        self._run(
            delete(SessionRow).where(
                SessionRow.district_id == district,
                SessionRow.started_at <= before - SESSIONS_LONGER,
                or_(SessionRow.ended_at.is_not(None), ~is_told),
            )
        )
        return max(lines, silent)

    def _silent(self, district: str, before: datetime) -> int:
        """Let go of chats in which nothing stands any more; a messaging app's stays writable, and empty.

        News that nobody heard keep the row that they hang on, and nothing of what the chat remembers.
        """
        has_chat = exists().where(ChatRow.conversation_id == ConversationRow.id)
        has_inbox = exists().where(InboxRow.conversation_id == ConversationRow.id)
        speaks = or_(
            exists().where(TranscriptRow.conversation_id == ConversationRow.id),
            has_inbox.where(InboxRow.answered_at.is_(None), InboxRow.news.is_(None)),
            exists().where(
                CaseRow.conversation_id == ConversationRow.id, CaseRow.state == CaseState.OPEN.value
            ),
        )
        over = and_(ConversationRow.district_id == district, ConversationRow.created_at <= before, ~speaks)
        left = or_(ConversationRow.state.is_not(None), and_(~has_chat, ~has_inbox))
        mine = select(ConversationRow.id).where(over, left).limit(AT_ONCE)
        silent = list(self._session.scalars(mine.with_for_update(skip_locked=True)))
        blank = update(ConversationRow).where(ConversationRow.id.in_(silent))
        self._run(blank.values(state=None, session_id=None, secret_pending=False))
        for model in (MenuRow, TicketRow, JoinRow):
            self._run(delete(model).where(model.conversation_id.in_(silent)))
        gone = delete(ConversationRow).where(ConversationRow.id.in_(silent), ~has_chat, ~has_inbox)
        self._run(gone)
        return len(silent)

    def _cases(self, district: str, before: datetime) -> int:
        has_words = or_(
            CaseRow.account_id.is_not(None),
            CaseRow.conversation_id != "",
            exists().where(CaseEntryRow.case_id == CaseRow.case_id),
        )
        over = and_(
            CaseRow.district_id == district,
            CaseRow.state == CaseState.CLOSED.value,
            CaseRow.closed_at <= before,
        )
        query = select(CaseRow.case_id).where(over, has_words).order_by(CaseRow.opened_at).limit(AT_ONCE)
        cases = list(self._session.scalars(query.with_for_update(skip_locked=True)))
        if cases:
            self._run(delete(CaseEntryRow).where(CaseEntryRow.case_id.in_(cases)))
            empty_cases(self._context, CaseRow.case_id.in_(cases))
            for case in cases:
                Audit(self._context).forget(district, f"case:{case}")
        self._run(
            delete(DeskDeedRow).where(DeskDeedRow.district_id == district, DeskDeedRow.done_at <= before)
        )
        return len(cases)

    def _run(self, statement: Any) -> None:
        self._session.execute(statement, execution_options=NOTHING_LOADED)
