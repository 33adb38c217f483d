"""Define the tables of the conversations; everything that somebody wrote is encrypted in them."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Base, Instant

SCOPE = 64


class ConversationRow(Base):
    """Hold one person's conversation in one channel, with the lease of who is answering it.

    `sender_key` is a keyed hash: whoever reads the table cannot continue the conversation with it.
    `session_id` is the session in which the last private answer was given, if that answer was private.
    """

    __tablename__ = "dialogue_conversation"
    __table_args__ = (UniqueConstraint("channel", "sender_key"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    district_id: Mapped[str] = mapped_column(String(SCOPE), default="")
    channel: Mapped[str] = mapped_column(String(SCOPE))
    sender_key: Mapped[bytes] = mapped_column(LargeBinary(32))
    language: Mapped[str] = mapped_column(String(16), default="")
    state: Mapped[bytes | None] = mapped_column(LargeBinary)
    secret_pending: Mapped[bool] = mapped_column(default=False)
    session_id: Mapped[str | None] = mapped_column(String(SCOPE))
    lease_owner: Mapped[str | None] = mapped_column(String(32))
    lease_until: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)


# News are not counted: they wait for their parent, and there may be very many.
_WAITING = "answered_at is null and news is null"


class InboxRow(Base):
    """Hold one message until it is answered, and then its replies for whoever repeats it.

    `id` grows with arrival. The payload is wiped when the message is answered. `news` names what
    nobody said: something that happened elsewhere, to be told before the next answer.
    """

    __tablename__ = "dialogue_inbox"
    __table_args__ = (
        UniqueConstraint("conversation_id", "message_key"),
        Index(None, "conversation_id", "answered_at"),
        # Whoever looks for what was left looks often, and never through all that was answered.
        Index(
            None,
            "conversation_id",
            "received_at",
            sqlite_where=text(_WAITING),
            postgresql_where=text(_WAITING),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    district_id: Mapped[str] = mapped_column(String(SCOPE), default="")
    conversation_id: Mapped[str] = mapped_column(ForeignKey("dialogue_conversation.id"))
    message_key: Mapped[bytes] = mapped_column(LargeBinary(32))
    turn_id: Mapped[str] = mapped_column(String(32))
    payload: Mapped[bytes | None] = mapped_column(LargeBinary)
    replies: Mapped[bytes | None] = mapped_column(LargeBinary)
    session_id: Mapped[str | None] = mapped_column(String(SCOPE))
    received_at: Mapped[datetime] = mapped_column(Instant)
    answered_at: Mapped[datetime | None] = mapped_column(Instant)
    news: Mapped[str | None] = mapped_column(String(32))


class TicketRow(Base):
    """Hold one permission to submit secrets once; the table knows only the token's hash."""

    __tablename__ = "dialogue_ticket"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    district_id: Mapped[str] = mapped_column(String(SCOPE), default="")
    conversation_id: Mapped[str] = mapped_column(ForeignKey("dialogue_conversation.id"), index=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    purpose: Mapped[str] = mapped_column(String(32))
    fields: Mapped[list[str]]
    context: Mapped[bytes] = mapped_column(LargeBinary)
    outcome: Mapped[bytes | None] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    spent_at: Mapped[datetime | None] = mapped_column(Instant)


class MenuRow(Base):
    """Hold the choices of one set of buttons; a pressed button names the row and a position."""

    __tablename__ = "dialogue_menu"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    district_id: Mapped[str] = mapped_column(String(SCOPE), default="")
    conversation_id: Mapped[str] = mapped_column(ForeignKey("dialogue_conversation.id"), index=True)
    choices: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(Instant)


class TranscriptRow(Base):
    """Hold one line of the history; a private line belongs to the session that it was said in."""

    __tablename__ = "dialogue_transcript"
    __table_args__ = (Index(None, "conversation_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    district_id: Mapped[str] = mapped_column(String(SCOPE), default="")
    conversation_id: Mapped[str] = mapped_column(ForeignKey("dialogue_conversation.id"))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    private: Mapped[bool] = mapped_column(default=False)
    session_id: Mapped[str | None] = mapped_column(String(SCOPE))
    at: Mapped[datetime] = mapped_column(Instant)


class ChatRow(Base):
    """Hold where a messaging app is written to, with the lease of who is writing to it.

    `via` names the app and the bot, `address` is that app's own and encrypted. A chat of parents belongs
    to a conversation, a chat of staff to none. `due_at` is set while the app wants to be left alone,
    `unreachable_at` since the person blocked the bot.
    """

    __tablename__ = "dialogue_chat"
    __table_args__ = (UniqueConstraint("conversation_id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    district_id: Mapped[str] = mapped_column(String(SCOPE), default="", index=True)
    via: Mapped[str] = mapped_column(String(SCOPE))
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("dialogue_conversation.id"))
    address: Mapped[bytes] = mapped_column(LargeBinary)
    lease_owner: Mapped[str | None] = mapped_column(String(32))
    lease_until: Mapped[datetime | None] = mapped_column(Instant)
    due_at: Mapped[datetime | None] = mapped_column(Instant)
    unreachable_at: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)


class PushRow(Base):
    """Hold one answer, or one notice, until it is sent to its chat; `sent` counts the parts that left.

    An answer is looked up by its message in the inbox, a notice is what `notice` says. `context` is what
    the channel knows of the message that is answered. `ready` is set with the answer.
    """

    __tablename__ = "dialogue_push"
    __table_args__ = (UniqueConstraint("inbox_id"), Index(None, "chat_id", "id"))

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    district_id: Mapped[str] = mapped_column(String(SCOPE), default="")
    chat_id: Mapped[str] = mapped_column(ForeignKey("dialogue_chat.id"))
    inbox_id: Mapped[int | None] = mapped_column(ForeignKey("dialogue_inbox.id"))
    notice: Mapped[bytes | None] = mapped_column(LargeBinary)
    context: Mapped[bytes | None] = mapped_column(LargeBinary)
    ready: Mapped[bool] = mapped_column(default=False)
    sent: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(Instant)


class JoinRow(Base):
    """Hold the six digits that join a page with a chat: shown on the page, typed into the chat.

    `page_hash` is of the key that only that browser holds; `digits` is a keyed hash.
    """

    __tablename__ = "dialogue_join"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    district_id: Mapped[str] = mapped_column(String(SCOPE), default="")
    conversation_id: Mapped[str] = mapped_column(ForeignKey("dialogue_conversation.id"), index=True)
    subject: Mapped[str] = mapped_column(String(SCOPE), unique=True)
    page_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    digits: Mapped[bytes] = mapped_column(LargeBinary(32))
    tries: Mapped[int] = mapped_column(default=0)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    proven_at: Mapped[datetime | None] = mapped_column(Instant)


class SeenRow(Base):
    """Remember what may be shown once only, until it would not be taken any more anyway."""

    __tablename__ = "dialogue_seen"

    key: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    district_id: Mapped[str] = mapped_column(String(SCOPE), default="")
    until: Mapped[datetime] = mapped_column(Instant, index=True)


class StartCodeRow(Base):
    """Hold one code that a chat is opened with; it says where to begin, and permits nothing.

    `kind` is a letter's, a page's or that of a chat of staff; `details` are encrypted. `used_by` is the
    turn that it began, which may be taken up twice.
    """

    __tablename__ = "dialogue_start_code"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    district_id: Mapped[str] = mapped_column(String(SCOPE))
    kind: Mapped[str] = mapped_column(String(32))
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    details: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)
    used_by: Mapped[str | None] = mapped_column(String(32))
