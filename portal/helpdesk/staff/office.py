"""Manage staff in the console: for district administrators, and never about themselves."""

from dataclasses import replace

from portal.accounts.names import is_storable
from portal.core.context import Context
from portal.core.outcomes import Reason, Refused, Violation
from portal.helpdesk.staff.accounts import NOT_FOUND, StaffAccounts
from portal.helpdesk.staff.outcomes import (
    NewStaff,
    StaffChanged,
    StaffInvited,
    StaffListed,
    StaffMember,
    StaffPlace,
)
from portal.helpdesk.staff.roles import Deed

FORBIDDEN = Refused(Reason.FORBIDDEN)
NO_REASON = Refused(Reason.FIELDS_REFUSED, violations=(Violation("empty", field="reason"),))
LONG_REASON = Refused(Reason.FIELDS_REFUSED, violations=(Violation("too_long", field="reason"),))
MOST_REASON = 500


class StaffOffice:
    """Do what a district administrator decides about the district's staff."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._accounts = StaffAccounts(context)

    def all(self, member: StaffMember) -> list[StaffListed] | Refused:
        """Return everybody of the member's district."""
        if not member.may(Deed.MANAGE_STAFF):
            return FORBIDDEN
        return self._accounts.all(member.district)

    def find(self, member: StaffMember, staff_id: str) -> StaffListed | Refused:
        """Return one of them."""
        found = self.all(member)
        if isinstance(found, Refused):
            return found
        return next((each for each in found if each.member.staff_id == staff_id), NOT_FOUND)

    def invite(self, member: StaffMember, new: NewStaff) -> StaffInvited | Refused:
        """Invite somebody to the member's own district, whichever the form names."""
        if not member.may(Deed.MANAGE_STAFF):
            return FORBIDDEN
        return self._accounts.invite(replace(new, district=member.district), by=member.by)

    def place(self, member: StaffMember, place: StaffPlace) -> StaffChanged | Refused:
        """Give somebody another role or other schools."""
        if not member.may(Deed.MANAGE_STAFF):
            return FORBIDDEN
        refused = self._refused(member, place.staff_id)
        return refused or self._accounts.place(member.district, place, by=member.by)

    def disable(self, member: StaffMember, staff_id: str, reason: str) -> StaffChanged | Refused:
        """Let somebody go."""
        refused = self._refused(member, staff_id) or _without(reason)
        return refused or self._accounts.disable(member.district, staff_id, by=member.by, reason=reason)

    def enable(self, member: StaffMember, staff_id: str, reason: str) -> StaffChanged | Refused:
        """Let somebody back."""
        refused = self._refused(member, staff_id) or _without(reason)
        return refused or self._accounts.enable(member.district, staff_id, by=member.by, reason=reason)

    def reset(self, member: StaffMember, staff_id: str, reason: str) -> StaffInvited | Refused:
        """Void what somebody signs in with, and invite them anew."""
        refused = self._refused(member, staff_id) or _without(reason)
        return refused or self._accounts.reset(member.district, staff_id, by=member.by, reason=reason)

    def _refused(self, member: StaffMember, staff_id: str) -> Refused | None:
        # Nobody raises themselves, and the last administrator cannot shut everybody out by mistake.
        if not member.may(Deed.MANAGE_STAFF) or staff_id == member.staff_id:
            return FORBIDDEN
        return None


def _without(reason: str) -> Refused | None:
    if not reason.strip():
        return NO_REASON
    return None if len(reason) <= MOST_REASON and is_storable(reason) else LONG_REASON
