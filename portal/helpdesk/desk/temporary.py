"""Give out a temporary password: made here, shown once, good for one sign-in that must change it."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from portal.accounts.devices import Devices
from portal.accounts.gate import Gate
from portal.accounts.history import PasswordHistory
from portal.accounts.mailing import to_owner
from portal.accounts.passwords import Hasher
from portal.accounts.pending import Done, Pending
from portal.accounts.service import TEMPORARY_LIFE
from portal.accounts.sessions import Sessions
from portal.core.audit import AuditEvent
from portal.core.context import Context
from portal.core.districts import Districts
from portal.core.options import Profile
from portal.core.outbox import MailKind, Outbox
from portal.core.outcomes import Reason, Refused
from portal.core.secret import Secret
from portal.core.tokens import TokenPurpose, Tokens
from portal.helpdesk.desk.opening import Opened, Opening
from portal.helpdesk.desk.outcomes import Order, TemporaryPassword
from portal.helpdesk.staff.outcomes import StaffMember
from portal.helpdesk.staff.roles import Deed
from portal.helpdesk.staff.sessions import StaffSessions

Outcome = TemporaryPassword | Refused
# Read out over the telephone: no letter looks or sounds quite like a digit beside it.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
GROUPS, IN_GROUP = 4, 4


@dataclass(frozen=True, slots=True)
class TemporaryOrder:
    """Order a temporary password; `sid` is the console session of whoever orders it."""

    sid: str = field(repr=False)
    order: Order


class GivingTemporaryPassword:
    """Make, hash and set a temporary password; whoever orders it is looked up in each transaction."""

    def __init__(self, asked: TemporaryOrder) -> None:
        """Take what is asked."""
        self._asked = asked
        self._password = Secret(_made())

    def reserve(self, context: Context) -> Pending[Outcome] | Done[Outcome]:
        """Check everything before anything is hashed."""
        opened = self._opened(context)
        return Done(opened) if isinstance(opened, Refused) else Pending(self._judge)

    def _judge(self, hasher: Hasher) -> Callable[[Context], Outcome]:
        hashed = hasher.hash(self._password)
        return lambda context: self._settle(context, hashed)

    def _settle(self, context: Context, hashed: str) -> Outcome:
        opened = self._opened(context)
        if isinstance(opened, Refused):
            return opened
        account = opened.account
        PasswordHistory(context).replace(account, hashed)
        account.temporary_until = context.now + TEMPORARY_LIFE
        # Whatever was mailed for the old password is void with it, and nobody stays signed in with it.
        Tokens(context).void(account.account_id, TokenPurpose.RECOVER_PASSWORD, TokenPurpose.CONFIRM_EMAIL)
        Sessions(context).end_all(account.account_id)
        was_locked = self._unlock(context, opened)
        Opening(context).record(opened, AuditEvent.TEMPORARY_PASSWORD_SET, was_locked=was_locked)
        if account.email:
            Outbox(context).put(account.district_id, MailKind.TEMPORARY_PASSWORD, to_owner(account))
        return TemporaryPassword(account.account_id, self._password.value, account.temporary_until)

    def _unlock(self, context: Context, opened: Opened) -> bool:
        # A new password that the lock keeps out would only be called about once more.
        gate, devices, account = Gate(context), Devices(context), opened.account
        name = gate.name_key(account.district_id, account.username)
        was_locked = gate.is_locked(name, opened.district.options.lock)
        for key in (name, *devices.keys_of(account.account_id)):
            gate.clear(key)
        devices.forget(account.account_id)
        return was_locked

    def _opened(self, context: Context) -> Opened | Refused:
        member = StaffSessions(context).current(self._asked.sid)
        if isinstance(member, Refused):
            return Refused(Reason.FORBIDDEN)
        opened = Opening(context).open(member, Deed.SET_TEMPORARY_PASSWORD, self._asked.order)
        if isinstance(opened, Refused):
            return opened
        if opened.account.disabled_at is not None or not shows_password(context, member):
            return Refused(Reason.TURNED_OFF)
        return opened


def shows_password(context: Context, member: StaffMember) -> bool:
    """Tell whether staff of the district are shown temporary passwords; else a link is mailed."""
    options = Districts(context).get_one(member.district).options
    return options.profile is not Profile.RECOMMENDED


def _made() -> str:
    groups = ("".join(secrets.choice(LETTERS) for _ in range(IN_GROUP)) for _ in range(GROUPS))
    return "-".join(groups)
