"""Describe the tables that every part of the portal stands on."""

from datetime import datetime

from sqlalchemy import Index, LargeBinary, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Base, Instant


class DistrictRow(Base):
    """Keep one district and its options, as they were applied last.

    `options` is what its file says, `overlay` what the console laid over it, `version` counts the edits.
    """

    __tablename__ = "districts"

    district_id: Mapped[str] = mapped_column(primary_key=True)
    options: Mapped[str] = mapped_column(Text)
    content_hash: Mapped[str]
    applied_at: Mapped[datetime] = mapped_column(Instant)
    overlay: Mapped[str] = mapped_column(Text, server_default="[]")
    version: Mapped[int] = mapped_column(server_default="0")


class AuditRow(Base):
    """Keep one event; `digest` covers the row and the digest of the row before it."""

    __tablename__ = "audit"

    district_id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Instant)
    event: Mapped[str]
    subject: Mapped[str] = mapped_column(index=True)
    details: Mapped[str] = mapped_column(Text)
    digest: Mapped[bytes] = mapped_column(LargeBinary)


class AuditHeadRow(Base):
    """Keep the end of a district's chain; locking this row orders concurrent events."""

    __tablename__ = "audit_heads"

    district_id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int]
    digest: Mapped[bytes] = mapped_column(LargeBinary)


class PseudonymKeyRow(Base):
    """Keep the key behind a subject's pseudonym; without it the audit names nobody."""

    __tablename__ = "pseudonym_keys"

    district_id: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[bytes] = mapped_column(LargeBinary)


class TokenRow(Base):
    """Keep one mailed token as its hash; `expires_at` is set when its mail is handed over first."""

    __tablename__ = "tokens"
    __table_args__ = (Index(None, "account_id", "purpose"),)

    token_id: Mapped[str] = mapped_column(primary_key=True)
    district_id: Mapped[str]
    purpose: Mapped[str]
    account_id: Mapped[str | None]
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    details: Mapped[str] = mapped_column(Text)
    conversation: Mapped[str]
    life_seconds: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(Instant)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
    expires_at: Mapped[datetime | None] = mapped_column(Instant, index=True)
    spent_at: Mapped[datetime | None] = mapped_column(Instant)
    voided_at: Mapped[datetime | None] = mapped_column(Instant)


_WAITING = "sent_at is null and given_up_at is null"


class OutboxRow(Base):
    """Keep one message that must leave; it holds no words and no token.

    `address` is where it goes, fixed when it was written; a row without one leaves nothing behind and
    is only there so that a request costs the same whether or not there is anybody to write to. Of what
    is due the lowest `rank` leaves first.
    """

    __tablename__ = "outbox"
    # Whoever carries mail looks often; what has left long ago is not looked through each time.
    __table_args__ = (
        Index(None, "rank", "due_at", sqlite_where=text(_WAITING), postgresql_where=text(_WAITING)),
        Index(None, "recipient", "created_at"),
    )

    message_id: Mapped[str] = mapped_column(primary_key=True)
    district_id: Mapped[str]
    kind: Mapped[str]
    recipient: Mapped[str]
    details: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Instant)
    due_at: Mapped[datetime] = mapped_column(Instant)
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
    address: Mapped[str | None]
    language: Mapped[str | None]
    token_id: Mapped[str | None]
    lease_owner: Mapped[str | None]
    lease_until: Mapped[datetime | None] = mapped_column(Instant)
    given_up_at: Mapped[datetime | None] = mapped_column(Instant)
    last_error: Mapped[str | None]
    rank: Mapped[int] = mapped_column(default=0, server_default="0")
