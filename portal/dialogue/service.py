"""Keep conversations: what arrived, who answers it, what was said, which buttons were offered."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, delete, insert, select, update

from portal.accounts.sessions import Sessions
from portal.core.database import table_of
from portal.core.leases import is_free
from portal.core.sealed import seal, unseal, unsealed_or_none
from portal.core.shallow import by_name
from portal.dialogue.arriving import LEASE, Arriving
from portal.dialogue.models import ConversationRow, InboxRow, MenuRow, PushRow, TicketRow, TranscriptRow
from portal.dialogue.outcomes import (
    Answer,
    Choice,
    Conversation,
    Recorded,
    Work,
)
from portal.dialogue.pushing import Pushes

HISTORY_LINES = 200
REPEATS_KEPT = timedelta(days=7)
BUTTONS_KEPT = timedelta(days=90)
BUTTON_VERSION = "1"
# An answer is stored in a transaction of its own: there are no loaded rows to bring up to date.
NOTHING_LOADED = {"synchronize_session": False}
# Each turn ends with these statements: they are built once.
_TALKS = table_of(ConversationRow)
_INBOX = table_of(InboxRow)
KEPT = (
    update(_TALKS)
    .where(_TALKS.c.id == bindparam("conversation"), _TALKS.c.lease_owner == bindparam("owner"))
    .values(
        state=bindparam("left"),
        language=bindparam("spoken"),
        district_id=bindparam("district"),
        secret_pending=bindparam("pending"),
        session_id=bindparam("given_in"),
        lease_owner=None,
        lease_until=None,
    )
    .returning(_TALKS.c.id)
)
ANSWERED = (
    update(_INBOX)
    .where(_INBOX.c.id == bindparam("message"))
    .values(
        payload=None,
        replies=bindparam("answer"),
        session_id=bindparam("given_in"),
        answered_at=bindparam("at"),
    )
)
ADD_LINES = insert(table_of(TranscriptRow))
ADD_MENUS = insert(table_of(MenuRow))


def button_key(menu: str, position: int) -> str:
    """Return what a button carries: a version, its menu and its place, and nothing of its meaning."""
    return f"{BUTTON_VERSION}.{menu}.{position}"


class Dialogue(Arriving):
    """Receive, lease, answer and remember, inside one transaction."""

    def find(self, channel: str, sender: str) -> Conversation | None:
        """Return the conversation of this sender, if there ever was a message."""
        row = self._row_of(channel, sender)
        return None if row is None else self._shown(row)

    def renew(self, work: Work) -> bool:
        """Keep the lease during a long turn; False when it is lost."""
        renewed = update(ConversationRow).where(_leased(work)).values(lease_until=self._context.now + LEASE)
        return self._session.execute(renewed.returning(ConversationRow.id)).first() is not None

    def finish(self, answer: Answer) -> bool:
        """Store an answer with all that it changed and give the lease back.

        False, and nothing is stored, when the lease was lost: another process answers then.
        """
        conversation = answer.work.conversation
        private = any(line.private for line in answer.lines)
        session_id = self.live_session(conversation.id) if private else None
        if not self._kept(answer, session_id):
            return False
        answered = {
            "message": answer.work.pending.inbox_id,
            "answer": seal(self._keys, list(answer.replies)),
            "given_in": session_id,
            "at": self._context.now,
        }
        self._session.execute(ANSWERED, answered)
        Pushes(self._context).answered(answer.work.pending.inbox_id)
        self.mark_heard(answer.work.news)
        self._record(answer, session_id)
        if conversation.secret_pending and not answer.secret_pending:
            self.void_tickets(conversation.id)
        return True

    def replies(self, inbox_id: int) -> tuple[Mapping[str, Any], ...] | None:
        """Return the replies to a message, or None while it waits; none where its chat was forgotten."""
        row = self._session.get(InboxRow, inbox_id, populate_existing=True)
        return () if row is None else self._replies(row)

    def unanswered(self) -> tuple[str, ...]:
        """Name the conversations in which a message waits."""
        waiting = and_(InboxRow.answered_at.is_(None), InboxRow.news.is_(None))
        return tuple(self._session.scalars(select(InboxRow.conversation_id).where(waiting).distinct()))

    def left_behind(self, age: timedelta) -> tuple[str, ...]:
        """Name the conversations in which a message has waited so long while nobody answers there."""
        now = self._context.now
        waiting = and_(InboxRow.answered_at.is_(None), InboxRow.news.is_(None))
        old = and_(waiting, InboxRow.received_at <= now - age)
        free = is_free(ConversationRow.lease_until, now, LEASE)
        theirs = select(InboxRow.conversation_id).join(
            ConversationRow, ConversationRow.id == InboxRow.conversation_id
        )
        return tuple(self._session.scalars(theirs.where(old, free).distinct()))

    def history(self, conversation: str) -> tuple[Recorded, ...]:
        """Return the last lines since another parent, or the last one, was signed out.

        The private ones of a session that has ended stay hidden when the same parent comes back.
        """
        mine = TranscriptRow.conversation_id == conversation
        ended = Sessions(self._context).others_ended(conversation)
        if ended is not None:
            mine = and_(mine, TranscriptRow.at >= ended)
        newest = select(TranscriptRow).where(mine).order_by(TranscriptRow.id.desc()).limit(HISTORY_LINES)
        rows = list(self._session.scalars(newest))[::-1]
        live = self.live_session(conversation) if any(row.private for row in rows) else None
        shown = [row for row in rows if not row.private or (live and row.session_id == live)]
        read = (
            (row, unsealed_or_none(self._keys, row.content, table="transcript", row=row.id)) for row in shown
        )
        return tuple(Recorded(content, row.private, row.at) for row, content in read if content is not None)

    def steps(self, conversation: str) -> tuple[Mapping[str, Any], ...]:
        """Return who said what until now, without what came from a child's records."""
        return tuple(
            {"author": line.content["author"], "text": text, "at": line.at}
            for line in self.history(conversation)
            if not line.private and (text := line.content["reply"].get("text"))
        )

    def chosen(self, conversation: str, key: str) -> Choice | None:
        """Return the choice behind a pressed button, if it was offered in this conversation."""
        version, _, rest = key.partition(".")
        menu, _, position = rest.partition(".")
        if version != BUTTON_VERSION or not (position.isascii() and position.isdigit()):
            return None
        mine = and_(MenuRow.id == menu, MenuRow.conversation_id == conversation)
        # What was offered to another parent is not for the one who is signed in now.
        ended = self.live_session(conversation) and Sessions(self._context).others_ended(conversation)
        if ended:
            mine = and_(mine, MenuRow.created_at >= ended)
        sealed = self._session.scalar(select(MenuRow.choices).where(mine)) if menu.isalnum() else None
        choices = [] if sealed is None else unseal(self._keys, sealed)
        if len(position) > 3 or int(position) >= len(choices):
            return None
        return Choice(**choices[int(position)])

    def _kept(self, answer: Answer, session_id: str | None) -> bool:
        values = {
            "conversation": answer.work.conversation.id,
            "owner": answer.work.lease_owner,
            "left": seal(self._keys, answer.state),
            "spoken": answer.language,
            "district": answer.district,
            "pending": answer.secret_pending,
            "given_in": session_id,
        }
        return self._session.execute(KEPT, values).first() is not None

    def _record(self, answer: Answer, session_id: str | None) -> None:
        place = {"district_id": answer.district, "conversation_id": answer.work.conversation.id}
        lines = [
            {
                **place,
                "content": seal(self._keys, line.content),
                "private": line.private,
                "session_id": session_id if line.private else None,
                "at": self._context.now,
            }
            for line in answer.lines
        ]
        menus = [
            {
                **place,
                "id": key,
                "choices": seal(self._keys, [by_name(choice) for choice in choices]),
                "created_at": self._context.now,
            }
            for key, choices in answer.menus.items()
        ]
        if lines:
            self._session.execute(ADD_LINES, lines)
        if menus:
            self._session.execute(ADD_MENUS, menus)

    def purge(self) -> None:
        """Forget repeats, tickets and buttons so old that nobody comes back to them."""
        old = self._context.now - REPEATS_KEPT
        answered = and_(InboxRow.answered_at.is_not(None), InboxRow.answered_at <= old)
        unheard = and_(InboxRow.news.is_not(None), InboxRow.received_at <= old)
        for model, is_old in (
            (PushRow, PushRow.created_at <= old),
            (InboxRow, answered),
            (InboxRow, unheard),
            (TicketRow, TicketRow.expires_at <= old),
            (MenuRow, MenuRow.created_at <= self._context.now - BUTTONS_KEPT),
        ):
            self._session.execute(delete(model).where(is_old), execution_options=NOTHING_LOADED)


def _leased(work: Work) -> ColumnElement[bool]:
    owned = ConversationRow.lease_owner == work.lease_owner
    return and_(ConversationRow.id == work.conversation.id, owned)
