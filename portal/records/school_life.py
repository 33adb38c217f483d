"""Name what is answered about a child's days at school: schedule, money, bulletin, the school itself."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from portal.records.answers import TermSpan


@dataclass(frozen=True, slots=True)
class ClassTime:
    """Say when and where a class meets; a weekday is 1 for Monday.

    No `weekdays` and no `start` mean that the school's files name none. Times are "HH:MM".
    """

    course: str
    weekdays: tuple[int, ...] = ()
    period: str = ""
    start: str = ""
    end: str = ""
    room: str = ""
    teacher: str = ""


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """Name one day of a school's calendar."""

    date: date
    title: str


@dataclass(frozen=True, slots=True)
class Schedule:
    """Answer with a child's classes: of one day or a few (`since`, `until`), else of a term.

    `usual` holds when a course meets that does not meet on the day that was asked for. `moment` is
    "now" or "next" where only that class is meant; `usual` then holds the classes without times.
    `at` is the time of the answer in the district.
    """

    student: str
    at: datetime
    lines: tuple[ClassTime, ...]
    term: TermSpan | None = None
    since: date | None = None
    until: date | None = None
    calendar: tuple[CalendarDay, ...] = ()
    usual: tuple[ClassTime, ...] = ()
    course: str = ""
    period: str = ""
    moment: str = ""

    @property
    def day(self) -> date | None:
        """Return the one day that the answer is about, if it is one."""
        return self.since if self.since == self.until else None


@dataclass(frozen=True, slots=True)
class MoneyLine:
    """Name one entry of an account; a charge is negative, and one to come is not `counted` yet."""

    date: date
    account: str
    description: str
    amount: Decimal
    counted: bool = True


@dataclass(frozen=True, slots=True)
class AccountBalance:
    """Hold what is on an account ("lunch" or "fees") today, and what came and went in the range asked for."""

    account: str
    balance: Decimal
    charged: Decimal
    paid: Decimal


@dataclass(frozen=True, slots=True)
class Balance:
    """Answer with the accounts of one child, and its entries with the newest first.

    `since` and `until` are set where a range was asked for: the entries are those in it. `account` is
    the only one that was asked for, or "".
    """

    student: str
    accounts: tuple[AccountBalance, ...]
    entries: tuple[MoneyLine, ...]
    since: date | None = None
    until: date | None = None
    account: str = ""


@dataclass(frozen=True, slots=True)
class SchoolCard:
    """Say where a school is and how it is reached; what is not on file is empty."""

    name: str
    address: str = ""
    city: str = ""
    postal_code: str = ""
    phone: str = ""
    fax: str = ""
    email: str = ""
    hours: str = ""
    map_url: str = ""


@dataclass(frozen=True, slots=True)
class SchoolInformation:
    """Answer with a child's schools; `student` is empty where it is the school of all the children.

    Where the district has not turned maps on, `maps` is off and no school has one.
    """

    student: str
    schools: tuple[SchoolCard, ...]
    maps: bool = True


@dataclass(frozen=True, slots=True)
class Notice:
    """Hold one notice of a bulletin; `told` is it in the languages that it was written in, if several."""

    date: date
    title: str
    text: str
    told: tuple[tuple[str, str, str], ...] = ()

    def in_language(self, language: str) -> "Notice":
        """Return it in that language, else as it is."""
        for code, title, text in self.told:
            if code == language:
                return Notice(self.date, title, text)
        return self


@dataclass(frozen=True, slots=True)
class Bulletin:
    """Answer with what a child's schools announced, the newest first, and what their calendar holds.

    `since` and `until` are set where a range was asked for; where nothing was announced in it, or
    lately, `older` holds the last notices before. `student` is empty where all the children are at
    the same schools.
    """

    student: str
    schools: tuple[str, ...]
    notices: tuple[Notice, ...]
    older: tuple[Notice, ...] = ()
    calendar: tuple[CalendarDay, ...] = ()
    since: date | None = None
    until: date | None = None
