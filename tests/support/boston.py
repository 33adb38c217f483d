"""Let families of a district ask for accounts, and its staff work on what they asked."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

from sqlalchemy import select

from portal.accounts.models import AccountRequestRow
from portal.accounts.outcomes import ConfirmEmail, EmailConfirmed
from portal.core.models import TokenRow
from portal.core.outcomes import Refused
from portal.core.secret import Secret
from portal.core.tokens import TokenPurpose
from portal.helpdesk.staff.models import StaffRow
from portal.helpdesk.staff.outcomes import StaffMember
from portal.helpdesk.staff.roles import Role
from portal.helpdesk.staff.sessions import member_of
from portal.transaction import Portal, Transaction
from tests.support.console import make_staff
from tests.support.families import asker, enroll
from tests.support.portals import NEW_PASSWORD
from tests.support.rosters import Roster, small_roster

Answer = TypeVar("Answer")


def boston_roster(access: str = "true", receives: str = "true", student: str = "NS1") -> Roster:
    """Return a set with a contact, Ana López, whose rights are the test's."""
    rights = {"portalAccess": access, "receivesEmail": receives}
    return small_roster().add("x_portal_access", parentIdentifier="NP1", studentIdentifier=student, **rights)


def boston(portal: Portal, folder: Path, roster: Roster | None = None, **options: object) -> None:
    """Open a district in which families request their accounts."""
    given = {"account_opening": "request", "password": {"min_length": 12}, **options}
    enroll(portal, folder, roster or boston_roster(), "boston", **given)


def member(portal: Portal, role: Role = Role.DESK, schools: Sequence[str] = ()) -> StaffMember:
    """Return a member of the district's staff."""
    staff_id = make_staff(portal, role, district="boston", schools=schools)
    with portal.begin(read_only=True) as tx:
        return member_of(tx.session.get_one(StaffRow, staff_id))


def does(portal: Portal, work: Callable[[Transaction], Answer]) -> Answer:
    """Return what one transaction comes to."""
    with portal.begin() as tx:
        return work(tx)


def requests_of(portal: Portal) -> list[AccountRequestRow]:
    """Return the requests as they are kept, the oldest first."""
    with portal.begin(read_only=True) as tx:
        return list(tx.session.scalars(select(AccountRequestRow).order_by(AccountRequestRow.created_at)))


def the_request(portal: Portal) -> AccountRequestRow:
    """Return the only request."""
    (row,) = requests_of(portal)
    return row


def mailed_token(portal: Portal, purpose: TokenPurpose) -> str:
    """Let the mail of the newest token of a purpose leave, and return its token."""
    with portal.begin() as tx:
        # Not one of those that go to nobody, so that each request costs the same.
        query = select(TokenRow).where(TokenRow.purpose == purpose.value, TokenRow.details != "{}")
        row = tx.session.scalars(query.order_by(TokenRow.created_at.desc(), TokenRow.token_id)).all()[0]
        tx.tokens.sending(row.token_id)
        return tx.tokens.derive(row.token_id).value


def confirm(portal: Portal, password: str = NEW_PASSWORD) -> EmailConfirmed | Refused:
    """Confirm the request with the token of its mail."""
    token = mailed_token(portal, TokenPurpose.CONFIRM_REQUEST)
    return portal.confirm_email(ConfirmEmail(asker(district="boston"), Secret(token), Secret(password)))


def waiting_request(district: str, at: datetime) -> AccountRequestRow:
    """Return a request that waits for staff."""
    return AccountRequestRow(
        request_id=uuid4().hex,
        district_id=district,
        first_name="Ana",
        last_name="López",
        email="ana@example.org",
        email_key="ana@example.org",
        language="en",
        password_hash="",
        state="staff",
        reason="name_differs",
        conversation="",
        created_at=at,
    )
