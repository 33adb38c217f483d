"""Count attempts before they are answered, so that a burst cannot outrun the limit."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from sqlalchemy import text

from portal.accounts.names import compared
from portal.core.context import Context
from portal.core.database import EPOCH, microseconds
from portal.core.options import LockMode, LockOptions
from portal.core.outcomes import Reason, Refused

WINDOW = timedelta(minutes=15)
CALM = timedelta(hours=12)
LONGEST_WAIT = timedelta(minutes=60)
CAP = 100
SOURCE_FAILS = 20
FOREVER = 2**63 - 1
NO_CAP = 2**31 - 1
FORGET_AFTER = timedelta(days=365)


class Kind(StrEnum):
    """Tell what a counter counts."""

    NAME = "name"
    SOURCE = "source"


@dataclass(frozen=True, slots=True)
class Counter:
    """Show a counter: failures in its window, failures since the last success, the end of a lock."""

    fails: int
    total: int
    locked_until: int | None
    since: int


# The attempt is counted and the limit is checked by one statement; whoever gets no row is refused
# before any password is looked at. See "The gate" in the security rules.
_RESERVE = text("""
insert into gate as g (k, district_id, kind, fails, since, locked_until, total, locks, touched)
values (:k, :district, :kind, 1, :now, null, 1, 0, :now)
on conflict (k) do update set
  fails = case when g.since <= :now - cast(:win as bigint) or g.locked_until <= :now then 1 else g.fails + 1 end,
  since = case when g.since <= :now - cast(:win as bigint) or g.locked_until <= :now then :now else g.since end,
  locks = case when g.touched <= :now - :calm then 0 else g.locks end,
  locked_until = null, total = g.total + 1, touched = :now
where (g.locked_until is null or g.locked_until <= :now)
  and (g.fails < :n or g.since <= :now - cast(:win as bigint) or g.locked_until <= :now)
  and g.total < :cap
returning fails, total
""")
_LOCK = text("""
update gate set locked_until = case when :forever then :end else
  :now + least_wait.wait end
where 1 = 0
""")
