"""Send answers to chats that do not wait for them: each part once, in order, whoever is killed on the way.

A chat is leased while it is written to, and each part that left is noted in a transaction of its own:
a kill between the two repeats that one part.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, and_, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from portal.accounts.outcomes import LiveSession
from portal.accounts.sessions import Sessions
from portal.core.context import Context
from portal.core.database import table_of
from portal.core.leases import is_free
from portal.core.sealed import seal, unseal, unsealed_or_none
from portal.dialogue.models import ChatRow, ConversationRow, InboxRow, PushRow
from portal.dialogue.outcomes import ChatAddress, Parcel, Push, Standing

# Longer than one part takes to be sent; renewed with each that left.
LEASE = timedelta(seconds=20)
MOST_PUSHES = 20
# Marks a transaction after which somebody may look for what is to be sent.
HAS_PUSH = "has_push"
# Each turn ends with it, also where nothing is sent.
_PUSHES = table_of(PushRow)
MAKE_READY = (
    update(_PUSHES)
    .where(_PUSHES.c.inbox_id == bindparam("message"))
    .values(ready=True)
    .returning(_PUSHES.c.id)
)


class Pushes:
    """Keep what is to be sent to chats, inside one transaction."""

    def __init__(self, context: Context) -> None:
        """Work in the transaction of this context."""
        self._context = context
        self._session: Session = context.session
        self._keys = context.keys

    def expect(self, conversation: str, inbox_id: int, chat: ChatAddress, context: Mapping[str, Any]) -> None:
        """Note with a message that arrives where its answer is sent; whoever writes is reachable again."""
        self._add(self._chat_of(conversation, chat), inbox_id, context)

    def expect_if_chat(self, conversation: str, inbox_id: int) -> None:
        """Note the same of what happened on a page, where the conversation is one of a chat."""
        chat = self._session.scalar(select(ChatRow.id).where(ChatRow.conversation_id == conversation))
        if chat is not None:
            self._add(chat, inbox_id, {})

    def answered(self, inbox_id: int) -> None:
        """Note that a message is answered: if its answer is to be sent, it may be sent from now on."""
        if self._session.execute(MAKE_READY, {"message": inbox_id}).first() is not None:
            self.look()

    def look(self) -> None:
        """Let whoever sends look once this is committed."""
        self._session.info[HAS_PUSH] = True

    def notify(self, chat: str, notice: Mapping[str, Any]) -> None:
        """Send a notice to a chat, whatever is said in it otherwise."""
        row = self._session.get(ChatRow, chat)
        if row is None or row.unreachable_at is not None:
            return
        values = {
            "district_id": row.district_id,
            "chat_id": chat,
            "notice": seal(self._keys, dict(notice)),
            "ready": True,
            "created_at": self._context.now,
        }
        self._session.execute(insert(PushRow).values(values))
        self.look()

    def waiting(self, via: str) -> tuple[str, ...]:
        """Name the chats of a bot to which something is to be sent now and nobody is sending it."""
        ready = (
            select(PushRow.chat_id)
            .join(ChatRow, ChatRow.id == PushRow.chat_id)
            .where(PushRow.ready, ChatRow.via == via, self._is_free(), self._is_due())
            .distinct()
        )
        return tuple(self._session.scalars(ready))

    def with_news(self, via: str) -> tuple[tuple[int, Mapping[str, Any]], ...]:
        """Return the newest news that nobody has told yet in each chat of a bot, and the chat's address."""
        unheard = and_(InboxRow.answered_at.is_(None), InboxRow.news.is_not(None))
        told = (
            select(func.max(InboxRow.id), ChatRow.address)
            .join(InboxRow, InboxRow.conversation_id == ChatRow.conversation_id)
            .where(unheard, ChatRow.via == via, ChatRow.unreachable_at.is_(None))
            .group_by(ChatRow.id, ChatRow.address)
        )
        read = ((news, self._address(sealed)) for news, sealed in self._session.execute(told))
        return tuple((news, address) for news, address in read if address is not None)

    def standing(self, via: str) -> Standing:
        """Tell how the chats of a bot stand."""
        of_bot = ChatRow.via == via
        staff = func.count().filter(ChatRow.conversation_id.is_(None))
        silent = func.count(ChatRow.unreachable_at)
        chats, of_staff, away = self._session.execute(
            select(func.count(), staff, silent).select_from(ChatRow).where(of_bot)
        ).one()
        since = select(func.count(PushRow.id), func.min(PushRow.created_at)).join(ChatRow)
        waiting, oldest = self._session.execute(since.where(of_bot, PushRow.ready)).one()
        return Standing(chats, of_staff, away, waiting, oldest)

    def take(self, chat: str, owner: str) -> Parcel | None:
        """Lease a chat and return what is to be sent to it; None where somebody else is at it."""
        mine = select(ChatRow).where(ChatRow.id == chat, self._is_free(), self._is_due())
        row = self._session.scalar(mine.with_for_update(skip_locked=True))
        if row is None:
            return None
        query = select(PushRow).where(PushRow.chat_id == chat).order_by(PushRow.id).limit(MOST_PUSHES)
        pushes: list[Push] = []
        for push in self._session.scalars(query):
            if not push.ready:
                # A later answer never overtakes an earlier one.
                break
            if self._is_readable(push):
                pushes.append(self._shown(push))
            else:
                self._session.delete(push)
        address = self._address(row.address)
        if address is None:
            # Nobody can be written to there, until the person writes and the address is known anew.
            row.unreachable_at = self._context.now
            return None
        row.lease_owner, row.lease_until = owner, self._context.now + LEASE
        return Parcel(chat, address, self._language(row), owner, tuple(pushes))

    def advance(self, parcel: Parcel, push: Push, sent: int) -> bool:
        """Note that so many parts of a push have left; False when the lease was lost meanwhile."""
        if not self._renewed(parcel):
            return False
        self._session.execute(update(PushRow).where(PushRow.id == push.id).values(sent=sent))
        return True

    def done(self, parcel: Parcel, push: Push) -> bool:
        """Note that a push has left as a whole; False when the lease was lost meanwhile.

        With the last of a parcel the lease is given back.
        """
        renewed = self._renewed(parcel)
        self._session.execute(delete(PushRow).where(PushRow.id == push.id))
        if renewed and push is parcel.pushes[-1]:
            self.let_go(parcel)
        return renewed

    def let_go(self, parcel: Parcel, *, until: datetime | None = None) -> None:
        """Give the lease of a chat back; nothing is sent to it before `until`."""
        values = {"lease_owner": None, "lease_until": None, "due_at": until}
        self._session.execute(update(ChatRow).where(self._is_mine(parcel)).values(values))
        came = select(PushRow.id).where(PushRow.chat_id == parcel.chat, PushRow.ready).limit(1)
        if until is None and self._session.scalar(came) is not None:
            # It was answered while the chat was held, and nobody could begin with it.
            self.look()

    def give_up(self, parcel: Parcel) -> None:
        """Note that a chat cannot be written to, until its person writes again; what waits is dropped."""
        values = {"lease_owner": None, "lease_until": None, "unreachable_at": self._context.now}
        self._session.execute(update(ChatRow).where(ChatRow.id == parcel.chat).values(values))
        waiting = delete(PushRow).where(PushRow.chat_id == parcel.chat, PushRow.ready)
        self._session.execute(waiting)

    def move(self, parcel: Parcel, address: Mapping[str, Any]) -> None:
        """Note that a chat is written to at another address from now on."""
        moved = update(ChatRow).where(self._is_mine(parcel))
        self._session.execute(moved.values(address=seal(self._keys, dict(address))))
        self.let_go(parcel)

    def block(self, conversation: str) -> None:
        """Note that a person does not want to be written to; what waits is dropped."""
        mine = ChatRow.conversation_id == conversation
        blocked = update(ChatRow).where(mine).values(unreachable_at=self._context.now).returning(ChatRow.id)
        chats = list(self._session.scalars(blocked))
        self._session.execute(delete(PushRow).where(PushRow.chat_id.in_(chats), PushRow.ready))

    def chat_of(self, conversation: str) -> Mapping[str, Any] | None:
        """Return the address of a conversation's chat, if it has one."""
        mine = select(ChatRow.address).where(ChatRow.conversation_id == conversation)
        sealed = self._session.scalar(mine)
        return None if sealed is None else unseal(self._keys, sealed)

    def _chat_of(self, conversation: str, chat: ChatAddress) -> str:
        row = self._session.scalar(select(ChatRow).where(ChatRow.conversation_id == conversation))
        if row is not None:
            if row.unreachable_at is not None or self._address(row.address) != chat.address:
                row.unreachable_at, row.address = None, seal(self._keys, dict(chat.address))
                self._session.flush()
            return row.id
        values = {
            "id": uuid4().hex,
            "via": chat.via,
            "conversation_id": conversation,
            "address": seal(self._keys, dict(chat.address)),
            "created_at": self._context.now,
            "district_id": "",
        }
        self._session.execute(insert(ChatRow).values(values))
        return str(values["id"])

    def _add(self, chat: str, inbox_id: int, context: Mapping[str, Any]) -> None:
        values = {
            "district_id": "",
            "chat_id": chat,
            "inbox_id": inbox_id,
            "context": seal(self._keys, dict(context)),
            "created_at": self._context.now,
        }
        self._session.execute(insert(PushRow).values(values))

    def _address(self, sealed: bytes) -> Mapping[str, Any] | None:
        address: Mapping[str, Any] | None = unsealed_or_none(self._keys, sealed, table=ChatRow.__tablename__)
        return address

    def _is_readable(self, push: PushRow) -> bool:
        """Tell whether a push can be sent; what is behind one that cannot be read is not held up by it."""
        row = None if push.inbox_id is None else self._session.get(InboxRow, push.inbox_id)
        sealed = (push.notice, push.context, row.replies if row else None)
        place = {"table": PushRow.__tablename__, "row": push.id}
        return all(each is None or unsealed_or_none(self._keys, each, **place) is not None for each in sealed)

    def _shown(self, push: PushRow) -> Push:
        return Push(
            id=push.id,
            replies=self._replies(push.inbox_id),
            notice=None if push.notice is None else unseal(self._keys, push.notice),
            context={} if push.context is None else unseal(self._keys, push.context),
            sent=push.sent,
        )

    def _replies(self, inbox_id: int | None) -> tuple[Mapping[str, Any], ...]:
        row = None if inbox_id is None else self._session.get(InboxRow, inbox_id)
        if row is None or row.replies is None:
            return ()
        replies: list[Mapping[str, Any]] = unseal(self._keys, row.replies)
        if any(reply.get("private") for reply in replies):
            # What was private when it was said is not sent once its session has ended. What was said
            # after one had ended already is all that the parent is answered.
            live = Sessions(self._context).any_scope(row.conversation_id, touch=False)
            still = isinstance(live, LiveSession) and live.session_id == row.session_id
            ended = row.session_id is not None and not still
            replies = [reply for reply in replies if not (ended and reply.get("private"))]
        return tuple(replies)

    def _language(self, row: ChatRow) -> str:
        mine = select(ConversationRow.language).where(ConversationRow.id == row.conversation_id)
        return self._session.scalar(mine) or ""

    def _renewed(self, parcel: Parcel) -> bool:
        renewed = update(ChatRow).where(self._is_mine(parcel)).values(lease_until=self._context.now + LEASE)
        return self._session.execute(renewed.returning(ChatRow.id)).first() is not None

    def _is_mine(self, parcel: Parcel) -> ColumnElement[bool]:
        return and_(ChatRow.id == parcel.chat, ChatRow.lease_owner == parcel.owner)

    def _is_free(self) -> ColumnElement[bool]:
        return and_(ChatRow.unreachable_at.is_(None), is_free(ChatRow.lease_until, self._context.now, LEASE))

    def _is_due(self) -> ColumnElement[bool]:
        return or_(ChatRow.due_at.is_(None), ChatRow.due_at <= self._context.now)
