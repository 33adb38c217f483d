"""Define a mail that is due, and what can come of handing it over."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from portal.core.districts import District
from portal.core.outbox import MailKind
from portal.core.secret import Secret
from portal.core.tokens import TokenPurpose


@dataclass(frozen=True, slots=True)
class MailedToken:
    """Hold the token that a mail carries, what it permits and how long it is good for."""

    purpose: TokenPurpose
    token: Secret
    life: timedelta


@dataclass(frozen=True, slots=True)
class Mail:
    """Hold what the words of one mail are made from; `address` is the stored one, never a typed one.

    `language` is empty where neither the mail nor the account names one. `usernames` are read from the
    accounts when the mail is made, so that no outbox keeps them; so is the `content` of a regular mail,
    which is opaque here. `is_repeat` tells that a process was
    killed while it handed this mail over, and nobody knows whether it left.
    """

    message_id: str
    district: District
    kind: MailKind
    address: str = field(repr=False)
    language: str
    details: Mapping[str, str | int | None] = field(repr=False)
    created_at: datetime
    token: MailedToken | None = None
    usernames: tuple[str, ...] = field(default=(), repr=False)
    content: object | None = field(default=None, repr=False)
    attempts: int = 0
    is_repeat: bool = False
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """Report that the mail server took the mail."""


@dataclass(frozen=True, slots=True)
class Postponed:
    """Report that the mail could not be handed over now; `reason` is a code, never the server's words.

    `is_server_away` tells that no mail can be handed over now, so that trying the next is of no use.
    """

    reason: str
    is_server_away: bool = False


@dataclass(frozen=True, slots=True)
class Rejected:
    """Report that this mail will never be taken, such as for an address that does not exist."""

    reason: str


Handover = Sent | Postponed | Rejected
