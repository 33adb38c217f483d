"""Describe the tables of accounts: who may sign in, how often they tried, what is theirs."""

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import BEGINS_ALIKE, Base, Instant

# Lets an index on a column of PostgreSQL find what begins alike.
BY_BEGINNING = "text_pattern_ops"


class AccountRow(Base):
    """Keep one parent's account; `username_key` is the name as it is compared."""

    __tablename__ = "accounts"
    __table_args__ = (
        UniqueConstraint("district_id", "username_key"),
        Index(
            "ix_accounts_begins_username",
            "district_id",
            "username_key",
            postgresql_ops={"username_key": BY_BEGINNING},
        ),
        Index(
            "ix_accounts_begins_email",
            "district_id",
            "email_key",
            postgresql_ops={"email_key": BY_BEGINNING},
        ),
    )

    account_id: Mapped[str] = mapped_column(primary_key=True)
    district_id: Mapped[str]
    username: Mapped[str]
    username_key: Mapped[str]
    display_name: Mapped[str]
    email: Mapped[str | None]
    contact_id: Mapped[str | None] = mapped_column(index=True)
    password_hash: Mapped[str]
    password_changed_at: Mapped[datetime] = mapped_column(Instant)
    password_expired: Mapped[bool] = mapped_column(Boolean, default=False)
    temporary_until: Mapped[datetime | None] = mapped_column(Instant)
    temporary_used_at: Mapped[datetime | None] = mapped_column(Instant)
    disabled_at: Mapped[datetime | None] = mapped_column(Instant)
    last_sign_in_at: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)
    email_key: Mapped[str | None] = mapped_column(index=True)
    email_confirmed_at: Mapped[datetime | None] = mapped_column(Instant)
    language: Mapped[str | None]
    security_question: Mapped[str | None]
    security_answer_hash: Mapped[str | None]
    # The account that this one was merged into: nobody signs in with it, and nobody else gets its name.
    merged_into: Mapped[str | None]
    # Since its password was perhaps read in a chat that it could not be deleted from.
    exposed_at: Mapped[datetime | None] = mapped_column(Instant)
    # When the portal first told something of a child: from then on the family is there.
    first_answer_at: Mapped[datetime | None] = mapped_column(Instant)


class AccountNameRow(Base):
    """Keep one word of a parent's name, folded, so that staff find it however it is written."""

    __tablename__ = "account_names"
    __table_args__ = (Index(None, "district_id", "word", "account_id"),)

    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.account_id"), primary_key=True)
    word: Mapped[str] = mapped_column(BEGINS_ALIKE, primary_key=True)
    district_id: Mapped[str]


class AttemptRow(Base):
    """Keep one attempt on a name for some weeks, with its true reason; only staff are shown it.

    It is kept alike of names that nobody has. `name_key`, `device_key` and `source_key` hide what they
    stand for; `why` is empty for an attempt that got in.
    """

    __tablename__ = "attempts"
    __table_args__ = (Index(None, "name_key", "at"), Index(None, "district_id", "at"))

    attempt_id: Mapped[str] = mapped_column(primary_key=True)
    district_id: Mapped[str]
    name_key: Mapped[bytes] = mapped_column(LargeBinary(32))
    account_id: Mapped[str | None]
    at: Mapped[datetime] = mapped_column(Instant, index=True)
    asked: Mapped[str]
    why: Mapped[str]
    channel: Mapped[str]
    device_key: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    source_key: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    is_known_device: Mapped[bool] = mapped_column(Boolean)


class PasswordRow(Base):
    """Keep a password that was in use, as its hash, so that it is not used again."""

    __tablename__ = "passwords"
    __table_args__ = (Index(None, "account_id", "replaced_at"),)

    password_id: Mapped[str] = mapped_column(primary_key=True)
    district_id: Mapped[str]
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.account_id"))
    password_hash: Mapped[str]
    replaced_at: Mapped[datetime] = mapped_column(Instant)


class GateRow(Base):
    """Count the attempts of one key (a typed name, a source); times are epoch microseconds."""

    __tablename__ = "gate"

    k: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    district_id: Mapped[str]
    kind: Mapped[str]
    fails: Mapped[int]
    since: Mapped[int] = mapped_column(BigInteger)
    locked_until: Mapped[int | None] = mapped_column(BigInteger)
    total: Mapped[int]
    locks: Mapped[int]
    touched: Mapped[int] = mapped_column(BigInteger, index=True)


class SessionRow(Base):
    """Keep one session of one conversation, also after it ended.

    `place` is where the parent was (encrypted), `offered` the place of an earlier session that timed
    out, until the parent says whether to go back to it.
    """

    __tablename__ = "sessions"
    __table_args__ = (Index(None, "conversation", "started_at"), Index(None, "district_id", "started_at"))

    session_id: Mapped[str] = mapped_column(primary_key=True)
    district_id: Mapped[str]
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.account_id"), index=True)
    conversation: Mapped[str]
    channel: Mapped[str]
    scope: Mapped[str]
    started_at: Mapped[datetime] = mapped_column(Instant)
    seen_at: Mapped[datetime] = mapped_column(Instant)
    previous_sign_in: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    signed_out: Mapped[bool] = mapped_column(Boolean, default=False)
    device_key: Mapped[bytes | None] = mapped_column(LargeBinary, index=True)
    place: Mapped[bytes | None] = mapped_column(LargeBinary)
    offered: Mapped[bytes | None] = mapped_column(LargeBinary)


class LinkRow(Base):
    """Keep that a student belongs to an account."""

    __tablename__ = "links"
    __table_args__ = (UniqueConstraint("account_id", "student_id"),)

    link_id: Mapped[str] = mapped_column(primary_key=True)
    district_id: Mapped[str]
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.account_id"))
    student_id: Mapped[str] = mapped_column(index=True)
    relationship: Mapped[str]
    linked_at: Mapped[datetime] = mapped_column(Instant)


class RequestRow(Base):
    """Keep the outcome of a request that changed something, for whoever repeats it."""

    __tablename__ = "requests"

    conversation: Mapped[str] = mapped_column(primary_key=True)
    operation: Mapped[str] = mapped_column(primary_key=True)
    request_id: Mapped[str] = mapped_column(primary_key=True)
    district_id: Mapped[str]
    outcome: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Instant, index=True)


class KnownDeviceRow(Base):
    """Keep that a name was once signed in with from a device; the key hides both."""

    __tablename__ = "known_devices"

    k: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    district_id: Mapped[str]
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.account_id"), index=True)
    seen_at: Mapped[datetime] = mapped_column(Instant)


class FeedRow(Base):
    """Keep one private calendar of one child, which opens without a session for whoever has its address.

    Its key is derived from `feed_id`, and only hashed here.
    """

    __tablename__ = "calendar_feeds"
    __table_args__ = (Index(None, "account_id", "student_id"),)

    feed_id: Mapped[str] = mapped_column(primary_key=True)
    district_id: Mapped[str]
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.account_id"))
    student_id: Mapped[str]
    kind: Mapped[str]
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    read_at: Mapped[datetime | None] = mapped_column(Instant)


class AccountRequestRow(Base):
    """Keep one request for an account until the family confirms it, or staff decide.

    `reason` says what did not match the records; nobody but staff is told. `decided_by` is who of the
    staff decided, if anybody had to, and `told_at` when the chats of staff were told that it waits.
    """

    __tablename__ = "account_requests"
    __table_args__ = (Index(None, "district_id", "email_key"), Index(None, "district_id", "state"))

    request_id: Mapped[str] = mapped_column(primary_key=True)
    district_id: Mapped[str]
    first_name: Mapped[str]
    last_name: Mapped[str]
    email: Mapped[str]
    email_key: Mapped[str]
    language: Mapped[str]
    contact_id: Mapped[str | None]
    password_hash: Mapped[str]
    security_question: Mapped[str | None]
    security_answer_hash: Mapped[str | None]
    state: Mapped[str]
    reason: Mapped[str]
    conversation: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Instant)
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    account_id: Mapped[str | None]
    decided_by: Mapped[str | None]
    told_at: Mapped[datetime | None] = mapped_column(Instant)
