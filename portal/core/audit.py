"""Keep the append-only audit, chained so that a missing or changed row shows."""

import hmac
import json
import secrets
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import delete, select, text, update

from portal.core.context import Context
from portal.core.database import microseconds
from portal.core.models import AuditHeadRow, AuditRow, PseudonymKeyRow
from portal.core.watching import Noted, happened

START = bytes(32)
Detail = str | int | bool | None


class AuditEvent(StrEnum):
    """Name each thing that happens to an account, a link or a right."""

    ACCOUNT_CREATED = "account.created"
    ACCOUNT_EXPLAINED = "account.explained"
    ACCOUNT_UNLOCKED = "account.unlocked"
    ACCOUNTS_UNLOCKED = "account.many_unlocked"
    ACCOUNT_DISABLED = "account.disabled"
    ACCOUNT_ENABLED = "account.enabled"
    ACCOUNT_FORGOTTEN = "account.forgotten"
    FORGETTING_SEEN = "forgetting.seen"
    ACCOUNT_SEEN = "desk.parent_seen"
    PARENTS_SEARCHED = "desk.parents_searched"
    CALLER_CHECKED = "desk.caller_checked"
    RECOVERY_SENT = "desk.recovery_sent"
    TEMPORARY_PASSWORD_SET = "desk.temporary_password"  # noqa: S105  (the name of an event)
    SESSIONS_ENDED = "desk.sessions_ended"
    EMAIL_CORRECTED = "desk.email_corrected"
    LINKS_CHANGED = "desk.links_changed"
    NAME_LOCKED = "signin.locked"
    SIGN_IN_FAILED = "signin.failed"
    SPRAY = "signin.spray"
    SIGNED_IN = "signin.succeeded"
    SIGNED_OUT = "session.signed_out"
    PASSWORD_CHANGED = "password.changed"  # noqa: S105  (the name of an event)
    PASSWORD_CHANGE_FAILED = "password.change_failed"  # noqa: S105  (the name of an event)
    PASSWORD_RECOVERED = "password.recovered"  # noqa: S105  (the name of an event)
    EMAIL_CONFIRMED = "email.confirmed"
    EMAIL_CHANGE_ASKED = "email.change_asked"
    EMAIL_CHANGED = "email.changed"
    EMAIL_CHANGE_UNDONE = "email.change_undone"
    USERNAME_CHANGED = "username.changed"
    NAME_CHANGED = "name.changed"
    PROOF_FAILED = "proof.failed"
    COURSES_REGISTERED = "registration.made"
    COURSES_WITHDRAWN = "registration.withdrawn"
    REGISTRATIONS_SEEN = "registration.seen"
    REHASH_FAILED = "password.rehash_failed"
    STUDENT_LINKED = "link.created"
    STUDENT_UNLINKED = "link.removed"
    LINK_REFUSED = "link.refused"
    ACCESS_ID_PAUSED = "link.access_id_paused"
    ACCOUNT_REQUESTED = "account.requested"
    REQUESTS_SEEN = "request.listed"
    REQUEST_SEEN = "request.seen"
    REQUEST_APPROVED = "request.approved"
    REQUEST_REJECTED = "request.rejected"
    REQUEST_ASKED = "request.asked"
    REQUEST_ANSWERED = "request.answered"
    REQUEST_EXPIRED = "request.expired"
    REQUEST_CONNECTED = "request.connected"
    MERGE_SEEN = "merge.seen"
    ACCOUNTS_MERGED = "merge.done"
    CASE_OPENED = "case.opened"
    CASES_SEEN = "case.seen"
    STAFF_INVITED = "staff.invited"
    STAFF_JOINED = "staff.joined"
    STAFF_SIGNED_IN = "staff.signed_in"
    STAFF_SIGN_IN_FAILED = "staff.sign_in_failed"
    STAFF_LOCKED = "staff.locked"
    STAFF_CHANGED = "staff.changed"
    STAFF_DISABLED = "staff.disabled"
    STAFF_ENABLED = "staff.enabled"
    STAFF_RESET = "staff.reset"
    STAFF_PASSWORD_CHANGED = "staff.password_changed"  # noqa: S105  (the name of an event)
    STAFF_CODES_CHANGED = "staff.codes_changed"
    STAFF_PASSKEY_ADDED = "staff.passkey_added"
    STAFF_PASSKEY_REMOVED = "staff.passkey_removed"
    AUDIT_CHECKED = "audit.checked"
    LETTERS_ASKED = "letters.asked"
    LETTERS_PRINTED = "letters.printed"
    LETTERS_HANDED = "letters.handed"
    LETTERS_FINISHED = "letters.finished"
    FUNNEL_SEEN = "funnel.seen"
    FUNNEL_EXPORTED = "funnel.exported"
    CASE_CHANGED = "case.changed"
    CASE_ANSWERED = "case.answered"
    CASE_CLOSED = "case.closed"
    SAVED_REPLY_CHANGED = "saved_reply.changed"
    STAFF_CHAT_CODE = "staff_chat.code"
    STAFF_CHAT_OPENED = "staff_chat.opened"
    STAFF_CHAT_ENDED = "staff_chat.ended"
    DISTRICT_CONFIGURED = "district.configured"
    OPTIONS_EDITED = "district.options_edited"
    ANNOUNCEMENT_WRITTEN = "announcement.written"
    ANNOUNCEMENT_CHANGED = "announcement.changed"
    ANNOUNCEMENT_REMOVED = "announcement.removed"
    CALENDAR_MADE = "calendar.made"
    CALENDAR_REVOKED = "calendar.revoked"
    IMPORT_APPLIED = "import.applied"
    MAIL_ASKED = "mail.asked"
    MAIL_GIVEN_UP = "mail.given_up"
    CHAT_DELETE_FAILED = "chat.delete_failed"
    NOTIFICATIONS_SET = "notifications.set"
    NOTIFICATIONS_STOPPED = "notifications.stopped"


@dataclass(frozen=True, slots=True)
class ChainIntact:
    """Report a whole chain; `digest` of its last row is what an outside anchor keeps."""

    count: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class ChainBroken:
    """Report the first row that is missing, moved or not what was written."""

    number: int


class Audit:
    """Append events to a district's chain and check it."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._context = context

    def record(self, district: str, event: AuditEvent, *, subject: str = "", **details: Detail) -> None:
        """Append one event about a subject (such as `account:<id>`), which is kept as a pseudonym."""
        number, before = self._advance(district)
        row = AuditRow(
            district_id=district,
            number=number,
            at=self._context.now,
            event=event.value,
            subject=self._pseudonym(district, subject) if subject else "",
            details=json.dumps(details, ensure_ascii=False, sort_keys=True),
        )
        row.digest = self._digest(before, row)
        session = self._context.session
        session.add(row)
        session.execute(
            update(AuditHeadRow)
            .where(AuditHeadRow.district_id == district)
            .values(number=number, digest=row.digest)
        )
        session.flush()
        happened(session, Noted(district, event.value))

    def pseudonym(self, district: str, subject: str) -> str | None:
        """Return the name under which the audit knows a subject, or None when its key is gone."""
        key = self._context.session.scalar(
            select(PseudonymKeyRow.key).where(
                PseudonymKeyRow.district_id == district, PseudonymKeyRow.subject == subject
            )
        )
        return None if key is None else _keyed(key, subject)

    def forget(self, district: str, subject: str) -> None:
        """Destroy a subject's key: the rows stay whole and name nobody."""
        self._context.session.execute(
            delete(PseudonymKeyRow).where(
                PseudonymKeyRow.district_id == district, PseudonymKeyRow.subject == subject
            )
        )

    def verify(self, district: str) -> ChainIntact | ChainBroken:
        """Recompute the chain; a tail cut together with its head shows only against an outside anchor."""
        session = self._context.session
        rows = session.scalars(
            select(AuditRow).where(AuditRow.district_id == district).order_by(AuditRow.number)
        )
        count, digest = 0, START
        for row in rows:
            count += 1
            if row.number != count or not hmac.compare_digest(row.digest, self._digest(digest, row)):
                return ChainBroken(count)
            digest = row.digest
        head = session.get(AuditHeadRow, district)
        if head is not None and (head.number, head.digest) != (count, digest):
            return ChainBroken(count + 1)
        return ChainIntact(count, digest)

    def _advance(self, district: str) -> tuple[int, bytes]:
        # The head's row lock puts concurrent events of a district one after the other.
        session = self._context.session
        query = (
            select(AuditHeadRow.number, AuditHeadRow.digest)
            .where(AuditHeadRow.district_id == district)
            .with_for_update()
        )
        head = session.execute(query).first()
        if head is None:
            session.execute(_NEW_HEAD, {"district": district, "digest": START})
            head = session.execute(query).one()
        return head.number + 1, head.digest

    def _pseudonym(self, district: str, subject: str) -> str:
        known = self.pseudonym(district, subject)
        if known is not None:
            return known
        values = {"district": district, "subject": subject, "key": secrets.token_bytes(32)}
        self._context.session.execute(_NEW_KEY, values)
        # Another transaction may have made the key first; the stored one counts.
        return self.pseudonym(district, subject) or ""

    def _digest(self, before: bytes, row: AuditRow) -> bytes:
        # Keyed, so that whoever can write the database still cannot forge the chain.
        place = (row.district_id, str(row.number), str(microseconds(row.at)))
        return self._context.keys.mac("audit", before.hex(), *place, row.event, row.subject, row.details)


def _keyed(key: bytes, subject: str) -> str:
    return hmac.digest(key, subject.encode(), "sha256").hex()


_NEW_HEAD = text(
    "insert into audit_heads(district_id, number, digest) values(:district, 0, :digest)"
    " on conflict do nothing"
)
_NEW_KEY = text(
    "insert into pseudonym_keys(district_id, subject, key) values(:district, :subject, :key)"
    " on conflict do nothing"
)
