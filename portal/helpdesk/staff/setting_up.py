"""Set up what somebody of the demo signs in with, whom nobody sends an invitation."""

from collections.abc import Callable
from functools import partial

from portal.accounts.passwords import Hasher, normalised
from portal.accounts.pending import Done, Pending
from portal.core.context import Context
from portal.core.outcomes import Reason, Refused
from portal.core.secret import Secret
from portal.helpdesk.staff.accounts import StaffAccounts
from portal.helpdesk.staff.models import StaffRow
from portal.helpdesk.staff.outcomes import SignInChanged

Outcome = SignInChanged | Refused


class SettingUpStaff:
    """Give somebody a password and the secret of their codes; whoever signed in once keeps their own."""

    def __init__(self, staff_id: str, password: Secret, codes: Secret) -> None:
        """Take what is set up."""
        self._staff_id = staff_id
        self._password = password
        self._codes = codes

    def reserve(self, context: Context) -> Pending[Outcome] | Done[Outcome]:
        """Look whether there is anything to set up; what is pending hashes."""
        row = context.session.get(StaffRow, self._staff_id)
        password = normalised(self._password)
        if row is None or password is None:
            return Done(Refused(Reason.NOT_FOUND))
        if row.password_hash or row.last_sign_in_at is not None:
            return Done(Refused(Reason.ALREADY_DONE))
        return Pending(partial(self._judge, password))

    def _judge(self, password: Secret, hasher: Hasher) -> Callable[[Context], Outcome]:
        return partial(self._settle, hasher.hash(password))

    def _settle(self, hashed: str, context: Context) -> Outcome:
        row = context.session.get_one(StaffRow, self._staff_id, with_for_update=True)
        StaffAccounts(context).close_invitations(row.staff_id)
        row.password_hash = hashed
        row.totp_secret = context.keys.encrypt(self._codes.value.encode())
        return SignInChanged(row.staff_id)
