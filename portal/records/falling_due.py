"""Turn the regular mails that are due into mails that leave, once a period whatever crashes."""

from zoneinfo import ZoneInfo

from sqlalchemy import select

from portal.accounts.mailing import to_owner
from portal.core.context import Context
from portal.core.districts import Districts
from portal.core.outbox import MailKind, Outbox
from portal.records.models import NotificationRow
from portal.records.notifications import Frequency
from portal.records.periods import next_due
from portal.records.receiving import reader_of

# As many as one transaction takes: on SQLite nobody else writes meanwhile.
LOT = 50


class FallingDue:
    """Take what is due, one lot a transaction; several processes may do so at once."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._context = context

    def put_due(self, most: int = LOT) -> int:
        """Put a mail into the outbox for each of the next notifications that are due; return how many were.

        A period that fell due while nothing ran is not made up for: the one mail tells of all of it.
        """
        # Another worker's rows are skipped and not waited for; SQLite has one writer and needs no lock.
        query = (
            select(NotificationRow)
            .where(NotificationRow.due_at <= self._context.now)
            .order_by(NotificationRow.due_at, NotificationRow.notification_id)
            .limit(most)
            .with_for_update(skip_locked=True)
        )
        rows = self._context.session.scalars(query).all()
        for row in rows:
            self._put(row)
        self._context.session.flush()
        return len(rows)

    def _put(self, row: NotificationRow) -> None:
        # The next period begins in the commit that holds the mail of this one: neither can be alone.
        zone = ZoneInfo(Districts(self._context).get_one(row.district_id).options.time_zone)
        row.due_at = next_due(Frequency(row.frequency), row.chosen_at, self._context.now, zone)
        row.period += 1
        reader = reader_of(self._context, row)
        if reader is not None:
            Outbox(self._context).put(
                row.district_id,
                MailKind.NOTIFICATION,
                to_owner(reader.account),
                notification=row.notification_id,
                period=row.period,
            )
