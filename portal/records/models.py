"""Describe what a parent leaves to be done with a child's records, or asked to have made."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Base, Instant


class FileRow(Base):
    """Keep what a private file shows, never the file: it is made anew for whoever opens it.

    `digest` is the hash of the key in its address; `details` (encrypted) say which child and what of
    it. The file ends with the session that it was made in.
    """

    __tablename__ = "files"

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    district_id: Mapped[str]
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.account_id"), index=True)
    session_id: Mapped[str]
    kind: Mapped[str]
    details: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)


class NotificationRow(Base):
    """Keep what a parent wants to be told regularly of one child, how often, and when it is due next.

    `subjects` are words such as "grades" joined by spaces; `due_at` is empty for never, and periods are
    counted from `chosen_at`. `period` numbers what fell due, so that no period is sent twice. `told` is
    a keyed hash of what the last mail said, which tells whether there is anything new. The key to stop
    it is derived from `notification_id`; `digest` is its hash.
    """

    __tablename__ = "notifications"
    __table_args__ = (UniqueConstraint("account_id", "student_id"),)

    notification_id: Mapped[str] = mapped_column(primary_key=True)
    district_id: Mapped[str]
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.account_id"))
    student_id: Mapped[str]
    subjects: Mapped[str] = mapped_column(Text)
    frequency: Mapped[str]
    in_chat: Mapped[str]
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    period: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime | None] = mapped_column(Instant, index=True)
    last_at: Mapped[datetime | None] = mapped_column(Instant)
    chosen_at: Mapped[datetime] = mapped_column(Instant)
    told: Mapped[bytes | None] = mapped_column(LargeBinary(32))


class RegistrationRow(Base):
    """Keep one course that a parent registered a child for; the next import of requests may confirm it.

    `registration_id` is made of the turn in which it got its state, so that a repeat of that turn is
    told from a new wish. `exported_on` is empty while staff have yet to fetch what the state says.
    """

    __tablename__ = "registrations"
    __table_args__ = (
        UniqueConstraint("district_id", "student_id", "school_year", "course_id"),
        Index(None, "district_id", "course_id"),
    )

    registration_id: Mapped[str] = mapped_column(primary_key=True)
    district_id: Mapped[str]
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.account_id"), index=True)
    student_id: Mapped[str]
    course_id: Mapped[str]
    school_year: Mapped[str]
    state: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant)
    exported_on: Mapped[date | None]
