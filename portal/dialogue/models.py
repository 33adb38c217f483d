"""Define the tables of the conversations; everything that somebody wrote is encrypted in them."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
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


class InboxRow(Base):
    """Hold one message until it is answered, and then its replies for whoever repeats it.

    `id` grows with arrival. The payload is wiped when the message is answered. `news` names what
    nobody said: something that happened elsewhere, to be told before the next answer.
    """

    __tablename__ = "dialogue_inbox"
    __table_args__ = (
        UniqueConstraint("conversation_id", "message_key"),
        Index(None, "conversation_id", "answered_at"),
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
