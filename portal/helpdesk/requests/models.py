"""Describe what was asked, answered and said about a request for an account."""

from datetime import datetime

from sqlalchemy import Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Base, Instant


class RequestNoteRow(Base):
    """Keep one step of a request: what staff asked or told, what the family answered, who decided.

    `by` is who of the staff, empty for the family. `words` are encrypted. The id is that of the form it
    was sent with, so that the same form sent twice writes one.
    """

    __tablename__ = "account_request_notes"
    __table_args__ = (Index(None, "request_id", "at"),)

    note_id: Mapped[str] = mapped_column(primary_key=True)
    district_id: Mapped[str]
    request_id: Mapped[str]
    kind: Mapped[str]
    by: Mapped[str]
    words: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(Instant)
