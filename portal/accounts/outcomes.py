"""Name what is asked of accounts and what comes of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

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
    """Ask to sign in; `source` is what failed attempts are counted under beside the name."""

    district: str
    username: str
    password: Secret
    source: str
    conversation: str
    channel: str
    request_id: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Report a live session; `last_sign_in` is the one before this."""

    account_id: str
    display_name: str
    last_sign_in: datetime | None


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
    """Describe the session of a conversation."""

    session_id: str
    account_id: str
    district: str
    display_name: str
    previous_sign_in: datetime | None
    scope: Scope


@dataclass(frozen=True, slots=True)
class SignedOut:
    """Report that no session is live on the conversation; `was_signed_in` tells whether one was."""

    was_signed_in: bool


@dataclass(frozen=True, slots=True)
class NewAccount:
    """Describe an account to create; `contact_id` is the SIS contact whose account it is."""

    district: str
    username: str
    display_name: str
    email: str | None = None
    contact_id: str | None = None
    temporary: bool = False
    expired: bool = False


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
