"""Take the password of somebody of the staff: count first, verify without a connection, settle."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy import select

from portal.accounts.addresses import key_of
from portal.accounts.gate import Gate, Kind, name_subject
from portal.accounts.names import is_storable
from portal.accounts.passwords import Hasher, normalised
from portal.accounts.pending import Done, Pending
from portal.accounts.signing_in import BAD_CREDENTIALS, Verdict, judge
from portal.core.audit import Audit, AuditEvent
from portal.core.context import Context
from portal.core.folding import fold
from portal.core.outcomes import Reason, Refused
from portal.core.secret import Secret
from portal.helpdesk.staff.counting import EVERYWHERE, LOCK, password_key, source_key
from portal.helpdesk.staff.models import StaffRow
from portal.helpdesk.staff.outcomes import PasswordRight
from portal.helpdesk.staff.sessions import StaffSessions

Outcome = PasswordRight | Refused


@dataclass(frozen=True, slots=True)
class StaffSignIn:
    """Ask to be let in by address and password; `token` is the cookie of the session that begins."""

    email: str = field(repr=False)
    password: Secret
    source: str
    token: str = field(repr=False)


class SigningInStaff:
    """Check a password; what comes of it is a session that waits for the second factor.

    Addresses that nobody has are counted, verified, answered and audited like any other.
    """

    def __init__(self, request: StaffSignIn) -> None:
        """Take what is asked."""
        self._request = request
        self._email_key = ""

    def reserve(self, context: Context) -> Pending[Outcome] | Done[Outcome]:
        """Count the attempt; what is pending verifies."""
        request = self._request
        password = normalised(request.password)
        if password is None or not is_storable(request.email, request.source):
            return Done(BAD_CREDENTIALS)
        # What is no address is counted all the same, as one that nobody has.
        self._email_key = key_of(request.email) or fold(request.email)
        gate = Gate(context)
        counter = password_key(gate, self._email_key)
        refused = gate.enter(EVERYWHERE, source_key(gate, request.source), counter, LOCK, kind=Kind.STAFF)
        if refused is not None:
            return Done(refused)
        row = self._row(context)
        stored = row.password_hash if row is not None else ""
        return Pending(partial(self._judge, stored or None, password))

    def _judge(self, stored: str | None, password: Secret, hasher: Hasher) -> Callable[[Context], Outcome]:
        return partial(self._settle, judge(hasher, stored, password))

    def _settle(self, verdict: Verdict, context: Context) -> Outcome:
        row = self._row(context, lock=True)
        is_theirs = row is not None and verdict.is_right and verdict.stored == row.password_hash
        # Whoever was let go learns nothing of it here: it is as if nobody had the address.
        if row is None or not is_theirs or row.disabled_at is not None:
            return self._failed(context, row)
        gate = Gate(context)
        gate.succeed(source_key(gate, self._request.source), password_key(gate, self._email_key))
        row.password_hash = verdict.rehashed or row.password_hash
        StaffSessions(context).begin(row.staff_id, self._request.token, proven=False)
        return PasswordRight(row.staff_id)

    def _failed(self, context: Context, row: StaffRow | None) -> Refused:
        gate = Gate(context)
        counter = password_key(gate, self._email_key)
        is_locked = gate.fail(counter, LOCK)
        district = EVERYWHERE if row is None else row.district_id
        subject = name_subject(counter) if row is None else f"staff:{row.staff_id}"
        staff = "" if row is None else row.staff_id
        audit = Audit(context)
        audit.record(
            district, AuditEvent.STAFF_SIGN_IN_FAILED, subject=subject, staff=staff, factor="password"
        )
        if is_locked:
            audit.record(district, AuditEvent.STAFF_LOCKED, subject=subject, staff=staff, factor="password")
        return Refused(Reason.BAD_CREDENTIALS)

    def _row(self, context: Context, *, lock: bool = False) -> StaffRow | None:
        query = select(StaffRow).where(StaffRow.email_key == self._email_key)
        if lock:
            query = query.with_for_update().execution_options(populate_existing=True)
        return context.session.scalar(query)
