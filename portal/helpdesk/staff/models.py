"""Describe the tables of staff: who they are, what they prove it with, and where they are signed in."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Base, Instant


class StaffRow(Base):
    """Keep one member of staff; `email_key` is the address as it is compared.

    One address is one member, whatever the district: the page to sign in asks for nothing else.
    `password_hash` is empty until the invitation is taken up. `totp_secret` is encrypted, and `totp_step`
    the last time step whose code was taken, so that no code is taken twice. `version` counts changes of
    role, schools and state, so that two administrators do not overwrite each other unseen.
    """

    __tablename__ = "staff"
    __table_args__ = (UniqueConstraint("email_key"),)

    staff_id: Mapped[str] = mapped_column(primary_key=True)
    district_id: Mapped[str]
    name: Mapped[str]
    email: Mapped[str]
    email_key: Mapped[str]
    role: Mapped[str]
    schools: Mapped[list[str]]
    password_hash: Mapped[str]
    totp_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    totp_step: Mapped[int] = mapped_column(BigInteger, default=0)
    created_at: Mapped[datetime] = mapped_column(Instant)
    disabled_at: Mapped[datetime | None] = mapped_column(Instant)
    last_sign_in_at: Mapped[datetime | None] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(default=0)


class StaffInvitationRow(Base):
    """Keep one invitation under the hash of its token; it is taken up once."""

    __tablename__ = "staff_invitations"

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    district_id: Mapped[str]
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.staff_id"), index=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)


class PasskeyRow(Base):
    """Keep the public half of one passkey."""

    __tablename__ = "staff_passkeys"

    credential_id: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    district_id: Mapped[str]
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.staff_id"), index=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class StaffSessionRow(Base):
    """Keep one session of the console under the hash of its cookie.

    Until `proven_at` is set only the password was right, and the second factor is still asked for.
    """

    __tablename__ = "staff_sessions"

    session_key: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    district_id: Mapped[str]
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.staff_id"), index=True)
    started_at: Mapped[datetime] = mapped_column(Instant)
    seen_at: Mapped[datetime] = mapped_column(Instant)
    proven_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
