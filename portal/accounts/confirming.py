"""Confirm an address with the token of a mail and the password of the account."""

from portal.accounts.outcomes import ConfirmEmail, EmailConfirmed
from portal.accounts.pending import Done, Pending
from portal.core.context import Context
from portal.core.outcomes import Refused


class ConfirmingEmail:
    """Confirm an address with the token of a mail and the password of the account."""

    def __init__(self, request: ConfirmEmail) -> None:
        """Take what is asked."""
        self._request = request

    def reserve(self, context: Context) -> Pending[EmailConfirmed | Refused] | Done[EmailConfirmed | Refused]:
        """Check and count in one short transaction; what is pending hashes and settles."""
        raise NotImplementedError
