"""Answer what a child was given to do: what is due, what is missing, what it brought."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from portal.core.folding import fold
from portal.core.outcomes import Reason, Refused
from portal.records.answers import Question, TermSpan
from portal.records.children import LinkedChild
from portal.records.school_work import MARKS, AssignmentLine, Assignments, AssignmentState, Work
from portal.records.sections import ChildSection, chosen, during, sections_of
from portal.records.terms import Terms
from portal.sis.models import Assignment, Score, Term

STATES = {
    "exempt": AssignmentState.EXEMPT,
    "fully graded": AssignmentState.SCORED,
    "partially graded": AssignmentState.PARTLY,
    "submitted": AssignmentState.HANDED_IN,
}
SCORED = frozenset({AssignmentState.SCORED, AssignmentState.PARTLY})
# OneRoster 1.1 has no mark for late work, so gradebooks write it as the remark: "Late", "Late: two
# days", "Handed in late". A remark that only speaks of lateness ("late start, good work") marks nothing.
MARKED_LATE = re.compile(r"\s*(?:(?:handed|turned|sent) in |submitted )?late\s*(?:[-.,;:(!].*)?", re.I | re.S)
WANTED: dict[Work | None, Callable[[AssignmentLine], bool]] = {
    None: lambda _: True,
    Work.MISSING: lambda line: line.state is AssignmentState.MISSING,
    Work.LATE: lambda line: line.late,
    Work.SCORES: lambda line: line.state in SCORED,
    Work.ZEROS: lambda line: line.state in SCORED and line.score == 0,
    Work.DUE: lambda line: line.due is not None,
}


@dataclass(frozen=True, slots=True)
class DueWork:
    """Name an assignment and its day; `id` is the same in every import."""

    id: str
    title: str
    course: str
    due: date


@dataclass(frozen=True, slots=True)
class _Span:
    """Bound what is asked for: by a term, by days, or from today on (`until` is None).

    `inner` are the ids of the term and those in it, `outer` those of the terms around it.
    """

    since: date
    until: date | None
    term: Term | None = None

    inner: frozenset[str] = frozenset()
    outer: frozenset[str] = frozenset()

    def holds(self, day: date | None) -> bool:
        return day is not None and self.since <= day <= (self.until or date.max)


class Assigning:
    """Answer about the assignments of one child."""

    def __init__(self, session: Session, linked: LinkedChild, terms: Terms, today: date) -> None:
        """Take the child, the terms of its schools and today in the district's time zone."""
        self._session = session
        self._student = linked.student
        self._label = linked.child.label
        self._terms = terms
        self._today = today

    def answer(self, question: Question) -> Assignments | Refused:
        """Answer for the range or the term that was meant; what is due is asked of the days to come."""
        work = Work(question.work) if question.work else None
        span = self._span(question, work)
        if isinstance(span, Refused):
            return span
        held = self._held(span)
        narrow = bool(question.course or question.class_period)
        picked = chosen(held, question.course, question.class_period) if narrow else held
        if isinstance(picked, Refused):
            return picked
        titles = {each.course for each in picked}
        course = titles.pop() if narrow and len(titles) == 1 else ""
        return self._answer(span, work, picked, course)

    def due_since(self, since: date) -> list[DueWork]:
        """Return all that the child was given since a day, to come included, by the day it is due."""
        span, scores = _Span(since, None), self._scores
        held = {each.section.id: each for each in self._held(span)}
        found = [
            DueWork(task.id, task.title, held[task.section_id].course, task.due)
            for task in self._tasks(span, held, by_score=False)
            if task.due is not None
            and span.holds(task.due)
            and self._is_given(task, scores.get(task.id), held[task.section_id])
            and self._state(task, scores.get(task.id)) is not AssignmentState.EXEMPT
        ]
        return sorted(found, key=lambda work: (work.due, fold(work.course), work.title, work.id))

    def _answer(
        self, span: _Span, work: Work | None, picked: Sequence[ChildSection], course: str
    ) -> Assignments:
        lines = self._lines(span, picked, by_score=work in (Work.SCORES, Work.ZEROS))
        asked = [line for line in lines if WANTED[work](line)]
        coming: list[AssignmentLine] = []
        if not asked and work in (None, Work.DUE) and span.until is not None:
            ahead = _Span(max(self._today, span.until), None)
            coming = [line for line in self._lines(ahead, picked) if line.state is AssignmentState.DUE]
        return Assignments(
            student=self._label,
            work=work,
            lines=tuple(asked),
            since=span.since,
            until=span.until,
            term=self._named(span),
            unscored=sum(line.state is AssignmentState.UNSCORED for line in lines),
            coming=tuple(coming),
            course=course,
        )

    def _named(self, span: _Span) -> TermSpan | None:
        return self._terms.span(span.term) if span.term else None

    def _span(self, question: Question, work: Work | None) -> _Span | Refused:
        if question.since or question.until:
            until = question.until or max(self._today, question.since or self._today)
            since = question.since or self._today
            return _Span(min(since, until), max(since, until))
        if work is Work.DUE and question.term is None:
            return _Span(self._today, None)
        term = self._terms.asked(question.term)
        if term is None:
            return Refused(Reason.NO_SUCH_TERM, choices=self._terms.titles)
        is_now = work is Work.DUE and term.start <= self._today <= term.end
        inner = frozenset([term.id, *(each.id for each in self._terms.within(term))])
        outer = frozenset(each.id for each in self._terms.around(term))
        return _Span(self._today if is_now else term.start, term.end, term, inner, outer)

    def _held(self, span: _Span) -> list[ChildSection]:
        terms = self._terms.overlapping(span.since, span.until or date.max)
        wide = [each for term in terms for each in self._terms.around(term)]
        return during(sections_of(self._session, self._student), [*terms, *wide])

    def _lines(
        self, span: _Span, picked: Sequence[ChildSection], *, by_score: bool = False
    ) -> list[AssignmentLine]:
        held = {each.section.id: each for each in picked}
        scores = self._scores
        found = self._tasks(span, held, by_score=by_score)
        lines = [
            self._line(task, scores.get(task.id), each)
            for task, each in ((task, held[task.section_id]) for task in found)
            if self._is_given(task, scores.get(task.id), each)
            and _is_in(span, task, _day(task, scores.get(task.id), by_score=by_score))
        ]
        if by_score:
            return sorted(lines, key=lambda line: line.day or line.due or date.min, reverse=True)
        return sorted(lines, key=lambda line: (line.due or date.max, fold(line.course), line.title))

    def _is_given(self, task: Assignment, score: Score | None, each: ChildSection) -> bool:
        # Whoever joined the class later, or left it, was not given this.
        return score is not None or task.due is None or each.is_attended(task.due, task.due)

    def _line(self, task: Assignment, score: Score | None, each: ChildSection) -> AssignmentLine:
        marks = score.marks if score else []
        return AssignmentLine(
            title=task.title,
            course=each.course,
            state=self._state(task, score),
            due=task.due,
            score=score.score if score else None,
            maximum=task.maximum,
            day=score.day if score else None,
            late="late" in marks or bool(score and MARKED_LATE.fullmatch(score.comment)),
            remark=score.comment if score and fold(score.comment) not in MARKS else "",
            text=score.text if score else "",
            incomplete="incomplete" in marks,
            in_progress="in progress" in marks,
        )

    def _state(self, task: Assignment, score: Score | None) -> AssignmentState:
        over = task.due is not None and task.due < self._today
        if score is not None and "missing" in score.marks and not score.score:
            # Marked by the school, whatever the day; a zero only holds the place of the work.
            return AssignmentState.MISSING
        if score is not None and score.status == "not submitted":
            # Some gradebooks write this on everything that is still to come.
            return AssignmentState.MISSING if over or task.due is None else AssignmentState.DUE
        if score is not None:
            state, is_scored = STATES[score.status], score.score is not None or bool(score.text)
            return AssignmentState.UNSCORED if state in SCORED and not is_scored else state
        return AssignmentState.UNSCORED if over or task.due is None else AssignmentState.DUE

    @cached_property
    def _scores(self) -> dict[str, Score]:
        query = select(Score).where(
            Score.district_id == self._student.district_id,
            Score.student_id == self._student.id,
            Score.retired_at.is_(None),
        )
        found = sorted(self._session.scalars(query), key=lambda score: (score.day or date.min, score.id))
        return {score.assignment_id: score for score in found}

    def _tasks(self, span: _Span, sections: Iterable[str], *, by_score: bool) -> Sequence[Assignment]:
        query = select(Assignment).where(
            Assignment.district_id == self._student.district_id,
            Assignment.section_id.in_(list(sections)),
            Assignment.retired_at.is_(None),
        )
        if not by_score:
            query = query.where(or_(*_near(span)))
        return self._session.scalars(query.order_by(Assignment.id)).all()


def _near(span: _Span) -> list[ColumnElement[bool]]:
    """Leave out what is surely not asked for, so that a year of work is not read for a day of it."""
    days = Assignment.due.between(span.since, span.until or date.max)
    return [Assignment.due.is_(None), days, Assignment.term_id.in_(span.inner)]


def _is_in(span: _Span, task: Assignment, day: date | None) -> bool:
    if span.term is None or task.term_id is None or task.term_id in span.outer:
        return span.holds(day)
    # What is graded in a term is of that term, whatever its day.
    return task.term_id in span.inner and (span.since == span.term.start or span.holds(day))


def _day(task: Assignment, score: Score | None, *, by_score: bool) -> date | None:
    scored = score.day if score else None
    return (scored or task.due if by_score else task.due or scored) or task.assigned
