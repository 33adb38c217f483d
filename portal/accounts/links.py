"""Keep which student belongs to which account."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import bindparam, delete, func, select

from portal.accounts.models import AccountRow, LinkRow
from portal.core.audit import Audit, AuditEvent
from portal.core.context import Context
from portal.core.errors import PortalError


@dataclass(frozen=True, slots=True)
class Link:
    """Name one student of an account and how the parent is related to the student."""

    student_id: str
    relationship: str


@dataclass(frozen=True, slots=True)
class LinksMark:
    """Tell one set of an account's links from another: each that comes or goes changes it."""

    count: int
    last: datetime | None


# Asked with every message of whoever is signed in: built once.
MARK = select(func.count(), func.max(LinkRow.linked_at)).where(LinkRow.account_id == bindparam("account"))


class Links:
    """Link students to accounts; neither parent of a child sees the other's links."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._context = context

    def link(self, account_id: str, student_id: str, relationship: str) -> bool:
        """Link a student; return False when the student was linked already."""
        session = self._context.session
        account = session.get(AccountRow, account_id, with_for_update=True)
        if account is None:
            message = f"There is no account {account_id}."
            raise PortalError(message)
        if student_id in {link.student_id for link in self.students_of(account_id)}:
            return False
        session.add(
            LinkRow(
                link_id=uuid4().hex,
                district_id=account.district_id,
                account_id=account_id,
                student_id=student_id,
                relationship=relationship,
                linked_at=self._context.now,
            )
        )
        session.flush()
        subject = f"account:{account_id}"
        Audit(self._context).record(account.district_id, AuditEvent.STUDENT_LINKED, subject=subject)
        return True

    def unlink(self, account_id: str, student_id: str) -> bool:
        """Take a student off an account; return False when the student was not linked."""
        session = self._context.session
        account = session.get_one(AccountRow, account_id, with_for_update=True)
        theirs = (LinkRow.account_id == account_id, LinkRow.student_id == student_id)
        removed = session.scalar(delete(LinkRow).where(*theirs).returning(LinkRow.link_id))
        if removed is None:
            return False
        subject = f"account:{account_id}"
        Audit(self._context).record(account.district_id, AuditEvent.STUDENT_UNLINKED, subject=subject)
        return True

    def students_of(self, account_id: str) -> list[Link]:
        """Return the students of an account, in the order in which they were linked."""
        query = select(LinkRow).where(LinkRow.account_id == account_id)
        rows = self._context.session.scalars(query.order_by(LinkRow.linked_at, LinkRow.link_id))
        return [Link(row.student_id, row.relationship) for row in rows]

    def mark(self, account_id: str) -> LinksMark:
        """Return what changes with every student that is linked to an account or taken off it."""
        return LinksMark(*self._context.session.execute(MARK, {"account": account_id}).one())

    def accounts_of(self, ids: Sequence[str]) -> dict[str, int]:
        """Return how many accounts hang on each of these students or contacts, where any does."""
        session = self._context.session
        students = select(LinkRow.student_id, func.count()).where(LinkRow.student_id.in_(ids))
        contacts = select(AccountRow.contact_id, func.count()).where(AccountRow.contact_id.in_(ids))
        found = [
            *session.execute(students.group_by(LinkRow.student_id)),
            *session.execute(contacts.group_by(AccountRow.contact_id)),
        ]
        return {person: count for person, count in found if person is not None}
