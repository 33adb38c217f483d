"""Have staff make sure who calls before they do anything, and keep on record how."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import delete, select

from portal.core.audit import Audit, AuditEvent
from portal.core.context import Context
from portal.core.outcomes import Reason, Refused, Violation
from portal.helpdesk.desk.models import CallerCheckRow
from portal.helpdesk.desk.outcomes import PROVES, Check, Verified
from portal.helpdesk.staff.outcomes import StaffMember
from portal.helpdesk.staff.roles import Deed
from portal.helpdesk.staff.scope import Scope

# One call, and not the next one: a checklist is good for one parent and whoever filled it in.
GOOD_FOR = timedelta(minutes=30)
KEPT = timedelta(days=365)
# What a school may do of itself, with nobody on the line: it closes ways in and opens none.
WITHOUT_CALLER = frozenset({Deed.END_SESSIONS, Deed.DISABLE})


class Callers:
    """Keep the checklists about callers."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._context = context

    def check(self, member: StaffMember, account_id: str, ticked: Collection[str]) -> Verified | Refused:
        """Keep a filled-in checklist; one that proves nothing is kept too, and permits nothing."""
        if not member.may(Deed.SEND_RECOVERY):
            return Refused(Reason.FORBIDDEN)
        if not Scope(self._context, member).sees_account(account_id):
            return Refused(Reason.NOT_FOUND)
        checks = {Check(each) for each in ticked if each in set(Check)}
        if not checks:
            return Refused(Reason.FIELDS_REFUSED, violations=(Violation("nothing_ticked", field="checks"),))
        is_verified = bool(checks & PROVES)
        row = CallerCheckRow(
            check_id=uuid4().hex,
            district_id=member.district,
            staff_id=member.staff_id,
            account_id=account_id,
            checks=sorted(checks),
            is_verified=is_verified,
            checked_at=self._context.now,
        )
        self._context.session.add(row)
        Audit(self._context).record(
            member.district,
            AuditEvent.CALLER_CHECKED,
            subject=f"account:{account_id}",
            by=member.by,
            checks=", ".join(sorted(checks)),
            verified=is_verified,
        )
        return Verified(is_verified, self._context.now + GOOD_FOR)

    def verified_until(self, member: StaffMember, account_id: str) -> datetime | None:
        """Return until when this member may act for this parent, or None."""
        newest = self._newest(member, account_id)
        return None if newest is None or not newest.is_verified else newest.checked_at + GOOD_FOR

    def permits(self, member: StaffMember, account_id: str, deed: Deed) -> bool:
        """Tell whether what the newest checklist says is enough for a deed."""
        newest = self._newest(member, account_id)
        if newest is None:
            return False
        is_of_school = Check.SCHOOL_ACTS in newest.checks and deed in WITHOUT_CALLER
        return newest.is_verified or is_of_school

    def purge(self) -> None:
        """Forget old checklists; that there was one stays in the audit."""
        old = CallerCheckRow.checked_at <= self._context.now - KEPT
        self._context.session.execute(delete(CallerCheckRow).where(old))

    def _newest(self, member: StaffMember, account_id: str) -> CallerCheckRow | None:
        # Whoever notes afterwards that the caller was not who they said takes the permission back.
        query = select(CallerCheckRow).where(
            CallerCheckRow.account_id == account_id,
            CallerCheckRow.staff_id == member.staff_id,
            CallerCheckRow.checked_at > self._context.now - GOOD_FOR,
        )
        order = (CallerCheckRow.checked_at.desc(), CallerCheckRow.is_verified)
        return self._context.session.scalars(query.order_by(*order).limit(1)).first()
