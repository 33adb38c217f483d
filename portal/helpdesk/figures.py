"""Count what the help desk does: how long families wait, why they ask, how many need no person."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median, quantiles
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, func, or_, select

from portal.core.audit import AuditEvent
from portal.core.context import Context
from portal.core.districts import Districts
from portal.core.models import AuditRow
from portal.core.outcomes import Reason, Refused
from portal.helpdesk.case_files import CaseFiles
from portal.helpdesk.models import CaseRow
from portal.helpdesk.outcomes import CaseKind, CaseState
from portal.helpdesk.staff.outcomes import StaffMember
from portal.helpdesk.staff.roles import Deed

WEEKS = 12
TENTHS = 10
# What a family used to call the office for, and did alone with the assistant or on the pages.
ALONE = (
    AuditEvent.PASSWORD_RECOVERED,
    AuditEvent.ACCOUNT_CREATED,
    AuditEvent.EMAIL_CONFIRMED,
    AuditEvent.STUDENT_LINKED,
    AuditEvent.USERNAME_CHANGED,
    AuditEvent.EMAIL_CHANGED,
)


@dataclass(frozen=True, slots=True)
class Week:
    """Count one week from its Monday; `answered_in` is how long half of its families waited at most."""

    monday: date
    opened: int
    closed: int
    answered_in: timedelta | None


@dataclass(frozen=True, slots=True)
class Figures:
    """Count the last weeks; of schools alone `alone` is None, for the audit names no school."""

    weeks: Sequence[Week]
    open_now: int
    overdue_now: int
    answered_in: timedelta | None
    slowest_in: timedelta | None
    closed_in: timedelta | None
    helped: int
    not_helped: int
    reasons: Sequence[tuple[CaseKind, int]]
    languages: Sequence[tuple[str, int]]
    opened: int
    alone: int | None


class CaseFigures:
    """Count cases, inside one transaction; no family is in any figure."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._context = context
        self._session = context.session

    def of(self, member: StaffMember) -> Figures | Refused:
        """Return the figures of the cases that a member may see."""
        if not member.may(Deed.SEE_FIGURES):
            return Refused(Reason.FORBIDDEN)
        zone = ZoneInfo(Districts(self._context).get_one(member.district).options.time_zone)
        today = self._context.now.astimezone(zone).date()
        first = today - timedelta(days=today.weekday(), weeks=WEEKS - 1)
        since = datetime(first.year, first.month, first.day, tzinfo=zone)
        theirs = CaseFiles(self._context).theirs(member)
        rows = self._rows(theirs, since)
        opened = [row for row in rows if row.opened_at >= since]
        answers = _spans((row.opened_at, row.first_answer_at) for row in opened)
        is_open = CaseRow.state == CaseState.OPEN.value
        return Figures(
            weeks=[_week(first + timedelta(weeks=n), rows, zone) for n in range(WEEKS)],
            open_now=self._count(theirs, is_open),
            overdue_now=self._count(theirs, is_open, CaseRow.due_at <= self._context.now),
            answered_in=_middle(answers),
            slowest_in=_slowest(answers),
            closed_in=_middle(_spans((row.opened_at, row.closed_at) for row in opened)),
            helped=sum(row.helped is True for row in rows),
            not_helped=sum(row.helped is False for row in rows),
            reasons=Counter(CaseKind(row.kind) for row in opened).most_common(),
            languages=Counter(str(row.language) for row in opened).most_common(),
            opened=len(opened),
            alone=None if member.is_of_schools else self._alone(member.district, since),
        )

    def _rows(self, theirs: ColumnElement[bool], since: datetime) -> Sequence[Any]:
        columns = (
            CaseRow.kind,
            CaseRow.language,
            CaseRow.opened_at,
            CaseRow.first_answer_at,
            CaseRow.closed_at,
            CaseRow.helped,
        )
        lately = or_(CaseRow.opened_at >= since, CaseRow.closed_at >= since)
        return self._session.execute(select(*columns).where(theirs, lately)).all()

    def _alone(self, district: str, since: datetime) -> int:
        done = and_(AuditRow.district_id == district, AuditRow.at >= since)
        by_family = and_(
            AuditRow.event.in_([event.value for event in ALONE]), AuditRow.details.not_like('%"staff:%')
        )
        return self._session.scalar(select(func.count()).select_from(AuditRow).where(done, by_family)) or 0

    def _count(self, *where: ColumnElement[bool]) -> int:
        return self._session.scalar(select(func.count()).select_from(CaseRow).where(*where)) or 0


def _week(monday: date, rows: Sequence[Any], zone: ZoneInfo) -> Week:
    def is_in(at: datetime | None) -> bool:
        return at is not None and monday <= at.astimezone(zone).date() < monday + timedelta(weeks=1)

    opened = [row for row in rows if is_in(row.opened_at)]
    answers = _spans((row.opened_at, row.first_answer_at) for row in opened)
    return Week(monday, len(opened), sum(is_in(row.closed_at) for row in rows), _middle(answers))


def _spans(pairs: Iterable[tuple[datetime, datetime | None]]) -> list[timedelta]:
    return [until - since for since, until in pairs if until is not None]


def _middle(spans: Sequence[timedelta]) -> timedelta | None:
    return timedelta(seconds=median(each.total_seconds() for each in spans)) if spans else None


def _slowest(spans: Sequence[timedelta]) -> timedelta | None:
    """Return within what nine of ten had their answer."""
    if not spans:
        return None
    if len(spans) == 1:
        return spans[0]
    seconds = [each.total_seconds() for each in spans]
    return timedelta(seconds=quantiles(seconds, n=TENTHS, method="inclusive")[-1])
