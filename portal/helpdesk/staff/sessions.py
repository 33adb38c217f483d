"""Keep who is signed in to the console."""

from datetime import timedelta

from sqlalchemy import ColumnElement, delete, update

from portal.core.context import Context
from portal.core.keys import fingerprint
from portal.core.outcomes import Reason, Refused
from portal.helpdesk.staff.models import StaffRow, StaffSessionRow
from portal.helpdesk.staff.outcomes import StaffMember
from portal.helpdesk.staff.roles import Role

IDLE = timedelta(minutes=30)
# A working day: whoever comes the next morning shows both factors again.
LONGEST = timedelta(hours=10)
# Long enough to find the telephone that shows the code.
TO_PROVE = timedelta(minutes=10)
TOUCH_EVERY = timedelta(seconds=10)


class StaffSessions:
    """Begin, find and end the sessions of staff; the token is the cookie's and stored as its hash."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._context = context
        self._session = context.session

    def begin(self, staff_id: str, token: str, *, proven: bool) -> None:
        """Begin a session; without `proven` it only waits for the second factor."""
        row = self._session.get_one(StaffRow, staff_id)
        now = self._context.now
        started = StaffSessionRow(
            session_key=fingerprint(token),
            district_id=row.district_id,
            staff_id=staff_id,
            started_at=now,
            seen_at=now,
            proven_at=now if proven else None,
        )
        self._session.add(started)
        self._session.flush()

    def current(self, token: str) -> StaffMember | Refused:
        """Return who is signed in with both factors, as they are now, or why nobody is."""
        row = self._alive(token)
        if row is None or row.proven_at is None:
            return Refused(Reason.NOT_SIGNED_IN)
        return self._member(row)

    def half(self, token: str) -> StaffMember | Refused:
        """Return who gave the right password and has still to show the second factor."""
        row = self._alive(token)
        if row is None or row.proven_at is not None:
            return Refused(Reason.NOT_SIGNED_IN)
        return self._member(row)

    def end(self, token: str) -> None:
        """End one session."""
        self._end(StaffSessionRow.session_key == fingerprint(token))

    def end_all(self, staff_id: str) -> None:
        """End every session of a member of staff."""
        self._end(StaffSessionRow.staff_id == staff_id)

    def purge(self) -> None:
        """Forget sessions that are over anyway."""
        self._session.execute(
            delete(StaffSessionRow).where(StaffSessionRow.started_at <= self._context.now - LONGEST)
        )

    def _alive(self, token: str) -> StaffSessionRow | None:
        row = self._session.get(StaffSessionRow, fingerprint(token))
        now = self._context.now
        if row is None or row.ended_at is not None or now >= row.started_at + LONGEST:
            return None
        idle = IDLE if row.proven_at is not None else TO_PROVE
        if now >= row.seen_at + idle:
            return None
        if not self._context.read_only and now >= row.seen_at + TOUCH_EVERY:
            row.seen_at = now
        return row

    def _member(self, row: StaffSessionRow) -> StaffMember | Refused:
        staff = self._session.get_one(StaffRow, row.staff_id)
        return Refused(Reason.NOT_SIGNED_IN) if staff.disabled_at is not None else member_of(staff)

    def _end(self, which: ColumnElement[bool]) -> None:
        ended = update(StaffSessionRow).where(which, StaffSessionRow.ended_at.is_(None))
        self._session.execute(ended.values(ended_at=self._context.now))


def member_of(row: StaffRow) -> StaffMember:
    """Return a member of staff as a row says."""
    return StaffMember(
        staff_id=row.staff_id,
        district=row.district_id,
        name=row.name,
        email=row.email,
        role=Role(row.role),
        schools=frozenset(row.schools),
    )
