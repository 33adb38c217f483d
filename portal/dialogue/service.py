"""Keep conversations: what arrived, who answers it, what was said, which buttons were offered."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Select, and_, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from portal.accounts.sessions import Sessions
from portal.core.database import Base
from portal.core.leases import is_free, is_over
from portal.core.sealed import seal, unseal, unsealed_or_none
from portal.dialogue.models import ConversationRow, InboxRow, MenuRow, PushRow, TicketRow, TranscriptRow
from portal.dialogue.outcomes import (
    Answer,
    Arrival,
    Choice,
    Conversation,
    Pending,
    Received,
    Recorded,
    Work,
)
from portal.dialogue.pushing import Pushes
from portal.dialogue.tickets import Tickets

LEASE = timedelta(seconds=6)
HISTORY_LINES = 200
MOST_NEWS = 20
REPEATS_KEPT = timedelta(days=7)
BUTTONS_KEPT = timedelta(days=90)
BUTTON_VERSION = "1"
# An answer is stored in a transaction of its own: there are no loaded rows to bring up to date.
NOTHING_LOADED = {"synchronize_session": False}


def button_key(menu: str, position: int) -> str:
    """Return what a button carries: a version, its menu and its place, and nothing of its meaning."""
    return f"{BUTTON_VERSION}.{menu}.{position}"


class Dialogue(Tickets):
    """Receive, lease, answer and remember, inside one transaction."""

    # The row that `receive` has locked: taking it up in the same transaction needs no second look.
    _received: ConversationRow | None = None

    def find(self, channel: str, sender: str) -> Conversation | None:
        """Return the conversation of this sender, if there ever was a message."""
        row = self._row_of(channel, sender)
        return None if row is None else self._shown(row)

    def receive(self, arrival: Arrival) -> Received:
        """Store a message before anything is done about it; a repeat returns what was answered."""
        row = self._row_of(arrival.channel, arrival.sender) or self._created(arrival)
        self._received = row
        key = self._message_key(arrival.message_id)
        values = {
            "district_id": row.district_id,
            "conversation_id": row.id,
            "message_key": key,
            "turn_id": uuid4().hex,
            "payload": seal(self._keys, arrival.withheld if row.secret_pending else arrival.payload),
            "received_at": self._context.now,
        }
        stored = self._insert_once(InboxRow).values(values).returning(InboxRow.id)
        inbox_id = self._session.scalar(stored)
        if inbox_id is None:
            same = and_(InboxRow.conversation_id == row.id, InboxRow.message_key == key)
            known = self._session.scalars(select(InboxRow).where(same)).one()
            return Received(row.id, known.id, self._replies(known))
        if arrival.chat is not None:
            Pushes(self._context).expect(row.id, inbox_id, arrival.chat, arrival.context)
        return Received(row.id, inbox_id)

    def take_up(self, conversation: str, owner: str) -> Work | None:
        """Lease a conversation and return its oldest unanswered message, with the news to tell before it.

        None means that somebody else is answering it, or that no message waits: news alone do.
        """
        row = self._locked(conversation)
        if row is None or not self._free_for(row, owner):
            return None
        waiting = and_(InboxRow.conversation_id == conversation, InboxRow.answered_at.is_(None))
        # News first, then the oldest message: one look for both, unless staff wrote very much at once.
        order = (InboxRow.news.is_(None), InboxRow.id)
        first = select(InboxRow).where(waiting).order_by(*order).limit(1 + MOST_NEWS)
        rows = [each for each in self._session.scalars(first) if self._is_readable(each)]
        oldest = next((each for each in rows if each.news is None), None)
        if oldest is None and len(rows) > MOST_NEWS:
            messages = select(InboxRow).where(waiting, InboxRow.news.is_(None)).order_by(InboxRow.id)
            oldest = self._session.scalar(messages.limit(1))
            oldest = oldest if oldest is not None and self._is_readable(oldest) else None
        if oldest is None:
            return None
        row.lease_owner, row.lease_until = owner, self._context.now + LEASE
        news = tuple(self._pending(each) for each in rows if each.news is not None)
        return Work(self._shown(row), self._pending(oldest), owner, news)

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
            "payload": None,
            "replies": seal(self._keys, list(answer.replies)),
            "session_id": session_id,
            "answered_at": self._context.now,
        }
        done = update(InboxRow).where(InboxRow.id == answer.work.pending.inbox_id).values(answered)
        self._session.execute(done, execution_options=NOTHING_LOADED)
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

    def _row_of(self, channel: str, sender: str) -> ConversationRow | None:
        return self._session.scalar(self._query(channel, sender))

    def _query(self, channel: str, sender: str) -> Select[ConversationRow]:
        key = self._sender_key(channel, sender)
        mine = and_(ConversationRow.channel == channel, ConversationRow.sender_key == key)
        query = select(ConversationRow).where(mine)
        # The row lock makes the messages of one conversation arrive one after the other.
        return query if self._context.read_only else query.with_for_update(key_share=True)

    def _created(self, arrival: Arrival) -> ConversationRow:
        values = {
            "id": uuid4().hex,
            "district_id": "",
            "channel": arrival.channel,
            "sender_key": self._sender_key(arrival.channel, arrival.sender),
            "language": "",
            "secret_pending": False,
            "created_at": self._context.now,
        }
        # Two first messages at once meet here; the second finds the row that the first made.
        self._session.execute(self._insert_once(ConversationRow).values(values))
        return self._session.scalars(self._query(arrival.channel, arrival.sender)).one()

    def _insert_once(self, table: type[Base]) -> postgresql.Insert | sqlite.Insert:
        if self._session.get_bind().dialect.name == "postgresql":
            return postgresql.insert(table).on_conflict_do_nothing()
        return sqlite.insert(table).on_conflict_do_nothing()

    def _locked(self, conversation: str) -> ConversationRow | None:
        if self._received is not None and self._received.id == conversation:
            return self._received
        mine = select(ConversationRow).where(ConversationRow.id == conversation)
        return self._session.scalar(mine.with_for_update(key_share=True))

    def _is_readable(self, row: InboxRow) -> bool:
        """Close a message that cannot be read any more: what came after it is answered."""
        place = {"table": InboxRow.__tablename__, "row": row.id}
        if row.payload is not None and unsealed_or_none(self._keys, row.payload, **place) is not None:
            return True
        row.payload, row.replies, row.answered_at = None, seal(self._keys, []), self._context.now
        return False

    def _pending(self, row: InboxRow) -> Pending:
        # Only an answered one has no payload any more.
        return Pending(row.id, row.turn_id, unseal(self._keys, row.payload or b""))

    def _free_for(self, row: ConversationRow, owner: str) -> bool:
        return row.lease_owner in {None, owner} or is_over(row.lease_until, self._context.now, LEASE)

    def _shown(self, row: ConversationRow) -> Conversation:
        return Conversation(
            id=row.id,
            channel=row.channel,
            district=row.district_id,
            language=row.language,
            state=None if row.state is None else self._state(row),
            secret_pending=row.secret_pending,
            private_session=row.session_id,
        )

    def _state(self, row: ConversationRow) -> Any:
        # A conversation whose state cannot be read begins anew; its session is another table's.
        return unsealed_or_none(self._keys, row.state or b"", table=ConversationRow.__tablename__, row=row.id)

    def _kept(self, answer: Answer, session_id: str | None) -> bool:
        values = {
            "state": seal(self._keys, answer.state),
            "language": answer.language,
            "district_id": answer.district,
            "secret_pending": answer.secret_pending,
            "session_id": session_id,
            "lease_owner": None,
            "lease_until": None,
        }
        kept = (
            update(ConversationRow).where(_leased(answer.work)).values(values).returning(ConversationRow.id)
        )
        return self._session.execute(kept, execution_options=NOTHING_LOADED).first() is not None

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
                "choices": seal(self._keys, [asdict(c) for c in choices]),
                "created_at": self._context.now,
            }
            for key, choices in answer.menus.items()
        ]
        if lines:
            self._session.execute(insert(TranscriptRow), lines)
        if menus:
            self._session.execute(insert(MenuRow), menus)

    def _replies(self, row: InboxRow) -> tuple[Mapping[str, Any], ...] | None:
        if row.replies is None:
            return None
        replies: list[Mapping[str, Any]] = unseal(self._keys, row.replies)
        if any(reply.get("private") for reply in replies):
            live = self.live_session(row.conversation_id)
            replies = [r for r in replies if not r.get("private") or (live and live == row.session_id)]
        return tuple(replies)

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
