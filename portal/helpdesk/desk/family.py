"""Show the children of an account beside what the school's records say of its parent."""

from collections.abc import Sequence

from sqlalchemy import select

from portal.accounts.addresses import key_of
from portal.accounts.models import AccountRow, LinkRow
from portal.core.context import Context
from portal.helpdesk.desk.outcomes import ChildShown, ContactShown
from portal.helpdesk.staff.outcomes import StaffMember
from portal.helpdesk.staff.scope import Scope
from portal.sis.models import Contact, PortalAccess, Relationship, School, Student


class Family:
    """Read the family of an account as far as a member of staff may see it."""

    def __init__(self, context: Context, member: StaffMember) -> None:
        """Look for one member in one transaction."""
        self._session = context.session
        self._member = member
        self._scope = Scope(context, member)

    def contact(self, account: AccountRow) -> ContactShown | None:
        """Return the contact of the records that the account belongs to."""
        row = self._session.get(Contact, (account.district_id, account.contact_id or ""))
        if row is None:
            return None
        return ContactShown(
            name=f"{row.given_name} {row.family_name}",
            email=row.email,
            phone=row.phone or row.sms,
            is_enabled=row.enabled,
            is_gone=row.retired_at is not None,
            email_is_same=key_of(row.email) == account.email_key,
        )

    def children(self, account: AccountRow) -> Sequence[ChildShown]:
        """Return the linked children, and those that the records name for the contact."""
        linked = {
            row.student_id: row.relationship
            for row in self._session.scalars(
                select(LinkRow)
                .where(LinkRow.account_id == account.account_id)
                .order_by(LinkRow.linked_at, LinkRow.link_id)
            )
        }
        related = self._related(account)
        rights = self._rights(account)
        # A child at a school that is not theirs does not exist for a school administrator.
        query = (
            select(Student, School.name)
            .outerjoin(School, (School.district_id == Student.district_id) & (School.id == Student.school_id))
            .where(Student.id.in_([*linked, *related]), self._scope.students())
            .order_by(Student.family_name, Student.given_name, Student.id)
        )
        return [
            self._child(student, school or "", linked, related, rights.get(student.id))
            for student, school in self._session.execute(query)
        ]

    def _child(
        self,
        student: Student,
        school: str,
        linked: dict[str, str],
        related: dict[str, str],
        right: PortalAccess | None,
    ) -> ChildShown:
        return ChildShown(
            student_id=student.id,
            name=f"{student.given_name} {student.family_name}",
            number=student.identifier,
            school=school,
            relationship=linked.get(student.id) or related.get(student.id, ""),
            is_linked=student.id in linked,
            may_see=None if right is None else right.allowed,
            gets_mail=None if right is None else right.receives_email,
        )

    def _related(self, account: AccountRow) -> dict[str, str]:
        query = select(Relationship.student_id, Relationship.relation).where(
            Relationship.district_id == account.district_id,
            Relationship.contact_id == (account.contact_id or ""),
            Relationship.retired_at.is_(None),
        )
        return {row.student_id: row.relation for row in self._session.execute(query)}

    def _rights(self, account: AccountRow) -> dict[str, PortalAccess]:
        query = select(PortalAccess).where(
            PortalAccess.district_id == account.district_id,
            PortalAccess.contact_id == (account.contact_id or ""),
            PortalAccess.retired_at.is_(None),
        )
        return {row.student_id: row for row in self._session.scalars(query)}
