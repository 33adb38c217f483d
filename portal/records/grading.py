"""Answer with a child's grades of one term: what is entered, and what is only on its way."""

from collections.abc import Collection, Sequence
from decimal import Decimal
from functools import cached_property

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from portal.core.outcomes import Reason, Refused
from portal.records.answers import GradeLine, Grades, Question, ScoresSoFar
from portal.records.children import LinkedChild
from portal.records.sections import ChildSection, chosen, during, sections_of
from portal.records.terms import Terms
from portal.records.trending import has_trend
from portal.sis.models import Assignment, Score, Student, Term, TermGrade

COUNTED = frozenset({"fully graded", "partially graded"})


class Grading:
    """Answer about the grades of one child."""

    def __init__(self, session: Session, linked: LinkedChild, terms: Terms) -> None:
        """Take the child and the terms of its schools."""
        self._session = session
        self._student = linked.student
        self._label = linked.child.label
        self._terms = terms

    def answer(self, question: Question) -> Grades | Refused:
        """Answer for the term that was meant, or the nearest one around it that has grades."""
        day = question.until or question.since
        term = self._terms.at(day) if day else self._terms.asked(question.term)
        if term is None:
            return Refused(Reason.NO_SUCH_TERM, choices=self._terms.titles)
        if question.term and not self._terms.has_begun(term):
            # Not the year around it, of which something is known: this term was asked for.
            return Grades(self._label, self._terms.span(term), ())
        level = self._level(term)
        family = [level, *self._terms.around(level), *self._terms.within(level)]
        sections = sections_of(self._session, self._student)
        held = during(sections, family)
        picked = chosen(held, question.course, question.class_period) if _is_narrow(question) else held
        if isinstance(picked, Refused):
            return picked
        lines = tuple(self._line(each, level) for each in picked)
        empty = all(line.so_far is None and not line.letter and line.percent is None for line in lines)
        return Grades(
            self._label,
            self._terms.span(level),
            () if empty and not _is_narrow(question) else lines,
            has_trend(picked if _is_narrow(question) else sections, self._graded()),
        )

    def _graded(self) -> list[tuple[TermGrade, Term]]:
        terms = [(grade, self._terms.get(grade.term_id)) for grade in self._grades]
        return [(grade, term) for grade, term in terms if term is not None]

    def _level(self, term: Term) -> Term:
        # Some schools grade by quarter, others only by semester: what is entered nearest counts,
        # and the answer names its term.
        levels = [term, *self._terms.around(term), *self._terms.within(term)]
        graded = {grade.term_id for grade in self._grades}
        for level in levels:
            if level.id in graded:
                return level
        return next((level for level in levels if self._scores_in(level)), term)

    def _line(self, each: ChildSection, level: Term) -> GradeLine:
        section = each.section.id
        grade = next((g for g in self._grades if g.section_id == section and g.term_id == level.id), None)
        if grade is not None:
            return GradeLine(
                each.course,
                grade.letter,
                grade.percent,
                grade.final,
                each.teacher,
                grade.comment,
                each.period,
            )
        own = [pair for pair in self._scores_in(level) if pair[1].section_id == section]
        return GradeLine(each.course, teacher=each.teacher, period=each.period, so_far=_so_far(own))

    def _scores_in(self, level: Term) -> list[tuple[Score, Assignment]]:
        ids = {level.id, *(term.id for term in self._terms.within(level))}
        return [(score, task) for score, task in self._scores if _is_in(score, task, level, ids)]

    @cached_property
    def _grades(self) -> Sequence[TermGrade]:
        query = select(TermGrade).where(*_own(TermGrade, self._student))
        return self._session.scalars(query.order_by(TermGrade.id)).all()

    @cached_property
    def _scores(self) -> list[tuple[Score, Assignment]]:
        query = (
            select(Score, Assignment)
            .join(
                Assignment,
                (Assignment.district_id == Score.district_id) & (Assignment.id == Score.assignment_id),
            )
            .where(*_own(Score, self._student), Assignment.retired_at.is_(None))
        )
        found = self._session.execute(query.order_by(Score.id))
        return [(score, task) for score, task in found if score.status in COUNTED and score.score is not None]


def _own(table: type[TermGrade] | type[Score], student: Student) -> tuple[ColumnElement[bool], ...]:
    return (
        table.district_id == student.district_id,
        table.student_id == student.id,
        table.retired_at.is_(None),
    )


def _is_narrow(question: Question) -> bool:
    return bool(question.course or question.class_period)


def _is_in(score: Score, task: Assignment, level: Term, ids: Collection[str]) -> bool:
    if task.term_id is not None:
        return task.term_id in ids
    day = task.due or score.day or task.assigned
    return day is not None and level.start <= day <= level.end


def _so_far(own: Sequence[tuple[Score, Assignment]]) -> ScoresSoFar | None:
    if not own:
        return None
    worth = [(score.score, task.maximum) for score, task in own if task.maximum is not None]
    if not worth:
        return ScoresSoFar(len(own), None, None)
    earned = sum((score for score, _ in worth if score is not None), Decimal())
    return ScoresSoFar(len(own), earned, sum((maximum for _, maximum in worth), Decimal()))
