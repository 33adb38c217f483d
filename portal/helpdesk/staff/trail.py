"""Read the audit in the console: newest first, a page at a time."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from portal.core.audit import Audit, AuditEvent, ChainBroken, ChainIntact, Detail
from portal.core.context import Context
from portal.core.models import AuditRow
from portal.core.outcomes import Reason, Refused
from portal.helpdesk.staff.outcomes import StaffMember
from portal.helpdesk.staff.roles import Deed

PAGE = 50
FORBIDDEN = Refused(Reason.FORBIDDEN)


@dataclass(frozen=True, slots=True)
class TrailFilter:
    """Choose rows: those before a number, of one event, by one of the staff, about one pseudonym."""

    before: int | None = None
    event: str = ""
    staff_id: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class TrailRow:
    """Show one row; families are pseudonyms in it."""

    number: int
    at: datetime
    event: str
    subject: str
    by: str
    details: Mapping[str, Detail]


@dataclass(frozen=True, slots=True)
class TrailPage:
    """Show some rows; `older` is where the next page begins, None on the last one."""

    rows: tuple[TrailRow, ...]
    older: int | None


class AuditTrail:
    """Show the audit of a member's own district."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._context = context

    def page(self, member: StaffMember, chosen: TrailFilter) -> TrailPage | Refused:
        """Return the newest rows that were chosen."""
        if not member.may(Deed.SEE_AUDIT):
            return FORBIDDEN
        query = select(AuditRow).where(AuditRow.district_id == member.district)
        if chosen.before is not None:
            query = query.where(AuditRow.number < chosen.before)
        if chosen.event:
            query = query.where(AuditRow.event == chosen.event)
        if chosen.subject:
            query = query.where(AuditRow.subject == chosen.subject)
        if chosen.staff_id:
            # As `record` writes it; ids are ours, and nothing in them means anything to LIKE.
            by = json.dumps({"by": f"staff:{chosen.staff_id}"})[1:-1]
            query = query.where(AuditRow.details.contains(by, autoescape=True))
        rows = self._context.session.scalars(query.order_by(AuditRow.number.desc()).limit(PAGE + 1)).all()
        shown = tuple(_shown(row) for row in rows[:PAGE])
        return TrailPage(shown, shown[-1].number if len(rows) > PAGE else None)

    def check(self, member: StaffMember) -> ChainIntact | ChainBroken | Refused:
        """Recompute the whole chain; that it was checked is on record."""
        if not member.may(Deed.SEE_AUDIT):
            return FORBIDDEN
        audit = Audit(self._context)
        found = audit.verify(member.district)
        is_whole = isinstance(found, ChainIntact)
        audit.record(member.district, AuditEvent.AUDIT_CHECKED, by=member.by, whole=is_whole)
        return found


def _shown(row: AuditRow) -> TrailRow:
    details = json.loads(row.details)
    by = str(details.pop("by", ""))
    return TrailRow(row.number, row.at, row.event, row.subject, by, details)
