"""Count attempts before they are answered, so that a burst cannot outrun the limit."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select, text

from portal.accounts.models import GateRow
from portal.accounts.names import compared
from portal.core.audit import Audit
from portal.core.context import Context
from portal.core.database import EPOCH, microseconds
from portal.core.options import LockMode, LockOptions
from portal.core.outcomes import Reason, Refused

WINDOW = timedelta(minutes=15)
CALM = timedelta(hours=12)
DAY = timedelta(hours=24)
LONGEST_WAIT = timedelta(minutes=60)
CAP = 100
SOURCE_FAILS = 20
FOREVER = 2**63 - 1
NO_LIMIT = 2**31 - 1
FORGET_AFTER = timedelta(days=365)


class Kind(StrEnum):
    """Tell what a counter counts."""

    NAME = "name"
    SOURCE = "source"
    DEVICE = "device"
    RECOVERY = "recovery"
    LINKING = "linking"
    ACCESS_ID = "access_id"
    SPRAY = "spray"
    NOTIFICATION = "notification"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Limit:
    """Allow so many attempts within a window."""

    fails: int
    window: timedelta


@dataclass(frozen=True, slots=True)
class Counter:
    """Show a counter: failures in its window, failures since the last success, the end of a lock."""

    fails: int
    total: int
    locked_until: int | None
    since: int
    touched: int


@dataclass(frozen=True, slots=True)
class Lock:
    """Show what is locked: since when, until when (None when time does not lift it), after how many.

    `is_capped` tells that so many attempts failed since the last success that the password is disabled.
    """

    since: datetime
    until: datetime | None
    fails: int
    is_capped: bool


# The attempt is counted and the limit is checked by one statement; whoever gets no row is refused
# before any password is looked at. See "The gate" in the security rules.
_RESERVE = text("""
insert into gate as g (k, district_id, kind, fails, since, locked_until, total, locks, touched)
values (:k, :district, :kind, 1, :now, null, 1, 0, :now)
on conflict (k) do update set
  fails = case when g.since <= :now - cast(:win as bigint) or g.locked_until <= :now
    then 1 else g.fails + 1 end,
  since = case when g.since <= :now - cast(:win as bigint) or g.locked_until <= :now
    then :now else g.since end,
  locks = case when g.touched <= :now - :calm then 0 else g.locks end,
  locked_until = null, total = g.total + 1, touched = :now
where (g.locked_until is null or g.locked_until <= :now)
  and (g.fails < :n or g.since <= :now - cast(:win as bigint) or g.locked_until <= :now)
  and g.total < :cap
returning fails, total
""")
_REFUND = text("update gate set fails = fails - 1, total = total - 1 where k = :k and fails > 0")
_RESET = text("update gate set fails = 0, total = 0, locked_until = null where k = :k")
# One rule for names that exist and names that do not, or the purge would tell them apart. A lock in
# force and a spent cap stay until staff or a recovery lift them.
_PURGE = text("""
delete from gate
where (kind = 'source' and touched <= :now - cast(:win as bigint))
   or (kind not in ('source', 'name', 'device', 'staff') and touched <= :now - cast(:day as bigint))
   or (kind in ('name', 'device', 'staff') and touched <= :now - cast(:keep as bigint) and total < :cap
       and (locked_until is null or locked_until <= :now))
returning district_id, kind, k
""")


class Gate:
    """Reserve, refund and settle attempts; names that do not exist are treated like any other."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._context = context
        self._now = microseconds(context.now)

    def name_key(self, district: str, username: str) -> bytes:
        """Return the key of a typed name's counter; no table holds names that somebody tried."""
        return self._context.keys.mac("gate name", district, compared(username))

    def source_key(self, district: str, source: str) -> bytes:
        """Return the key of a source's counter."""
        return self._context.keys.mac("gate source", district, source)

    def key(self, kind: Kind, district: str, *parts: str) -> bytes:
        """Return the key of a counter of that kind."""
        return self._context.keys.mac(f"gate {kind.value}", district, *parts)

    def reserve(self, district: str, kind: Kind, key: bytes, limit: Limit) -> Refused | None:
        """Count one attempt of a kind that only time clears; refuse with THROTTLED when it is full."""
        if self._reserve(district, kind, key, (limit.fails, limit.window, NO_LIMIT)) is not None:
            return None
        found = self.counter(key)
        since = self._now if found is None else found.since
        return Refused(Reason.THROTTLED, retry_at=_instant(since + _span(limit.window)))

    def count(self, district: str, kind: Kind, key: bytes, window: timedelta) -> int:
        """Count one event that nothing limits; return which it is within its window, from 1."""
        counted = self._reserve(district, kind, key, (NO_LIMIT, window, NO_LIMIT))
        return 0 if counted is None else counted

    def refund(self, key: bytes) -> None:
        """Give one attempt back: it was none."""
        self._context.session.execute(_REFUND, {"k": key})

    def enter(
        self,
        district: str,
        source: bytes,
        name: bytes,
        lock: LockOptions,
        *,
        kind: Kind = Kind.NAME,
    ) -> Refused | None:
        """Count one attempt for the source and the name; refuse if either is full.

        `name` is the key of the name, or with DEVICE that of the name on a device it is known from.
        """
        # Source before name everywhere, so that two transactions cannot wait for each other.
        if self._reserve(district, Kind.SOURCE, source, (SOURCE_FAILS, WINDOW, NO_LIMIT)) is None:
            return self._throttled(source)
        window = WINDOW if lock.mode is LockMode.WAIT else None
        if self._reserve(district, kind, name, (lock.fails, window, CAP)) is None:
            return self._locked(name, lock)
        return None

    def succeed(self, source: bytes, name: bytes) -> None:
        """Clear the name's counter and give the source back its own attempt only."""
        self._context.session.execute(_REFUND, {"k": source})
        self._context.session.execute(_RESET, {"k": name})

    def fail(self, name: bytes, lock: LockOptions) -> bool:
        """Lock the name if its attempts are used up; return whether this call locked it."""
        row = self._row(name)
        if row is None or row.fails < lock.fails or row.locked_until is not None:
            return False
        row.locked_until = FOREVER if lock.mode is LockMode.UNTIL_STAFF else self._wait_end(row.locks, lock)
        row.locks += 1
        self._context.session.flush()
        return True

    def counter(self, key: bytes) -> Counter | None:
        """Return a counter as it stands, or None when nothing was counted."""
        query = select(GateRow).where(GateRow.k == key).execution_options(populate_existing=True)
        row = self._context.session.scalar(query)
        if row is None:
            return None
        return Counter(row.fails, row.total, row.locked_until, row.since, row.touched)

    def is_locked(self, key: bytes, lock: LockOptions) -> bool:
        """Tell whether the next attempt of a name would be refused."""
        return self.lock(key, lock) is not None

    def lock(self, key: bytes, lock: LockOptions) -> Lock | None:
        """Describe the lock that would refuse the next attempt of a name, or None."""
        found = self.counter(key)
        if found is None:
            return None
        since, is_capped = _instant(found.touched), found.total >= CAP
        if is_capped:
            return Lock(since, None, found.total, is_capped=True)
        if found.locked_until is not None and found.locked_until > self._now:
            until = None if found.locked_until == FOREVER else _instant(found.locked_until)
            return Lock(since, until, found.fails, is_capped=False)
        if self._is_full(found, lock):
            until = None if lock.mode is LockMode.UNTIL_STAFF else _instant(found.since + _span(WINDOW))
            return Lock(since, until, found.fails, is_capped=False)
        return None

    def clear(self, name: bytes) -> None:
        """Lift a lock and forget the failures behind it."""
        row = self._row(name)
        if row is not None:
            row.fails = row.total = row.locks = 0
            row.locked_until = None
            self._context.session.flush()

    def purge(self) -> int:
        """Forget counters that no longer limit anything; return how many."""
        values = {"now": self._now, "win": _span(WINDOW), "keep": _span(FORGET_AFTER)}
        values |= {"day": _span(DAY), "cap": CAP}
        purged = self._context.session.execute(_PURGE, values).all()
        audit = Audit(self._context)
        for district, kind, key in purged:
            if kind in {Kind.NAME, Kind.RECOVERY, Kind.STAFF}:
                audit.forget(district, name_subject(key))
        return len(purged)

    def _reserve(
        self, district: str, kind: Kind, key: bytes, limit: tuple[int, timedelta | None, int]
    ) -> int | None:
        fails, window, cap = limit
        values = {
            "k": key,
            "district": district,
            "kind": kind.value,
            "now": self._now,
            "win": None if window is None else _span(window),
            "calm": _span(CALM),
            "n": fails,
            "cap": cap,
        }
        counted: int | None = self._context.session.scalar(_RESERVE, values)
        return counted

    def _row(self, key: bytes) -> GateRow | None:
        query = select(GateRow).where(GateRow.k == key).with_for_update()
        return self._context.session.scalar(query.execution_options(populate_existing=True))

    def _throttled(self, source: bytes) -> Refused:
        found = self.counter(source)
        since = self._now if found is None else found.since
        return Refused(Reason.THROTTLED, retry_at=_instant(since + _span(WINDOW)))

    def _locked(self, name: bytes, lock: LockOptions) -> Refused:
        row = self._row(name)
        if row is not None and row.total >= CAP:
            return Refused(Reason.PASSWORD_DISABLED)
        end = None if row is None else row.locked_until
        if lock.mode is LockMode.UNTIL_STAFF or end == FOREVER:
            return Refused(Reason.LOCKED_CONTACT_SCHOOL)
        # The attempts are used up and the last of them is still being answered: it will lock.
        if end is None:
            end = self._wait_end(0 if row is None else row.locks, lock)
        return Refused(Reason.LOCKED_WAIT, retry_at=_instant(end))

    def _is_full(self, found: Counter, lock: LockOptions) -> bool:
        # Full and not locked: the process died before the last attempt was settled.
        aged = lock.mode is LockMode.WAIT and found.since <= self._now - _span(WINDOW)
        return found.locked_until is None and found.fails >= lock.fails and not aged

    def _wait_end(self, locks: int, lock: LockOptions) -> int:
        first = timedelta(minutes=lock.minutes)
        # However often it locks, the power stays small.
        return self._now + _span(min(first * 2 ** min(locks, 10), max(first, LONGEST_WAIT)))


def name_subject(key: bytes) -> str:
    """Return how the audit is told of a typed name, whether or not anybody has it."""
    return f"name:{key.hex()}"


def _span(length: timedelta) -> int:
    return length // timedelta(microseconds=1)


def _instant(value: int) -> datetime:
    return EPOCH + timedelta(microseconds=value)
