"""Keep what must leave: rows written with the deed, delivered after its commit."""

import json
from dataclasses import dataclass
from enum import StrEnum
from uuid import uuid4

from portal.core.context import Context
from portal.core.models import OutboxRow
from portal.core.watching import MailPut, happened

# Marks a transaction after which somebody may look into the outbox.
HAS_MAIL = "has_mail"
# Why a mail was closed that had nothing true to say any more, or nothing new; nobody refused it.
OVERTAKEN = "overtaken"
NOTHING_NEW = "nothing_new"


class MailKind(StrEnum):
    """Name each mail; its words are in the language packs under `mail_<kind>_...`."""

    ACCOUNT_UNLOCKED = "account_unlocked"
    ACCOUNT_DISABLED = "account_disabled"
    ACCOUNT_ENABLED = "account_enabled"
    ACCOUNT_FORGOTTEN = "account_forgotten"
    SESSIONS_ENDED = "sessions_ended"
    TEMPORARY_PASSWORD = "temporary_password"  # noqa: S105  (the name of a mail)
    STUDENTS_UNLINKED = "students_unlinked"
    RECOVER_PASSWORD = "recover_password"  # noqa: S105  (the name of a mail)
    RECOVER_USERNAME = "recover_username"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105  (the name of a mail)
    ACCOUNT_CREATED = "account_created"
    CONFIRM_EMAIL = "confirm_email"
    CONFIRM_REQUEST = "confirm_request"
    ACCOUNT_ACTIVE = "account_active"
    ALREADY_ACCOUNT = "already_account"
    REQUEST_QUESTION = "request_question"
    REQUEST_REJECTED = "request_rejected"
    ACCOUNTS_MERGED = "accounts_merged"
    EMAIL_CHANGE_ASKED = "email_change_asked"
    EMAIL_CHANGED = "email_changed"
    USERNAME_CHANGED = "username_changed"
    STUDENTS_LINKED = "students_linked"
    UNUSUAL_ACTIVITY = "unusual_activity"
    CASE_ANSWERED = "case_answered"
    STAFF_CASE = "staff_case"
    STAFF_REQUEST = "staff_request"
    STAFF_ROSTER = "staff_roster"
    STAFF_BARRED = "staff_barred"
    STAFF_ACCESS_ID_PAUSED = "staff_access_id_paused"
    NOTIFICATION = "notification"


# Somebody waits for most mails. Thousands of regular ones fall due in the same minute, and let them pass.
RANKS = {MailKind.NOTIFICATION: 1}


@dataclass(frozen=True, slots=True)
class To:
    """Say to whom a mail goes: `address` is the stored one, None for a mail that is never sent."""

    address: str | None
    account_id: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Unsaid:
    """Tell why a message that is due has nothing to say: OVERTAKEN or NOTHING_NEW."""

    reason: str


class Outbox:
    """Write messages that must leave; their words are made when they are sent."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._context = context

    def put(
        self,
        district: str,
        kind: MailKind,
        to: To,
        *,
        token_id: str | None = None,
        message_id: str | None = None,
        **details: str | int | None,
    ) -> str:
        """Add one message and return its id; `details` are values for its words, never a secret."""
        row = OutboxRow(
            message_id=message_id or uuid4().hex,
            district_id=district,
            kind=kind.value,
            recipient=to.account_id,
            address=to.address,
            language=to.language,
            token_id=token_id,
            details=json.dumps(details, ensure_ascii=False, sort_keys=True),
            created_at=self._context.now,
            due_at=self._context.now,
            rank=RANKS.get(kind, 0),
        )
        self._context.session.add(row)
        self._context.session.info[HAS_MAIL] = True
        happened(self._context.session, MailPut(row.message_id, row.kind))
        return row.message_id
