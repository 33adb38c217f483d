"""Put one time beside another: the grades of two terms, the absences of two stretches of days."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import zip_longest

from sqlalchemy.orm import Session

from portal.core.outcomes import Reason, Refused
from portal.records.answers import Attendance, GradeLine, Question, TermSpan
from portal.records.attending import Attending
from portal.records.children import LinkedChild
from portal.records.compared import AttendanceCompared, CourseCompared, GradesCompared
from portal.records.grading import Grading
from portal.records.looking_back import LookingBack
from portal.records.terms import Terms
from portal.sis.models import Term

ONE_DAY = timedelta(days=1)
Lines = tuple[TermSpan, Sequence[GradeLine]]


class Comparing:
    """Answer how it is with one child beside how it was; nothing is averaged, nothing is guessed."""

    def __init__(self, session: Session, linked: LinkedChild, terms: Terms, today: date) -> None:
        """Take the child, the terms of its schools and today in the district's time zone."""
        self._terms = terms
        self._today = today
        self._label = linked.child.label
        self._grading = Grading(session, linked, terms)
        self._looking_back = LookingBack(session, linked, terms)
        self._attending = Attending(session, linked, terms, today)

    def grades(self, question: Question) -> GradesCompared | Refused:
        """Answer with the grades of two terms: of those that are named, else of this one and the last."""
        pair = self._pair(question)
        if isinstance(pair, Refused):
            return pair
        then, now = pair
        later = self._lines(now, question)
        earlier = None if then is None else self._lines(then, question)
        if isinstance(later, Refused) and (earlier is None or isinstance(earlier, Refused)):
            return later
        now_span, now_lines = (self._terms.span(now), ()) if isinstance(later, Refused) else later
        if earlier is None or then is None:
            return GradesCompared(self._label, now_span, None, _side_by_side((), now_lines))
        then_span, then_lines = (self._terms.span(then), ()) if isinstance(earlier, Refused) else earlier
        return GradesCompared(self._label, now_span, then_span, _side_by_side(then_lines, now_lines))

    def attendance(self, question: Question) -> AttendanceCompared | Refused:
        """Answer with the attendance of two terms, or of the days that are named and those next to them."""
        asked = replace(question, against=None, term=None, since=None, until=None)
        if question.since or question.until:
            return self._days(question, asked)
        pair = self._pair(question)
        if isinstance(pair, Refused):
            return pair
        then, now = pair
        later = self._attending.answer(replace(asked, term=now.title))
        if isinstance(later, Refused) or then is None:
            return later if isinstance(later, Refused) else AttendanceCompared(later, None)
        earlier = self._attending.answer(replace(asked, term=then.title))
        if isinstance(earlier, Refused):
            return earlier
        is_over = later.until < self._today
        return AttendanceCompared(later, earlier, None if is_over else self._alike(asked, later, earlier))

    def _alike(self, asked: Question, later: Attendance, earlier: Attendance) -> Attendance | None:
        """Return as long a beginning of the earlier time as the later one has run, if that is shorter."""
        until = earlier.since + (min(self._today, later.until) - later.since)
        if until >= earlier.until:
            return None
        found = self._attending.answer(replace(asked, since=earlier.since, until=until))
        return None if isinstance(found, Refused) else found

    def _days(self, question: Question, asked: Question) -> AttendanceCompared | Refused:
        since = question.since or question.until or self._today
        until = question.until or max(self._today, since)
        if until < self._today:
            spans = ((since, until), (until + ONE_DAY, self._today))
        else:
            length = until - since + ONE_DAY
            spans = ((since - length, since - ONE_DAY), (since, until))
        then, now = (self._attending.answer(replace(asked, since=one, until=two)) for one, two in spans)
        if isinstance(now, Refused):
            return now
        if isinstance(then, Refused):
            return then
        return AttendanceCompared(now, then, self._alike(asked, now, then))

    def _pair(self, question: Question) -> tuple[Term | None, Term] | Refused:
        """Return the earlier and the later of the terms that are meant."""
        named = [self._terms.asked(each) for each in (question.against, question.term) if each]
        current = self._terms.current()
        if current is None or None in named:
            return Refused(Reason.NO_SUCH_TERM, choices=self._terms.titles)
        others = [each for each in named if each is not None and each.id != current.id]
        if not others:
            return self._terms.previous(), current
        pair = sorted([others[0], others[1] if len(others) > 1 else current], key=lambda term: term.start)
        return pair[0], pair[1]

    def _lines(self, term: Term, question: Question) -> Lines | Refused:
        """Return the grades of a term, where it is the current one with what is only on its way."""
        asked = replace(question, term=term.title, against=None, since=None, until=None)
        if self._terms.span(term).current:
            grades = self._grading.answer(asked)
            return grades if isinstance(grades, Refused) else (grades.term, grades.lines)
        history = self._looking_back.answer(asked)
        if isinstance(history, Refused):
            return history
        found = [each for each in history.terms if each.term.title == term.title] or history.terms[-1:]
        return (found[-1].term, found[-1].lines) if found else (self._terms.span(term), ())


def _side_by_side(then: Sequence[GradeLine], now: Sequence[GradeLine]) -> tuple[CourseCompared, ...]:
    courses = sorted({line.course for line in (*then, *now)})
    return tuple(
        CourseCompared(course, before, after)
        for course in courses
        for before, after in zip_longest(
            (line for line in then if line.course == course), (line for line in now if line.course == course)
        )
    )
