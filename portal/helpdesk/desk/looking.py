"""Show staff one parent: why they do not get in, what was tried, mailed, opened and done."""

from collections.abc import Sequence

from sqlalchemy import select

from portal.accounts.diagnosis import Diagnosis
from portal.accounts.gate import Gate
from portal.accounts.models import AccountRow
from portal.accounts.names import is_storable
from portal.accounts.outcomes import Diagnosed, FailedWayIn
from portal.core.audit import Audit, AuditEvent
from portal.core.context import Context
from portal.core.outcomes import Reason, Refused
from portal.core.sealed import unseal
from portal.helpdesk.desk.family import Family
from portal.helpdesk.desk.history import History
from portal.helpdesk.desk.models import DeskDeedRow
from portal.helpdesk.desk.outcomes import AccountShown, ChildShown, DeedShown, ParentShown
from portal.helpdesk.desk.verifying import Callers
from portal.helpdesk.staff.models import StaffRow
from portal.helpdesk.staff.outcomes import StaffMember
from portal.helpdesk.staff.roles import Deed
from portal.helpdesk.staff.scope import Scope

MOST_DEEDS = 30


class Parents:
    """Show parents to staff."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._context = context
        self._session = context.session

    def head(self, member: StaffMember, account_id: str) -> AccountShown | Refused:
        """Return whose account a form is about."""
        row = self._row(member, account_id)
        return row if isinstance(row, Refused) else self._account(member, row)

    def name(self, member: StaffMember, typed: str) -> Diagnosed | None:
        """Return what was found of a name that nobody has and somebody tried, for a caller who mistypes it.

        Who sees one school only is told nothing: a name that is not said to be free is somebody's.
        """
        if not member.may(Deed.SEE_PARENT) or member.is_of_schools or not is_storable(typed):
            return None
        found = Diagnosis(self._context).of(member.district, typed)
        was_tried = any(each.count or each.cause is not FailedWayIn.UNKNOWN_NAME for each in found.findings)
        return found if found.account_id is None and was_tried else None

    def explained(self, member: StaffMember, account_id: str) -> ParentShown | Refused:
        """Return everything about one parent to whoever puts the look on record themselves."""
        row = self._row(member, account_id)
        return row if isinstance(row, Refused) else self._shown(member, row)

    def look(self, member: StaffMember, account_id: str) -> ParentShown | Refused:
        """Return everything about one parent; the look is on record."""
        row = self._row(member, account_id)
        if isinstance(row, Refused):
            return row
        subject = f"account:{row.account_id}"
        Audit(self._context).record(member.district, AuditEvent.ACCOUNT_SEEN, subject=subject, by=member.by)
        return self._shown(member, row)

    def children(self, member: StaffMember, account_id: str) -> Sequence[ChildShown]:
        """Return the children of an account and those that the records name, as the member may see them."""
        row = self._row(member, account_id)
        return () if isinstance(row, Refused) else Family(self._context, member).children(row)

    def _row(self, member: StaffMember, account_id: str) -> AccountRow | Refused:
        if not member.may(Deed.SEE_PARENT):
            return Refused(Reason.FORBIDDEN)
        if not Scope(self._context, member).sees_account(account_id):
            return Refused(Reason.NOT_FOUND)
        return self._session.get_one(AccountRow, account_id)

    def _shown(self, member: StaffMember, row: AccountRow) -> ParentShown:
        history, family = History(self._context), Family(self._context, member)
        name = Gate(self._context).name_key(row.district_id, row.username)
        # On a device that the name is known from it may be locked there alone.
        diagnosed = Diagnosis(self._context).of(row.district_id, row.username)
        locks = {FailedWayIn.LOCKED, FailedWayIn.PASSWORD_DISABLED}
        return ParentShown(
            account=self._account(member, row),
            diagnosed=diagnosed,
            is_locked=any(each.cause in locks for each in diagnosed.findings),
            attempts=history.attempts(name),
            mails=history.mails(row),
            sessions=history.sessions(row.account_id),
            children=family.children(row),
            contact=family.contact(row),
            deeds=self._deeds(row.account_id),
        )

    def _account(self, member: StaffMember, row: AccountRow) -> AccountShown:
        return AccountShown(
            account_id=row.account_id,
            username=row.username,
            name=row.display_name,
            email=row.email or "",
            is_confirmed=row.email_confirmed_at is not None,
            language=row.language or "",
            created_at=row.created_at,
            last_sign_in_at=row.last_sign_in_at,
            password_changed_at=row.password_changed_at,
            temporary_until=row.temporary_until,
            disabled_at=row.disabled_at,
            verified_until=Callers(self._context).verified_until(member, row.account_id),
        )

    def _deeds(self, account_id: str) -> Sequence[DeedShown]:
        query = (
            select(DeskDeedRow, StaffRow.name)
            .join(StaffRow, StaffRow.staff_id == DeskDeedRow.staff_id)
            .where(DeskDeedRow.account_id == account_id)
            .order_by(DeskDeedRow.done_at.desc(), DeskDeedRow.request_id)
            .limit(MOST_DEEDS)
        )
        return [
            DeedShown(row.done_at, row.deed, row.reason, unseal(self._context.keys, row.note), by)
            for row, by in self._session.execute(query)
        ]
