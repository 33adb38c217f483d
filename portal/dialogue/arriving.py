"""Take messages in and lease their conversations: what every turn begins with."""

from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from typing import Any
from uuid import uuid4

from sqlalchemy import Insert, Row, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from portal.core.database import Base, table_of
from portal.core.leases import bounds, is_free_at, is_over
from portal.core.sealed import seal, unseal, unsealed_or_none
from portal.dialogue.models import ConversationRow, InboxRow
from portal.dialogue.outcomes import Arrival, Conversation, Pending, Received, Work
from portal.dialogue.pushing import Pushes
from portal.dialogue.tickets import Tickets

LEASE = timedelta(seconds=6)
MOST_NEWS = 20
Found = Row[*tuple[Any, ...]]

# Each turn makes these statements: they are built once, and read columns and no objects.
_TALKS = table_of(ConversationRow)
_INBOX = table_of(InboxRow)
_OF_SENDER = (_TALKS.c.channel == bindparam("on"), _TALKS.c.sender_key == bindparam("key"))
# The row lock makes the messages of one conversation arrive one after the other.
OF_SENDER = select(_TALKS).where(*_OF_SENDER)
OF_SENDER_LOCKED = OF_SENDER.with_for_update(key_share=True)
BY_ID_LOCKED = select(_TALKS).where(_TALKS.c.id == bindparam("conversation")).with_for_update(key_share=True)
LEASED: dict[str, Any] = {"lease_owner": bindparam("owner"), "lease_until": bindparam("until")}
# One look, one lock and one lease at once, where nobody else has the conversation in hand.
LEASE_OF_SENDER = (
    update(_TALKS).where(*_OF_SENDER, is_free_at(_TALKS.c.lease_until)).values(**LEASED).returning(*_TALKS.c)
)
LEASE_BY_ID = update(_TALKS).where(_TALKS.c.id == bindparam("conversation")).values(**LEASED)
# News first, then the oldest message: one look for both, unless staff wrote very much at once.
_WAITING = (_INBOX.c.conversation_id == bindparam("conversation"), _INBOX.c.answered_at.is_(None))
_WHAT_WAITS = select(_INBOX.c.id, _INBOX.c.turn_id, _INBOX.c.payload, _INBOX.c.news).where(*_WAITING)
NEXT = _WHAT_WAITS.order_by(_INBOX.c.news.is_(None), _INBOX.c.id).limit(1 + MOST_NEWS)
OLDEST = _WHAT_WAITS.where(_INBOX.c.news.is_(None)).order_by(_INBOX.c.id).limit(1)


class Arriving(Tickets):
    """Receive messages and lease conversations, inside one transaction."""

    # The row that `receive` has locked: taking it up in the same transaction needs no second look.
    _received: Found | None = None
    # Whether this transaction took the lease, which it alone may give back.
    _is_leased_here = False
    # What `receive` has just encrypted need not be decrypted to be answered.
    _stored: tuple[int, Mapping[str, Any]] | None = None

    def receive(self, arrival: Arrival, owner: str | None = None) -> Received:
        """Store a message before anything is done about it; a repeat returns what was answered.

        With an owner the conversation is leased to it in passing, if nobody else has it in hand.
        """
        row = self._leased_to(owner, arrival) or self._row_of(arrival.channel, arrival.sender)
        row = self._received = row or self._created(arrival)
        payload = arrival.withheld if row.secret_pending else arrival.payload
        values = {
            "district_id": row.district_id,
            "conversation_id": row.id,
            "message_key": self._message_key(arrival.message_id),
            "turn_id": uuid4().hex,
            "payload": seal(self._keys, payload),
            "received_at": self._context.now,
        }
        inbox_id = self._session.scalar(self._insert_once(InboxRow), values)
        if inbox_id is None:
            return self._repeated(row, values["message_key"])
        self._stored = (inbox_id, payload)
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
        # What was changed in this transaction is looked for in the tables.
        self._session.flush()
        place = {"conversation": conversation}
        rows = self._session.execute(NEXT, place).all()
        waiting = [pending for each in rows if (pending := self._pending(each)) is not None]
        news = tuple(pending for pending, is_news in waiting if is_news)
        oldest = next((pending for pending, is_news in waiting if not is_news), None)
        if oldest is None and len(rows) > MOST_NEWS:
            found = self._session.execute(OLDEST, place).first()
            readable = None if found is None else self._pending(found)
            oldest = None if readable is None else readable[0]
        if oldest is None:
            self._give_back(row)
            return None
        if row.lease_owner != owner:
            until = self._context.now + LEASE
            self._session.execute(LEASE_BY_ID, {**place, "owner": owner, "until": until})
        return Work(self._shown(row), oldest, owner, news)

    def _leased_to(self, owner: str | None, arrival: Arrival) -> Found | None:
        if owner is None:
            return None
        now = self._context.now
        leased = {"owner": owner, "until": now + LEASE, **bounds(now, LEASE)}
        whose = self._whose(arrival.channel, arrival.sender)
        row = self._session.execute(LEASE_OF_SENDER, whose | leased).first()
        self._is_leased_here = row is not None
        return row

    def _repeated(self, row: Found, key: object) -> Received:
        same = (InboxRow.conversation_id == row.id, InboxRow.message_key == key)
        known = self._session.scalars(select(InboxRow).where(*same)).one()
        replies = self._replies(known)
        if replies is not None:
            self._give_back(row)
        return Received(row.id, known.id, replies)

    def _row_of(self, channel: str, sender: str) -> Found | None:
        query = OF_SENDER if self._context.read_only else OF_SENDER_LOCKED
        return self._session.execute(query, self._whose(channel, sender)).first()

    def _whose(self, channel: str, sender: str) -> dict[str, Any]:
        return {"on": channel, "key": self._sender_key(channel, sender)}

    def _created(self, arrival: Arrival) -> Found:
        whose = self._whose(arrival.channel, arrival.sender)
        values = {
            "id": uuid4().hex,
            "district_id": "",
            "channel": arrival.channel,
            "sender_key": whose["key"],
            "language": "",
            "secret_pending": False,
            "created_at": self._context.now,
        }
        # Two first messages at once meet here; the second finds the row that the first made.
        self._session.execute(self._insert_once(ConversationRow), values)
        return self._session.execute(OF_SENDER_LOCKED, whose).one()

    def _insert_once(self, table: type[Base]) -> Insert:
        return _once(table, self._session.get_bind().dialect.name)

    def _locked(self, conversation: str) -> Found | None:
        if self._received is not None and self._received.id == conversation:
            return self._received
        return self._session.execute(BY_ID_LOCKED, {"conversation": conversation}).first()

    def _give_back(self, row: Found) -> None:
        """Let go of a lease that was taken in passing, where there is nothing to answer; of no other's."""
        if self._is_leased_here:
            free = {"conversation": row.id, "owner": None, "until": None}
            self._session.execute(LEASE_BY_ID, free)

    def _pending(self, row: Found) -> tuple[Pending, bool] | None:
        """Return a message that waits and whether it is news; close one that cannot be read any more.

        What came after that one is answered.
        """
        if self._stored is not None and self._stored[0] == row.id:
            return Pending(row.id, row.turn_id, self._stored[1]), False
        place = {"table": InboxRow.__tablename__, "row": row.id}
        # Only an answered one has no payload any more.
        payload = None if row.payload is None else unsealed_or_none(self._keys, row.payload, **place)
        if payload is not None:
            return Pending(row.id, row.turn_id, payload), row.news is not None
        closed = {"payload": None, "replies": seal(self._keys, []), "answered_at": self._context.now}
        self._session.execute(update(_INBOX).where(_INBOX.c.id == row.id).values(closed))
        return None

    def _free_for(self, row: Found, owner: str) -> bool:
        return row.lease_owner in {None, owner} or is_over(row.lease_until, self._context.now, LEASE)

    def _shown(self, row: Found) -> Conversation:
        return Conversation(
            id=row.id,
            channel=row.channel,
            district=row.district_id,
            language=row.language,
            state=None if row.state is None else self._state(row),
            secret_pending=row.secret_pending,
            private_session=row.session_id,
        )

    def _state(self, row: Found) -> Any:
        # A conversation whose state cannot be read begins anew; its session is another table's.
        return unsealed_or_none(self._keys, row.state or b"", table=ConversationRow.__tablename__, row=row.id)

    def _replies(self, row: InboxRow) -> tuple[Mapping[str, Any], ...] | None:
        if row.replies is None:
            return None
        replies: list[Mapping[str, Any]] = unseal(self._keys, row.replies)
        if any(reply.get("private") for reply in replies):
            live = self.live_session(row.conversation_id)
            replies = [r for r in replies if not r.get("private") or (live and live == row.session_id)]
        return tuple(replies)


@cache
def _once(table: type[Base], dialect: str) -> Insert:
    """Return how to insert a row that may be there already; a new one's number comes back."""
    add = postgresql.insert if dialect == "postgresql" else sqlite.insert
    rows = table_of(table)
    return add(rows).on_conflict_do_nothing().returning(rows.c.id)
