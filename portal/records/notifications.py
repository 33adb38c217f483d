"""Name what a parent may be told regularly of a child, how often, and what of it a mail tells."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from portal.core.options import DistrictOptions
from portal.core.secret import Secret
from portal.records.answers import Attendance, AttendanceDay, Grades
from portal.records.school_life import Balance, Bulletin
from portal.records.school_work import AssignmentLine


class Subject(StrEnum):
    """Name what a regular mail may be about; `grades` sums up grades and attendance."""

    GRADES = "grades"
    ASSIGNMENTS = "assignments"
    ATTENDANCE = "attendance"
    BULLETIN = "bulletin"
    BALANCE = "balance"


class Frequency(StrEnum):
    """Say how often a mail leaves."""

    NEVER = "never"
    DAILY = "daily"
    WEEKLY = "weekly"
    TWO_WEEKS = "two_weeks"
    MONTHLY = "monthly"


class InChat(StrEnum):
    """Say what a chat tells beside the mail: nothing, that there is news, or what the mail says."""

    NONE = "none"
    NEWS = "news"
    DETAILS = "details"


# What a mail is about where nobody said.
USUAL = (Subject.GRADES,)


@dataclass(frozen=True, slots=True)
class Notification:
    """Show what is set for one child; `student` is its tab.

    `due_at` is when the next mail leaves, in the district's zone, None for never. `available` is off
    where the parent may not see the record now: then nothing leaves, and all that can be set is never.
    """

    student: str
    subjects: tuple[Subject, ...] = USUAL
    frequency: Frequency = Frequency.NEVER
    in_chat: InChat = InChat.NONE
    due_at: datetime | None = None
    last_at: datetime | None = None
    available: bool = True


@dataclass(frozen=True, slots=True)
class Notifications:
    """Show what is set for each child that was asked for.

    `address` is where the mails go, masked; None where the account has none. Without `confirmed`
    nothing leaves. `offered` are the subjects that the district has turned on.
    """

    address: str | None
    confirmed: bool
    offered: tuple[Subject, ...]
    children: tuple[Notification, ...]


@dataclass(frozen=True, slots=True)
class NotificationChange:
    """Carry what is to be different; None leaves it as it is."""

    frequency: Frequency | None = None
    subjects: tuple[Subject, ...] | None = None
    in_chat: InChat | None = None


@dataclass(frozen=True, slots=True)
class NotificationSent:
    """Tell that a mail about each of these children leaves now, and to where (masked)."""

    students: tuple[str, ...]
    address: str


@dataclass(frozen=True, slots=True)
class Digest:
    """Hold what one regular mail tells of one child, looked up when it is handed over.

    `since` is the day from which `scored`, `missed`, the bulletin and the entries of the balance are;
    grades, sums and what is `missing` are as they stand today, `coming` is due before the next mail. An
    answer is None where its subject was not chosen, or where nothing is on file that it could be about.
    `is_new` tells whether anything changed since the last mail. `frequency` is None for a mail that was
    asked for by hand. `stop_key` ends these mails.
    """

    student: str
    subjects: tuple[Subject, ...]
    frequency: Frequency | None
    since: date
    today: date
    grades: Grades | None = None
    attendance: Attendance | None = None
    scored: tuple[AssignmentLine, ...] = ()
    missing: tuple[AssignmentLine, ...] = ()
    coming: tuple[AssignmentLine, ...] = ()
    missed: tuple[AttendanceDay, ...] = ()
    bulletin: Bulletin | None = None
    balance: Balance | None = None
    is_new: bool = True
    stop_key: Secret = field(default=Secret(""), repr=False)


def offered(options: DistrictOptions) -> tuple[Subject, ...]:
    """Return the subjects that a district offers."""
    off = {Subject.BULLETIN: not options.school_bulletin, Subject.BALANCE: not options.lunch_balance}
    return tuple(each for each in Subject if not off.get(each))


def masked(address: str) -> str:
    """Return an address so that its owner knows it and nobody else could write to it."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}•••@{domain}"
