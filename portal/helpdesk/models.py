"""Define the table of the help desk's cases; what a family wrote is encrypted in it."""

from datetime import datetime

from sqlalchemy import Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Base, Instant


class CaseRow(Base):
    """Keep one case; `number` counts within the district and is what the parent is told."""

    __tablename__ = "cases"
    __table_args__ = (
        UniqueConstraint("district_id", "number"),
        Index(None, "conversation_id", "kind"),
        Index(None, "district_id", "state", "opened_at"),
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
