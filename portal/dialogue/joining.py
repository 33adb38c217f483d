"""Join a page with a chat: six digits that the page shows are typed into the chat that it names."""

import hmac
from datetime import timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Insert, and_, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from portal.core.context import Context
from portal.core.keys import fingerprint
from portal.core.outcomes import Reason, Refused
from portal.core.sealed import unseal
from portal.dialogue.models import ChatRow, ConversationRow, JoinRow, SeenRow, TicketRow
from portal.dialogue.outcomes import Joined, Joining, TicketChat, Unjoined

LIFE = timedelta(minutes=10)
MOST_TRIES = 5
DIGITS = 6
VOID = Refused(Reason.TICKET_VOID)
WRONG = Refused(Reason.BAD_CREDENTIALS)


class Joins:
    """Show digits to one browser and take them from one chat, inside one transaction.

    A forwarded link binds nobody: whoever opens it can prove nothing but with the chat that asked.
    """

    def __init__(self, context: Context) -> None:
        """Work in the transaction of this context."""
        self._context = context
        self._session: Session = context.session
        self._keys = context.keys

    def chat_of(self, token: str, via: str) -> TicketChat | None:
        """Name the chat that an open ticket was sent to by this bot, or None."""
        readable = token.encode("utf-8", "backslashreplace").decode()
        asked = and_(TicketRow.token_hash == fingerprint(readable), self._is_open(), ChatRow.via == via)
        row = self._session.execute(
            select(TicketRow.id, ConversationRow, ChatRow.address)
            .join(ConversationRow, ConversationRow.id == TicketRow.conversation_id)
            .join(ChatRow, ChatRow.conversation_id == ConversationRow.id)
            .where(asked)
        ).first()
        if row is None:
            return None
        ticket, conversation, address = row
        return TicketChat(ticket, conversation.id, unseal(self._keys, address), conversation.language)

    def address(self, conversation: str, via: str) -> dict[str, Any] | None:
        """Return where this bot writes to in a conversation, or None where it is none of its chats."""
        mine = and_(ChatRow.conversation_id == conversation, ChatRow.via == via)
        sealed = self._session.scalar(select(ChatRow.address).where(mine))
        return None if sealed is None else dict(unseal(self._keys, sealed))

    def state(self, ticket: TicketChat, page: str) -> Unjoined | Joining | Joined | Refused:
        """Tell how far a browser is; `page` is the key that only this browser holds, or empty."""
        row = self._session.scalar(select(JoinRow).where(JoinRow.subject == ticket.ticket_id))
        if row is None:
            return Unjoined()
        # The first browser that pressed has it; to any other the link is worth nothing.
        if not page or not hmac.compare_digest(row.page_hash, fingerprint(page)):
            return VOID
        if row.proven_at is not None:
            return Joined()
        if row.expires_at <= self._context.now or row.tries >= MOST_TRIES:
            return VOID
        return Joining(self._digits(ticket.ticket_id, page))

    def begin(self, ticket: TicketChat, page: str) -> Joining | Joined | Refused:
        """Bind a ticket to the browser that pressed first, and show it its digits."""
        values = self._row(ticket, page) | {
            "digits": self._proof(ticket.ticket_id, self._digits(ticket.ticket_id, page))
        }
        self._session.execute(self._insert_once(JoinRow).values(values))
        state = self.state(ticket, page)
        return VOID if isinstance(state, Unjoined) else state

    def typed(self, conversation: str, digits: str) -> Joined | Refused | None:
        """Take digits that were typed into a chat: Joined, refused, or None where no page waits for any.

        The try is counted before it is judged. TICKET_VOID tells that it was the last one. The same
        digits again are right again: a message may come twice.
        """
        open_tickets = select(TicketRow.id).where(self._is_open()).scalar_subquery()
        mine = and_(
            JoinRow.conversation_id == conversation,
            JoinRow.subject.in_(open_tickets),
            JoinRow.expires_at > self._context.now,
            or_(JoinRow.tries < MOST_TRIES, JoinRow.proven_at.is_not(None)),
        )
        counted = update(JoinRow).where(mine).values(tries=JoinRow.tries + 1).returning(JoinRow)
        rows = list(self._session.scalars(counted, execution_options={"populate_existing": True}))
        if not rows:
            return None
        for row in rows:
            if hmac.compare_digest(row.digits, self._proof(row.subject, digits)):
                row.proven_at = self._context.now
                self._session.flush()
                return Joined()
        return WRONG if any(row.tries < MOST_TRIES for row in rows) else VOID

    def carry_over(self, ticket: TicketChat, page: str, following: str) -> None:
        """Let the browser that was joined for a spent ticket go on with the next one of that chat."""
        after = select(TicketRow.id).where(
            TicketRow.token_hash == fingerprint(following),
            TicketRow.conversation_id == ticket.conversation,
            self._is_open(),
        )
        next_id = self._session.scalar(after)
        mine = and_(JoinRow.subject == ticket.ticket_id, JoinRow.page_hash == fingerprint(page))
        if next_id is not None:
            joined = and_(mine, JoinRow.proven_at.is_not(None))
            self._session.execute(update(JoinRow).where(joined).values(subject=next_id))

    def purge(self) -> None:
        """Forget what is over."""
        self._session.execute(delete(JoinRow).where(JoinRow.expires_at <= self._context.now - LIFE))
        self._session.execute(delete(SeenRow).where(SeenRow.until <= self._context.now))

    def show_once(self, what: str, life: timedelta) -> bool:
        """Remember what was shown; False where it was shown before, in whatever process."""
        values = {"key": self._keys.mac("shown once", what), "until": self._context.now + life}
        first = self._insert_once(SeenRow).values(values).returning(SeenRow.key)
        return self._session.execute(first).first() is not None

    def _row(self, ticket: TicketChat, page: str) -> dict[str, Any]:
        return {
            "id": uuid4().hex,
            "district_id": "",
            "conversation_id": ticket.conversation,
            "subject": ticket.ticket_id,
            "page_hash": fingerprint(page),
            "tries": 0,
            "expires_at": self._context.now + LIFE,
        }

    def _digits(self, subject: str, page: str) -> str:
        # Derived from what only the browser holds, so that it can be shown again and no table knows it.
        derived = int.from_bytes(self._keys.mac("join digits", subject, page))
        return f"{derived % 10**DIGITS:0{DIGITS}}"

    def _proof(self, subject: str, digits: str) -> bytes:
        return self._keys.mac("join proof", subject, digits)

    def _is_open(self) -> ColumnElement[bool]:
        return and_(TicketRow.spent_at.is_(None), TicketRow.expires_at > self._context.now)

    def _insert_once(self, model: type[JoinRow] | type[SeenRow]) -> Insert:
        if self._session.get_bind().dialect.name == "postgresql":
            return postgresql.insert(model).on_conflict_do_nothing()
        return sqlite.insert(model).on_conflict_do_nothing()
