"""Answer with the grades of before: of the previous term, of past days, or of a course over its terms."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core.outcomes import Reason, Refused
from portal.records.answers import GradeLine, Question
from portal.records.children import LinkedChild
from portal.records.school_work import GradesHistory, TermHistory
from portal.records.sections import ChildSection, chosen
from portal.records.sections_before import sections_with
from portal.records.terms import PREVIOUS, Terms
from portal.records.trending import Graded, has_trend
from portal.sis.models import Term, TermGrade


class LookingBack:
    """Answer about the grades that one child had."""

    def __init__(self, session: Session, linked: LinkedChild, terms: Terms) -> None:
        """Take the child and the terms of its schools."""
        self._session = session
        self._student = linked.student
        self._label = linked.child.label
        self._terms = terms

    def answer(self, question: Question) -> GradesHistory | Refused:
        """Answer for a course over all terms, for the range that is named, else for the previous term."""
        grades = self._grades()
        sections = sections_with(self._session, self._student, {grade.section_id for grade, _ in grades})
        narrow = bool(question.course or question.class_period)
        picked = chosen(sections, question.course, question.class_period) if narrow else sections
        if isinstance(picked, Refused):
            return picked
        answer = self._of(question, picked, grades)
        return answer if isinstance(answer, Refused) else replace(answer, has_trend=has_trend(picked, grades))

    def _of(
        self, question: Question, picked: Sequence[ChildSection], grades: Sequence[Graded]
    ) -> GradesHistory | Refused:
        narrow = bool(question.course or question.class_period)
        titles = {each.course for each in picked}
        course = titles.pop() if narrow and len(titles) == 1 else ""
        held = {each.section.id: each for each in picked}
        own = [(grade, term) for grade, term in grades if grade.section_id in held]
        if question.since or question.until:
            return GradesHistory(self._label, self._told(_around(own, question), held), course=course)
        if narrow and question.term is None:
            return GradesHistory(self._label, self._told(own, held), course=course)
        return self._of_term(question.term or PREVIOUS, own, held, course)

    def _of_term(
        self, typed: str, own: Sequence[Graded], held: Mapping[str, ChildSection], course: str
    ) -> GradesHistory | Refused:
        asked = self._terms.asked(typed)
        if asked is None and typed != PREVIOUS:
            return Refused(Reason.NO_SUCH_TERM, choices=self._terms.titles)
        current = self._terms.current()
        if asked is None or current is None:
            return GradesHistory(self._label, (), course=course)
        ids = {asked.id, *(term.id for term in self._terms.within(asked))}
        # A term that is still running is no former one, however it is graded.
        ended = [(grade, term) for grade, term in own if term.end < current.start]
        lasts = max((term.end for _, term in ended if term.end <= asked.end), default=None)
        exact = [(grade, term) for grade, term in own if term.id in ids]
        nearest = [(grade, term) for grade, term in ended if term.end == lasts]
        found = exact or (_of_one_term(nearest) if typed == PREVIOUS else [])
        told = self._told(found, held)
        is_other = all(each.term.title != asked.title or each.term.since != asked.start for each in told)
        return GradesHistory(
            self._label, told, asked=self._terms.span(asked) if is_other else None, course=course
        )

    def _told(self, own: Iterable[Graded], held: Mapping[str, ChildSection]) -> tuple[TermHistory, ...]:
        terms: dict[str, tuple[Term, list[TermGrade]]] = {}
        for grade, term in own:
            terms.setdefault(term.id, (term, []))[1].append(grade)
        order = sorted(terms.values(), key=lambda each: (each[0].end, each[0].start, each[0].id))
        return tuple(TermHistory(self._terms.span(term), _lines(grades, held)) for term, grades in order)

    def _grades(self) -> Sequence[Graded]:
        district = self._student.district_id
        query = (
            select(TermGrade, Term)
            .join(Term, (Term.district_id == district) & (Term.id == TermGrade.term_id))
            .where(
                TermGrade.district_id == district,
                TermGrade.student_id == self._student.id,
                TermGrade.retired_at.is_(None),
            )
        )
        return [(grade, term) for grade, term in self._session.execute(query.order_by(TermGrade.id))]


def _around(own: Iterable[Graded], question: Question) -> list[Graded]:
    since, until = question.since or question.until, question.until or question.since
    return [
        (grade, term)
        for grade, term in own
        if since is not None and until is not None and term.start <= until and since <= term.end
    ]


def _of_one_term(own: Sequence[Graded]) -> list[Graded]:
    """Keep the shortest of several terms that end on one day."""
    shortest = max(own, key=lambda each: (each[1].start, each[1].id), default=None)
    return [each for each in own if shortest is not None and each[1].id == shortest[1].id]


def _lines(grades: Sequence[TermGrade], held: Mapping[str, ChildSection]) -> tuple[GradeLine, ...]:
    by_section = {grade.section_id: grade for grade in grades}
    return tuple(
        GradeLine(
            each.course, grade.letter, grade.percent, grade.final, each.teacher, grade.comment, each.period
        )
        for each in held.values()
        if (grade := by_section.get(each.section.id)) is not None
    )
