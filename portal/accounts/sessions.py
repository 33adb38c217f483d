"""Keep who is signed in on which conversation, and for how long."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select, update

from portal.accounts.models import AccountRow, SessionRow
from portal.accounts.outcomes import LiveSession, Scope, SignedOut
from portal.core.audit import Audit, AuditEvent
from portal.core.context import Context
from portal.core.districts import Districts
from portal.core.outcomes import Reason, Refused

# However active: twelve hours in a browser, a day in a chat.
LONGEST = timedelta(hours=24)
LONGEST_IN_BROWSER = timedelta(hours=12)
# One turn looks several times: its first look restarts the idle clock, the others write nothing.
TOUCH_EVERY = timedelta(seconds=1)
BROWSERS = frozenset({"web", "webchat"})


class Sessions:
    """Start, find and end the session of a conversation; a conversation has at most one."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._context = context

    def current(self, conversation: str, *, touch: bool = True) -> LiveSession | Refused:
        """Return the session that opens everything, or why there is none.

        Only what a parent does restarts the idle clock: pass `touch=False` for polls and for work in
        the background. A read-only transaction never restarts it.
        """
        live = self.any_scope(conversation, touch=touch)
        if isinstance(live, LiveSession) and live.scope is not Scope.FULL:
            return Refused(Reason.MUST_CHANGE_PASSWORD)
        return live

    def any_scope(self, conversation: str, *, touch: bool = True) -> LiveSession | Refused:
        """Return the live session whatever its scope, or why there is none."""
        row = self._newest(conversation)
        if row is None or row.signed_out:
            return Refused(Reason.NOT_SIGNED_IN)
        account = self._context.session.get_one(AccountRow, row.account_id)
        self._context.kept.append(account)
        if row.ended_at is not None or account.disabled_at is not None or self._is_over(row):
            return Refused(Reason.SESSION_ENDED)
        if touch and not self._context.read_only and self._context.now >= row.seen_at + TOUCH_EVERY:
            row.seen_at = self._context.now
        return _live(row, account)

    def others_ended(self, conversation: str) -> datetime | None:
        """Return when the last session ended that is not of the account signed in now, if there was one.

        What was said before then is nothing that whoever holds the conversation now should see.
        """
        live = self.any_scope(conversation, touch=False)
        query = select(SessionRow).where(SessionRow.conversation == conversation)
        if isinstance(live, LiveSession):
            query = query.where(SessionRow.account_id != live.account_id)
        return max(map(self._end_of, self._context.session.scalars(query)), default=None)

    def start(self, account: AccountRow, conversation: str, channel: str, scope: Scope) -> LiveSession:
        """Start a session under a new id, ending any other of the conversation."""
        self._end(SessionRow.conversation == conversation)
        row = SessionRow(
            conversation=conversation,
            channel=channel,
            scope=scope.value,
            started_at=self._context.now,
            previous_sign_in=account.last_sign_in_at,
        )
        if scope is Scope.FULL:
            account.last_sign_in_at = self._context.now
        return self._opened(row, account)

    def renew(self, live: LiveSession) -> LiveSession:
        """Replace a session by one that opens everything, and end every other of the account."""
        account = self._context.session.get_one(AccountRow, live.account_id)
        old = self._context.session.get_one(SessionRow, live.session_id)
        self.end_all(live.account_id)
        if live.scope is not Scope.FULL:
            return self.start(account, old.conversation, old.channel, Scope.FULL)
        # The parent goes on working: a new id, but not one more sign-in and no longer day.
        row = SessionRow(
            conversation=old.conversation,
            channel=old.channel,
            scope=old.scope,
            started_at=old.started_at,
            previous_sign_in=old.previous_sign_in,
        )
        return self._opened(row, account)

    def end(self, conversation: str) -> SignedOut:
        """Sign out: end the conversation's session, if one is live."""
        live = self.any_scope(conversation, touch=False)
        row = self._newest(conversation)
        if row is not None:
            row.ended_at = row.ended_at or self._context.now
            row.signed_out = True
            self._context.session.flush()
        if isinstance(live, Refused):
            return SignedOut(was_signed_in=False)
        subject = f"account:{live.account_id}"
        Audit(self._context).record(live.district, AuditEvent.SIGNED_OUT, subject=subject)
        return SignedOut(was_signed_in=True)

    def end_all(self, account_id: str) -> None:
        """End every session of an account, on every conversation."""
        self._end(SessionRow.account_id == account_id)

    def _opened(self, row: SessionRow, account: AccountRow) -> LiveSession:
        row.session_id = self._context.new_token()
        row.district_id = account.district_id
        row.account_id = account.account_id
        row.seen_at = self._context.now
        self._context.session.add(row)
        self._context.session.flush()
        return _live(row, account)

    def _newest(self, conversation: str) -> SessionRow | None:
        query = select(SessionRow).where(SessionRow.conversation == conversation)
        # One that has not ended comes first: a forced change ends one and starts one in one instant.
        order = (SessionRow.ended_at.is_not(None), SessionRow.started_at.desc())
        return self._context.session.scalars(query.order_by(*order).limit(1)).first()

    def _is_over(self, row: SessionRow) -> bool:
        return self._context.now >= self._end_of(row)

    def _end_of(self, row: SessionRow) -> datetime:
        district = Districts(self._context).get(row.district_id)
        if row.ended_at is not None or district is None:
            return row.ended_at or row.started_at
        idle = timedelta(minutes=district.options.session_idle_minutes)
        longest = LONGEST_IN_BROWSER if row.channel in BROWSERS else LONGEST
        return min(row.seen_at + idle, row.started_at + longest)

    def _end(self, which: ColumnElement[bool]) -> None:
        query = update(SessionRow).where(which, SessionRow.ended_at.is_(None))
        self._context.session.execute(query.values(ended_at=self._context.now))


def _live(row: SessionRow, account: AccountRow) -> LiveSession:
    return LiveSession(
        session_id=row.session_id,
        account_id=row.account_id,
        district=row.district_id,
        display_name=account.display_name,
        previous_sign_in=row.previous_sign_in,
        scope=Scope(row.scope),
    )
