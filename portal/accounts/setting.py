"""Set a new password with the token of a mail."""

from portal.accounts.outcomes import PasswordSet, SetPassword
from portal.accounts.pending import Done, Pending
from portal.core.context import Context
from portal.core.outcomes import Refused


class SettingPassword:
    """Set a new password with the token of a mail."""

    def __init__(self, request: SetPassword) -> None:
        """Take what is asked."""
        self._request = request

    def reserve(self, context: Context) -> Pending[PasswordSet | Refused] | Done[PasswordSet | Refused]:
        """Check and count in one short transaction; what is pending hashes and settles."""
        raise NotImplementedError
