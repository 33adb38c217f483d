"""Say by when a case should have its answer."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from portal.core.districts import District
from portal.helpdesk.outcomes import CaseKind

# Somebody else may be in the account: that cannot wait. A family that cannot get in sees nothing of school.
WITHIN: Mapping[CaseKind, timedelta] = {
    CaseKind.UNUSUAL_ACTIVITY: timedelta(hours=2),
    CaseKind.CANNOT_SIGN_IN: timedelta(days=1),
}
OTHERWISE = timedelta(days=2)
_SATURDAY = 5


def due_at(opened: datetime, kind: CaseKind, district: District) -> datetime:
    """Return when a case is due: days on which nobody is at school do not count."""
    within = WITHIN.get(kind, OTHERWISE)
    due = opened
    for _ in range(within.days):
        due = _next_working_day(due, district)
    return due + timedelta(seconds=within.seconds)


def _next_working_day(at: datetime, district: District) -> datetime:
    zone = ZoneInfo(district.options.time_zone)
    following = at + timedelta(days=1)
    while following.astimezone(zone).weekday() >= _SATURDAY:
        following += timedelta(days=1)
    return following
