"""Keep a pilot to the families of its schools; everybody else is told kindly where to go on meanwhile."""

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, Text, cast, exists, or_, select, true
from sqlalchemy.orm import aliased

from portal.accounts.models import LinkRow
from portal.core.context import Context
from portal.core.districts import District
from portal.core.outcomes import Reason, Refused
from portal.sis.models import Relationship, School, Student


class Pilot:
    """Say whom a district serves while it tries the assistant out at some of its schools."""

    def __init__(self, context: Context, district: District) -> None:
        """Work in one transaction, for one district."""
        self._session = context.session
        self._slug = district.slug
        self._schools = district.options.pilot_schools

    def refuse_students(self, students: Sequence[Student], account_id: str = "") -> Refused | None:
        """Refuse to link only students of other schools; a family with one child in the pilot is in it.

        Their pairs were right, so this is told to somebody who holds a letter.
        """
        if not self._schools or self._serves_children(account_id):
            return None
        if self._are_served({school for each in students for school in (each.school_id, *each.school_ids)}):
            return None
        return Refused(Reason.NOT_IN_PILOT)

    def serves(self, account_id: str) -> bool:
        """Tell whether an account is served: one child in the pilot is enough, and so is no child yet."""
        if not self._schools:
            return True
        has_children = self._session.scalar(select(exists().where(LinkRow.account_id == account_id)))
        return not has_children or self._serves_children(account_id)

    def students(self) -> ColumnElement[bool]:
        """Return the condition on `Student` that one of its schools takes part: they are handed letters."""
        if not self._schools:
            return true()
        named = (School.district_id == self._slug, School.identifier.in_(self._schools))
        return _at(list(self._session.scalars(select(School.id).where(*named))))

    def handed(self, asked_for: str = "") -> ColumnElement[bool]:
        """Return the condition on `Student` that a letter is handed out; to another it leads to a refusal.

        `asked_for` is the one student whom staff named: that one may be a brother or sister only.
        """
        if asked_for and self._has_brother_or_sister(asked_for):
            return or_(Student.id == asked_for, self.students())
        return self.students()

    def _has_brother_or_sister(self, student: str) -> bool:
        """Tell whether a student shares a parent with one whose school takes part: that family is served."""
        mine, theirs = aliased(Relationship), aliased(Relationship)
        family = (
            select(theirs.student_id)
            .join(mine, (mine.district_id == theirs.district_id) & (mine.contact_id == theirs.contact_id))
            .where(mine.district_id == self._slug, mine.student_id == student)
            .where(mine.retired_at.is_(None), theirs.retired_at.is_(None))
        )
        here = (Student.district_id == self._slug, Student.id.in_(family), Student.retired_at.is_(None))
        return self._session.scalar(select(Student.id).where(*here, self.students()).limit(1)) is not None

    def _serves_children(self, account_id: str) -> bool:
        query = select(Student).where(
            Student.district_id == self._slug,
            Student.id.in_(select(LinkRow.student_id).where(LinkRow.account_id == account_id)),
        )
        rows = self._session.scalars(query)
        return self._are_served({school for each in rows for school in (each.school_id, *each.school_ids)})

    def _are_served(self, ids: Iterable[str]) -> bool:
        query = select(School.id).where(
            School.district_id == self._slug,
            School.id.in_(sorted(ids)),
            School.identifier.in_(self._schools),
        )
        return self._session.scalar(query.limit(1)) is not None


def _at(schools: Sequence[str]) -> ColumnElement[bool]:
    # The other schools of a student are a list in JSON, in which our ids are plain words in quotes.
    listed = cast(Student.school_ids, Text)
    others = [listed.contains(f'"{school}"', autoescape=True) for school in schools]
    return or_(Student.school_id.in_(schools), *others)
