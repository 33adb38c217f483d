"""Show cases to staff: lists of them without a word that families wrote, and one in full."""

from sqlalchemy import ColumnElement, and_, false, func, select

from portal.accounts.models import AccountRow
from portal.core.audit import Audit, AuditEvent
from portal.core.context import Context
from portal.core.outcomes import Reason, Refused
from portal.core.sealed import unseal
from portal.helpdesk import triage
from portal.helpdesk.case_files import NOT_FOUND, CaseFiles
from portal.helpdesk.case_outcomes import CaseFilter, CaseLine, CaseList, CaseView, Colleague, Standing
from portal.helpdesk.models import CaseRow
from portal.helpdesk.outcomes import CaseKind, CaseState
from portal.helpdesk.staff.models import StaffRow
from portal.helpdesk.staff.outcomes import StaffMember
from portal.helpdesk.staff.roles import MAY, Deed
from portal.helpdesk.staff.sessions import member_of

MOST_LINES = 100


class CaseLists:
    """Look at cases, inside one transaction; each look is on record."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._context = context
        self._session = context.session
        self._files = CaseFiles(context)

    def choose(self, member: StaffMember, wanted: CaseFilter) -> CaseList | Refused:
        """Return the cases that were asked for: what waits longest first, what was closed last first."""
        if not member.may(Deed.SEE_CASES):
            return Refused(Reason.FORBIDDEN)
        mine = self._files.theirs(member)
        query = select(CaseRow).where(mine, self._stands(wanted.standing), self._wanted(member, wanted))
        is_closed = wanted.standing is Standing.CLOSED
        order = CaseRow.closed_at.desc() if is_closed else func.coalesce(CaseRow.due_at, CaseRow.opened_at)
        rows = list(self._session.scalars(query.order_by(order, CaseRow.number).limit(MOST_LINES + 1)))
        names = self._files.names({row.assigned_to or "" for row in rows})
        return CaseList(
            lines=[self._line(row, names) for row in rows[:MOST_LINES]],
            counts=self.counts(member),
            languages=sorted(self._session.scalars(select(CaseRow.language).where(mine).distinct())),
            has_more=len(rows) > MOST_LINES,
        )

    def counts(self, member: StaffMember) -> dict[Standing, int]:
        """Return how many of the cases that are theirs to see stand how."""
        if not member.may(Deed.SEE_CASES):
            return dict.fromkeys(Standing, 0)
        mine = self._files.theirs(member)
        return {each: self._count(mine, self._stands(each)) for each in Standing}

    def own(self, member: StaffMember) -> int:
        """Return how many open cases are assigned to them."""
        if not member.may(Deed.SEE_CASES):
            return 0
        mine = CaseRow.assigned_to == member.staff_id
        return self._count(self._files.theirs(member), mine, self._stands(Standing.OPEN))

    def look(self, member: StaffMember, number: int, *, quietly: bool = False) -> CaseView | Refused:
        """Return one case in full; `quietly` is for what refreshes by itself after a look on record."""
        if not member.may(Deed.SEE_CASES):
            return Refused(Reason.FORBIDDEN)
        row = self._files.find(member, number)
        if row is None:
            return NOT_FOUND
        if not quietly:
            Audit(self._context).record(
                row.district_id, AuditEvent.CASES_SEEN, subject=f"case:{row.case_id}", by=member.by, count=1
            )
        return self._shown(row, member)

    def of_account(self, member: StaffMember, account_id: str) -> list[CaseLine]:
        """Return the cases of one parent, the newest first."""
        if not member.may(Deed.SEE_CASES):
            return []
        query = select(CaseRow).where(self._files.theirs(member), CaseRow.account_id == account_id)
        rows = list(self._session.scalars(query.order_by(CaseRow.number.desc()).limit(MOST_LINES)))
        names = self._files.names({row.assigned_to or "" for row in rows})
        return [self._line(row, names) for row in rows]

    def _shown(self, row: CaseRow, member: StaffMember) -> CaseView:
        account = self._session.get(AccountRow, row.account_id) if row.account_id else None
        names = self._files.names({row.assigned_to or "", row.live_by or ""})
        is_live = self._is_live(row)
        return CaseView(
            line=self._line(row, names),
            version=row.version,
            account_id=row.account_id,
            username="" if account is None else account.username,
            details=unseal(self._context.keys, row.details),
            triage=triage.shown(self._context, row.triage),
            entries=self._files.history(row),
            colleagues=self._colleagues(row),
            assigned_to=row.assigned_to,
            live_by=names.get(row.live_by or "", "") if is_live else "",
            is_live_here=is_live and row.live_by == member.staff_id,
            has_chat=row.channel not in {"web", "desk"},
            helped=row.helped,
        )

    def _colleagues(self, row: CaseRow) -> list[Colleague]:
        working = [role.value for role, deeds in MAY.items() if Deed.WORK_CASES in deeds]
        query = select(StaffRow).where(
            StaffRow.district_id == row.district_id,
            StaffRow.disabled_at.is_(None),
            StaffRow.role.in_(working),
        )
        by_name = query.order_by(StaffRow.name, StaffRow.staff_id)
        found = [member_of(each) for each in self._session.scalars(by_name)]
        return [
            Colleague(each.staff_id, each.name)
            for each in found
            if not each.is_of_schools or self._files.find(each, row.number) is not None
        ]

    def _line(self, row: CaseRow, names: dict[str, str]) -> CaseLine:
        is_open = row.state == CaseState.OPEN.value
        return CaseLine(
            number=row.number,
            kind=CaseKind(row.kind),
            state=row.state,
            language=row.language,
            channel=row.channel,
            assigned=names.get(row.assigned_to or "", ""),
            opened_at=row.opened_at,
            changed_at=row.changed_at,
            due_at=row.due_at,
            waiting_since=row.waiting_since,
            is_overdue=is_open and row.due_at is not None and row.due_at <= self._context.now,
            is_live=self._is_live(row),
        )

    def _is_live(self, row: CaseRow) -> bool:
        return row.live_until is not None and row.live_until > self._context.now

    def _stands(self, standing: Standing) -> ColumnElement[bool]:
        is_open = CaseRow.state == CaseState.OPEN.value
        match standing:
            case Standing.OPEN:
                return is_open
            case Standing.WAITING:
                return and_(is_open, CaseRow.waiting_since.is_not(None))
            case Standing.OVERDUE:
                return and_(is_open, CaseRow.due_at <= self._context.now)
            case Standing.CLOSED:
                return CaseRow.state == CaseState.CLOSED.value

    @staticmethod
    def _wanted(member: StaffMember, wanted: CaseFilter) -> ColumnElement[bool]:
        conditions = [~false()]
        if wanted.mine:
            conditions.append(CaseRow.assigned_to == member.staff_id)
        if wanted.language:
            conditions.append(CaseRow.language == wanted.language)
        if wanted.kind:
            conditions.append(CaseRow.kind == wanted.kind)
        return and_(*conditions)

    def _count(self, *where: ColumnElement[bool]) -> int:
        return self._session.scalar(select(func.count()).select_from(CaseRow).where(*where)) or 0
