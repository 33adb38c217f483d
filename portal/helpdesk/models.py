"""Define the tables of the help desk's cases; what anybody wrote is encrypted in them."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Base, Instant


class CaseRow(Base):
    """Keep one case; `number` counts within the district and is what the parent is told.

    `triage` is what the assistant had tried and found when the case was opened. `waiting_since` is set
    while the family waits for an answer, `live_until` while a member of staff is in the chat; `unread`
    counts the answers that the family has not heard yet. `version` grows with what staff change.
    """

    __tablename__ = "cases"
    __table_args__ = (
        UniqueConstraint("district_id", "number"),
        Index(None, "conversation_id", "kind"),
        Index(None, "district_id", "state", "opened_at"),
        Index(None, "account_id"),
    )

    case_id: Mapped[str] = mapped_column(primary_key=True)
    district_id: Mapped[str]
    number: Mapped[int]
    kind: Mapped[str]
    state: Mapped[str]
    channel: Mapped[str]
    language: Mapped[str]
    conversation_id: Mapped[str]
    account_id: Mapped[str | None]
    details: Mapped[bytes] = mapped_column(LargeBinary)
    opened_at: Mapped[datetime] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    opened_by: Mapped[str] = mapped_column(default="", server_default="")
    assigned_to: Mapped[str | None]
    due_at: Mapped[datetime | None] = mapped_column(Instant)
    waiting_since: Mapped[datetime | None] = mapped_column(Instant)
    first_answer_at: Mapped[datetime | None] = mapped_column(Instant)
    live_by: Mapped[str | None]
    live_until: Mapped[datetime | None] = mapped_column(Instant)
    unread: Mapped[int] = mapped_column(default=0, server_default="0")
    helped: Mapped[bool | None]
    triage: Mapped[bytes | None] = mapped_column(LargeBinary)
    version: Mapped[int] = mapped_column(default=1, server_default="1")


class CaseEntryRow(Base):
    """Keep one line of a case's history: a note, what either side said, or what was done.

    `request_id` names the form that it came with: the same one sent twice is one entry. `told_at` is when
    the family heard what staff said.
    """

    __tablename__ = "case_entries"
    __table_args__ = (UniqueConstraint("case_id", "request_id"), Index(None, "case_id", "id"))

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    district_id: Mapped[str]
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.case_id"))
    kind: Mapped[str]
    by: Mapped[str] = mapped_column(default="")
    content: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(Instant)
    request_id: Mapped[str | None]
    told_at: Mapped[datetime | None] = mapped_column(Instant)


class SavedReplyRow(Base):
    """Keep an answer that staff give often; `texts` holds it encrypted, in each language that it has."""

    __tablename__ = "saved_replies"
    __table_args__ = (UniqueConstraint("district_id", "name"),)

    reply_id: Mapped[str] = mapped_column(primary_key=True)
    district_id: Mapped[str]
    name: Mapped[str]
    texts: Mapped[bytes] = mapped_column(LargeBinary)
    changed_at: Mapped[datetime] = mapped_column(Instant)
    changed_by: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)
