"""Let those of the staff whose role permits it forget a family: seen first, then done with a fresh code."""

import hashlib
from dataclasses import dataclass, field

from portal.accounts.models import AccountRow
from portal.accounts.names import compared, is_storable
from portal.core.audit import Audit, AuditEvent
from portal.core.context import Context
from portal.core.outcomes import Reason, Refused, Violation
from portal.forgetting.outcomes import REFERENCE, Forgotten, GoesWith, Kind, Plan
from portal.forgetting.service import Forgetting
from portal.helpdesk.desk.verifying import Callers
from portal.helpdesk.staff.outcomes import StaffMember
from portal.helpdesk.staff.proving import StaffProving
from portal.helpdesk.staff.roles import Deed
from portal.helpdesk.staff.scope import Scope


@dataclass(frozen=True, slots=True)
class Shown:
    """Show a plan; `fingerprint` is of what whoever decides has to have seen."""

    account_id: str
    plan: Plan
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Wish:
    """Ask for the deed: the name typed once more, where the family's wish is on file, and a fresh code."""

    account_id: str
    username: str
    reference: str
    fingerprint: str
    code: str = field(repr=False)
    source: str


class ForgettingDesk:
    """Show staff what would go, and do it once, in one transaction."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._context = context
        self._forgetting = Forgetting(context)

    def plan(self, member: StaffMember, account_id: str) -> Shown | GoesWith | Refused:
        """Return what would go and what would stay; the look is on record."""
        account = self._account(member, account_id)
        if isinstance(account, Refused):
            return account
        subject = f"account:{account_id}"
        event = AuditEvent.FORGETTING_SEEN
        Audit(self._context).record(member.district, event, subject=subject, by=member.by)
        return self._shown(account)

    def forget(self, member: StaffMember, wish: Wish) -> Forgotten | GoesWith | Refused:
        """Do what the plan showed; nothing is done on a session alone, which somebody may have left open."""
        account = self._account(member, wish.account_id)
        if isinstance(account, Refused):
            return account
        shown = self._shown(account)
        if not isinstance(shown, Shown):
            return shown
        if problems := tuple(_problems(wish, account)):
            return Refused(Reason.FIELDS_REFUSED, violations=problems)
        if shown.fingerprint != wish.fingerprint:
            # A child was linked in the meantime, say: nobody deletes what they did not see.
            return Refused(Reason.OUTDATED)
        refused = StaffProving(self._context).check(member.staff_id, wish.code, wish.source)
        if refused is not None:
            return refused
        return self._forgetting.forget(
            member.district, account.username, by=member.by, reference=wish.reference
        )

    def _account(self, member: StaffMember, account_id: str) -> AccountRow | Refused:
        if not member.may(Deed.FORGET_FAMILY):
            return Refused(Reason.FORBIDDEN)
        if not is_storable(account_id) or not Scope(self._context, member).sees_account(account_id):
            return Refused(Reason.NOT_FOUND)
        # Somebody else's wish must never delete a family: who asks is made sure of first.
        if not Callers(self._context).permits(member, account_id, Deed.FORGET_FAMILY):
            return Refused(Reason.CALLER_NOT_VERIFIED)
        return self._context.session.get_one(AccountRow, account_id)

    def _shown(self, account: AccountRow) -> Shown | GoesWith | Refused:
        plan = self._forgetting.plan(account.district_id, account.username)
        return Shown(account.account_id, plan, _fingerprint(plan)) if isinstance(plan, Plan) else plan


def _problems(wish: Wish, account: AccountRow) -> list[Violation]:
    found = []
    if compared(wish.username) != account.username_key:
        found.append(Violation("forget_name_differs", field="username"))
    if not REFERENCE.fullmatch(wish.reference):
        found.append(Violation("forget_reference", field="reference"))
    return found


def _fingerprint(plan: Plan) -> str:
    # Not of what grows by itself meanwhile, as what was said and who tried to sign in.
    counts = [plan.goes[each] for each in (Kind.ACCOUNTS, Kind.LINKS, Kind.REGISTRATIONS)]
    seen = (plan.username, *counts, plan.moved, plan.unfetched, plan.is_told)
    return hashlib.sha256(repr(seen).encode()).hexdigest()
