"""Define what the work on cases takes and answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from portal.helpdesk.outcomes import CaseKind


class EntryKind(StrEnum):
    """Name what one line of a case's history is."""

    NOTE = "note"
    STAFF = "staff"
    PARENT = "parent"
    EVENT = "event"


class CaseNews(StrEnum):
    """Name what a family hears of its case in the chat."""

    TAKEN = "case_taken"
    SAID = "case_said"
    LEFT = "case_left"
    CLOSED = "case_closed"


class Standing(StrEnum):
    """Name which cases a list shows."""

    OPEN = "open"
    WAITING = "waiting"
    OVERDUE = "overdue"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Choose the cases of a list; an empty choice stands for all."""

    standing: Standing = Standing.OPEN
    mine: bool = False
    language: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class CaseLine:
    """Show one case in a list, without a word that the family wrote."""

    number: int
    kind: CaseKind
    state: str
    language: str
    channel: str
    assigned: str
    opened_at: datetime
    changed_at: datetime
    due_at: datetime | None
    waiting_since: datetime | None
    is_overdue: bool
    is_live: bool


@dataclass(frozen=True, slots=True)
class CaseList:
    """Show the cases that were asked for, and how many stand how."""

    lines: Sequence[CaseLine]
    counts: Mapping[Standing, int]
    languages: Sequence[str]
    has_more: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """Show one line of a case's history; `what` names an event, `data` holds what its words need."""

    id: int
    kind: EntryKind
    by: str
    text: str = field(repr=False)
    at: datetime
    what: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    told_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """Show one thing that stood in the way when the case was opened."""

    cause: str
    since: datetime | None = None
    until: datetime | None = None
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """Show one line of the conversation that led to the case; it never holds a secret."""

    author: str
    text: str = field(repr=False)
    at: datetime


@dataclass(frozen=True, slots=True)
class Triage:
    """Show what the assistant had found and tried before a person was asked."""

    username: str = field(default="", repr=False)
    found: Sequence[Found] = ()
    steps: Sequence[Step] = ()


@dataclass(frozen=True, slots=True)
class Colleague:
    """Name somebody whom a case can be given to."""

    staff_id: str
    name: str


@dataclass(frozen=True, slots=True)
class CaseView:
    """Show one case in full."""

    line: CaseLine
    version: int
    account_id: str | None
    username: str = field(repr=False)
    details: Mapping[str, str] = field(repr=False)
    triage: Triage = field(repr=False)
    entries: Sequence[Entry] = field(repr=False)
    colleagues: Sequence[Colleague]
    assigned_to: str | None
    live_by: str
    is_live_here: bool
    has_chat: bool
    helped: bool | None


@dataclass(frozen=True, slots=True)
class CaseChanged:
    """Report a case that was changed, or had been by the same form before."""

    number: int


@dataclass(frozen=True, slots=True)
class HandedOver:
    """Tell that staff are in a chat: what is written there goes to this case."""

    number: int
    name: str


@dataclass(frozen=True, slots=True)
class CaseWords:
    """Give the chat what staff said in a case; `is_live` tells that they are still there."""

    number: int
    name: str
    text: str = field(repr=False)
    is_live: bool
