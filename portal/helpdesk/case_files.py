"""Find the rows of cases, and write down what happens in them."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, select, true

from portal.accounts.models import AccountRow
from portal.core.context import Context
from portal.core.outcomes import Reason, Refused
from portal.core.sealed import seal, unseal
from portal.helpdesk.case_outcomes import Entry, EntryKind
from portal.helpdesk.models import CaseEntryRow, CaseRow
from portal.helpdesk.staff.models import StaffRow
from portal.helpdesk.staff.outcomes import StaffMember
from portal.helpdesk.staff.scope import Scope

NOT_FOUND = Refused(Reason.NOT_FOUND)


class CaseFiles:
    """Keep the rows of cases, inside one transaction."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._context = context
        self._session = context.session

    def theirs(self, member: StaffMember) -> ColumnElement[bool]:
        """Return the condition on `CaseRow`: the cases that a member of staff may see.

        Of a school administrator these are the cases of accounts that are theirs to see; whose case it
        is that came without an account nobody knows.
        """
        mine = CaseRow.district_id == member.district
        seen = select(AccountRow.account_id).where(Scope(self._context, member).accounts())
        return and_(mine, CaseRow.account_id.in_(seen) if member.is_of_schools else true())

    def find(self, member: StaffMember, number: int, *, to_change: bool = False) -> CaseRow | None:
        """Return one case that a member may see; `to_change` keeps others off it until the end."""
        query = select(CaseRow).where(CaseRow.number == number, self.theirs(member))
        query = query.with_for_update() if to_change else query
        return self._session.scalar(query.execution_options(populate_existing=to_change))

    def write(
        self, row: CaseRow, kind: EntryKind, content: dict[str, Any], *, by: str = "", request_id: str = ""
    ) -> CaseEntryRow:
        """Add a line to the history of a case."""
        entry = CaseEntryRow(
            district_id=row.district_id,
            case_id=row.case_id,
            kind=kind.value,
            by=by,
            content=seal(self._context.keys, content),
            at=self._context.now,
            request_id=request_id or None,
        )
        self._session.add(entry)
        row.changed_at = self._context.now
        self._session.flush()
        return entry

    def happened(self, row: CaseRow, what: str, *, by: str = "", **data: Any) -> CaseEntryRow:
        """Add what was done to the history of a case."""
        return self.write(row, EntryKind.EVENT, {"what": what, "data": data}, by=by)

    def was_written(self, row: CaseRow, request_id: str) -> bool:
        """Tell whether a form was taken before."""
        same = select(CaseEntryRow.id).where(
            CaseEntryRow.case_id == row.case_id, CaseEntryRow.request_id == request_id
        )
        return self._session.scalar(same) is not None

    def history(self, row: CaseRow) -> list[Entry]:
        """Return all that happened, the oldest first."""
        query = select(CaseEntryRow).where(CaseEntryRow.case_id == row.case_id).order_by(CaseEntryRow.id)
        rows = list(self._session.scalars(query))
        names = self.names({each.by for each in rows})
        return [self._shown(each, names) for each in rows]

    def names(self, staff: set[str]) -> dict[str, str]:
        """Return the names of members of staff by their ids."""
        query = select(StaffRow.staff_id, StaffRow.name).where(StaffRow.staff_id.in_(staff - {""}))
        return {row.staff_id: row.name for row in self._session.execute(query)}

    def text(self, entry: CaseEntryRow) -> str:
        """Return what somebody wrote."""
        return str(unseal(self._context.keys, entry.content).get("text", ""))

    def _shown(self, row: CaseEntryRow, names: dict[str, str]) -> Entry:
        content = unseal(self._context.keys, row.content)
        return Entry(
            id=row.id,
            kind=EntryKind(row.kind),
            by=names.get(row.by, ""),
            text=content.get("text", ""),
            at=row.at,
            what=content.get("what", ""),
            data=_data(content.get("data", {})),
            told_at=row.told_at,
        )


def _data(stored: dict[str, Any]) -> dict[str, Any]:
    at = stored.get("at")
    return {**stored, "at": datetime.fromisoformat(at)} if at else stored
