"""Define what comes of the wish to be forgotten."""

import re
from dataclasses import dataclass
from enum import StrEnum

# Where a family's wish is on file: a number and no sentence. The audit keeps it for good, so it must not
# name anybody.
REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,39}")


class Kind(StrEnum):
    """Name what a family leaves behind here, as staff are told of it."""

    ACCOUNTS = "accounts and what is written on them"
    PASSWORDS = "passwords that were in use before (their hashes)"
    LINKS = "links to students"
    SESSIONS = "sessions, and devices that are known"
    ATTEMPTS = "attempts to sign in, and their counters"
    CHATS = "conversations, with all that was said in them"
    LEFT_TO_DO = "private calendars, files and regular mails"
    REGISTRATIONS = "courses that were registered here"
    MAILS = "mails, and the links in them"
    REQUESTS = "requests for an account, and outcomes that are kept for a repeat"
    CASES = "what was written in cases of the help desk"
    DESK = "what the desk noted of callers and deeds"


class Stays(StrEnum):
    """Name what does not go, and why."""

    RECORDS = "The school's records of students and contacts stay the school's: it is asked for those."
    LETTERS = "Letters that the school printed stay the school's; they name students, and nobody's account."
    AUDIT = "Rows of the audit stay under a pseudonym whose key is destroyed: they name nobody any more."
    SENTENCES = "Sentences that staff typed into the audit as a reason stay, for nobody can change a row."
    CASES = "Numbers and times of cases stay for the desk's figures, without a word and without a family."
    SHARED = "Of a chat that another account shares, what came after this family stays."


@dataclass(frozen=True, slots=True)
class Plan:
    """Show what would go, by kind, what stays, and what whoever decides should know first.

    `unfetched` counts registered courses that the school has not fetched and nobody else registered,
    `moved` those that stay with another account of the child.
    """

    district: str
    username: str
    goes: dict[Kind, int]
    stays: dict[Stays, int]
    is_told: bool
    unfetched: int = 0
    moved: int = 0


@dataclass(frozen=True, slots=True)
class GoesWith:
    """Refuse: this account was merged into another, and goes when that one does."""

    username: str


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Report what went."""

    plan: Plan
