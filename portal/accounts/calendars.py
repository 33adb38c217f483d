"""End the private calendars of an account with everything else that opened it."""

from sqlalchemy import update

from portal.accounts.models import AccountRow, FeedRow
from portal.core.audit import Audit, AuditEvent
from portal.core.context import Context


class Calendars:
    """End the private calendars of an account: whoever was in it may have taken their addresses along."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._context = context

    def end_all(self, account_id: str) -> None:
        """End every calendar of an account; its parent makes new ones, with other addresses."""
        # Locked, as it is by whoever makes a calendar: one made at this moment ends too or is refused.
        account = self._context.session.get_one(AccountRow, account_id, with_for_update=True)
        mine = (FeedRow.account_id == account_id, FeedRow.revoked_at.is_(None))
        ended = update(FeedRow).where(*mine).values(revoked_at=self._context.now).returning(FeedRow.kind)
        for kind in self._context.session.scalars(ended).all():
            subject = f"account:{account_id}"
            Audit(self._context).record(
                account.district_id, AuditEvent.CALENDAR_REVOKED, subject=subject, kind=kind
            )
