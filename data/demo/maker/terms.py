"""Lay out the school year around the demo's fixed day, 15 October 2026."""

from dataclasses import dataclass
from datetime import date, timedelta

ANCHOR = date(2026, 10, 15)
YEAR = "SY2027"
YEAR_STARTS, YEAR_ENDS = date(2026, 8, 3), date(2027, 5, 28)
NO_SCHOOL = {date(2026, 9, 7), date(2026, 10, 12)}


@dataclass(frozen=True, slots=True)
class Term:
    """Describe one marking term of the year."""

    sourced_id: str
    number: int
    start: date
    end: date


TERMS = (
    Term("T1", 1, YEAR_STARTS, date(2026, 9, 25)),
    Term("T2", 2, date(2026, 9, 28), date(2026, 11, 27)),
    Term("T3", 3, date(2026, 11, 30), date(2027, 2, 26)),
    Term("T4", 4, date(2027, 3, 1), YEAR_ENDS),
)
PREVIOUS, CURRENT = TERMS[0], TERMS[1]


def school_days(since: date, until: date) -> list[date]:
    """Return the days with lessons from `since` to `until`, both included."""
    days = (since + timedelta(days=n) for n in range((until - since).days + 1))
    return [day for day in days if day.weekday() < 5 and day not in NO_SCHOOL]


def days_so_far(term: Term) -> list[date]:
    """Return the days of the term with lessons before the anchor: nothing recorded lies ahead of it."""
    return school_days(term.start, min(term.end, ANCHOR - timedelta(days=1)))
