"""Count the families that a change of an option is about."""

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select

from portal.accounts.models import AccountRow
from portal.core.context import Context


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
            case "locales":
                return self._count(AccountRow.language.is_not(None), AccountRow.language.not_in(after))
            case _:
                return None

    def _count(self, *which: ColumnElement[bool]) -> int:
        return self._context.session.scalar(select(func.count()).where(*self._mine, *which)) or 0
