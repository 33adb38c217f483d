"""Describe what the desk keeps: how callers were verified, and what staff did."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Base, Instant


class CallerCheckRow(Base):
    """Keep one checklist about a caller: who filled it in, about whom, and what was right."""

    __tablename__ = "desk_caller_checks"
    __table_args__ = (Index(None, "account_id", "staff_id", "checked_at"),)

    check_id: Mapped[str] = mapped_column(primary_key=True)
    district_id: Mapped[str]
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.staff_id"))
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.account_id"))
    checks: Mapped[list[str]]
    is_verified: Mapped[bool]
    checked_at: Mapped[datetime] = mapped_column(Instant)


class DeskDeedRow(Base):
    """Keep one deed of staff under the form that asked for it, so that no form acts twice."""

    __tablename__ = "desk_deeds"
    __table_args__ = (Index(None, "account_id", "done_at"),)

    request_id: Mapped[str] = mapped_column(primary_key=True)
    district_id: Mapped[str]
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.staff_id"))
    account_id: Mapped[str | None]
    deed: Mapped[str]
    reason: Mapped[str]
    note: Mapped[bytes] = mapped_column(LargeBinary)
    done_at: Mapped[datetime] = mapped_column(Instant)
