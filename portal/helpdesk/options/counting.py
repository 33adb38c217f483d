"""Count the families that a change of an option is about."""

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select

from portal.accounts.models import AccountRow, LinkRow
from portal.core.context import Context
from portal.sis.models import School, Student


class Counting:
    """Count accounts of one district."""

    def __init__(self, context: Context, district: str) -> None:
        """Work in one transaction."""
        self._context = context
        self._mine = (AccountRow.district_id == district, AccountRow.disabled_at.is_(None))

    def accounts(self) -> int:
        """Return how many parents have an account."""
        return self._count()

    def touched(self, name: str, after: Any) -> int | None:
        """Return how many accounts it is about that an option gets this value, where that can be told."""
        match name:
            case "password.expires_days" if after:
                oldest = self._context.now - timedelta(days=after)
                return self._count(AccountRow.password_changed_at < oldest)
            case "pilot_schools" if after:
                served = select(LinkRow.account_id).join(
                    Student, (Student.id == LinkRow.student_id) & (Student.district_id == LinkRow.district_id)
                )
                served = served.join(School, (School.id == Student.school_id)).where(
                    School.identifier.in_(after)
                )
                has_children = AccountRow.account_id.in_(select(LinkRow.account_id))
                return self._count(has_children, AccountRow.account_id.not_in(served))
            case "locales":
                return self._count(AccountRow.language.is_not(None), AccountRow.language.not_in(after))
            case _:
                return None

    def _count(self, *which: ColumnElement[bool]) -> int:
        return self._context.session.scalar(select(func.count()).where(*self._mine, *which)) or 0
