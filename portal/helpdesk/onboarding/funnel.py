"""Count how far a school's families have come, and name those who have no account yet."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, exists, func, or_, select, true
from sqlalchemy.orm import Session

from portal.accounts.models import AccountRow, LinkRow
from portal.accounts.names import is_storable
from portal.core.audit import Audit, AuditEvent
from portal.core.context import Context
from portal.core.outcomes import Reason, Refused
from portal.helpdesk.onboarding.asking import present
from portal.helpdesk.onboarding.models import LetterRow
from portal.helpdesk.onboarding.outcomes import FamilyStep, FunnelRow, Page, StudentWithout
from portal.helpdesk.staff.outcomes import StaffMember
from portal.helpdesk.staff.roles import Deed
from portal.helpdesk.staff.scope import Scope
from portal.sis.models import Relationship, School, Student

ON_A_PAGE = 50
# One file for one school is handed on; what is longer is made school by school.
MOST_IN_A_FILE = 20_000
LONGEST_NAME = 64
Without = Select[str, str, str, str, str, datetime | None, datetime | None]


class GroupBy(StrEnum):
    """Say what a line of the funnel stands for."""

    SCHOOL = "school"
    LANGUAGE = "language"


class Funnel:
    """Look at the families of those schools that are a member's to see, inside one transaction."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._context = context
        self._session: Session = context.session

    def counts(self, member: StaffMember, by: GroupBy) -> tuple[FunnelRow, ...] | Refused:
        """Count the students of each school, or of each language of their letters, step by step.

        Nobody is named, so no look is noted. A student without a letter has no language yet ("").
        """
        if not member.may(Deed.SEE_FUNNEL):
            return Refused(Reason.FORBIDDEN)
        steps = self._steps(Scope(self._context, member).students())
        name = steps.c.school if by is GroupBy.SCHOOL else steps.c.language
        counted = [func.sum(steps.c[step.value]) for step in FamilyStep]
        query = select(name, func.count(), *counted).group_by(name).order_by(name)
        return tuple(
            FunnelRow(str(row[0] or ""), int(row[1]), dict(zip(FamilyStep, map(int, row[2:]), strict=True)))
            for row in self._session.execute(query)
        )

    def without_account(
        self, member: StaffMember, school: str = "", number: int = 1
    ) -> Page[StudentWithout] | Refused:
        """Name the students whose family has no account, a page of them; the look is on record."""
        found = self._without(member, school)
        if isinstance(found, Refused):
            return found
        total = self._session.scalars(select(func.count()).select_from(found.subquery())).one()
        pages = max(1, -(-total // ON_A_PAGE))
        number = min(max(1, number), pages)
        rows = self._session.execute(found.limit(ON_A_PAGE).offset((number - 1) * ON_A_PAGE)).all()
        self._note(AuditEvent.FUNNEL_SEEN, member, school, len(rows))
        return Page(tuple(StudentWithout(*row) for row in rows), number, pages, total)

    def export(self, member: StaffMember, school: str = "") -> Sequence[StudentWithout] | Refused:
        """Return those students for a file; who takes it is on record."""
        found = self._without(member, school)
        if isinstance(found, Refused):
            return found
        rows = self._session.execute(found.limit(MOST_IN_A_FILE)).all()
        self._note(AuditEvent.FUNNEL_EXPORTED, member, school, len(rows))
        return [StudentWithout(*row) for row in rows]

    def _without(self, member: StaffMember, school: str) -> Without | Refused:
        if not member.may(Deed.SEE_FUNNEL):
            return Refused(Reason.FORBIDDEN)
        students = Scope(self._context, member).students()
        if not is_storable(school):
            return Refused(Reason.NOT_FOUND)
        if school:
            here = School.district_id == member.district
            named = select(School.id).where(here, School.id == school[:LONGEST_NAME])
            theirs = not member.is_of_schools or school in member.schools
            if not theirs or self._session.scalar(named) is None:
                return Refused(Reason.NOT_FOUND)
            students = and_(students, Student.school_id == school)
        steps = self._steps(students)
        name = (func.trim(steps.c.given_name + " " + steps.c.family_name)).label("name")
        query = select(
            steps.c.identifier,
            name,
            steps.c.grade,
            steps.c.school,
            steps.c.language,
            steps.c.printed_at,
            steps.c.started_at,
        ).where(steps.c.account == 0)
        order = (steps.c.school, steps.c.grade, steps.c.family_name, steps.c.given_name, steps.c.id)
        return query.order_by(*order)

    def _steps(self, students: ColumnElement[bool]) -> Subquery:
        """Return a row a student: who it is, and for each step whether the family has come so far."""
        letter = and_(
            LetterRow.district_id == Student.district_id,
            LetterRow.student_id == Student.id,
            LetterRow.superseded_at.is_(None),
            LetterRow.printed_at.is_not(None),
        )
        school = and_(School.district_id == Student.district_id, School.id == Student.school_id)
        steps = [case((has, 1), else_=0).label(step.value) for step, has in _came_to().items()]
        who = (Student.id, Student.identifier, Student.given_name, Student.family_name, Student.grade)
        query = (
            select(
                *who,
                func.coalesce(School.name, "").label("school"),
                func.coalesce(LetterRow.language, "").label("language"),
                LetterRow.printed_at,
                LetterRow.started_at,
                *steps,
            )
            .outerjoin(LetterRow, letter)
            .outerjoin(School, school)
        )
        return query.where(students, present()).subquery()

    def _note(self, event: AuditEvent, member: StaffMember, school: str, count: int) -> None:
        Audit(self._context).record(member.district, event, by=member.by, school=school, count=count)


def _came_to() -> dict[FamilyStep, ColumnElement[bool]]:
    return {
        FamilyStep.LETTER: LetterRow.letter_id.is_not(None),
        FamilyStep.STARTED: _started(),
        FamilyStep.ACCOUNT: or_(_linked(true()), _known()),
        FamilyStep.LINKED: _linked(true()),
        FamilyStep.ANSWERED: _linked(AccountRow.first_answer_at.is_not(None)),
    }


def _started() -> ColumnElement[bool]:
    # Also a letter that was replaced since: the family has been here.
    there = exists().where(
        LetterRow.district_id == Student.district_id,
        LetterRow.student_id == Student.id,
        LetterRow.started_at.is_not(None),
    )
    return there.correlate(Student)


def _linked(further: ColumnElement[bool]) -> ColumnElement[bool]:
    there = exists().where(
        LinkRow.student_id == Student.id,
        LinkRow.account_id == AccountRow.account_id,
        AccountRow.district_id == Student.district_id,
        AccountRow.disabled_at.is_(None),
        further,
    )
    return there.correlate(Student)


def _known() -> ColumnElement[bool]:
    # A parent whom the records name with the student has an account, though the child is not on it yet.
    there = exists().where(
        Relationship.district_id == Student.district_id,
        Relationship.student_id == Student.id,
        Relationship.retired_at.is_(None),
        Relationship.contact_id == AccountRow.contact_id,
        AccountRow.district_id == Student.district_id,
        AccountRow.disabled_at.is_(None),
    )
    return there.correlate(Student)
