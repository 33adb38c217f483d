"""Bound what a member of staff sees to their district, and to their schools where they have some."""

from sqlalchemy import ColumnElement, and_, exists, false, select

from portal.accounts.models import AccountRow, LinkRow
from portal.core.context import Context
from portal.helpdesk.staff.outcomes import StaffMember
from portal.sis.models import Relationship, Student


class Scope:
    """Say which students, accounts and contacts are a member's to see; all else does not exist for them."""

    def __init__(self, context: Context, member: StaffMember) -> None:
        """Look for one member in one transaction."""
        self._session = context.session
        self._member = member

    def students(self) -> ColumnElement[bool]:
        """Return the condition on `Student`."""
        mine = Student.district_id == self._member.district
        if not self._member.is_of_schools:
            return mine
        return and_(mine, Student.school_id.in_(sorted(self._member.schools)))

    def accounts(self) -> ColumnElement[bool]:
        """Return the condition on `AccountRow`: one linked child at their school is enough."""
        mine = AccountRow.district_id == self._member.district
        if not self._member.is_of_schools:
            return mine
        linked = exists().where(
            LinkRow.account_id == AccountRow.account_id, LinkRow.student_id == Student.id, self.students()
        )
        return and_(mine, linked)

    def sees_account(self, account_id: str | None) -> bool:
        """Tell whether an account is theirs to see."""
        named = AccountRow.account_id == account_id if account_id else false()
        query = select(AccountRow.account_id).where(named, self.accounts())
        return self._session.scalar(query) is not None

    def sees_student(self, student_id: str) -> bool:
        """Tell whether a student is theirs to see."""
        query = select(Student.id).where(Student.id == student_id, self.students())
        return self._session.scalar(query) is not None

    def sees_contact(self, contact_id: str | None) -> bool:
        """Tell whether a contact of the school's records is theirs to see."""
        if not self._member.is_of_schools:
            return True
        query = select(Student.id).where(
            Relationship.district_id == self._member.district,
            Relationship.contact_id == (contact_id or ""),
            Relationship.student_id == Student.id,
            Relationship.retired_at.is_(None),
            self.students(),
        )
        return self._session.scalar(query.limit(1)) is not None
