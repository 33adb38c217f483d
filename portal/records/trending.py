"""Answer how a child's grades went from term to term, by course."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core.outcomes import Refused
from portal.records.answers import Question
from portal.records.charted import CourseTrend, GradePoint, GradeTrend
from portal.records.children import LinkedChild
from portal.records.sections import ChildSection, chosen
from portal.records.sections_before import sections_with
from portal.records.terms import Terms
from portal.sis.models import Term, TermGrade

Graded = tuple[TermGrade, Term]


class Trending:
    """Answer about the percents that were entered for one child."""

    def __init__(self, session: Session, linked: LinkedChild, terms: Terms) -> None:
        """Take the child and the terms of its schools."""
        self._session = session
        self._student = linked.student
        self._label = linked.child.label
        self._terms = terms

    def answer(self, question: Question) -> GradeTrend | Refused:
        """Answer for all the courses on record, or for those that were meant."""
        grades = self._grades(question)
        sections = sections_with(self._session, self._student, {grade.section_id for grade, _ in grades})
        narrow = bool(question.course or question.class_period)
        picked = chosen(sections, question.course, question.class_period) if narrow else sections
        if isinstance(picked, Refused):
            return picked
        titles = list(dict.fromkeys(each.course for each in picked))
        trends = [
            trend
            for title in titles
            for trend in self._of_course([each for each in picked if each.course == title], grades)
        ]
        own = {each.section.id for each in picked}
        return GradeTrend(
            self._label,
            tuple(trends),
            has_letters=any(g.percent is None and g.letter and g.section_id in own for g, _ in grades),
            course=titles[0] if narrow and len(titles) == 1 else "",
        )

    def _of_course(self, classes: Sequence[ChildSection], grades: Sequence[Graded]) -> list[CourseTrend]:
        """Return one line, or one for each class where two of one course were graded in one term."""
        of_all = _percents(grades, {each.section.id for each in classes})
        terms = [term.id for _, term in of_all]
        if len(terms) == len(set(terms)):
            return [self._trend(classes[0], of_all)] if of_all else []
        lines = [(each, _percents(grades, {each.section.id})) for each in classes]
        return [self._trend(each, own, period=each.period) for each, own in lines if own]

    def _trend(self, each: ChildSection, own: Sequence[Graded], *, period: str = "") -> CourseTrend:
        points = [
            GradePoint(self._terms.span(term), grade.percent, grade.final)
            for grade, term in _finest(own)
            if grade.percent is not None
        ]
        return CourseTrend(each.course, tuple(points), period)

    def _grades(self, question: Question) -> list[Graded]:
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
        since, until = question.since, question.until
        return [
            (grade, term)
            for grade, term in self._session.execute(query.order_by(Term.end, Term.start, TermGrade.id))
            if (since is None or since <= term.end) and (until is None or term.start <= until)
        ]


def has_trend(sections: Iterable[ChildSection], grades: Sequence[Graded]) -> bool:
    """Tell whether a course of these classes has the percents of several terms."""
    courses: dict[str, set[str]] = {}
    for each in sections:
        courses.setdefault(each.course, set()).add(each.section.id)
    return any(len({term.id for _, term in _finest(_percents(grades, ids))}) > 1 for ids in courses.values())


def _percents(grades: Iterable[Graded], sections: set[str]) -> list[Graded]:
    return [pair for pair in grades if pair[0].section_id in sections and pair[0].percent is not None]


def _finest(own: Sequence[Graded]) -> list[Graded]:
    """Leave out the grade of a semester whose quarters are graded too, so that nothing is drawn twice."""
    terms = [term for _, term in own]
    return [pair for pair in own if not any(_holds(pair[1], term) for term in terms)]


def _holds(longer: Term, shorter: Term) -> bool:
    is_within = longer.start <= shorter.start and shorter.end <= longer.end
    return is_within and (longer.start, longer.end) != (shorter.start, shorter.end)
