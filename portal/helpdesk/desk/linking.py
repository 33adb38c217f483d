"""Connect children to an account, and take them off it, as the school's records say."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import false, or_, select

from portal.accounts.barring import refuse_barred
from portal.accounts.contacts import Contacts, Person
from portal.accounts.links import Links
from portal.accounts.mailing import to_owner
from portal.accounts.relationships import relation_of
from portal.core.audit import AuditEvent
from portal.core.context import Context
from portal.core.outbox import MailKind, Outbox
from portal.core.outcomes import Reason, Refused, Violation
from portal.helpdesk.desk.opening import Opened, Opening
from portal.helpdesk.desk.outcomes import Done, Order
from portal.helpdesk.staff.outcomes import StaffMember
from portal.helpdesk.staff.roles import Deed
from portal.helpdesk.staff.scope import Scope
from portal.sis.models import Relationship, Student

MOST_AT_ONCE = 10


@dataclass(frozen=True, slots=True)
class NewLinks:
    """Name the students to connect by the ids of the records, or one by its number.

    `despite_records` says that staff saw a document where the records do not name the parent yet.
    """

    relationship: str
    students: tuple[str, ...] = ()
    number: str = ""
    despite_records: bool = False


class Linking:
    """Link and unlink students for a parent."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._context = context
        self._opening = Opening(context)

    def link(self, member: StaffMember, order: Order, new: NewLinks) -> Done | Refused:
        """Connect students, all of them or none; whom the school bars is refused here too."""
        opened = self._opening.open(member, Deed.LINK, order)
        if isinstance(opened, Refused):
            return opened
        students = self._students(member, new)
        broken = _violations(new, students)
        if broken:
            return Refused(Reason.FIELDS_REFUSED, violations=tuple(broken))
        barred = self._barred(opened, students)
        if barred is not None:
            return barred
        # A digit that was misheard must not show a family somebody else's child.
        if not new.despite_records and not self._are_related(opened, students):
            return Refused(
                Reason.FIELDS_REFUSED, violations=(Violation("not_in_records", field="despite_records"),)
            )
        links, account = Links(self._context), opened.account
        added = [links.link(account.account_id, each.id, new.relationship) for each in students]
        if not any(added):
            return Refused(Reason.ALREADY_DONE)
        self._opening.record(opened, AuditEvent.LINKS_CHANGED, linked=sum(added), unlinked=0)
        return self._tell(opened, MailKind.STUDENTS_LINKED)

    def unlink(self, member: StaffMember, order: Order, student_id: str) -> Done | Refused:
        """Take a student off the account."""
        opened = self._opening.open(member, Deed.LINK, order)
        if isinstance(opened, Refused):
            return opened
        if not Scope(self._context, member).sees_student(student_id):
            return Refused(Reason.NOT_FOUND)
        if not Links(self._context).unlink(opened.account.account_id, student_id):
            return Refused(Reason.ALREADY_DONE)
        self._opening.record(opened, AuditEvent.LINKS_CHANGED, linked=0, unlinked=1)
        return self._tell(opened, MailKind.STUDENTS_UNLINKED)

    def _students(self, member: StaffMember, new: NewLinks) -> Sequence[Student]:
        mine = Scope(self._context, member).students()
        by_number = Student.identifier == new.number if new.number else false()
        wanted = or_(Student.id.in_(new.students[:MOST_AT_ONCE]), by_number)
        query = select(Student).where(mine, wanted, Student.retired_at.is_(None))
        return list(self._context.session.scalars(query.order_by(Student.id)))

    def _barred(self, opened: Opened, students: Sequence[Student]) -> Refused | None:
        account = opened.account
        person = Person(account.display_name, account.email, account.contact_id)
        ids = [each.id for each in students]
        known = Contacts(self._context, account.district_id).recognise(person, ids)
        refusal = refuse_barred(self._context, opened.district, known, students)
        # The account belongs to whoever the records know the parent as, as when the parent links.
        if refusal is None:
            account.contact_id = account.contact_id or known.contact_id
        return refusal

    def _are_related(self, opened: Opened, students: Sequence[Student]) -> bool:
        account = opened.account
        query = select(Relationship.student_id).where(
            Relationship.district_id == account.district_id,
            Relationship.contact_id == (account.contact_id or ""),
            Relationship.retired_at.is_(None),
        )
        return {each.id for each in students} <= set(self._context.session.scalars(query))

    def _tell(self, opened: Opened, kind: MailKind) -> Done:
        account = opened.account
        if account.email:
            Outbox(self._context).put(account.district_id, kind, to_owner(account))
        return Done(account.account_id, told=bool(account.email))


def _violations(new: NewLinks, students: Sequence[Student]) -> list[Violation]:
    broken = [] if relation_of(new.relationship) else [Violation("empty", field="relationship")]
    if not new.students and not new.number:
        broken.append(Violation("empty", field="number"))
    elif len(students) < len(new.students) + bool(new.number):
        broken.append(Violation("student_unknown", field="number"))
    return broken
