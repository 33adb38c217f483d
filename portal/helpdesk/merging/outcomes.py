"""Define what a merge of two accounts would do, and what it did."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class MergedLink:
    """Show a child of an account, as the school names it."""

    student_id: str
    number: str
    name: str = field(repr=False)
    school: str
    relation: str


@dataclass(frozen=True, slots=True)
class OpenToken:
    """Show a token that may still be used: what for, and since when it is on its way."""

    purpose: str
    since: datetime


@dataclass(frozen=True, slots=True)
class OpenSession:
    """Show where an account is signed in."""

    channel: str
    since: datetime
    seen: datetime


@dataclass(frozen=True, slots=True)
class LeftOver:
    """Count what an account left to be done with records: regular mails, calendars, registered courses."""

    notifications: int = 0
    calendars: int = 0
    registrations: int = 0


@dataclass(frozen=True, slots=True)
class Side:
    """Show one of the two accounts as it stands."""

    account_id: str
    username: str = field(repr=False)
    name: str = field(repr=False)
    email: str | None = field(repr=False)
    email_confirmed: bool
    is_disabled: bool
    created_at: datetime
    last_sign_in_at: datetime | None
    contact: str | None = field(repr=False)
    links: tuple[MergedLink, ...]
    sessions: tuple[OpenSession, ...]
    tokens: tuple[OpenToken, ...]
    chats: tuple[str, ...]
    devices: int
    left: LeftOver


class LeftRecords(Protocol):
    """Keep what accounts left to be done with records; whoever keeps the records knows how."""

    def counts(self, account_id: str) -> tuple[int, int, int]:
        """Count regular mails, private calendars and registered courses."""

    def move(self, account_id: str, to: str) -> None:
        """Give it to another account, nothing twice; what is private to the first one ends."""


class Obstacle(StrEnum):
    """Name why two accounts cannot be put together."""

    SAME = "same"
    ENDED = "ended"
    KEPT_DISABLED = "kept_disabled"
    BARRED = "barred"


class Doubt(StrEnum):
    """Name what lets one doubt that two accounts are one parent's."""

    NAMES_DIFFER = "names_differ"
    CONTACTS_DIFFER = "contacts_differ"
    NO_COMMON_CHILD = "no_common_child"
    EMAIL_UNCONFIRMED = "email_unconfirmed"


@dataclass(frozen=True, slots=True)
class MergePlan:
    """Show before and after: `kept` goes on with the links of both, `ended` is an account no more.

    `fingerprint` is of all that the merge moves: where it changed since, staff look once more.
    `unverified` are the accounts whose parent the member has yet to make sure of.
    """

    kept: Side
    ended: Side
    after: tuple[MergedLink, ...]
    moved: tuple[str, ...]
    doubts: tuple[Doubt, ...]
    obstacles: tuple[Obstacle, ...]
    fingerprint: str
    unverified: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Merge:
    """Ask for what the plan with this fingerprint showed; `form_id` names the form it was asked with."""

    kept: str
    ended: str
    fingerprint: str
    reason: str = field(repr=False)
    form_id: str


@dataclass(frozen=True, slots=True)
class Merged:
    """Report what came of it; `is_repeat` tells that it was done before, and nothing was done now."""

    kept: str
    moved: int
    is_repeat: bool = False
