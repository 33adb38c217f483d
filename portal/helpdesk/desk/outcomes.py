"""Define what staff ask of the desk and what it shows them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from portal.accounts.outcomes import Diagnosed


class Why(StrEnum):
    """Name why staff act; whatever else there is to say goes into the note."""

    PARENT_ASKED = "parent_asked"
    FORGOT_PASSWORD = "forgot_password"  # noqa: S105  (the name of a reason)
    LOCKED_OUT = "locked_out"
    NO_ACCESS_TO_EMAIL = "no_access_to_email"
    SUSPICION = "suspicion"
    RECORDS_CHANGED = "records_changed"
    STAFF_MISTAKE = "staff_mistake"
    OTHER = "other"


class Check(StrEnum):
    """Name one thing that shows who calls; see `PROVES` for those that are enough."""

    PHOTO_ID = "photo_id"
    CALLED_BACK = "called_back"
    KNOWN_BY_SIGHT = "known_by_sight"
    NAMED_CHILD = "named_child"
    NAMED_SCHOOL = "named_school"
    NAMED_ADDRESS = "named_address"
    SCHOOL_ACTS = "school_acts"


# What is in the records many people know: only being seen, or reached where the records say, proves.
PROVES = frozenset({Check.PHOTO_ID, Check.CALLED_BACK, Check.KNOWN_BY_SIGHT})


@dataclass(frozen=True, slots=True)
class Order:
    """Ask for one deed: for whose account, why, and by which form; the same form acts once."""

    account_id: str
    request_id: str
    why: str
    note: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Done:
    """Report a deed; `told` says whether the parent was written to."""

    account_id: str
    told: bool


@dataclass(frozen=True, slots=True)
class TemporaryPassword:
    """Report a temporary password that is shown once, here and nowhere else, and until when it is good."""

    account_id: str
    password: str = field(repr=False)
    until: datetime


@dataclass(frozen=True, slots=True)
class Verified:
    """Report a checklist: whether it is enough, and until when it counts."""

    is_verified: bool
    until: datetime


@dataclass(frozen=True, slots=True)
class FoundParent:
    """Show one parent that a search found; without an account only the school's records know them."""

    name: str = field(repr=False)
    by: str
    account_id: str | None = None
    username: str = field(default="", repr=False)
    email: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    children: tuple[str, ...] = field(default=(), repr=False)
    is_locked: bool = False
    is_disabled: bool = False


@dataclass(frozen=True, slots=True)
class Searched:
    """Show what a search found; `is_cut` tells that there is more than is shown."""

    parents: tuple[FoundParent, ...]
    is_cut: bool


@dataclass(frozen=True, slots=True)
class AttemptShown:
    """Show one attempt with its true reason; devices and places are told apart by a number only."""

    at: datetime
    asked: str
    why: str
    channel: str
    device: int | None
    place: int | None
    is_known_device: bool


@dataclass(frozen=True, slots=True)
class MailShown:
    """Show one mail: its kind, where it went, what became of it and of the link in it."""

    kind: str
    address: str = field(repr=False)
    written_at: datetime
    sent_at: datetime | None
    refused_at: datetime | None
    error: str
    link: str
    link_at: datetime | None


@dataclass(frozen=True, slots=True)
class SessionShown:
    """Show one session; `ended_at` is None while it may still be alive."""

    channel: str
    started_at: datetime
    seen_at: datetime
    ended_at: datetime | None
    is_alive: bool


@dataclass(frozen=True, slots=True)
class ChildShown:
    """Show a child of the account or of its contact in the records, and what the records permit."""

    student_id: str
    name: str = field(repr=False)
    number: str
    school: str
    relationship: str
    is_linked: bool
    may_see: bool | None
    gets_mail: bool | None


@dataclass(frozen=True, slots=True)
class ContactShown:
    """Show the contact of the school's records that stands beside the account."""

    name: str = field(repr=False)
    email: str = field(repr=False)
    phone: str = field(repr=False)
    is_enabled: bool
    is_gone: bool
    email_is_same: bool


@dataclass(frozen=True, slots=True)
class DeedShown:
    """Show what a member of staff did, and why."""

    at: datetime
    deed: str
    why: str
    note: str = field(repr=False)
    by: str


@dataclass(frozen=True, slots=True)
class AccountShown:
    """Show the account itself; never its password in any form."""

    account_id: str
    username: str = field(repr=False)
    name: str = field(repr=False)
    email: str = field(repr=False)
    is_confirmed: bool
    language: str
    created_at: datetime
    last_sign_in_at: datetime | None
    password_changed_at: datetime
    temporary_until: datetime | None
    disabled_at: datetime | None
    verified_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class ParentShown:
    """Show everything that staff need in one call."""

    account: AccountShown
    diagnosed: Diagnosed
    is_locked: bool
    attempts: Sequence[AttemptShown]
    mails: Sequence[MailShown]
    sessions: Sequence[SessionShown]
    children: Sequence[ChildShown]
    contact: ContactShown | None
    deeds: Sequence[DeedShown]
