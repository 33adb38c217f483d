"""Let a parent say what they are told regularly, have it sent now, and stop it with one click."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import select

from portal.accounts.gate import Gate, Kind, Limit
from portal.accounts.mailing import to_owner
from portal.accounts.models import AccountRow
from portal.accounts.sessions import Sessions
from portal.core.audit import Audit, AuditEvent
from portal.core.context import Context
from portal.core.districts import District, Districts
from portal.core.keys import fingerprint
from portal.core.models import OutboxRow
from portal.core.outbox import MailKind, Outbox
from portal.core.outcomes import Reason, Refused, Violation
from portal.records.children import Children, LinkedChild
from portal.records.models import NotificationRow
from portal.records.notifications import (
    USUAL,
    Frequency,
    InChat,
    Notification,
    NotificationChange,
    Notifications,
    NotificationSent,
    Subject,
    masked,
    offered,
)
from portal.records.periods import next_due
from portal.records.receiving import may_be_mailed
from portal.records.stopping import stop_key

# What a parent asks for by hand: so many mails about each child within an hour.
SENT_NOW = Limit(3, timedelta(hours=1))
# The period of a mail that belongs to none.
NOW = 0


@dataclass(frozen=True, slots=True)
class _Asked:
    """Hold who asks, about which of their children."""

    account: AccountRow
    district: District
    children: tuple[LinkedChild, ...]


class Notifying:
    """Keep what each parent wants to be told of each child, by mail to their own confirmed address."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._context = context
        self._session = context.session

    def settings(self, conversation: str, students: Sequence[str] | None = None) -> Notifications | Refused:
        """Return what is set for these children of whoever is signed in; None means all of them.

        A name chooses among the linked children as in every question, "" the only one.
        """
        asked = self._asked(conversation, students)
        return asked if isinstance(asked, Refused) else self._shown(asked)

    def change(
        self, conversation: str, students: Sequence[str] | None, change: NotificationChange
    ) -> Notifications | Refused:
        """Set what is different for these children, and return what is set for them now.

        Refuses EMAIL_NOT_CONFIRMED where mails would have nowhere to go, NO_MAIL_FROM_SCHOOL where the
        school keeps them back, TURNED_OFF (with the subjects as `choices`) for what the district does not
        offer, FIELDS_REFUSED for a mail about nothing.
        """
        asked = self._asked(conversation, students)
        if isinstance(asked, Refused):
            return asked
        mailed = self._mailed(asked)
        refused = _refusal(asked, change, mailed)
        if refused is not None:
            return refused
        # Two changes at once wait for each other, as the first row of a child must be made only once.
        self._session.get_one(AccountRow, asked.account.account_id, with_for_update=True)
        for linked in asked.children:
            if linked in mailed or change.frequency is Frequency.NEVER:
                self._change(asked, linked, change)
        self._session.flush()
        return self._shown(asked)

    def send_now(
        self, conversation: str, students: Sequence[str] | None, request_id: str
    ) -> NotificationSent | Refused:
        """Let a mail about each of these children leave now, about the subjects that are set.

        A repeat of the request sends nothing more. Refuses THROTTLED, with `retry_at`, after a few in
        an hour.
        """
        asked = self._asked(conversation, students)
        if isinstance(asked, Refused):
            return asked
        children = self._mailed(asked)
        refused = _unmailed(asked, children)
        if refused is not None:
            return refused
        self._session.get_one(AccountRow, asked.account.account_id, with_for_update=True)
        outcomes = [(linked.child.label, self._send(asked, linked, request_id)) for linked in children]
        sent = tuple(label for label, refused in outcomes if refused is None)
        if not sent and outcomes[0][1] is not None:
            return outcomes[0][1]
        return NotificationSent(sent, masked(asked.account.email or ""))

    def stop(self, key: str) -> None:
        """End the mails that a key belongs to; an unknown key changes nothing and is answered alike."""
        query = select(NotificationRow).where(NotificationRow.digest == fingerprint(key))
        row = self._session.scalar(query.with_for_update())
        if row is None:
            return
        is_running = row.frequency != Frequency.NEVER
        # Also of what was asked for by hand nothing leaves any more that still waits.
        row.frequency, row.due_at, row.chosen_at = Frequency.NEVER.value, None, self._context.now
        if is_running:
            self._record(row, AuditEvent.NOTIFICATIONS_STOPPED)

    def _asked(self, conversation: str, students: Sequence[str] | None) -> _Asked | Refused:
        live = Sessions(self._context).current(conversation)
        if isinstance(live, Refused):
            return live
        children = Children(self._context, live)
        chosen = children.all() if students is None else _chosen(children, students)
        if isinstance(chosen, Refused):
            return chosen
        if not chosen:
            return Refused(Reason.NO_STUDENT)
        account = self._session.get_one(AccountRow, live.account_id)
        return _Asked(account, Districts(self._context).get_one(live.district), tuple(chosen))

    def _mailed(self, asked: _Asked) -> list[LinkedChild]:
        """Return the children of whom mail may go to this parent."""
        return [
            linked
            for linked in asked.children
            if linked.available and may_be_mailed(self._context, asked.account, linked.child.student_id)
        ]

    def _shown(self, asked: _Asked) -> Notifications:
        rows = self._rows(asked)
        options = asked.district.options
        zone = ZoneInfo(options.time_zone)
        return Notifications(
            address=masked(asked.account.email) if asked.account.email else None,
            confirmed=_has_confirmed(asked.account),
            offered=offered(options),
            children=tuple(
                _notification(linked, rows.get(linked.child.student_id), zone) for linked in asked.children
            ),
        )

    def _rows(self, asked: _Asked) -> dict[str, NotificationRow]:
        query = select(NotificationRow).where(NotificationRow.account_id == asked.account.account_id)
        return {row.student_id: row for row in self._session.scalars(query)}

    def _change(self, asked: _Asked, linked: LinkedChild, change: NotificationChange) -> None:
        row = self._row_of(asked, linked)
        before = (row.frequency, row.subjects, row.in_chat)
        if change.subjects:
            row.subjects = " ".join(each for each in Subject if each in change.subjects)
        row.in_chat = (change.in_chat or InChat(row.in_chat)).value
        if change.frequency is not None and change.frequency != row.frequency:
            zone = ZoneInfo(asked.district.options.time_zone)
            now = self._context.now
            row.frequency, row.chosen_at = change.frequency.value, now
            row.due_at = next_due(change.frequency, now, now, zone)
        if before != (row.frequency, row.subjects, row.in_chat):
            self._record(row, AuditEvent.NOTIFICATIONS_SET)

    def _row_of(self, asked: _Asked, linked: LinkedChild) -> NotificationRow:
        found = self._rows(asked).get(linked.child.student_id)
        if found is not None:
            return found
        notification_id = uuid4().hex
        row = NotificationRow(
            notification_id=notification_id,
            district_id=asked.district.slug,
            account_id=asked.account.account_id,
            student_id=linked.child.student_id,
            subjects=" ".join(USUAL),
            frequency=Frequency.NEVER.value,
            in_chat=InChat.NONE.value,
            digest=fingerprint(stop_key(self._context.keys, notification_id).value),
            period=0,
            chosen_at=self._context.now,
        )
        self._session.add(row)
        self._session.flush()
        return row

    def _send(self, asked: _Asked, linked: LinkedChild, request_id: str) -> Refused | None:
        row = self._row_of(asked, linked)
        # The same turn taken again, after a crash, finds the mail that it has put already.
        parts = (row.notification_id, request_id)
        message_id = self._context.keys.mac("notification now", *parts).hex()[:32]
        if self._session.get(OutboxRow, message_id) is not None:
            return None
        gate, slug = Gate(self._context), asked.district.slug
        counter = gate.key(Kind.NOTIFICATION, slug, row.notification_id)
        refused = gate.reserve(slug, Kind.NOTIFICATION, counter, SENT_NOW)
        if refused is None:
            Outbox(self._context).put(
                slug,
                MailKind.NOTIFICATION,
                to_owner(asked.account),
                message_id=message_id,
                notification=row.notification_id,
                period=NOW,
            )
        return refused

    def _record(self, row: NotificationRow, event: AuditEvent) -> None:
        Audit(self._context).record(
            row.district_id,
            event,
            subject=f"account:{row.account_id}",
            frequency=row.frequency,
            subjects=row.subjects,
            in_chat=row.in_chat,
        )


def _chosen(children: Children, students: Sequence[str]) -> list[LinkedChild] | Refused:
    # Also for a child whose record is closed now: what was set for it must be seen, and can be stopped.
    chosen: dict[str, LinkedChild] = {}
    for typed in students:
        linked = children.meant(typed)
        if isinstance(linked, Refused):
            return linked
        chosen[linked.child.student_id] = linked
    return list(chosen.values())


def _refusal(asked: _Asked, change: NotificationChange, mailed: Sequence[LinkedChild]) -> Refused | None:
    # What ends mails is never refused.
    if change.frequency is Frequency.NEVER:
        return None
    if change.subjects is not None:
        off = [each for each in change.subjects if each not in offered(asked.district.options)]
        if off:
            return Refused(Reason.TURNED_OFF, choices=tuple(off))
        if not change.subjects:
            return Refused(Reason.FIELDS_REFUSED, violations=(Violation("empty", field="subjects"),))
    return _unmailed(asked, mailed)


def _unmailed(asked: _Asked, mailed: Sequence[LinkedChild]) -> Refused | None:
    if not any(linked.available for linked in asked.children):
        return Refused(Reason.STUDENT_UNAVAILABLE)
    if not mailed:
        return Refused(Reason.NO_MAIL_FROM_SCHOOL)
    # An address that nobody confirmed may be somebody else's, typed wrong.
    return None if _has_confirmed(asked.account) else Refused(Reason.EMAIL_NOT_CONFIRMED)


def _has_confirmed(account: AccountRow) -> bool:
    return account.email is not None and account.email_confirmed_at is not None


def _notification(linked: LinkedChild, row: NotificationRow | None, zone: ZoneInfo) -> Notification:
    if row is None:
        return Notification(linked.child.label, available=linked.available)
    return Notification(
        student=linked.child.label,
        subjects=tuple(Subject(each) for each in row.subjects.split()),
        frequency=Frequency(row.frequency),
        in_chat=InChat(row.in_chat),
        due_at=row.due_at.astimezone(zone) if row.due_at else None,
        last_at=row.last_at.astimezone(zone) if row.last_at else None,
        available=linked.available,
    )
