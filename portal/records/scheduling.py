"""Answer when and where a child has class, and with whom: only what the school's timetable holds."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from portal.core.outcomes import Reason, Refused
from portal.records.answers import Question
from portal.records.children import LinkedChild
from portal.records.school_life import ClassTime, Schedule
from portal.records.schools import Schools
from portal.records.sections import NUMBER, ChildSection, chosen, during, period_of, sections_of
from portal.records.terms import Terms
from portal.sis.models import Meeting, Term

NOW = "now"
# Beyond a week the timetable only repeats itself.
DAYS_AHEAD = 7
Key = tuple[str, str, str, str, str, str]


class Scheduling:
    """Answer about the schedule of one child."""

    def __init__(self, session: Session, linked: LinkedChild, terms: Terms, now: datetime) -> None:
        """Take the child, the terms of its schools and the time in the district's zone."""
        self._student = linked.student
        self._label = linked.child.label
        self._terms = terms
        self._now = now
        self._today = now.date()
        self._sections = sections_of(session, linked.student)
        self._schools = Schools(session, linked.student, self._today)

    def answer(self, question: Question) -> Schedule | Refused:
        """Answer for now, for a day, for a few days, or for a term."""
        if question.moment:
            return self._at_moment(question)
        if question.since is None and question.until is None:
            return self._of_term(question)
        since = question.since or question.until or self._today
        until = question.until or since
        return self._of_days(question, min(since, until), max(since, until))

    def _of_term(self, question: Question) -> Schedule | Refused:
        term = self._terms.asked(question.term)
        if term is None:
            return Refused(Reason.NO_SUCH_TERM, choices=self._terms.titles)
        # Of a running term, a class that was left is no longer on the schedule.
        since = self._today if term.start <= self._today <= term.end else term.start
        found = self._found(question, since, term.end, [term])
        if isinstance(found, Refused):
            return found
        return Schedule(
            student=self._label,
            at=self._now,
            lines=_lines(found, question.class_period),
            term=self._terms.span(term),
            course=_course(found, question),
            period=question.class_period or "",
        )

    def _of_days(self, question: Question, since: date, until: date) -> Schedule | Refused:
        found = self._found(question, since, until)
        if isinstance(found, Refused):
            return found
        usual = _lines(found, question.class_period)
        lines = _on(usual, since) if since == until else usual
        is_narrow = bool(question.course or question.class_period)
        return Schedule(
            student=self._label,
            at=self._now,
            lines=lines,
            since=since,
            until=until,
            calendar=self._schools.calendar(since, until),
            usual=usual if is_narrow and not lines else (),
            course=_course(found, question),
            period=question.class_period or "",
        )

    def _at_moment(self, question: Question) -> Schedule | Refused:
        clock = self._now.strftime("%H:%M")
        if question.moment == NOW:
            # "Is she in math now": whichever class it is now answers that.
            question = replace(question, course=None, class_period=None)
        day, lines = self._today, self._lines_on(question, self._today)
        if isinstance(lines, Refused):
            return lines
        if lines and not any(line.start for line in lines):
            # Without times nobody can tell which class it is: the whole day stands for it.
            return self._of_days(question, day, day)
        untimed = tuple(line for line in lines if not line.start)
        if question.moment == NOW:
            lines = tuple(line for line in lines if line.start and line.start <= clock < line.end)
        else:
            day, lines = self._next(question, clock)
        return Schedule(
            student=self._label,
            at=self._now,
            lines=lines,
            since=day,
            until=day,
            calendar=self._schools.calendar(day, day),
            # Any of these may be the one, too.
            usual=() if lines else untimed,
            moment=question.moment or "",
        )

    def _next(self, question: Question, clock: str) -> tuple[date, tuple[ClassTime, ...]]:
        for ahead in range(DAYS_AHEAD + 1):
            day = self._today + timedelta(days=ahead)
            lines = self._lines_on(question, day)
            begun = clock if day == self._today else ""
            coming = [] if isinstance(lines, Refused) else [line for line in lines if line.start > begun]
            if coming:
                return day, tuple(line for line in coming if line.start == coming[0].start)
        return self._today, ()

    def _lines_on(self, question: Question, day: date) -> tuple[ClassTime, ...] | Refused:
        found = self._found(question, day, day)
        return found if isinstance(found, Refused) else _on(_lines(found, question.class_period), day)

    def _found(
        self, question: Question, since: date, until: date, terms: Sequence[Term] = ()
    ) -> list[ChildSection] | Refused:
        terms = terms or self._terms.overlapping(since, until)
        around = [wide for term in terms for wide in self._terms.around(term)]
        held = [each for each in during(self._sections, [*terms, *around]) if each.is_attended(since, until)]
        # Where nothing is held no name can be wrong: there is no class at all then.
        return chosen(held, question.course, None) if held else []


def _course(found: Sequence[ChildSection], question: Question) -> str:
    titles = tuple(dict.fromkeys(each.course for each in found))
    return titles[0] if question.course and len(titles) == 1 else ""


def _on(lines: Iterable[ClassTime], day: date) -> tuple[ClassTime, ...]:
    # A class whose days the files do not name may be held on any of them; weekends are none.
    workday = day.isoweekday() <= 5
    return tuple(
        line for line in lines if day.isoweekday() in line.weekdays or (workday and not line.weekdays)
    )


def _lines(sections: Iterable[ChildSection], period: str | None) -> tuple[ClassTime, ...]:
    lines = [line for each in sections for line in _times(each)]
    wanted = period_of(period) if period and period.strip() else None
    own = [line for line in lines if wanted is None or period_of(line.period) == wanted]
    return tuple(sorted(own, key=_order))


def _order(line: ClassTime) -> tuple[str, int, str, tuple[int, ...], str]:
    number = NUMBER.search(line.period)
    # What has no time comes after what has one, by period.
    return line.start or "~", int(number.group()) if number else 99, line.period, line.weekdays, line.course


def _times(each: ChildSection) -> Iterator[ClassTime]:
    if not each.meetings:
        for period in each.periods or ("",):
            yield ClassTime(each.course, (), period, "", "", each.section.location, each.teacher)
        return
    days: dict[Key, list[int]] = {}
    for meeting in each.meetings:
        weekdays = days.setdefault(_key(each, meeting), [])
        if meeting.weekday not in weekdays:
            weekdays.append(meeting.weekday)
    for (course, period, start, end, room, teacher), weekdays in days.items():
        yield ClassTime(course, tuple(weekdays), period, start, end, room, teacher)


def _key(each: ChildSection, meeting: Meeting) -> Key:
    number = NUMBER.search(meeting.period)
    return (
        each.course,
        str(int(number.group())) if number else meeting.period,
        meeting.start,
        meeting.end,
        meeting.room or each.section.location,
        meeting.teacher or each.teacher,
    )
