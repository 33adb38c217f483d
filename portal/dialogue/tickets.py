"""Keep the tickets: each permits one submission of secrets, in one conversation, for ten minutes."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, and_, insert, select, update

from portal.accounts.outcomes import LiveSession
from portal.accounts.sessions import Sessions
from portal.core.context import Context
from portal.core.keys import fingerprint
from portal.core.outcomes import Reason, Refused
from portal.core.sealed import seal, unseal
from portal.dialogue.models import ConversationRow, InboxRow, TicketRow
from portal.dialogue.outcomes import (
    News,
    NewsKind,
    OpenTicket,
    Pending,
    Purpose,
    Redeemed,
    Settled,
    Ticket,
)
from portal.dialogue.pushing import Pushes

LIFE = timedelta(minutes=10)
# Holds the conversations that a transaction left news in, for whoever shows them at once.
HAS_NEWS = "has_news"


class Tickets:
    """Open, spend and settle tickets inside one transaction."""

    def __init__(self, context: Context) -> None:
        """Work in the transaction of this context."""
        self._context = context
        self._session = context.session
        self._keys = context.keys

    def open_ticket(
        self, conversation: str, purpose: Purpose, context: Mapping[str, Any], fields: Sequence[str]
    ) -> Ticket:
        """Return a new ticket; it voids the conversation's earlier ones, which ask for something old."""
        self.void_tickets(conversation)
        ticket = Ticket(
            id=uuid4().hex,
            token=self._context.new_token(),
            purpose=purpose,
            fields=tuple(fields),
            expires_at=self._context.now + LIFE,
        )
        row = {
            "id": ticket.id,
            "district_id": self._district(conversation),
            "conversation_id": conversation,
            "token_hash": fingerprint(ticket.token),
            "purpose": purpose.value,
            "fields": list(fields),
            "context": seal(self._keys, dict(context)),
            "expires_at": ticket.expires_at,
        }
        self._session.execute(insert(TicketRow).values(row))
        return ticket

    def find_ticket(self, token: str, conversation: str) -> OpenTicket | Refused:
        """Describe a ticket that this conversation may still submit, without spending it."""
        row = self._session.scalar(select(TicketRow).where(self._open(token, conversation)))
        return Refused(Reason.TICKET_VOID) if row is None else self._described(row)

    def spend_ticket(self, token: str, conversation: str) -> OpenTicket | Refused:
        """Spend a ticket in one statement, so that of two submissions at once only one goes on."""
        spent = (
            update(TicketRow)
            .where(self._open(token, conversation))
            .values(spent_at=self._context.now)
            .returning(TicketRow)
        )
        row = self._session.scalar(spent)
        return Refused(Reason.TICKET_VOID) if row is None else self._described(row)

    def hold(self, conversation: str) -> None:
        """Keep others off a conversation until this transaction ends."""
        mine = select(ConversationRow.id).where(ConversationRow.id == conversation)
        self._session.execute(mine.with_for_update())

    def go_on(self, conversation: str, channel: str, sender: str) -> None:
        """Let a conversation go on under another key; whoever holds the old one holds nothing any more."""
        mine = update(ConversationRow).where(ConversationRow.id == conversation)
        self._session.execute(mine.values(sender_key=self._sender_key(channel, sender)))

    def settle_ticket(self, ticket_id: str, outcome: Mapping[str, Any]) -> Redeemed | Refused:
        """Store what came of a spent ticket, and the message that will tell the parent.

        Both in one transaction: a process killed right after it leaves a message that waits. Refused
        where the chat was forgotten while the secret was looked at.
        """
        settled = (
            update(TicketRow)
            .where(TicketRow.id == ticket_id)
            .values(outcome=seal(self._keys, dict(outcome)))
            .returning(TicketRow.conversation_id, TicketRow.district_id)
        )
        found = self._session.execute(settled).one_or_none()
        if found is None:
            return Refused(Reason.TICKET_VOID)
        conversation, district = found
        row = {
            "district_id": district,
            "conversation_id": conversation,
            "message_key": self._message_key(f"ticket:{ticket_id}"),
            "turn_id": uuid4().hex,
            "payload": seal(self._keys, {"kind": "secret", "text": ticket_id}),
            "received_at": self._context.now,
        }
        inserted = self._session.execute(insert(InboxRow).values(row).returning(InboxRow.id))
        inbox_id = inserted.scalar_one()
        Pushes(self._context).expect_if_chat(conversation, inbox_id)
        return Redeemed(ticket_id, conversation, inbox_id)

    def tell(self, news: News) -> None:
        """Put news into a conversation's inbox, to be told at its next turn; unknown ones are dropped.

        Of two of a kind that nobody has heard yet, only the later one is told.
        """
        unheard = and_(InboxRow.conversation_id == news.conversation, InboxRow.answered_at.is_(None))
        same = update(InboxRow).where(unheard, InboxRow.news == news.kind.value)
        self._session.execute(same.values(payload=None, answered_at=self._context.now))
        self._put_news(news, f"news:{uuid4().hex}")

    def _put_news(self, news: News, name: str) -> None:
        district = self._session.scalar(
            select(ConversationRow.district_id).where(ConversationRow.id == news.conversation)
        )
        # A page has no conversation to tell it in.
        if district is None:
            return
        row = {
            "district_id": district,
            "conversation_id": news.conversation,
            "message_key": self._message_key(name),
            "turn_id": uuid4().hex,
            "payload": seal(self._keys, {"kind": news.kind.value, "values": dict(news.values)}),
            "received_at": self._context.now,
            "news": news.kind.value,
        }
        self._session.execute(insert(InboxRow).values(row))
        self._show_at_once(news.conversation)

    def _show_at_once(self, conversation: str) -> None:
        """Let a chat be written to, and a page that is connected look, once this is committed."""
        Pushes(self._context).look()
        self._session.info.setdefault(HAS_NEWS, set()).add(conversation)

    def tell_of_notification(self, conversation: str, values: Mapping[str, str]) -> None:
        """Put into a conversation's inbox that a regular mail left; `values` find it again."""
        self.tell(News(conversation, NewsKind.NOTIFICATION, values))

    def tell_of_desk(self, conversation: str, kind: str, values: Mapping[str, str]) -> None:
        """Put into a conversation's inbox what staff did for its family; `kind` is that of the news."""
        self.tell(News(conversation, NewsKind(kind), values))

    def tell_of_case(self, conversation: str, kind: str, values: Mapping[str, str]) -> bool:
        """Put news of a case into a conversation's inbox; False where there is no such conversation.

        Each answer of staff is one piece of news, told once however often it is put here.
        """
        mine = select(ConversationRow.district_id).where(ConversationRow.id == conversation)
        if self._session.scalar(mine) is None:
            return False
        news = NewsKind(kind)
        if news is not NewsKind.CASE_SAID:
            self.tell(News(conversation, news, values))
        elif not self._tell_anew(conversation, values["entry"]):
            self._put_news(News(conversation, news, values), f"case entry:{values['entry']}")
        return True

    def _tell_anew(self, conversation: str, entry: str) -> bool:
        """Let an answer that could not be told be told now; False where it was never put here."""
        key = self._message_key(f"case entry:{entry}")
        same = and_(InboxRow.conversation_id == conversation, InboxRow.message_key == key)
        row = self._session.scalar(select(InboxRow).where(same))
        if row is not None and row.answered_at is not None:
            row.answered_at = None
            row.payload = seal(self._keys, {"kind": NewsKind.CASE_SAID.value, "values": {"entry": entry}})
            self._show_at_once(conversation)
        return row is not None

    def has_news(self, conversation: str) -> bool:
        """Tell whether a conversation has news that nobody has heard yet."""
        mine = and_(InboxRow.conversation_id == conversation, InboxRow.answered_at.is_(None))
        unheard = select(InboxRow.id).where(mine, InboxRow.news.is_not(None)).limit(1)
        return self._session.scalar(unheard) is not None

    def mark_heard(self, news: Sequence[Pending]) -> None:
        """Note that news were told; what they said is wiped."""
        if not news:
            return
        told = update(InboxRow).where(InboxRow.id.in_([each.inbox_id for each in news]))
        self._session.execute(told.values(payload=None, answered_at=self._context.now))

    def settled(self, ticket_id: str, conversation: str) -> Settled | None:
        """Return what came of a ticket of this conversation, if it was settled."""
        mine = and_(TicketRow.id == ticket_id, TicketRow.conversation_id == conversation)
        row = self._session.scalar(select(TicketRow).where(mine))
        if row is None or row.outcome is None:
            return None
        return Settled(Purpose(row.purpose), unseal(self._keys, row.outcome))

    def void_tickets(self, conversation: str) -> None:
        """Make every open ticket of a conversation worthless."""
        unspent = and_(TicketRow.conversation_id == conversation, TicketRow.spent_at.is_(None))
        self._session.execute(update(TicketRow).where(unspent).values(spent_at=self._context.now))

    def live_session(self, conversation: str) -> str | None:
        """Name the session that is live in a conversation, without restarting its idle clock."""
        # Looking at what was said is not something the parent does: the idle clock runs on.
        live = Sessions(self._context).any_scope(conversation, touch=False)
        return live.session_id if isinstance(live, LiveSession) else None

    def _sender_key(self, channel: str, sender: str) -> bytes:
        return self._keys.mac("conversation sender", channel, sender)

    def _open(self, token: str, conversation: str) -> ColumnElement[bool]:
        # A forged token may hold anything, also what cannot be encoded: it matches no hash then.
        readable = token.encode("utf-8", "backslashreplace").decode()
        return and_(
            TicketRow.token_hash == fingerprint(readable),
            TicketRow.conversation_id == conversation,
            TicketRow.spent_at.is_(None),
            TicketRow.expires_at > self._context.now,
        )

    def _described(self, row: TicketRow) -> OpenTicket:
        return OpenTicket(
            id=row.id,
            purpose=Purpose(row.purpose),
            fields=tuple(row.fields),
            context=unseal(self._keys, row.context),
            expires_at=row.expires_at,
        )

    def _district(self, conversation: str) -> str:
        mine = ConversationRow.id == conversation
        return self._session.scalar(select(ConversationRow.district_id).where(mine)) or ""

    def _message_key(self, message_id: str) -> bytes:
        return self._keys.mac("message id", message_id)
