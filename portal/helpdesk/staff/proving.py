"""Take the second factor of somebody whose password was right, and begin the session."""

from dataclasses import dataclass, field

from portal.accounts.gate import Gate, Kind
from portal.core.audit import Audit, AuditEvent
from portal.core.context import Context
from portal.core.outcomes import Reason, Refused, Violation
from portal.core.secret import Secret
from portal.helpdesk.staff.codes import matching_step
from portal.helpdesk.staff.counting import EVERYWHERE, LOCK, code_key, source_key
from portal.helpdesk.staff.models import StaffRow
from portal.helpdesk.staff.outcomes import StaffMember
from portal.helpdesk.staff.sessions import StaffSessions, member_of

WRONG_CODE = Refused(Reason.FIELDS_REFUSED, violations=(Violation("wrong_code", field="code"),))


@dataclass(frozen=True, slots=True)
class StaffCode:
    """Show a code; `token` is the cookie that waits for it, `successor` that of the session that begins."""

    code: str = field(repr=False)
    source: str
    token: str = field(repr=False)
    successor: str = field(repr=False)


class StaffProving:
    """Check codes; each attempt is counted before it is looked at."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._context = context

    def prove(self, shown: StaffCode) -> StaffMember | Refused:
        """Begin the session of whoever shows a code that was not taken before."""
        sessions = StaffSessions(self._context)
        half = sessions.half(shown.token)
        if isinstance(half, Refused):
            return half
        refused = self.check(half.staff_id, shown.code, shown.source)
        if refused is not None:
            return refused
        row = self._context.session.get_one(StaffRow, half.staff_id)
        sessions.end(shown.token)
        return let_in(self._context, row, shown.successor, how="code")

    def check(self, staff_id: str, code: str, source: str) -> Refused | None:
        """Take a code that was not taken before; a grave deed asks for one of whoever is signed in, too."""
        # The row before the counters, as everywhere where both are locked.
        row = self._context.session.get_one(StaffRow, staff_id, with_for_update=True, populate_existing=True)
        gate = Gate(self._context)
        counter, origin = code_key(gate, staff_id), source_key(gate, source)
        refused = gate.enter(EVERYWHERE, origin, counter, LOCK, kind=Kind.STAFF)
        if refused is not None:
            return refused
        step = self._step(row, code)
        if step is None:
            return self._failed(row, gate, counter)
        gate.succeed(origin, counter)
        row.totp_step = step
        return None

    def _step(self, row: StaffRow, code: str) -> int | None:
        if row.totp_secret is None:
            return None
        secret = Secret(self._context.keys.decrypt(row.totp_secret).decode())
        return matching_step(secret, code, self._context.now, after=row.totp_step)

    def _failed(self, row: StaffRow, gate: Gate, counter: bytes) -> Refused:
        is_locked = gate.fail(counter, LOCK)
        audit, subject = Audit(self._context), f"staff:{row.staff_id}"
        for event in (AuditEvent.STAFF_SIGN_IN_FAILED, AuditEvent.STAFF_LOCKED)[: 2 if is_locked else 1]:
            audit.record(row.district_id, event, subject=subject, staff=row.staff_id, factor="code")
        return WRONG_CODE


def let_in(context: Context, row: StaffRow, token: str, *, how: str) -> StaffMember:
    """Begin a session with both factors shown, under a cookie that nobody had before."""
    row.last_sign_in_at = context.now
    StaffSessions(context).begin(row.staff_id, token, proven=True)
    member = member_of(row)
    Audit(context).record(
        row.district_id,
        AuditEvent.STAFF_SIGNED_IN,
        subject=f"staff:{row.staff_id}",
        by=member.by,
        factor=how,
    )
    return member
