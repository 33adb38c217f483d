"""Say who is signed in on which conversation, and since when nobody is any more."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm.attributes import set_committed_value

from portal.accounts.models import AccountRow, SessionRow
from portal.accounts.outcomes import LiveSession, Scope
from portal.core.context import Context
from portal.core.database import table_of
from portal.core.districts import Districts
from portal.core.models import DistrictRow
from portal.core.outcomes import Reason, Refused

# However active: twelve hours in a browser, a day in a chat.
LONGEST = timedelta(hours=24)
LONGEST_IN_BROWSER = timedelta(hours=12)
# One turn looks several times: its first look restarts the idle clock, the others write nothing.
TOUCH_EVERY = timedelta(seconds=1)
BROWSERS = frozenset({"web", "webchat"})
# A browser that forgets its cookies begins a conversation each time; nobody comes back to the old ones.
MOST_CONVERSATIONS = 10
NEWEST = "newest session"
# Whether a session lives depends on the account and on the district: they come with it. One that has not
# ended comes first: a forced change ends one and starts one in one instant. Every turn asks this three
# times, so the statement is built once.
THE_NEWEST = (
    select(SessionRow, AccountRow, DistrictRow)
    .outerjoin(AccountRow, AccountRow.account_id == SessionRow.account_id)
    .outerjoin(DistrictRow, DistrictRow.district_id == SessionRow.district_id)
    .where(SessionRow.conversation == bindparam("conversation"))
    .order_by(SessionRow.ended_at.is_not(None), SessionRow.started_at.desc())
    .limit(1)
)
# What nearly every turn writes.
_ROWS = table_of(SessionRow)
WRITE = {
    column: update(_ROWS)
    .where(_ROWS.c.session_id == bindparam("session"))
    .values({column: bindparam("value", type_=_ROWS.c[column].type)})
    for column in ("seen_at", "place")
}


class LiveSessions:
    """Find the session of a conversation; a conversation has at most one."""

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
        live = self._alive(row)
        if isinstance(live, Refused):
            return live
        if touch and not self._context.read_only and self._context.now >= row.seen_at + TOUCH_EVERY:
            self._write(row, "seen_at", self._context.now)
        return live

    def of(self, session_id: str) -> LiveSession | Refused:
        """Return the session with this id if it lives and opens everything; looking is not activity."""
        row = self._context.session.get(SessionRow, session_id)
        live = Refused(Reason.NOT_SIGNED_IN) if row is None else self._alive(row)
        if isinstance(live, LiveSession) and live.scope is not Scope.FULL:
            return Refused(Reason.MUST_CHANGE_PASSWORD)
        return live

    def lives_still(self, live: LiveSession) -> bool:
        """Tell whether nobody ended a session since it was looked up; ask it with the account locked."""
        # The rows that this transaction has read may be older than the lock.
        alive = (SessionRow.session_id == live.session_id, SessionRow.ended_at.is_(None))
        return self._context.session.scalar(select(SessionRow.session_id).where(*alive)) is not None

    def others_ended(self, conversation: str) -> datetime | None:
        """Return when the last session ended that is not of the account signed in now, if there was one.

        What was said before then is nothing that whoever holds the conversation now should see.
        """
        live = self.any_scope(conversation, touch=False)
        query = select(SessionRow).where(SessionRow.conversation == conversation)
        if isinstance(live, LiveSession):
            query = query.where(SessionRow.account_id != live.account_id)
        return max(map(self._end_of, self._context.session.scalars(query)), default=None)

    def conversations_of(self, account_id: str) -> dict[str, str]:
        """Return the conversations, with their channels, that an account was the last to sign in on.

        Not those that it signed out of; whoever timed out is still the one who talks there, as far as
        anybody knows.
        """
        mine = (SessionRow.account_id == account_id, SessionRow.ended_at.is_(None))
        latest = select(SessionRow).where(*mine).order_by(SessionRow.started_at.desc())
        rows: dict[str, SessionRow] = {}
        for row in self._context.session.scalars(latest.limit(MOST_CONVERSATIONS)):
            rows.setdefault(row.conversation, row)
        return {name: row.channel for name, row in rows.items() if self._newest(name) is row}

    def ended_by_timeout(self, conversation: str) -> bool:
        """Tell whether the conversation's last session ended because nobody was active in it."""
        row = self._newest(conversation)
        return row is not None and self._timed_out(row)

    def _newest(self, conversation: str) -> SessionRow | None:
        found = self._context.found
        if (NEWEST, conversation) not in found:
            rows = self._context.session.execute(THE_NEWEST, {"conversation": conversation}).first()
            self._context.kept.extend(rows or ())
            found[NEWEST, conversation] = None if rows is None else rows[0]
        newest: SessionRow | None = found[NEWEST, conversation]
        return newest

    def _forget_newest(self) -> None:
        """Look anew from here on: a session starts, ends or goes to another conversation."""
        for key in [key for key in self._context.found if key[0] == NEWEST]:
            del self._context.found[key]

    def _write(self, row: SessionRow, column: str, value: object) -> None:
        """Write one column now; the object knows it too, and has nothing left to be written for it."""
        self._context.session.execute(WRITE[column], {"session": row.session_id, "value": value})
        set_committed_value(row, column, value)

    def _alive(self, row: SessionRow) -> LiveSession | Refused:
        account = self._context.session.get(AccountRow, row.account_id)
        if account is None:
            # Forgotten while this transaction looked: the session went with it.
            return Refused(Reason.SESSION_ENDED)
        self._context.kept.append(account)
        if row.ended_at is not None or account.disabled_at is not None or self._is_over(row):
            return Refused(Reason.SESSION_ENDED)
        return live_session(row, account)

    def _timed_out(self, row: SessionRow) -> bool:
        return row.ended_at is None and self._is_over(row)

    def _is_over(self, row: SessionRow) -> bool:
        return self._context.now >= self._end_of(row)

    def _end_of(self, row: SessionRow) -> datetime:
        district = Districts(self._context).get(row.district_id)
        if row.ended_at is not None or district is None:
            return row.ended_at or row.started_at
        idle = timedelta(minutes=district.options.session_idle_minutes)
        longest = LONGEST_IN_BROWSER if row.channel in BROWSERS else LONGEST
        return min(row.seen_at + idle, row.started_at + longest)


def live_session(row: SessionRow, account: AccountRow) -> LiveSession:
    """Describe a session that lives."""
    return LiveSession(
        session_id=row.session_id,
        account_id=row.account_id,
        district=row.district_id,
        display_name=account.display_name,
        previous_sign_in=row.previous_sign_in,
        scope=Scope(row.scope),
        offers_restore=row.offered is not None and row.scope == Scope.FULL,
        is_exposed=account.exposed_at is not None,
    )
