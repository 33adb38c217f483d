"""Describe the tables of printed letters; none of them holds a code or a password."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Base, Instant


class LetterRunRow(Base):
    """Keep one run of letters: for one school, for the whole district (`school_id` empty) or one student.

    `open_for` is set until the letters are printed for good, so that a run that was interrupted is found
    and gone on with instead of a second one being begun. `request_id` is the form's that asked for it.
    """

    __tablename__ = "letter_runs"
    __table_args__ = (
        UniqueConstraint("district_id", "open_for"),
        UniqueConstraint("district_id", "request_id"),
        Index(None, "district_id", "begun_at"),
    )

    run_id: Mapped[str] = mapped_column(primary_key=True)
    district_id: Mapped[str]
    school_id: Mapped[str]
    open_for: Mapped[str | None]
    request_id: Mapped[str]
    language: Mapped[str]
    layout: Mapped[str]
    asked_by: Mapped[str]
    begun_at: Mapped[datetime] = mapped_column(Instant)
    handed_at: Mapped[datetime | None] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant, index=True)


class LetterRow(Base):
    """Keep one letter of one student; letters with the same `household` stand on one sheet.

    `seed` is what the access password and the code of the link are derived from, together with the
    installation's key: while it is there the same letter can be printed again, and voids nothing. It is
    forgotten when the run is finished. `printed_at` is when the access password became this letter's,
    `superseded_at` when a newer letter of the student took its place.
    """

    __tablename__ = "letters"
    __table_args__ = (
        Index(None, "run_id", "position"),
        Index(None, "district_id", "student_id"),
    )

    letter_id: Mapped[str] = mapped_column(primary_key=True)
    district_id: Mapped[str]
    run_id: Mapped[str] = mapped_column(ForeignKey("letter_runs.run_id"))
    student_id: Mapped[str]
    position: Mapped[int]
    household: Mapped[int]
    language: Mapped[str]
    seed: Mapped[str | None]
    code_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    code_until: Mapped[datetime | None] = mapped_column(Instant)
    printed_at: Mapped[datetime | None] = mapped_column(Instant)
    superseded_at: Mapped[datetime | None] = mapped_column(Instant)
    started_at: Mapped[datetime | None] = mapped_column(Instant)
