"""Keep the private calendars that parents subscribe to: homework and events of one child each."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import uuid4

from sqlalchemy import delete, select

from portal.accounts.models import AccountRow, FeedRow, LinkRow
from portal.accounts.outcomes import LiveSession
from portal.accounts.sessions import Sessions
from portal.core.audit import Audit, AuditEvent
from portal.core.context import Context
from portal.core.districts import District
from portal.core.keys import fingerprint
from portal.core.outcomes import Reason, Refused
from portal.records.children import LinkedChild, Owner
from portal.records.family import Family
from portal.records.feed_days import FeedDay, event_days, homework_days

# A calendar program asks every few hours; when it last did is noted once a day.
NOTED_EVERY = timedelta(days=1)
# How long it is kept that a calendar was switched off.
KEPT = timedelta(days=30)


class FeedKind(StrEnum):
    """Name what a calendar holds."""

    HOMEWORK = "homework"
    EVENTS = "events"


@dataclass(frozen=True, slots=True)
class Feed:
    """Describe a calendar to the parent whose it is; whoever has `path` can read it.

    `student` is the label of the child's tab. `read_at` is when a calendar program last asked for it,
    to the day. `new` is on for one that was made just now.
    """

    feed_id: str
    kind: FeedKind
    student: str
    path: str = field(repr=False)
    created_at: datetime
    read_at: datetime | None = None
    new: bool = False


@dataclass(frozen=True, slots=True)
class FeedRevoked:
    """Report that a calendar was switched off: its address answers no more."""

    kind: FeedKind
    student: str


@dataclass(frozen=True, slots=True)
class FeedContent:
    """Hold what a calendar shows; `changed_at` is the latest that any of it may have changed.

    The child goes by its first name alone: the file lies wherever the parent's calendar program puts it.
    """

    kind: FeedKind
    first_name: str
    district: District
    language: str | None
    days: tuple[FeedDay, ...]
    changed_at: datetime
    unnoted: bool


class Feeds:
    """Give out, list, end and read private calendars."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._context = context
        self._session = context.session

    def subscribe(self, conversation: str, child: str | None, kind: FeedKind) -> Feed | Refused:
        """Return the calendar of a child, made if there is none; without a name of the only child."""
        live = self._held(conversation)
        if isinstance(live, Refused):
            return live
        linked = Family(self._context, live).children.find(child)
        if isinstance(linked, Refused):
            return linked
        for row, owner in self._alive(live):
            if (row.student_id, row.kind) == (linked.student.id, kind):
                return self._shown(row, owner)
        return self._made(live, linked, kind)

    def mine(self, conversation: str) -> tuple[Feed, ...] | Refused:
        """List the calendars of whoever is signed in, by child and kind."""
        live = Sessions(self._context).current(conversation)
        if isinstance(live, Refused):
            return live
        return tuple(self._shown(row, linked) for row, linked in self._alive(live))

    def revoke(self, conversation: str, feed_id: str) -> FeedRevoked | Refused:
        """Switch off a calendar of whoever is signed in; anybody else's is not found."""
        live = self._held(conversation)
        found = live if isinstance(live, Refused) else self._own(live, feed_id)
        if isinstance(found, Refused):
            return found
        row, linked = found
        self._end(row)
        return FeedRevoked(FeedKind(row.kind), linked.child.label)

    def renew(self, conversation: str, feed_id: str) -> Feed | Refused:
        """Give a calendar a new address; the old one answers no more."""
        live = self._held(conversation)
        if isinstance(live, Refused):
            return live
        found = self._own(live, feed_id)
        if isinstance(found, Refused):
            return found
        row, linked = found
        self._end(row)
        return self._made(live, linked, FeedKind(row.kind))

    def read(self, key: str) -> FeedContent | None:
        """Return what the calendar of a key holds now; None for a key that opens nothing, whyever.

        No session is asked for, since a calendar outlives it. Account, link and record are looked up
        anew each time instead, so that a right that was taken away ends here too.
        """
        row = self._session.scalar(select(FeedRow).where(FeedRow.digest == fingerprint(key)))
        if row is None or row.revoked_at is not None:
            return None
        account = self._session.get_one(AccountRow, row.account_id)
        family = Family(self._context, Owner(row.account_id, row.district_id))
        linked = self._linked(row, family)
        if account.disabled_at is not None or linked is None or not linked.available:
            return None
        imported = family.imported()
        return FeedContent(
            kind=FeedKind(row.kind),
            first_name=linked.child.first_name,
            district=family.district(),
            language=account.language,
            days=self._days(FeedKind(row.kind), linked, family),
            changed_at=max(row.created_at, imported.at) if imported else row.created_at,
            unnoted=row.read_at is None or row.read_at <= self._context.now - NOTED_EVERY,
        )

    def note(self, key: str) -> None:
        """Note that a calendar program asked for a calendar."""
        row = self._session.scalar(select(FeedRow).where(FeedRow.digest == fingerprint(key)))
        if row is not None:
            row.read_at = self._context.now

    def purge(self) -> None:
        """Forget the calendars that were switched off long ago."""
        self._session.execute(delete(FeedRow).where(FeedRow.revoked_at <= self._context.now - KEPT))

    def _days(self, kind: FeedKind, linked: LinkedChild, family: Family) -> tuple[FeedDay, ...]:
        match kind:
            case FeedKind.HOMEWORK:
                return homework_days(self._session, linked, family.today())
            case FeedKind.EVENTS:
                return event_days(self._session, linked, family.today())

    def _held(self, conversation: str) -> LiveSession | Refused:
        """Return whoever is signed in, with the account locked until the transaction ends.

        Of two requests at once the second finds what the first did. What ends all calendars of an account
        locks it too and ends the sessions: whoever had to wait for that makes no new one.
        """
        sessions = Sessions(self._context)
        # Nothing is written for the session before the account is locked: others lock them in that order.
        live = sessions.current(conversation, touch=False)
        if isinstance(live, Refused):
            return live
        self._session.get_one(AccountRow, live.account_id, with_for_update=True)
        return live if sessions.lives_still(live) else Refused(Reason.SESSION_ENDED)

    def _own(self, live: LiveSession, feed_id: str) -> tuple[FeedRow, LinkedChild] | Refused:
        found = ((row, linked) for row, linked in self._alive(live) if row.feed_id == feed_id)
        return next(found, Refused(Reason.NOT_FOUND))

    def _alive(self, live: LiveSession) -> list[tuple[FeedRow, LinkedChild]]:
        family = Family(self._context, live)
        query = select(FeedRow).where(FeedRow.account_id == live.account_id, FeedRow.revoked_at.is_(None))
        rows = [(row, self._linked(row, family)) for row in self._session.scalars(query)]
        tabs = [each.student.id for each in family.children.all()]
        owned = [(row, linked) for row, linked in rows if linked is not None]
        return sorted(owned, key=lambda each: (tabs.index(each[0].student_id), each[0].kind, each[0].feed_id))

    def _linked(self, row: FeedRow, family: Family) -> LinkedChild | None:
        """Return the child of a calendar while its link is the one that the calendar was made under."""
        linked = (each for each in family.children.all() if each.student.id == row.student_id)
        since = self._session.scalar(
            select(LinkRow.linked_at).where(
                LinkRow.account_id == row.account_id, LinkRow.student_id == row.student_id
            )
        )
        # Whoever was unlinked and is linked again decides anew what may be read without signing in.
        return next(linked, None) if since is not None and since <= row.created_at else None

    def _made(self, live: LiveSession, linked: LinkedChild, kind: FeedKind) -> Feed:
        feed_id = uuid4().hex
        row = FeedRow(
            feed_id=feed_id,
            district_id=live.district,
            account_id=live.account_id,
            student_id=linked.student.id,
            kind=kind.value,
            digest=fingerprint(self._key(live.district, feed_id)),
            created_at=self._context.now,
        )
        self._session.add(row)
        self._session.flush()
        self._audit(row, AuditEvent.CALENDAR_MADE)
        return self._shown(row, linked, new=True)

    def _end(self, row: FeedRow) -> None:
        row.revoked_at = self._context.now
        self._session.flush()
        self._audit(row, AuditEvent.CALENDAR_REVOKED)

    def _audit(self, row: FeedRow, event: AuditEvent) -> None:
        subject = f"account:{row.account_id}"
        Audit(self._context).record(row.district_id, event, subject=subject, kind=row.kind)

    def _shown(self, row: FeedRow, linked: LinkedChild, *, new: bool = False) -> Feed:
        return Feed(
            feed_id=row.feed_id,
            kind=FeedKind(row.kind),
            student=linked.child.label,
            path=f"/calendar/{self._key(row.district_id, row.feed_id)}.ics",
            created_at=row.created_at,
            read_at=row.read_at,
            new=new,
        )

    def _key(self, district: str, feed_id: str) -> str:
        # Derived again each time it is shown, so that no table holds what opens a child's calendar.
        return self._context.keys.token("calendar feed", district, feed_id)
