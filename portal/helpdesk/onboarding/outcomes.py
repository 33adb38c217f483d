"""Define what the printing of letters takes and answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar

from portal.core.districts import District
from portal.core.secret import Secret

Row = TypeVar("Row")
# Each family's own language, where the portal knows it.
AUTO = "auto"


class Layout(StrEnum):
    """Say what stands on one sheet: one child, or the children of one household."""

    EACH = "each"
    HOUSEHOLD = "household"


@dataclass(frozen=True, slots=True)
class LettersAsked:
    """Ask for the letters of a school, of a whole district (no school) or of one student.

    Without `again` only students get one who have none yet: a second run by mistake must not void what
    lies in hundreds of schoolbags. `request_id` makes the same form sent twice one run.
    """

    request_id: str
    school: str = ""
    student: str = ""
    language: str = AUTO
    layout: Layout = Layout.EACH
    again: bool = False


@dataclass(frozen=True, slots=True)
class LetterRun:
    """Show one run: how many letters it has, how many are printed, and whether it is still open."""

    run_id: str
    district: str
    school_id: str
    school: str
    language: str
    layout: Layout
    asked_by: str
    begun_at: datetime
    handed_at: datetime | None
    finished_at: datetime | None
    letters: int
    printed: int

    @property
    def is_open(self) -> bool:
        """Tell whether the letters can still be had."""
        return self.finished_at is None


@dataclass(frozen=True, slots=True)
class NothingToPrint:
    """Tell that everybody has a letter already; `students` counts them."""

    students: int


@dataclass(frozen=True, slots=True)
class SchoolLetters:
    """Count the students of a school, and those who have a letter."""

    school_id: str
    identifier: str
    name: str
    students: int
    with_letter: int


@dataclass(frozen=True, slots=True)
class ChildOnLetter:
    """Hold what a letter says of one child; where the school links the children there is no password."""

    student_id: str
    name: str
    school: str
    grade: str
    access_id: str = ""
    password: Secret | None = field(default=None, repr=False)
    code: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class SheetOfLetter:
    """Hold one sheet: for one child, or for all of a household."""

    language: str
    children: Sequence[ChildOnLetter]


@dataclass(frozen=True, slots=True)
class LettersReady:
    """Hold the sheets of a run for whoever sets them; they exist here and on paper only."""

    run: LetterRun
    district: District
    sheets: Sequence[SheetOfLetter] = field(repr=False)
    printed_at: datetime
    codes_until: datetime
    phones: Mapping[str, str] = field(default_factory=dict)
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class LetterFinished:
    """Tell that the letters of a run can no longer be printed by anybody."""

    run_id: str


class FamilyStep(StrEnum):
    """Name how far a family has come, from the letter to the first answer."""

    LETTER = "letter"
    STARTED = "started"
    ACCOUNT = "account"
    LINKED = "linked"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class FunnelRow:
    """Count the students of one school or language, and those whose family has come to each step."""

    name: str
    students: int
    reached: Mapping[FamilyStep, int]


@dataclass(frozen=True, slots=True)
class StudentWithout:
    """Name a student whose family has no account, with no more than it takes to hand a letter out."""

    identifier: str
    name: str
    grade: str
    school: str
    language: str
    printed_at: datetime | None
    started_at: datetime | None


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Hold one page of rows, and how many there are."""

    rows: Sequence[Row]
    number: int
    pages: int
    total: int
