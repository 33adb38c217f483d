"""Keep who is signed in on which conversation, for how long, and where they were when time ran out."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, select, update

from portal.accounts.live_sessions import LiveSessions, live_session
from portal.accounts.models import AccountRow, SessionRow
from portal.accounts.outcomes import LiveSession, Restored, Scope, SignedOut
from portal.core.audit import Audit, AuditEvent
from portal.core.outcomes import Refused
from portal.core.sealed import seal, unseal

# A place on a page is nothing that a chat could go back to, nor the other way round.
PAGES = "web"
RESTORABLE_FOR = timedelta(hours=24)


class Sessions(LiveSessions):
    """Start, find and end the session of a conversation; a conversation has at most one."""

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
            self._write(row, "place", seal(self._context.keys, dict(place)))

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
        return live_session(row, account)

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

    def _end(self, which: ColumnElement[bool]) -> None:
        query = update(SessionRow).where(which, SessionRow.ended_at.is_(None))
        self._context.session.execute(query.values(ended_at=self._context.now))
        self._forget_newest()
