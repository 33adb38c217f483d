"""Describe the table of what schools announce in the console, beside the bulletins of their records."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Base, Instant

# An announcement for every school of the district.
EVERY_SCHOOL = ""


class AnnouncementRow(Base):
    """Keep one announcement; `texts` holds title and text by language, in the order they were asked for.

    It is shown from the day `since` to the day `until`, both of them included.
    """

    __tablename__ = "announcements"
    __table_args__ = (Index(None, "district_id", "school_id", "until"),)

    announcement_id: Mapped[str] = mapped_column(primary_key=True)
    district_id: Mapped[str]
    school_id: Mapped[str]
    since: Mapped[date]
    until: Mapped[date]
    texts: Mapped[dict[str, Any]]
    written_by: Mapped[str]
    written_at: Mapped[datetime] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(default=1)
    removed_at: Mapped[datetime | None] = mapped_column(Instant)
