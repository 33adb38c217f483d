"""Define what staff see of a request for an account, what they decide, and what the family reads of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

# Tells a conversation, by its id, what happened: the kind of news, and values for its words.
TellParent = Callable[[str, str, Mapping[str, str]], None]


class View(StrEnum):
    """Name the lists of requests: what waits for whom."""

    WAITING = "waiting"
    CONFIRMING = "confirming"
    CONNECTING = "connecting"
    DECIDED = "decided"


class CheckName(StrEnum):
    """Name each thing that staff verify in the records before an account is made (R115-R117)."""

    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    EMAIL = "email"
    PHONE = "phone"
    RECEIVES_EMAIL = "receives_email"
    PORTAL_ACCESS = "portal_access"
    NO_ACCOUNT = "no_account"


class Standing(StrEnum):
    """Tell how a check stands: what differs staff judge, what is missing the records have to mend."""

    GOOD = "good"
    DIFFERS = "differs"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Check:
    """Put what was typed beside what the school has."""

    name: CheckName
    standing: Standing
    typed: str = field(default="", repr=False)
    on_file: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class ChildOnFile:
    """Name a child of a contact, as the school has both, and whether the portal shows it to them."""

    student_id: str
    number: str
    name: str = field(repr=False)
    school: str
    relation: str
    allowed: bool


@dataclass(frozen=True, slots=True)
class Candidate:
    """Show one contact who may have asked; `username` is set where the contact has an account already."""

    contact_id: str
    name: str = field(repr=False)
    checks: tuple[Check, ...]
    children: tuple[ChildOnFile, ...]
    account_id: str | None = None
    username: str | None = field(default=None, repr=False)

    def standing(self, name: CheckName) -> Standing:
        """Return how one check stands."""
        return next(each.standing for each in self.checks if each.name is name)

    @property
    def may_be_approved(self) -> bool:
        """Tell whether the records permit an account for this contact (R115-R117).

        A telephone number that is missing is shown and stops nobody: families without one have a right
        to the portal too. Neither does a name or an address that was typed otherwise: that is for staff
        to judge, and the mail goes to the address of the records in any case.
        """
        needed = (CheckName.RECEIVES_EMAIL, CheckName.PORTAL_ACCESS, CheckName.NO_ACCOUNT)
        has_address = self.standing(CheckName.EMAIL) is not Standing.MISSING
        return has_address and all(self.standing(each) is Standing.GOOD for each in needed)


class NoteKind(StrEnum):
    """Name one step of a request."""

    QUESTION = "question"
    ANSWER = "answer"
    APPROVED = "approved"
    REJECTED = "rejected"
    CONNECTED = "connected"


@dataclass(frozen=True, slots=True)
class Note:
    """Show one step; `by` is the name of who of the staff took it, empty for the family."""

    kind: NoteKind
    at: datetime
    by: str = field(repr=False)
    words: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class RequestLine:
    """Show a request in a list; `waits_for_family` tells that a question is open."""

    request_id: str
    name: str = field(repr=False)
    email: str = field(repr=False)
    language: str
    state: str
    reason: str
    asked_at: datetime
    decided_at: datetime | None = None
    waits_for_family: bool = False
    was_answered: bool = False


@dataclass(frozen=True, slots=True)
class RequestShown:
    """Show one request whole: who may have asked, what was said, and what comes next.

    `connects` are the children that would be linked to the account that is active now (R131).
    """

    line: RequestLine
    candidates: tuple[Candidate, ...]
    notes: tuple[Note, ...]
    account_id: str | None = None
    username: str | None = field(default=None, repr=False)
    connects: tuple[ChildOnFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Approval:
    """Let a request become an account of this contact, once the family confirms it."""

    request_id: str
    contact_id: str
    reason: str


class Cause(StrEnum):
    """Name what a family is told to do whose request is turned down; the words are the language packs'.

    None says what the records hold: whoever asked may be anybody.
    """

    CONTACT_SCHOOL = "contact_school"
    ASK_AGAIN = "ask_again"


@dataclass(frozen=True, slots=True)
class Rejection:
    """Turn a request down; the family reads what the cause says and `words`, never the `reason`."""

    request_id: str
    cause: Cause
    reason: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class NewQuestion:
    """Ask the family something; `form_id` names the form, so that sent twice it is asked once."""

    request_id: str
    words: str
    form_id: str


@dataclass(frozen=True, slots=True)
class Approved:
    """Report that the family was written to, at the address that the school has."""

    address: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Rejected:
    """Report that the family was told."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Report that the question was sent."""


@dataclass(frozen=True, slots=True)
class Connected:
    """Report how many children were linked; 0 where all were linked before."""

    count: int


@dataclass(frozen=True, slots=True)
class FamilyLetter:
    """Show a family what its school wrote about its request; `can_answer` while a question is open."""

    kind: NoteKind
    words: Mapping[str, str] = field(repr=False)
    can_answer: bool


@dataclass(frozen=True, slots=True)
class Answered:
    """Report that the school has the answer."""
