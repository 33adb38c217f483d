"""Answer what a child reached in tests outside class, as the school entered it."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core.folding import fold
from portal.core.outcomes import Reason, Refused
from portal.records.answers import Question, TermSpan
from portal.records.children import LinkedChild
from portal.records.matching import find
from portal.records.school_work import TestLine, TestResults
from portal.records.sections import chosen, sections_of
from portal.records.terms import Terms
from portal.sis.models import TestResult

Span = tuple[date, date, TermSpan | None]


class Testing:
    """Answer about the test results of one child."""

    def __init__(self, session: Session, linked: LinkedChild, terms: Terms, today: date) -> None:
        """Take the child, the terms of its schools and today in the district's time zone."""
        self._session = session
        self._student = linked.student
        self._label = linked.child.label
        self._terms = terms
        self._today = today

    def answer(self, question: Question) -> TestResults | Refused:
        """Answer for the range or the term that was meant, with what there is instead where it has none."""
        span = span_of(question, self._terms, self._today)
        if isinstance(span, Refused):
            return span
        since, until, term = span
        results = self._results()
        subject = question.subject or question.course or question.class_period or ""
        meant = self._of_subject(results, question) if subject else results
        lines = [line for line in meant if since <= line.day <= until]
        others = [line for line in results if since <= line.day <= until and line not in meant]
        return TestResults(
            student=self._label,
            since=since,
            until=until,
            lines=tuple(lines),
            term=term,
            others=() if lines else tuple(others),
            earlier=() if lines else tuple(line for line in meant if line.day < since),
            subject=subject,
        )

    def _of_subject(self, results: Sequence[TestLine], question: Question) -> list[TestLine]:
        """Return the tests of a subject: by its own name, else by that of the course that is called so."""
        typed = question.subject or question.course or ""
        names = {at: (fold(line.subject), fold(line.test)) for at, line in enumerate(results)}
        found = find(typed, names) if typed else []
        if not found:
            held = sections_of(self._session, self._student)
            picked = chosen(held, question.course, question.class_period)
            sections = [] if isinstance(picked, Refused) else picked
            subjects = {fold(subject) for each in sections for subject in each.subjects}
            found = [at for at, line in enumerate(results) if fold(line.subject) in subjects]
        return [results[at] for at in found]

    def _results(self) -> list[TestLine]:
        query = select(TestResult).where(
            TestResult.district_id == self._student.district_id,
            TestResult.student_id == self._student.id,
            TestResult.retired_at.is_(None),
        )
        found = self._session.scalars(query.order_by(TestResult.day.desc(), TestResult.id))
        return [
            TestLine(each.day, each.test, each.subject, each.score, each.maximum, each.level)
            for each in found
        ]


def span_of(question: Question, terms: Terms, today: date) -> Span | Refused:
    """Return the days that a question is about: those that it names, else those of its term."""
    if question.since or question.until:
        until = question.until or max(today, question.since or today)
        since = question.since or until
        return min(since, until), max(since, until), None
    term = terms.asked(question.term)
    if term is None:
        return Refused(Reason.NO_SUCH_TERM, choices=terms.titles)
    return term.start, term.end, terms.span(term)
