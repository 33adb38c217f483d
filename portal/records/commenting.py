"""Answer what teachers wrote about a child: with its grades, and with the scores of its work."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core.folding import fold
from portal.core.outcomes import Refused
from portal.records.answers import Question
from portal.records.children import LinkedChild
from portal.records.school_work import MARKS, Remark, TeacherComments
from portal.records.sections import ChildSection, chosen
from portal.records.sections_before import sections_with
from portal.records.terms import Terms
from portal.records.testing import span_of
from portal.sis.models import Assignment, Score, Term, TermGrade


@dataclass(frozen=True, slots=True)
class _Dated:
    """Join a remark with the days that it is about."""

    remark: Remark
    since: date
    until: date


class Commenting:
    """Answer about the comments on one child."""

    def __init__(self, session: Session, linked: LinkedChild, terms: Terms, today: date) -> None:
        """Take the child, the terms of its schools and today in the district's time zone."""
        self._session = session
        self._student = linked.student
        self._label = linked.child.label
        self._terms = terms
        self._today = today

    def answer(self, question: Question) -> TeacherComments | Refused:
        """Answer for the range or the term that was meant; without any there, with those of before."""
        span = span_of(question, self._terms, self._today)
        if isinstance(span, Refused):
            return span
        since, until, term = span
        grades, scores = self._grades(), self._scores()
        wanted = {*(grade.section_id for grade, _ in grades), *(task.section_id for _, task in scores)}
        sections = sections_with(self._session, self._student, wanted)
        narrow = bool(question.course or question.class_period)
        picked = chosen(sections, question.course, question.class_period) if narrow else sections
        if isinstance(picked, Refused):
            return picked
        held = {each.section.id: each for each in picked}
        dated = [*_with_grades(grades, held), *_with_scores(scores, held)]
        lines = [each for each in dated if each.since <= until and since <= each.until]
        earlier = [] if lines else [each for each in dated if each.until < since]
        titles = {each.course for each in picked}
        return TeacherComments(
            student=self._label,
            since=since,
            until=until,
            lines=tuple(each.remark for each in sorted(lines, key=_by_course)),
            term=term,
            earlier=tuple(each.remark for each in sorted(earlier, key=_newest)),
            course=titles.pop() if narrow and len(titles) == 1 else "",
        )

    def _grades(self) -> Sequence[tuple[TermGrade, Term]]:
        district = self._student.district_id
        query = (
            select(TermGrade, Term)
            .join(Term, (Term.district_id == district) & (Term.id == TermGrade.term_id))
            .where(
                TermGrade.district_id == district,
                TermGrade.student_id == self._student.id,
                TermGrade.retired_at.is_(None),
                TermGrade.comment != "",
            )
        )
        return [(grade, term) for grade, term in self._session.execute(query.order_by(TermGrade.id))]

    def _scores(self) -> Sequence[tuple[Score, Assignment]]:
        district = self._student.district_id
        query = (
            select(Score, Assignment)
            .join(Assignment, (Assignment.district_id == district) & (Assignment.id == Score.assignment_id))
            .where(
                Score.district_id == district,
                Score.student_id == self._student.id,
                Score.retired_at.is_(None),
                Score.comment != "",
                Assignment.retired_at.is_(None),
            )
        )
        found = self._session.execute(query.order_by(Score.id))
        return [(score, task) for score, task in found if fold(score.comment) not in MARKS]


def _with_grades(
    grades: Sequence[tuple[TermGrade, Term]], held: Mapping[str, ChildSection]
) -> Iterator[_Dated]:
    for grade, term in grades:
        each = held.get(grade.section_id)
        if each is not None:
            remark = Remark(each.course, grade.comment, each.teacher, term=term.title)
            yield _Dated(remark, term.start, term.end)


def _with_scores(
    scores: Sequence[tuple[Score, Assignment]], held: Mapping[str, ChildSection]
) -> Iterator[_Dated]:
    for score, task in scores:
        each = held.get(task.section_id)
        day = score.day or task.due or task.assigned
        if each is not None and day is not None:
            remark = Remark(each.course, score.comment, each.teacher, assignment=task.title, day=day)
            yield _Dated(remark, day, day)


def _by_course(dated: _Dated) -> tuple[str, bool, date, str]:
    remark = dated.remark
    return fold(remark.course), bool(remark.assignment), dated.until, remark.assignment


def _newest(dated: _Dated) -> tuple[int, str, str]:
    return -dated.until.toordinal(), fold(dated.remark.course), dated.remark.assignment
