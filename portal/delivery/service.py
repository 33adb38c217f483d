"""Take mails out of the outbox one at a time, and note what came of handing each over.

A mail is leased in one short transaction and settled in another; between the two, while the mail server
is talked to, no transaction is open. Whoever dies in between loses the lease, and the mail is handed
over once more with the same Message-ID: that one repeat a kill is all that may happen.
"""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Protocol

import structlog
from sqlalchemy import ColumnElement, and_, delete, func, or_, select

from portal.accounts.addresses import key_of
from portal.accounts.models import AccountRow
from portal.core.audit import Audit, AuditEvent
from portal.core.context import Context
from portal.core.districts import Districts
from portal.core.leases import is_free
from portal.core.models import OutboxRow, TokenRow
from portal.core.outbox import OVERTAKEN, MailKind, Unsaid
from portal.core.queues import Queue, queue_of
from portal.core.tokens import TokenPurpose, Tokens
from portal.delivery.outcomes import Handover, Mail, MailedToken, Postponed, Rejected, Sent

# Longer than the sender may talk to a mail server about one mail.
LEASE = timedelta(minutes=2)
UNREADABLE = "unreadable"
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)
TRIED_FOR = timedelta(days=3)
KEPT = timedelta(days=30)

# What a newer version wrote waits for that version to send it.
_KNOWN = OutboxRow.kind.in_([kind.value for kind in MailKind])
_WAITING = and_(OutboxRow.sent_at.is_(None), OutboxRow.given_up_at.is_(None))


class Digests(Protocol):
    """Look up what a mail says whose row names no more than where to look; opaque here."""

    def gather(self, message: OutboxRow) -> object | Unsaid:
        """Return what the mail says if it leaves now."""

    def show(self, message: OutboxRow) -> object | Unsaid:
        """Return what a mail says that left, or is about to."""

    def left(self, message: OutboxRow) -> None:
        """Note that the mail left."""


class Deliveries:
    """Lease, settle, show and forget the mails of the outbox."""

    def __init__(self, context: Context, digests: Digests) -> None:
        """Work in one transaction; `digests` make what the regular mails say."""
        self._context = context
        self._digests = digests

    def lease(self, owner: str) -> Mail | None:
        """Take the mail of the lowest rank that is due longest, and keep others off it; None for none.

        The life of its token starts here, for this is when the mail leaves.
        """
        while (row := self._next_due()) is not None:
            try:
                mail = self._made(row, self._digests.gather)
            except ValueError as error:
                # One that cannot be read is given up, and what is behind it leaves.
                structlog.get_logger("portal").error(
                    "row_unreadable",
                    table=OutboxRow.__tablename__,
                    row=row.message_id,
                    error=type(error).__name__,
                )
                self._give_up(row, UNREADABLE)
                self._context.session.flush()
                continue
            if isinstance(mail, Mail) and self._may_leave(row):
                row.lease_owner, row.lease_until = owner, self._context.now + LEASE
                row.attempts += 1
                return mail
            self._close(row, mail.reason if isinstance(mail, Unsaid) else OVERTAKEN)
        return None

    def settle(self, message_id: str, owner: str, handover: Handover) -> None:
        """Note what came of a mail; whoever lost the lease can only report that it left."""
        row = self._context.session.get(OutboxRow, message_id, with_for_update=True)
        if row is None or row.sent_at is not None or row.given_up_at is not None:
            return
        match handover:
            case Sent():
                self._finish(row)
            case _ if row.lease_owner != owner:
                return
            case Rejected(reason):
                self._give_up(row, reason)
            case Postponed(reason):
                self._postpone(row, reason)

    def latest(self, limit: int) -> list[Mail]:
        """Return the mails that leave or left, the newest first; for the demo, where nothing is sent."""
        query = (
            select(OutboxRow)
            .where(OutboxRow.address.is_not(None), OutboxRow.given_up_at.is_(None), _KNOWN)
            .order_by(OutboxRow.created_at.desc(), OutboxRow.message_id)
            .limit(limit)
        )
        rows = self._context.session.scalars(query)
        mails = (self._made(row, self._digests.show) for row in rows)
        return [mail for mail in mails if isinstance(mail, Mail)]

    def waiting(self) -> Queue:
        """Measure the mails that have not left; what is put there for nobody does not count."""
        found = select(func.count(), func.min(OutboxRow.created_at)).where(
            _WAITING, OutboxRow.address.is_not(None)
        )
        return queue_of(self._context.session.execute(found).one(), self._context.now)

    def purge(self) -> None:
        """Forget mails that left or were given up so long ago that nobody asks about them, and last ones."""
        oldest = self._context.now - KEPT
        over = or_(OutboxRow.sent_at <= oldest, OutboxRow.given_up_at <= oldest, self._is_last())
        self._context.session.execute(delete(OutboxRow).where(over))

    def _is_last(self) -> ColumnElement[bool]:
        # The last mail to a family that was forgotten is all that still names it: it goes when it has left,
        # and when nobody could carry it for as long as any mail is tried.
        is_over = or_(
            OutboxRow.sent_at.is_not(None),
            OutboxRow.given_up_at.is_not(None),
            OutboxRow.created_at <= self._context.now - TRIED_FOR,
        )
        return and_(OutboxRow.kind == MailKind.ACCOUNT_FORGOTTEN.value, is_over)

    def _next_due(self) -> OutboxRow | None:
        # Another worker's row is skipped and not waited for; SQLite has one writer and needs no lock.
        query = (
            select(OutboxRow)
            .where(_WAITING, _KNOWN, self._is_due())
            .order_by(OutboxRow.rank, OutboxRow.due_at, OutboxRow.message_id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        return self._context.session.scalar(query)

    def _is_due(self) -> ColumnElement[bool]:
        now = self._context.now
        return and_(OutboxRow.due_at <= now, is_free(OutboxRow.lease_until, now, LEASE))

    def _may_leave(self, row: OutboxRow) -> bool:
        if row.token_id is None:
            return True
        is_kept = self._context.session.get(TokenRow, row.token_id) is not None
        return is_kept and Tokens(self._context).sending(row.token_id)

    def _made(self, row: OutboxRow, digest: Callable[[OutboxRow], object | Unsaid]) -> Mail | Unsaid:
        """Gather what the mail says, unless there is nobody to write to or nothing to say any more."""
        district = Districts(self._context).get(row.district_id)
        if row.address is None or district is None:
            return Unsaid(OVERTAKEN)
        kind = MailKind(row.kind)
        usernames = self._usernames(row) if kind is MailKind.RECOVER_USERNAME else ()
        content = digest(row) if kind is MailKind.NOTIFICATION else None
        if isinstance(content, Unsaid):
            return content
        if kind is MailKind.RECOVER_USERNAME and not usernames:
            return Unsaid(OVERTAKEN)
        return Mail(
            message_id=row.message_id,
            district=district,
            kind=kind,
            address=row.address,
            language=row.language or self._language(row),
            details=json.loads(row.details),
            created_at=row.created_at,
            token=self._token(row),
            usernames=usernames,
            content=content,
            attempts=row.attempts,
            is_repeat=row.lease_owner is not None,
            sent_at=row.sent_at,
        )

    def _token(self, row: OutboxRow) -> MailedToken | None:
        kept = None if row.token_id is None else self._context.session.get(TokenRow, row.token_id)
        if kept is None:
            return None
        life = timedelta(seconds=kept.life_seconds)
        return MailedToken(TokenPurpose(kept.purpose), Tokens(self._context).derive(kept.token_id), life)

    def _usernames(self, row: OutboxRow) -> tuple[str, ...]:
        # Those of the address that the mail goes to, and not of the one that the account has moved to since.
        # An address that nobody confirmed names nobody, and a closed account has no way in to be told of.
        query = (
            select(AccountRow.username)
            .where(AccountRow.district_id == row.district_id, AccountRow.email_key.is_not(None))
            .where(AccountRow.email_key == key_of(row.address))
            .where(AccountRow.email_confirmed_at.is_not(None), AccountRow.disabled_at.is_(None))
            .order_by(AccountRow.username_key)
        )
        return tuple(self._context.session.scalars(query))

    def _language(self, row: OutboxRow) -> str:
        account = self._context.session.get(AccountRow, row.recipient) if row.recipient else None
        return (account.language if account else None) or ""

    def _close(self, row: OutboxRow, reason: str) -> None:
        if row.address is None:
            # It was only there so that asking costs the same for everybody.
            self._context.session.delete(row)
        else:
            # Its token was used, replaced or made void, or its accounts are gone: it says nothing true now.
            row.given_up_at, row.last_error = self._context.now, reason
        self._context.session.flush()

    def _finish(self, row: OutboxRow) -> None:
        row.sent_at, row.last_error = self._context.now, None
        row.lease_owner = row.lease_until = None
        if row.token_id is not None:
            Tokens(self._context).sent(row.token_id)
        if row.kind == MailKind.NOTIFICATION:
            self._digests.left(row)

    def _postpone(self, row: OutboxRow, reason: str) -> None:
        if self._context.now - row.created_at >= TRIED_FOR:
            self._give_up(row, reason)
            return
        # 30 seconds, then 1, 2, 4 ... minutes: greylisting ends within minutes, an outage is waited out.
        wait = min(FIRST_WAIT * 2 ** min(row.attempts - 1, 10), LONGEST_WAIT)
        row.due_at, row.last_error = self._context.now + wait, reason
        row.lease_owner = row.lease_until = None

    def _give_up(self, row: OutboxRow, reason: str) -> None:
        row.given_up_at, row.last_error = self._context.now, reason
        row.lease_owner = row.lease_until = None
        subject = f"account:{row.recipient}" if row.recipient else ""
        Audit(self._context).record(
            row.district_id,
            AuditEvent.MAIL_GIVEN_UP,
            subject=subject,
            mail=row.kind,
            reason=reason,
            attempts=row.attempts,
        )
