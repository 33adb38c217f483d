"""Count what waits for a member of staff; counts name nobody, so that looking at them is not on record."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from portal.core.context import Context
from portal.core.outcomes import Reason, Refused
from portal.helpdesk.case_lists import CaseLists
from portal.helpdesk.case_outcomes import Standing
from portal.helpdesk.desk.spray import SprayedNames
from portal.helpdesk.requests.looking import RequestsShown
from portal.helpdesk.requests.outcomes import View
from portal.helpdesk.staff.outcomes import StaffMember
from portal.helpdesk.staff.roles import Deed


@dataclass(frozen=True, slots=True)
class Waiting:
    """Count what waits; None where it is not the member's to know."""

    cases: Mapping[Standing, int] | None = field(default=None)
    own_cases: int = 0
    requests: Mapping[View, int] | None = field(default=None)
    attacked_names: int | None = None

    @property
    def nothing(self) -> bool:
        """Tell whether there is nothing to do."""
        cases = (self.cases or {}).get(Standing.OPEN, 0)
        return not (cases or sum((self.requests or {}).values()) or self.attacked_names)


class Overview:
    """Look over everything that waits, inside one transaction."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._context = context

    def of(self, member: StaffMember) -> Waiting | Refused:
        """Return what waits for them."""
        if not member.may(Deed.ENTER):
            return Refused(Reason.FORBIDDEN)
        lists, sees_cases = CaseLists(self._context), member.may(Deed.SEE_CASES)
        return Waiting(
            cases=lists.counts(member) if sees_cases else None,
            own_cases=lists.own(member) if sees_cases else 0,
            requests=self._requests(member),
            attacked_names=self._attacked(member),
        )

    def _requests(self, member: StaffMember) -> Mapping[View, int] | None:
        # Whose children they are shows only when each is looked at, so that a school's are not counted.
        if member.is_of_schools or not member.may(Deed.SEE_REQUESTS):
            return None
        return RequestsShown(self._context, member).counts()

    def _attacked(self, member: StaffMember) -> int | None:
        alarms = SprayedNames(self._context).alarms(member)
        return None if isinstance(alarms, Refused) else sum(alarm.locked for alarm in alarms)
