"""Keep who is signed in on which conversation, for how long, and where they were when time ran out."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, bindparam, select, update

from portal.accounts.models import AccountRow, SessionRow
from portal.accounts.outcomes import LiveSession, Restored, Scope, SignedOut
from portal.core.audit import Audit, AuditEvent
from portal.core.context import Context
from portal.core.districts import Districts
from portal.core.models import DistrictRow
from portal.core.outcomes import Reason, Refused
from portal.core.sealed import seal, unseal

# However active: twelve hours in a browser, a day in a chat.
LONGEST = timedelta(hours=24)
LONGEST_IN_BROWSER = timedelta(hours=12)
# One turn looks several times: its first look restarts the idle clock, the others write nothing.
TOUCH_EVERY = timedelta(seconds=1)
BROWSERS = frozenset({"web", "webchat"})
# A place on a page is nothing that a chat could go back to, nor the other way round.
PAGES = "web"
# A browser that forgets its cookies begins a conversation each time; nobody comes back to the old ones.
MOST_CONVERSATIONS = 10
RESTORABLE_FOR = timedelta(hours=24)
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
        live = self._alive(row)
        if isinstance(live, Refused):
            return live
        if touch and not self._context.read_only and self._context.now >= row.seen_at + TOUCH_EVERY:
            row.seen_at = self._context.now
        return live

    def of(self, session_id: str) -> LiveSession | Refused:
        """Return the session with this id if it lives and opens everything; looking is not activity."""
        row = self._context.session.get(SessionRow, session_id)
        live = Refused(Reason.NOT_SIGNED_IN) if row is None else self._alive(row)
        if isinstance(live, LiveSession) and live.scope is not Scope.FULL:
            return Refused(Reason.MUST_CHANGE_PASSWORD)
        return live

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

    def start(
        self, account: AccountRow, conversation: str, channel: str, scope: Scope, *, device: str = ""
    ) -> LiveSession:
        """Start a session under a new id, ending any other of the conversation.

        Where this parent was on the same device when time ran out there is offered to them once.
        """
        row = SessionRow(
            district_id=account.district_id,
            account_id=account.account_id,
            conversation=conversation,
            channel=channel,
            scope=scope.value,
            started_at=self._context.now,
            previous_sign_in=account.last_sign_in_at,
            device_key=self._device_key(device),
        )
        # Looked for before the earlier sessions are ended: then none of them has timed out any more.
        row.offered = self._place_left(row)
        self._end(SessionRow.conversation == conversation)
        if scope is Scope.FULL:
            account.last_sign_in_at = self._context.now
        return self._opened(row, account)

    def renew(self, live: LiveSession) -> LiveSession:
        """Replace a session by one that opens everything, and end every other of the account."""
        account = self._context.session.get_one(AccountRow, live.account_id)
        old = self._context.session.get_one(SessionRow, live.session_id)
        self.end_all(live.account_id)
        row = SessionRow(
            district_id=old.district_id,
            account_id=old.account_id,
            conversation=old.conversation,
            channel=old.channel,
            scope=Scope.FULL.value,
            started_at=old.started_at,
            previous_sign_in=old.previous_sign_in,
            device_key=old.device_key,
            place=old.place,
            offered=old.offered,
        )
        # Who goes on working gets a new id, but not one more sign-in and no longer day.
        if live.scope is not Scope.FULL:
            row.started_at, row.previous_sign_in = self._context.now, account.last_sign_in_at
            account.last_sign_in_at = self._context.now
        return self._opened(row, account)

    def end(self, conversation: str) -> SignedOut:
        """Sign out: end the conversation's session, if one is live."""
        live = self.any_scope(conversation, touch=False)
        row = self._newest(conversation)
        if row is not None:
            row.ended_at = row.ended_at or self._context.now
            row.signed_out = True
            self._context.session.flush()
            self._forget_newest()
        if isinstance(live, Refused):
            return SignedOut(was_signed_in=False)
        subject = f"account:{live.account_id}"
        Audit(self._context).record(live.district, AuditEvent.SIGNED_OUT, subject=subject)
        return SignedOut(was_signed_in=True)

    def move(self, conversation: str, to: str) -> None:
        """Carry the live session on under another conversation; the old one holds nothing any more."""
        mine = (SessionRow.conversation == conversation, SessionRow.ended_at.is_(None))
        self._context.session.execute(update(SessionRow).where(*mine).values(conversation=to))
        self._forget_newest()

    def end_all(self, account_id: str) -> None:
        """End every session of an account, on every conversation."""
        self._end(SessionRow.account_id == account_id)

    def remember(self, conversation: str, place: Mapping[str, Any]) -> None:
        """Keep where the parent is, should their time run out; nothing is kept where nobody is signed in."""
        row = self._working(conversation)
        if row is not None:
            row.place = seal(self._context.keys, dict(place))

    def offered(self, conversation: str) -> Mapping[str, Any] | None:
        """Return the place that the parent is offered to go back to, or None."""
        row = self._working(conversation)
        return None if row is None else self._opened_place(row.offered)

    def take_offer(self, conversation: str, *, accept: bool) -> Restored | None:
        """Use up the offer; return the place when the parent wants to go back to it."""
        row = self._working(conversation)
        place = None if row is None else self._opened_place(row.offered)
        if row is None or place is None:
            return None
        # One statement, so that of two answers at once only one finds the offer.
        mine = (SessionRow.session_id == row.session_id, SessionRow.offered.is_not(None))
        taken = update(SessionRow).where(*mine).values(offered=None).returning(SessionRow.session_id)
        is_first = self._context.session.scalar(taken) is not None
        return Restored(place) if accept and is_first else None

    def purge(self) -> None:
        """Forget the places of sessions so old that they are offered no more."""
        old = (SessionRow.seen_at <= self._context.now - RESTORABLE_FOR, SessionRow.place.is_not(None))
        self._context.session.execute(update(SessionRow).where(*old).values(place=None))

    def _opened(self, row: SessionRow, account: AccountRow) -> LiveSession:
        row.session_id = self._context.new_token()
        row.seen_at = self._context.now
        self._context.session.add(row)
        self._context.session.flush()
        self._forget_newest()
        return _live(row, account)

    def _alive(self, row: SessionRow) -> LiveSession | Refused:
        account = self._context.session.get(AccountRow, row.account_id)
        if account is None:
            # Forgotten while this transaction looked: the session went with it.
            return Refused(Reason.SESSION_ENDED)
        self._context.kept.append(account)
        if row.ended_at is not None or account.disabled_at is not None or self._is_over(row):
            return Refused(Reason.SESSION_ENDED)
        return _live(row, account)

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

    def _working(self, conversation: str) -> SessionRow | None:
        # Whoever must change the password first is shown nothing of what was, and leaves nothing either.
        live = self.any_scope(conversation, touch=False)
        if not isinstance(live, LiveSession) or live.scope is not Scope.FULL:
            return None
        return self._context.session.get_one(SessionRow, live.session_id)

    def _device_key(self, device: str) -> bytes | None:
        return self._context.keys.mac("session device", device) if device else None

    def _opened_place(self, sealed: bytes | None) -> Mapping[str, Any] | None:
        if sealed is None:
            return None
        place: dict[str, Any] = unseal(self._context.keys, sealed)
        return place

    def _place_left(self, new: SessionRow) -> bytes | None:
        """Return where the same account, which is one district's, was on this device when time ran out."""
        if new.device_key is None:
            return None
        since = self._context.now - RESTORABLE_FOR
        here = (SessionRow.device_key == new.device_key, SessionRow.seen_at > since)
        # Of two that began in one instant, another's comes first, and then the one that has not ended.
        is_others = SessionRow.account_id != new.account_id
        order = (SessionRow.started_at.desc(), is_others.desc(), SessionRow.ended_at.is_(None).desc())
        for row in self._context.session.scalars(select(SessionRow).where(*here).order_by(*order)):
            # Somebody else was here since: nothing of what this parent saw may come up again.
            if row.account_id != new.account_id:
                return None
            if (row.channel == PAGES) is (new.channel == PAGES):
                return row.place if self._timed_out(row) else None
        return None

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

    def _end(self, which: ColumnElement[bool]) -> None:
        query = update(SessionRow).where(which, SessionRow.ended_at.is_(None))
        self._context.session.execute(query.values(ended_at=self._context.now))
        self._forget_newest()


def _live(row: SessionRow, account: AccountRow) -> LiveSession:
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
