"""Say when what somebody leased may be leased again."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, bindparam, or_
from sqlalchemy.orm import InstrumentedAttribute

# How far the clocks of two machines may be apart.
CLOCKS_DIFFER = timedelta(minutes=1)
Until = InstrumentedAttribute[datetime | None]


def is_over(until: datetime | None, now: datetime, lease: timedelta) -> bool:
    """Tell whether a lease is over; one that ends later than any given now is of a clock put back since."""
    return until is None or until <= now or until > now + lease + CLOCKS_DIFFER


def is_free_at(until: ColumnElement[datetime | None]) -> ColumnElement[bool]:
    """Return the same as a condition of a statement that is built once and run with `bounds`."""
    return _free(until, bindparam("now", type_=until.type), bindparam("latest", type_=until.type))


def bounds(now: datetime, lease: timedelta) -> dict[str, datetime]:
    """Return what such a statement is run with."""
    return {"now": now, "latest": now + lease + CLOCKS_DIFFER}


def is_free(until: Until, now: datetime, lease: timedelta) -> ColumnElement[bool]:
    """Return the same as a condition on the rows of a table."""
    return _free(until, **bounds(now, lease))


def _free(until: SQLColumnExpression[datetime | None], now: Any, latest: Any) -> ColumnElement[bool]:
    return or_(until.is_(None), until <= now, until > latest)
