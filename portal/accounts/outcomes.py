"""Name what is asked of accounts and what comes of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from portal.core.secret import Secret


class Scope(StrEnum):
    """Tell what a session may be used for."""

    FULL = "full"
    CHANGE_PASSWORD = "change_password"  # noqa: S105  (the name of a scope, not a secret)


class Cause(StrEnum):
    """Tell why a password must be changed before anything else."""

    TEMPORARY = "temporary"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class SignIn:
    """Ask to sign in; `source` is what failed attempts are counted under beside the name.

    `device` is the opaque key of a browser or chat that stays the same from one sign-in to the next.
    """

    district: str
    username: str
    password: Secret
    source: str
    conversation: str
    channel: str
    request_id: str
    device: str = ""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Report a live session; `last_sign_in` is the one before this.

    `offers_restore` tells that an earlier session of this parent timed out here and may be taken up.
    """

    account_id: str
    display_name: str
    last_sign_in: datetime | None
    offers_restore: bool = False


@dataclass(frozen=True, slots=True)
class MustChangePassword:
    """Report a right password that opens nothing but the change of it."""

    account_id: str
    cause: Cause


@dataclass(frozen=True, slots=True)
class ChangePassword:
    """Ask to replace the password of whoever is signed in on this conversation."""

    conversation: str
    current: Secret
    new: Secret
    again: Secret
    source: str
    request_id: str


@dataclass(frozen=True, slots=True)
class PasswordChanged:
    """Report a new password; `signed_in` tells whether the session now opens everything."""

    signed_in: bool


@dataclass(frozen=True, slots=True)
class LiveSession:
    """Describe the session of a conversation; `offers_restore` as in `SignedIn`.

    `is_exposed` tells that the password may stand in a chat that it could not be deleted from.
    """

    session_id: str
    account_id: str
    district: str
    display_name: str
    previous_sign_in: datetime | None
    scope: Scope
    offers_restore: bool = False
    is_exposed: bool = False


@dataclass(frozen=True, slots=True)
class SignedOut:
    """Report that no session is live on the conversation; `was_signed_in` tells whether one was."""

    was_signed_in: bool


@dataclass(frozen=True, slots=True)
class NewAccount:
    """Describe an account to create; `contact_id` is the SIS contact whose account it is.

    The contact's own address counts as confirmed, and so does one that the caller knows to be.
    """

    district: str
    username: str
    display_name: str
    email: str | None = None
    contact_id: str | None = None
    temporary: bool = False
    expired: bool = False
    email_confirmed: bool = False
    language: str | None = None


@dataclass(frozen=True, slots=True)
class AccountCreated:
    """Report a new account."""

    account_id: str
    username: str


@dataclass(frozen=True, slots=True)
class Unlocked:
    """Report that a name may sign in again; the password is what it was."""

    username: str
    account_id: str | None
    was_locked: bool


@dataclass(frozen=True, slots=True)
class Asker:
    """Say who asks for something without being signed in, and where to tell what came of it.

    `source` is what attempts are counted under, `language` the one that mails are written in,
    `request_id` names the request so that a repeat is answered with the same outcome.
    """

    district: str
    conversation: str
    channel: str
    source: str
    request_id: str
    language: str = "en"
    device: str = ""


@dataclass(frozen=True, slots=True)
class RecoverPassword:
    """Ask for a mail with which a forgotten password is replaced."""

    asker: Asker
    username: str
    email: str


@dataclass(frozen=True, slots=True)
class RecoverUsername:
    """Ask for a mail that names the usernames of an address."""

    asker: Asker
    email: str


@dataclass(frozen=True, slots=True)
class ResendConfirmation:
    """Ask for the mail once more with which an address is confirmed."""

    asker: Asker
    email: str


@dataclass(frozen=True, slots=True)
class MailAsked:
    """Report that a mail leaves if what was typed is on file; nobody learns here whether it is."""


@dataclass(frozen=True, slots=True)
class SetPassword:
    """Ask to set a new password with the token of a mail."""

    asker: Asker
    token: Secret
    username: str
    new: Secret
    again: Secret


@dataclass(frozen=True, slots=True)
class PasswordSet:
    """Report a password set with a token; `asked_in` is the conversation that asked for the mail.

    The new password does not open a name that `is_locked`: only the school does.
    """

    account_id: str
    username: str
    signed_in: bool
    asked_in: str = ""
    is_locked: bool = False


@dataclass(frozen=True, slots=True)
class ConfirmEmail:
    """Ask to confirm an address with the token of a mail and the password of the account."""

    asker: Asker
    token: Secret
    password: Secret


class Confirmation(StrEnum):
    """Tell what a confirmed address was for."""

    ACCOUNT = "account"
    REQUEST = "request"
    CHANGE = "change"


@dataclass(frozen=True, slots=True)
class EmailConfirmed:
    """Report a confirmed address; of a request, that the account is now active."""

    kind: Confirmation
    username: str
    asked_in: str = ""


@dataclass(frozen=True, slots=True)
class StudentClaim:
    """Name one student to link; the name is what was typed and proves nothing."""

    name: str
    access_id: str
    access_password: Secret
    relationship: str


@dataclass(frozen=True, slots=True)
class OpenAccount:
    """Ask for an account with at least one student to link."""

    asker: Asker
    first_name: str
    last_name: str
    email: str
    username: str
    new: Secret
    again: Secret
    students: tuple[StudentClaim, ...]


@dataclass(frozen=True, slots=True)
class AccountOpened:
    """Report a new account with the names of its students as the school has them."""

    account_id: str
    username: str
    students: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RequestAccount:
    """Ask the school for an account; the question and its answer prove nothing, ever."""

    asker: Asker
    first_name: str
    last_name: str
    email: str
    new: Secret
    again: Secret
    question: str = ""
    answer: Secret = field(default_factory=lambda: Secret(""))


@dataclass(frozen=True, slots=True)
class AccountRequested:
    """Report a request: the same for everybody, whatever the school's records say."""


@dataclass(frozen=True, slots=True)
class LinkStudents:
    """Ask to link students to the account that is signed in on the conversation."""

    conversation: str
    source: str
    students: tuple[StudentClaim, ...]
    request_id: str


@dataclass(frozen=True, slots=True)
class StudentsLinked:
    """Report the students linked now, and those that were linked before, by name."""

    linked: tuple[str, ...]
    already: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChangeUsername:
    """Ask for another username; the password proves that it is the parent who asks."""

    conversation: str
    source: str
    username: str
    password: Secret
    request_id: str


@dataclass(frozen=True, slots=True)
class UsernameChanged:
    """Report the new username."""

    username: str


@dataclass(frozen=True, slots=True)
class ChangeEmail:
    """Ask for another address; both ends are written to, and the new one must be confirmed."""

    conversation: str
    source: str
    email: str
    password: Secret
    request_id: str


@dataclass(frozen=True, slots=True)
class EmailChangeAsked:
    """Report that the new address was written to and counts once it is confirmed."""

    email: str


@dataclass(frozen=True, slots=True)
class PreferencesShown:
    """Show a parent their own settings; `pending_email` waits to be confirmed."""

    display_name: str
    username: str
    email: str | None
    email_confirmed: bool
    pending_email: str | None
    language: str | None


@dataclass(frozen=True, slots=True)
class Restored:
    """Hold where the parent was before a session timed out: a page's path, or a chat's selection."""

    place: Mapping[str, Any]


class FailedWayIn(StrEnum):
    """Name why somebody cannot get in, from the first that stops them."""

    NOTHING = "nothing"
    UNKNOWN_NAME = "unknown_name"
    LOCKED = "locked"
    PASSWORD_DISABLED = "password_disabled"  # noqa: S105  (the name of a state)
    DISABLED = "disabled"
    TEMPORARY_USED = "temporary_used"
    TEMPORARY_OVER = "temporary_over"
    MUST_CHANGE = "must_change"
    WRONG_PASSWORD = "wrong_password"  # noqa: S105  (the name of a state)
    NO_EMAIL = "no_email"
    EMAIL_UNCONFIRMED = "email_unconfirmed"
    MAIL_REFUSED = "mail_refused"
    RECOVERY_WAITING = "recovery_waiting"
    RECOVERY_EXPIRED = "recovery_expired"
    REQUEST_UNCONFIRMED = "request_unconfirmed"
    REQUEST_WITH_STAFF = "request_with_staff"
    BARRED = "barred"


@dataclass(frozen=True, slots=True)
class Finding:
    """Name one cause: since when it holds, when it ends by itself, how often it was tried."""

    cause: FailedWayIn
    since: datetime | None = None
    until: datetime | None = None
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Diagnosed:
    """Report everything that stands in the way of a name, the first to mend first; for staff only.

    `instead` are the usernames of the accounts whose e-mail address was typed as a username.
    """

    username: str
    account_id: str | None
    findings: tuple[Finding, ...]
    instead: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SafelyDiagnosed:
    """Report what anybody may be told of a name: the same for names that nobody has.

    Of a locked name, `until` is set when waiting helps. Without it, a new password by mail lifts the
    lock unless the parent `must_contact_school`.
    """

    is_locked: bool
    until: datetime | None
    must_contact_school: bool
    since: datetime | None = None
    fails: int | None = None
