"""Say what a child's calendars hold: work that is due, and the days of its schools."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy.orm import Session

from portal.records.assigning import Assigning
from portal.records.children import LinkedChild
from portal.records.schools import Schools
from portal.records.terms import Terms

# Where a school names no terms, as much of the past as a family may still look up.
WITHOUT_TERMS = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class FeedDay:
    """Name one day of a calendar; `uid` is the same in every import, `course` is empty for events."""

    uid: str
    day: date
    title: str
    course: str = ""


def homework_days(session: Session, linked: LinkedChild, today: date) -> tuple[FeedDay, ...]:
    """Return what the child was given to do since the school year began, by the day it is due."""
    terms = Terms.of(session, linked.student, today)
    found = Assigning(session, linked, terms, today).due_since(_year_begin(terms, today))
    return tuple(FeedDay(_uid(linked, each.id), each.due, each.title, each.course) for each in found)


def event_days(session: Session, linked: LinkedChild, today: date) -> tuple[FeedDay, ...]:
    """Return the days of the calendars of the child's schools since the school year began."""
    since = _year_begin(Terms.of(session, linked.student, today), today)
    found = Schools(session, linked.student, today).events_since(since)
    return tuple(FeedDay(_uid(linked, each.id), each.day, each.title) for each in found)


def _year_begin(terms: Terms, today: date) -> date:
    current = terms.current()
    if current is None:
        return today - WITHOUT_TERMS
    return min(term.start for term in (current, *terms.around(current)))


def _uid(linked: LinkedChild, row: str) -> str:
    # Siblings in one class have the same work: for each of them it is an entry of its own. The ids
    # of the records themselves are nobody's business outside.
    name = f"{linked.student.district_id}/{linked.student.id}/{row}"
    return f"{uuid5(NAMESPACE_URL, name)}@hallpass"
