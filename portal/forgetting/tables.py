"""Say of every table what goes with a family; this is the only place that says it.

A table that is made later stands here too, or a test fails: nothing is left behind because nobody
thought of it.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from portal.accounts.models import (
    AccountNameRow,
    AccountRequestRow,
    AccountRow,
    AttemptRow,
    FeedRow,
    GateRow,
    KnownDeviceRow,
    LinkRow,
    PasswordRow,
    RequestRow,
    SessionRow,
)
from portal.core.database import Base
from portal.core.models import (
    AuditHeadRow,
    AuditRow,
    DistrictRow,
    OutboxRow,
    PseudonymKeyRow,
    TokenRow,
)
from portal.dialogue.models import (
    ChatRow,
    ConversationRow,
    InboxRow,
    JoinRow,
    MenuRow,
    PushRow,
    SeenRow,
    StartCodeRow,
    TicketRow,
    TranscriptRow,
)
from portal.dialogue.tickets import LIFE
from portal.forgetting.family import Family
from portal.forgetting.outcomes import Kind
from portal.helpdesk.desk.models import CallerCheckRow, DeskDeedRow
from portal.helpdesk.models import CaseEntryRow, CaseRow, SavedReplyRow
from portal.helpdesk.onboarding.models import LetterRow, LetterRunRow
from portal.helpdesk.requests.models import RequestNoteRow
from portal.helpdesk.staff.models import PasskeyRow, StaffInvitationRow, StaffRow, StaffSessionRow
from portal.records.models import FileRow, NotificationRow, RegistrationRow
from portal.sis.announcements import AnnouncementRow

Gone = tuple[Kind, type[Base], ColumnElement[bool]]

# These keep their rows, without anything that says whose they were: see `Forgetting`.
EMPTIED: frozenset[type[Base]] = frozenset({CaseRow, PseudonymKeyRow})
# Nothing in them is a family's own: the school's, the installation's, staff's, or a pseudonym.
NOT_THEIRS: frozenset[type[Base]] = frozenset(
    {
        AnnouncementRow,
        AuditHeadRow,
        AuditRow,
        DistrictRow,
        LetterRow,
        LetterRunRow,
        PasskeyRow,
        SavedReplyRow,
        SeenRow,
        StaffInvitationRow,
        StaffRow,
        StaffSessionRow,
        StartCodeRow,
    }
)


def gone_with(family: Family) -> Iterator[Gone]:
    """Return which rows of which tables go, in an order that leaves no row without its ground."""
    yield from _chats(family)
    yield from _left_to_do(family)
    yield from _desk(family)
    yield from _mails(family)
    yield from _account(family)


def _chats(family: Family) -> Iterator[Gone]:
    places = family.places
    own_chats = select(ChatRow.id).where(ChatRow.conversation_id.in_(places))
    inbox = and_(_said(family, InboxRow, InboxRow.received_at), _may_go(family))
    pushes = or_(PushRow.chat_id.in_(own_chats), PushRow.inbox_id.in_(select(InboxRow.id).where(inbox)))
    yield Kind.CHATS, PushRow, pushes
    yield Kind.CHATS, JoinRow, JoinRow.conversation_id.in_(places)
    yield Kind.CHATS, TicketRow, _said(family, TicketRow, TicketRow.expires_at, LIFE)
    yield Kind.CHATS, MenuRow, _said(family, MenuRow, MenuRow.created_at)
    yield Kind.CHATS, TranscriptRow, _said(family, TranscriptRow, TranscriptRow.at)
    yield Kind.CHATS, InboxRow, inbox
    yield Kind.CHATS, ChatRow, ChatRow.conversation_id.in_(places)
    yield Kind.CHATS, ConversationRow, ConversationRow.id.in_(places)


def _said(family: Family, model: type[Any], at: Any, later: timedelta = timedelta()) -> ColumnElement[bool]:
    """Return the condition on what stands in own chats, and in shared ones until the family left them."""
    shared = (
        and_(model.conversation_id == chat.conversation, at <= chat.until + later) for chat in family.shared
    )
    return or_(model.conversation_id.in_(family.places), *shared)


def _may_go(family: Family) -> ColumnElement[bool]:
    # What another parent said in a shared chat and nobody has answered yet is answered all the same.
    return or_(InboxRow.conversation_id.in_(family.places), InboxRow.answered_at.is_not(None))


def _left_to_do(family: Family) -> Iterator[Gone]:
    for model in (FileRow, FeedRow, NotificationRow):
        yield Kind.LEFT_TO_DO, model, model.account_id.in_(family.accounts)
    yield Kind.REGISTRATIONS, RegistrationRow, RegistrationRow.account_id.in_(family.accounts)


def _desk(family: Family) -> Iterator[Gone]:
    yield Kind.CASES, CaseEntryRow, CaseEntryRow.case_id.in_(family.cases)
    yield Kind.DESK, CallerCheckRow, CallerCheckRow.account_id.in_(family.accounts)
    yield Kind.DESK, DeskDeedRow, DeskDeedRow.account_id.in_(family.accounts)


def _mails(family: Family) -> Iterator[Gone]:
    # A mail that names another account or request is that one's, also where two parents share a mailbox.
    is_others = and_(OutboxRow.token_id.is_not(None), OutboxRow.token_id.in_(family.others_tokens))
    nobodys = and_(OutboxRow.recipient == "", OutboxRow.district_id == family.district, ~is_others)
    to_them = func.lower(OutboxRow.address).in_([each.lower() for each in family.addresses])
    mine = or_(
        OutboxRow.recipient.in_(family.accounts),
        OutboxRow.token_id.in_(family.tokens),
        and_(nobodys, to_them),
    )
    yield Kind.MAILS, OutboxRow, mine
    yield Kind.MAILS, TokenRow, TokenRow.token_id.in_(family.tokens)


def _account(family: Family) -> Iterator[Gone]:
    mine, places = family.accounts, [*family.places, *(each.conversation for each in family.shared)]
    nobodys = and_(AttemptRow.account_id.is_(None), AttemptRow.name_key.in_(family.counters))
    tried = or_(AttemptRow.account_id.in_(mine), nobodys)
    yield Kind.REQUESTS, RequestNoteRow, RequestNoteRow.request_id.in_(family.requests)
    yield Kind.REQUESTS, AccountRequestRow, AccountRequestRow.request_id.in_(family.requests)
    yield Kind.REQUESTS, RequestRow, RequestRow.conversation.in_(places)
    yield Kind.ATTEMPTS, AttemptRow, tried
    yield Kind.ATTEMPTS, GateRow, GateRow.k.in_(family.counters)
    yield Kind.SESSIONS, SessionRow, SessionRow.account_id.in_(mine)
    yield Kind.SESSIONS, KnownDeviceRow, KnownDeviceRow.account_id.in_(mine)
    yield Kind.PASSWORDS, PasswordRow, PasswordRow.account_id.in_(mine)
    yield Kind.LINKS, LinkRow, LinkRow.account_id.in_(mine)
    yield Kind.ACCOUNTS, AccountNameRow, AccountNameRow.account_id.in_(mine)
    yield Kind.ACCOUNTS, AccountRow, AccountRow.account_id.in_(mine)
