"""Define what the keeper of conversations takes and answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from portal.core.secret import Secret


class Purpose(StrEnum):
    """Name what submitted secrets are for."""

    SIGN_IN = "sign_in"
    CHANGE_PASSWORD = "change_password"  # noqa: S105  (the name of an operation, not a secret)
    OPEN_ACCOUNT = "open_account"
    REQUEST_ACCOUNT = "request_account"
    LINK_STUDENTS = "link_students"
    CHANGE_USERNAME = "change_username"
    CHANGE_EMAIL = "change_email"


@dataclass(frozen=True, slots=True)
class Ticket:
    """Permit one submission of secrets; `token` exists here and with the parent only."""

    id: str
    token: str = field(repr=False)
    purpose: Purpose
    fields: tuple[str, ...]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class OpenTicket:
    """Describe a ticket that may still be submitted."""

    id: str
    purpose: Purpose
    fields: tuple[str, ...]
    context: Mapping[str, Any] = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SecretSubmission:
    """Carry what was typed into the masked fields, and who posts it from where, on which device.

    `successor` is the key that the conversation goes on under once a session begins, empty where it
    keeps its own.
    """

    token: str = field(repr=False)
    conversation: str
    values: Mapping[str, Secret]
    source: str
    channel: str
    device: str = ""
    successor: str = ""


@dataclass(frozen=True, slots=True)
class Redeemed:
    """Tell that a ticket is spent and its outcome waits in the conversation's inbox."""

    ticket_id: str
    conversation: str
    inbox_id: int


class NewsKind(StrEnum):
    """Name what happened outside a conversation that the parent should hear of in it."""

    PASSWORD_SET = "password_set"  # noqa: S105  (the name of an event)
    EMAIL_CONFIRMED = "email_confirmed"
    ACCOUNT_ACTIVE = "account_active"
    NOTIFICATION = "notification"
    REQUEST_APPROVED = "request_approved"
    REQUEST_REJECTED = "request_rejected"
    REQUEST_QUESTION = "request_question"
    ACCOUNTS_MERGED = "accounts_merged"
    CASE_TAKEN = "case_taken"
    CASE_SAID = "case_said"
    CASE_LEFT = "case_left"
    CASE_CLOSED = "case_closed"


@dataclass(frozen=True, slots=True)
class News:
    """Tell a conversation what its parent did elsewhere, on a page that a mail led to."""

    conversation: str
    kind: NewsKind
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ChatAddress:
    """Say where answers are sent that nobody waits for: `via` names the app and the bot.

    `address` is that app's own, opaque to the portal.
    """

    via: str
    address: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Arrival:
    """Describe one message as it arrives; `withheld` is stored in its place while a secret is pending.

    With a `chat` the answer is sent there; `context` is what the channel knows of this message then.
    """

    channel: str
    sender: str
    message_id: str
    payload: Mapping[str, Any]
    withheld: Mapping[str, Any]
    chat: ChatAddress | None = None
    context: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Push:
    """Hold one answer, or one notice, that is to be sent from its part number `sent` on."""

    id: int
    replies: tuple[Mapping[str, Any], ...]
    notice: Mapping[str, Any] | None
    context: Mapping[str, Any]
    sent: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Count a bot's chats, those of staff, those out of reach, and what waits to be sent."""

    chats: int
    of_staff: int
    out_of_reach: int
    waiting: int
    waiting_since: datetime | None


@dataclass(frozen=True, slots=True)
class Parcel:
    """Give the leaseholder of a chat all that is to be sent to it now, in order."""

    chat: str
    address: Mapping[str, Any] = field(repr=False)
    language: str
    owner: str
    pushes: tuple[Push, ...]


@dataclass(frozen=True, slots=True)
class Conversation:
    """Show a conversation as it stands: `state` is the assistant's own and opaque to the portal.

    `private_session` is the session in which the last answer was given, if that answer was private.
    """

    id: str
    channel: str
    district: str
    language: str
    state: Mapping[str, Any] | None
    secret_pending: bool
    private_session: str | None = None


@dataclass(frozen=True, slots=True)
class Pending:
    """Name one message that waits for its answer."""

    inbox_id: int
    turn_id: str
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Received:
    """Tell that a message is stored; `replies` are set when it was answered before."""

    conversation_id: str
    inbox_id: int
    replies: tuple[Mapping[str, Any], ...] | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """Give the leaseholder the oldest message that waits, and the conversation it belongs to.

    `news` are to be told before the message is answered.
    """

    conversation: Conversation
    pending: Pending
    lease_owner: str
    news: tuple[Pending, ...] = ()


@dataclass(frozen=True, slots=True)
class Settled:
    """Tell what came of a ticket and what the ticket was for."""

    purpose: Purpose
    outcome: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """Hold one line of the transcript as the assistant wrote it."""

    content: Mapping[str, Any]
    private: bool = False


@dataclass(frozen=True, slots=True)
class Recorded:
    """Show one stored line and when it was said."""

    content: Mapping[str, Any]
    private: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Choice:
    """Hold what one button says and means."""

    title: str
    payload: str


@dataclass(frozen=True, slots=True)
class ForCase:
    """Carry what somebody wrote to staff, and to which case it belongs."""

    number: int
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """Carry everything that one answered message changes in its conversation.

    `for_case` is what was not answered but written to staff.
    """

    work: Work
    state: Mapping[str, Any] | None
    replies: tuple[Mapping[str, Any], ...]
    lines: tuple[Line, ...]
    menus: Mapping[str, tuple[Choice, ...]] = field(default_factory=dict)
    language: str = ""
    district: str = ""
    secret_pending: bool = False
    for_case: ForCase | None = None


@dataclass(frozen=True, slots=True)
class TicketChat:
    """Name the chat in which an open ticket was offered; `address` is the app's own."""

    ticket_id: str
    conversation: str
    address: Mapping[str, Any] = field(repr=False)
    language: str


@dataclass(frozen=True, slots=True)
class Unjoined:
    """Tell that no browser has asked to be joined with a ticket's chat yet."""


@dataclass(frozen=True, slots=True)
class Joining:
    """Show the digits that are to be typed into the chat."""

    digits: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Joined:
    """Tell that the digits were typed: whoever holds this browser holds that chat."""
