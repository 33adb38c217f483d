"""Give what one account left to be done with records to another."""

from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, update

from portal.accounts.models import FeedRow
from portal.core.context import Context
from portal.records.models import NotificationRow, RegistrationRow


class Moving:
    """Move regular mails and registered courses; private calendars end with their account."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._context = context
        self._session = context.session

    def counts(self, account_id: str) -> tuple[int, int, int]:
        """Count the regular mails, the calendars and the registered courses of an account."""
        return (
            self._count(NotificationRow, NotificationRow.account_id == account_id),
            self._count(FeedRow, (FeedRow.account_id == account_id) & FeedRow.revoked_at.is_(None)),
            self._count(RegistrationRow, RegistrationRow.account_id == account_id),
        )

    def move(self, account_id: str, to: str) -> None:
        """Move what an account left; of two choices for one child the other account's own counts."""
        own = select(NotificationRow.student_id).where(NotificationRow.account_id == to)
        mails = NotificationRow.account_id == account_id
        self._session.execute(delete(NotificationRow).where(mails, NotificationRow.student_id.in_(own)))
        self._session.execute(update(NotificationRow).where(mails).values(account_id=to))
        courses = update(RegistrationRow).where(RegistrationRow.account_id == account_id)
        self._session.execute(courses.values(account_id=to))
        # Whoever was given the address of a calendar was given it by an account that is no more.
        feeds = update(FeedRow).where(FeedRow.account_id == account_id, FeedRow.revoked_at.is_(None))
        self._session.execute(feeds.values(revoked_at=self._context.now))

    def _count(self, table: type[Any], which: ColumnElement[bool]) -> int:
        return self._session.scalar(select(func.count()).select_from(table).where(which)) or 0
