"""Answer how often a child was absent or late: only what the school recorded, by distinct day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from portal.core.outcomes import Reason, Refused
from portal.records.answers import (
    Attendance,
    AttendanceDay,
    AttendanceKind,
    AttendanceLine,
    Question,
    TermSpan,
)
from portal.records.children import LinkedChild
from portal.records.school_work import AttendanceHistory
from portal.records.sections import ChildSection, chosen, during, sections_of
from portal.records.sections_before import sections_with
from portal.records.terms import Terms
from portal.sis.models import AttendanceEvent

KINDS = {
    "Excused Absence": AttendanceKind.EXCUSED,
    "Unexcused Absence": AttendanceKind.UNEXCUSED,
    "Tardy": AttendanceKind.TARDY,
    "Partial": AttendanceKind.PARTIAL,
}
ABSENT = frozenset({AttendanceKind.EXCUSED, AttendanceKind.UNEXCUSED})
Span = tuple[date, date, TermSpan | None]
# Ids differ between the formats of a set, so they come last: answers shall not.
EVENTS = (
    select(AttendanceEvent)
    .where(
        AttendanceEvent.district_id == bindparam("district"),
        AttendanceEvent.student_id == bindparam("student"),
        AttendanceEvent.retired_at.is_(None),
        AttendanceEvent.day.between(bindparam("since"), bindparam("until")),
    )
    .order_by(
        AttendanceEvent.day,
        AttendanceEvent.section_id.is_not(None),
        AttendanceEvent.category,
        AttendanceEvent.id,
    )
)


class Attending:
    """Answer about the attendance of one child."""

    def __init__(self, session: Session, linked: LinkedChild, terms: Terms, today: date) -> None:
        """Take the child, the terms of its schools and today in the district's time zone."""
        self._session = session
        self._student = linked.student
        self._label = linked.child.label
        self._terms = terms
        self._today = today

    def answer(self, question: Question) -> Attendance | Refused:
        """Answer for the range or the term that was meant."""
        asked = self._asked(question)
        return asked if isinstance(asked, Refused) else asked.count(*asked.span)

    def by_month(self, question: Question) -> AttendanceHistory | Refused:
        """Answer likewise, and for each month in which anything is recorded."""
        asked = self._asked(question)
        if isinstance(asked, Refused):
            return asked
        whole = asked.count(*asked.span)
        months = dict.fromkeys(day.date.replace(day=1) for day in whole.days)
        return AttendanceHistory(whole, tuple(asked.count(*_month(first, whole), None) for first in months))

    def _asked(self, question: Question) -> "_Asked | Refused":
        span = self._span(question)
        if isinstance(span, Refused):
            return span
        events = self._events(*span[:2])
        if not (question.course or question.class_period):
            # A class that the child has left since is named too, or its absences would look like days.
            missed = {event.section_id for event in events if event.section_id}
            return _Asked(self._label, span, sections_with(self._session, self._student, missed), events)
        sections = sections_of(self._session, self._student)
        picked = chosen(self._held(sections, span), question.course, question.class_period)
        if isinstance(picked, Refused):
            return picked
        return _Asked(self._label, span, picked, events, question)

    def _span(self, question: Question) -> Span | Refused:
        if question.since is None and question.until is None:
            term = self._terms.asked(question.term)
            if term is None:
                return Refused(Reason.NO_SUCH_TERM, choices=self._terms.titles)
            return term.start, term.end, self._terms.span(term)
        until = question.until or max(self._today, question.since or self._today)
        if question.since is not None:
            return min(question.since, until), max(question.since, until), None
        term = self._terms.at(until)
        return (term.start if term else until), until, None

    def _held(self, sections: Sequence[ChildSection], span: Span) -> list[ChildSection]:
        since, until, _ = span
        terms = self._terms.overlapping(since, until)
        return during(sections, [*terms, *(wide for term in terms for wide in self._terms.around(term))])

    def _events(self, since: date, until: date) -> Sequence[AttendanceEvent]:
        whose = {"district": self._student.district_id, "student": self._student.id}
        events = self._session.scalars(EVENTS, {**whose, "since": since, "until": until})
        return _told_once(events.all())


@dataclass(frozen=True, slots=True)
class _Asked:
    """Hold what was read of the whole range, so that a part of it is counted without reading again.

    `narrow` is the question where it is about single classes: `sections` are those, else all.
    """

    student: str
    span: Span
    sections: Sequence[ChildSection]
    events: Sequence[AttendanceEvent]
    narrow: Question | None = None

    def count(self, since: date, until: date, term: TermSpan | None) -> Attendance:
        """Count what is recorded from one day to another."""
        events = [event for event in self.events if since <= event.day <= until]
        span = (since, until, term)
        return (
            self._whole(span, events) if self.narrow is None else self._of_classes(span, events, self.narrow)
        )

    def _whole(self, span: Span, events: Sequence[AttendanceEvent]) -> Attendance:
        since, until, term = span
        courses = {each.section.id: each for each in self.sections}
        by_day = _absent_days([event for event in events if event.section_id is None])
        excused = sum(by_day.values())
        return Attendance(
            student=self.student,
            since=since,
            until=until,
            term=term,
            absences=len(by_day),
            excused=excused,
            unexcused=len(by_day) - excused,
            tardies=_count(events, frozenset({AttendanceKind.TARDY})),
            partial=_count(events, frozenset({AttendanceKind.PARTIAL})),
            class_absences=_count([event for event in events if event.section_id], ABSENT),
            whole_days=len(by_day),
            days=tuple(_day(event, courses) for event in events),
            by_course=_by_course(events, self.sections),
        )

    def _of_classes(self, span: Span, events: Sequence[AttendanceEvent], question: Question) -> Attendance:
        since, until, term = span
        courses = {each.section.id: each for each in self.sections}
        own = [event for event in events if event.section_id in courses]
        excused = _count(own, frozenset({AttendanceKind.EXCUSED}))
        unexcused = _count(own, frozenset({AttendanceKind.UNEXCUSED}))
        titles = tuple(dict.fromkeys(each.course for each in self.sections))
        return Attendance(
            student=self.student,
            since=since,
            until=until,
            term=term,
            absences=excused + unexcused,
            excused=excused,
            unexcused=unexcused,
            tardies=_count(own, frozenset({AttendanceKind.TARDY})),
            partial=_count(own, frozenset({AttendanceKind.PARTIAL})),
            class_absences=excused + unexcused,
            whole_days=len(_absent_days([event for event in events if event.section_id is None])),
            days=tuple(_day(event, courses) for event in own),
            by_course=_by_course(own, self.sections, every=True),
            course=titles[0] if len(titles) == 1 else "",
            period=self.sections[0].period if question.class_period else "",
        )


def _told_once(events: Sequence[AttendanceEvent]) -> list[AttendanceEvent]:
    """Leave out a late arrival of the day that a class recorded too: the child came late once."""
    arrivals = {(event.day, event.arrival) for event in events if event.section_id and _is_arrival(event)}
    return [
        event
        for event in events
        if event.section_id or not _is_arrival(event) or (event.day, event.arrival) not in arrivals
    ]


def _is_arrival(event: AttendanceEvent) -> bool:
    return _kind(event) is AttendanceKind.TARDY and bool(event.arrival)


def _month(first: date, whole: Attendance) -> tuple[date, date]:
    """Return the days of a month that lie in the range."""
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return max(first, whole.since), min(last, whole.until)


def _kind(event: AttendanceEvent) -> AttendanceKind:
    return KINDS[event.category]


def _absent_days(events: Sequence[AttendanceEvent]) -> dict[date, bool]:
    """Return each day absent and whether all of what is recorded on it is excused."""
    days: dict[date, bool] = {}
    for event in events:
        if _kind(event) in ABSENT:
            days[event.day] = days.get(event.day, True) and _kind(event) is AttendanceKind.EXCUSED
    return days


def _count(events: Sequence[AttendanceEvent], kinds: frozenset[AttendanceKind]) -> int:
    # The same absence recorded twice is one.
    return len({(event.day, event.section_id, _kind(event)) for event in events if _kind(event) in kinds})


def _day(event: AttendanceEvent, courses: dict[str, ChildSection]) -> AttendanceDay:
    section = courses.get(event.section_id or "")
    course = section.course if section else ""
    return AttendanceDay(event.day, _kind(event), course, event.reason, event.arrival)


def _by_course(
    events: Sequence[AttendanceEvent], sections: Sequence[ChildSection], *, every: bool = False
) -> tuple[AttendanceLine, ...]:
    lines = []
    for each in sections:
        own = [event for event in events if event.section_id == each.section.id]
        if own or every:
            tardies = _count(own, frozenset({AttendanceKind.TARDY}))
            lines.append(AttendanceLine(each.course, each.period, _count(own, ABSENT), tardies))
    return tuple(lines)
