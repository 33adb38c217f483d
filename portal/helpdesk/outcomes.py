"""Define what the help desk is given and what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class CaseKind(StrEnum):
    """Name why a person is needed, mostly by a family; the words are the language packs'."""

    NO_EMAIL = "no_email"
    NO_PHONE = "no_phone"
    LOST_LETTER = "lost_letter"
    BARRED = "barred"
    NAME_DIFFERS = "name_differs"
    CANNOT_SIGN_IN = "cannot_sign_in"
    UNUSUAL_ACTIVITY = "unusual_activity"
    OTHER = "other"
    ROSTER_REFUSED = "roster_refused"


# What a family asks for; that records were refused is told to staff by the watch over them.
OF_FAMILIES = tuple(kind for kind in CaseKind if kind is not CaseKind.ROSTER_REFUSED)


class CaseState(StrEnum):
    """Tell whether a case waits for staff."""

    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class NewCase:
    """Describe a case; `details` is what the family gave (names, how to reach them), never a secret."""

    district: str
    kind: CaseKind
    conversation: str
    channel: str
    language: str = "en"
    account_id: str | None = None
    details: Mapping[str, str] = field(default_factory=dict, repr=False)
    opened_by: str = ""


@dataclass(frozen=True, slots=True)
class CaseOpened:
    """Report a case; a repeat from the same conversation adds to the open one and `is_new` is off."""

    number: int
    is_new: bool


@dataclass(frozen=True, slots=True)
class Case:
    """Show a case to staff."""

    number: int
    kind: CaseKind
    state: str
    channel: str
    language: str
    account_id: str | None
    details: Mapping[str, str] = field(repr=False)
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class WaitingRequest:
    """Show staff a request for an account; `reason` is how it differs from the records."""

    name: str = field(repr=False)
    email: str = field(repr=False)
    reason: str
    asked_at: datetime
