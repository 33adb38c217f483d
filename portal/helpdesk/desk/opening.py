"""Check before each deed of staff who asks, for whom, why and whether it was done already."""

from dataclasses import dataclass

from sqlalchemy import select

from portal.accounts.models import AccountRow
from portal.core.audit import Audit, AuditEvent, Detail
from portal.core.context import Context
from portal.core.districts import District, Districts
from portal.core.outcomes import Reason, Refused, Violation
from portal.core.sealed import seal
from portal.helpdesk.desk.models import DeskDeedRow
from portal.helpdesk.desk.outcomes import Order, Why
from portal.helpdesk.desk.verifying import Callers
from portal.helpdesk.staff.outcomes import StaffMember
from portal.helpdesk.staff.roles import Deed
from portal.helpdesk.staff.scope import Scope

MOST_NOTE = 1000


@dataclass(frozen=True, slots=True)
class Opened:
    """Hold a deed that may be done now: the account is locked until the transaction ends."""

    member: StaffMember
    deed: Deed
    order: Order
    district: District
    account: AccountRow


class Opening:
    """Open deeds on accounts, and put them on record."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._context = context

    def permit(self, member: StaffMember, deed: Deed, order: Order) -> Refused | None:
        """Refuse whoever may not do this, to this parent, for this reason; nothing is written."""
        if not member.may(deed):
            return Refused(Reason.FORBIDDEN)
        if not Scope(self._context, member).sees_account(order.account_id):
            return Refused(Reason.NOT_FOUND)
        broken = reason_violations(order.why, order.note)
        if broken:
            return Refused(Reason.FIELDS_REFUSED, violations=tuple(broken))
        if not Callers(self._context).permits(member, order.account_id, deed):
            return Refused(Reason.CALLER_NOT_VERIFIED)
        return None

    def open(self, member: StaffMember, deed: Deed, order: Order) -> Opened | Refused:
        """Permit a deed and lock its account; a form that acted before acts no more."""
        refused = self.permit(member, deed, order)
        if refused is not None:
            return refused
        account = self._context.session.get_one(
            AccountRow, order.account_id, with_for_update=True, populate_existing=True
        )
        if account.merged_into is not None:
            # It has ended for good: whatever is done for this parent is done with the one that goes on.
            return Refused(Reason.FIELDS_REFUSED, violations=(Violation("account_ended", field="why"),))
        # The account is locked: of two that send the same form the second sees the row of the first.
        known = select(DeskDeedRow.request_id).where(DeskDeedRow.request_id == order.request_id)
        if self._context.session.scalar(known) is not None:
            return Refused(Reason.ALREADY_DONE)
        return Opened(member, deed, order, Districts(self._context).get_one(member.district), account)

    def record(self, opened: Opened, event: AuditEvent, **details: Detail) -> None:
        """Put a deed into the audit: who, why, and what changed; what families wrote stays out."""
        self.note(opened)
        Audit(self._context).record(
            opened.member.district,
            event,
            subject=f"account:{opened.account.account_id}",
            by=opened.member.by,
            reason=opened.order.why,
            deed=opened.order.request_id,
            **details,
        )

    def note(self, opened: Opened) -> None:
        """Keep a deed under its form, with its reason in full."""
        order = opened.order
        row = DeskDeedRow(
            request_id=order.request_id,
            district_id=opened.member.district,
            staff_id=opened.member.staff_id,
            account_id=order.account_id,
            deed=opened.deed.value,
            reason=order.why,
            note=seal(self._context.keys, order.note.strip()),
            done_at=self._context.now,
        )
        self._context.session.add(row)
        self._context.session.flush()


def reason_violations(why: str, note: str) -> list[Violation]:
    """Return what is wrong with a reason: one must be given, and "other" must be said in words."""
    broken = [] if why in set(Why) else [Violation("empty", field="why")]
    if why == Why.OTHER and not note.strip():
        broken.append(Violation("empty", field="note"))
    if len(note) > MOST_NOTE:
        broken.append(Violation("too_long", MOST_NOTE, "note"))
    return broken
