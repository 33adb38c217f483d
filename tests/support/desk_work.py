"""Work at the desk in one line each: a district, two families, staff, callers and orders."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import select

from portal.core.models import AuditRow, OutboxRow
from portal.core.outcomes import Refused
from portal.helpdesk.desk.outcomes import Order
from portal.helpdesk.staff.models import StaffRow
from portal.helpdesk.staff.outcomes import StaffMember
from portal.helpdesk.staff.roles import Role
from portal.helpdesk.staff.sessions import member_of as member_from
from portal.sis.models import Contact
from portal.sis.sources.oneroster_csv import OneRosterFolderOrZip
from portal.transaction import Portal
from tests.flows.school import write_school
from tests.support.console import make_staff
from tests.support.portals import make_district, make_parent

HELP = {"default": {"name": "Parent help desk", "phone": "(508) 555-0192", "email": "help@schools.example"}}


@dataclass(frozen=True, slots=True)
class TwoFamilies:
    """Name the accounts and the children."""

    lopez: str
    whitfield: str
    maya: str
    leo: str
    zoe: str


def open_desk(portal: Portal, folder: Path, **options: Any) -> TwoFamilies:
    """Link Maya and Leo to mlopez and Zoe to kwhitfield, whose address nobody confirmed."""
    make_district(portal, **{"profile": "powerschool", "help": HELP, **options})
    with portal.begin() as tx:
        tx.imports.run("westborough", OneRosterFolderOrZip(write_school(folder / "school")))
        found = [tx.imports.find_student("westborough", number) for number in ("7001", "7002", "7003")]
        contacts = [
            tx.session.scalars(select(Contact.id).where(Contact.identifier == number)).one()
            for number in ("9001", "9002")
        ]
    maya, leo, zoe = (student.id for student in found if student is not None)
    lopez = make_parent(
        portal,
        display_name="Marisol López",
        children=[maya, leo],
        email="marisol@families.example",
        contact_id=contacts[0],
        email_confirmed=True,
    )
    whitfield = make_parent(
        portal,
        username="kwhitfield",
        display_name="Karen Whitfield",
        children=[zoe],
        email="karen@families.example",
        contact_id=contacts[1],
    )
    return TwoFamilies(lopez, whitfield, maya, leo, zoe)


def member_of(
    portal: Portal, role: Role, *, schools: Sequence[str] = (), district: str = "westborough"
) -> StaffMember:
    """Make a member of staff and return them as of now."""
    staff_id = make_staff(portal, role, schools=schools, district=district)
    with portal.begin(read_only=True) as tx:
        return member_from(tx.session.get_one(StaffRow, staff_id))


def verify(portal: Portal, member: StaffMember, account_id: str, *checks: str) -> None:
    """Fill in the checklist; without any check the caller was called back."""
    with portal.begin() as tx:
        checked = tx.callers.check(member, account_id, checks or ("called_back",))
    assert not isinstance(checked, Refused), checked


def order(account_id: str, why: str = "parent_asked", **given: str) -> Order:
    """Order a deed by a form of its own."""
    return Order(account_id, given.pop("request_id", uuid4().hex), why, given.pop("note", ""))


def mails(portal: Portal, account_id: str = "") -> list[str]:
    """Return the kinds of the mails that go to somebody, the oldest first."""
    query = select(OutboxRow).where(OutboxRow.address.is_not(None))
    if account_id:
        query = query.where(OutboxRow.recipient == account_id)
    with portal.begin(read_only=True) as tx:
        rows = list(tx.session.scalars(query.order_by(OutboxRow.created_at, OutboxRow.kind)))
    return [row.kind for row in rows]


def audited(portal: Portal, event: str) -> list[str]:
    """Return the details of an event, the oldest first."""
    query = select(AuditRow.details).where(AuditRow.event == event).order_by(AuditRow.number)
    with portal.begin(read_only=True) as tx:
        return list(tx.session.scalars(query))
