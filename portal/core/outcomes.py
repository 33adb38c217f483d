"""Say why the portal refuses what was asked, as a value and never as an exception."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Reason(StrEnum):
    """Name an expected refusal; the words for it live in the language packs."""

    BAD_CREDENTIALS = "bad_credentials"
    LOCKED_CONTACT_SCHOOL = "locked_contact_school"
    LOCKED_WAIT = "locked_wait"
    PASSWORD_DISABLED = "password_disabled"  # noqa: S105  (the name of a state, not a secret)
    THROTTLED = "throttled"
    BUSY = "busy"
    INVALID_REQUEST = "invalid_request"
    PASSWORD_REFUSED = "password_refused"  # noqa: S105  (the name of a state, not a secret)
    NOT_SIGNED_IN = "not_signed_in"
    SESSION_ENDED = "session_ended"
    MUST_CHANGE_PASSWORD = "must_change_password"  # noqa: S105  (the name of a state)
    NO_STUDENT = "no_student"
    WHICH_STUDENT = "which_student"
    NOT_YOUR_STUDENT = "not_your_student"
    STUDENT_UNAVAILABLE = "student_unavailable"
    NO_SUCH_COURSE = "no_such_course"
    WHICH_COURSE = "which_course"
    NO_SUCH_TERM = "no_such_term"
    OUTSIDE_RECORDS = "outside_records"
    TURNED_OFF = "turned_off"
    TICKET_VOID = "ticket_void"
    NOT_FOUND = "not_found"
    USERNAME_TAKEN = "username_taken"
    TOKEN_VOID = "token_void"  # noqa: S105  (the name of a state, not a secret)
    USERNAME_MISMATCH = "username_mismatch"
    FIELDS_REFUSED = "fields_refused"
    PAIR_NOT_FOUND = "pair_not_found"
    ACCESS_ID_PAUSED = "access_id_paused"
    BARRED = "barred"
    NOT_IN_PILOT = "not_in_pilot"
    ALREADY_DONE = "already_done"
    EMAIL_NOT_CONFIRMED = "email_not_confirmed"
    NO_MAIL_FROM_SCHOOL = "no_mail_from_school"
    FORBIDDEN = "forbidden"
    OUTDATED = "outdated"
    CALLER_NOT_VERIFIED = "caller_not_verified"


@dataclass(frozen=True, slots=True)
class Violation:
    """Name one rule that was broken, with the number it speaks of and the field it is about, if any.

    `row` counts the repeated groups of a form (the students to link) from 1.
    """

    key: str
    number: int | None = None
    field: str = ""
    row: int | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """Refuse, with the reason and what the words for it need.

    `retry_at` is set when waiting helps, `violations` when a new password breaks rules, `choices`
    when the caller must choose (names of the parent's own children, courses or terms).
    """

    reason: Reason
    retry_at: datetime | None = None
    violations: tuple[Violation, ...] = ()
    choices: tuple[str, ...] = ()


def reasons_in(answer: object) -> Iterator[Reason]:
    """Return why an answer, or each of several, refuses; nothing for one that does not."""
    answers = answer if isinstance(answer, tuple | list) else (answer,)
    return (each.reason for each in answers if isinstance(each, Refused))
