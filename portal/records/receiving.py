"""Say whether a regular mail may leave: looked up when it falls due, and again when it is handed over."""

from dataclasses import dataclass

from portal.accounts.models import AccountRow
from portal.core.context import Context
from portal.records.children import LinkedChild
from portal.records.family import Family
from portal.records.models import NotificationRow


@dataclass(frozen=True, slots=True)
class Reader:
    """Join the account that a mail goes to with the child that it tells of.

    It is what a family's answers are asked as; `address` is confirmed.
    """

    account: AccountRow
    family: Family
    linked: LinkedChild


@dataclass(frozen=True, slots=True)
class _Viewer:
    account_id: str
    district: str


def reader_of(context: Context, row: NotificationRow) -> Reader | None:
    """Return who reads a notification; None where nothing may be told to them now.

    Never to a disabled account, an address that nobody confirmed, or of a child that is not linked
    any more, barred, or gone from the school's files.
    """
    account = context.session.get(AccountRow, row.account_id)
    if account is None or account.disabled_at is not None:
        return None
    if account.email is None or account.email_confirmed_at is None:
        return None
    family = Family(context, _Viewer(account.account_id, account.district_id))
    linked = family.children.of(row.student_id)
    return None if linked is None or not linked.available else Reader(account, family, linked)
