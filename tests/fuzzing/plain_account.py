"""Keep a plain account of the rules that sign-ins, mails, links and sessions follow."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from portal.accounts.gate import Counter
from portal.core.database import EPOCH

FAILS, CAP, MAILS = 5, 100, 3
WINDOW, CALM, HOUR = timedelta(minutes=15), timedelta(hours=12), timedelta(hours=1)
IDLE, LONGEST, TOKEN = timedelta(minutes=15), timedelta(hours=24), timedelta(minutes=30)
DEED = timedelta(seconds=1)


@dataclass
class Counted:
    """Count the attempts at one name, as the rules say it."""

    fails: int = 0
    total: int = 0
    locks: int = 0
    since: datetime | None = None
    touched: datetime | None = None
    locked_until: datetime | None = None

    @classmethod
    def kept(cls, found: Counter) -> "Counted":
        """Return what the gate has counted, as the rules know it."""
        until = found.locked_until
        return cls(
            fails=found.fails,
            total=found.total,
            since=_instant(found.since),
            touched=_instant(found.touched),
            locked_until=None if until is None else _instant(until),
        )

    def take(self, now: datetime) -> bool:
        """Count one attempt; tell whether it may be answered."""
        if (self.locked_until and now < self.locked_until) or self.total >= CAP:
            return False
        is_over = self.since is None or now >= self.since + WINDOW or self.locked_until is not None
        self.fails, self.since = (1, now) if is_over else (self.fails + 1, self.since)
        if self.touched is not None and now >= self.touched + CALM:
            self.locks = 0
        self.total, self.touched, self.locked_until = self.total + 1, now, None
        return True

    def fail(self, now: datetime) -> None:
        """Lock the name when its attempts are used up: 15, 30, then 60 minutes."""
        if self.fails >= FAILS:
            self.locked_until = now + timedelta(minutes=min(15 * 2**self.locks, 60))
            self.locks += 1

    def clear(self) -> None:
        """Forget the failures."""
        self.fails = self.total = 0
        self.locked_until = None


@dataclass
class Held:
    """Know one parent as the rules do."""

    password: str
    counted: Counted = field(default_factory=Counted)
    mails: int = 0
    mails_since: datetime | None = None
    token: str | None = None
    token_until: datetime | None = None
    over: list[str] = field(default_factory=list)

    def take_mail(self, now: datetime) -> bool:
        """Count one mail; tell whether it may leave."""
        if self.mails_since is None or now >= self.mails_since + HOUR:
            self.mails, self.mails_since = 0, now
        self.mails += 1
        return self.mails <= MAILS


@dataclass
class Seat:
    """Know who is signed in at one place."""

    name: str
    begun: datetime
    active: datetime

    def use(self, now: datetime) -> None:
        """Let it go on; what is done within a second is one deed."""
        if now >= self.active + DEED:
            self.active = now

    def is_over(self, now: datetime) -> bool:
        """Tell whether time has ended it."""
        return now >= min(self.active + IDLE, self.begun + LONGEST)


def _instant(microseconds: int) -> datetime:
    return EPOCH + timedelta(microseconds=microseconds)
