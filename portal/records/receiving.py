"""Say whether a regular mail may leave: looked up when it falls due, and again when it is handed over."""

from dataclasses import dataclass

from sqlalchemy import select

from portal.accounts.models import AccountRow
from portal.core.context import Context
from portal.records.children import LinkedChild, Owner
from portal.records.family import Family
from portal.records.models import NotificationRow
from portal.sis.models import PortalAccess


@dataclass(frozen=True, slots=True)
class Reader:
    """Join the account that a mail goes to with the child that it tells of.

    It is what a family's answers are asked as; `address` is confirmed.
    """

    account: AccountRow
    family: Family
    linked: LinkedChild


def reader_of(context: Context, row: NotificationRow) -> Reader | None:
    """Return who reads a notification; None where nothing may be told to them now.

    Never to a disabled account, an address that nobody confirmed, or of a child that is not linked
    any more, barred, gone from the school's files, or of whom the school sends this contact no mail.
    """
    account = context.session.get(AccountRow, row.account_id)
    if account is None or account.disabled_at is not None:
        return None
    if account.email is None or account.email_confirmed_at is None:
        return None
    family = Family(context, Owner(account.account_id, account.district_id))
    linked = family.children.of(row.student_id)
    if linked is None or not linked.available or not may_be_mailed(context, account, row.student_id):
        return None
    return Reader(account, family, linked)


def may_be_mailed(context: Context, account: AccountRow, student_id: str) -> bool:
    """Tell whether the school lets mail about this student go to the contact whose account it is."""
    if account.contact_id is None:
        return True
    stopped = select(PortalAccess.id).where(
        PortalAccess.district_id == account.district_id,
        PortalAccess.contact_id == account.contact_id,
        PortalAccess.student_id == student_id,
        PortalAccess.receives_email.is_(False),
        PortalAccess.retired_at.is_(None),
    )
    return context.session.scalar(stopped.limit(1)) is None
