"""Change what a parent signs in with or is written to at, once the password was given again."""

from portal.accounts.outcomes import ChangeEmail, ChangeUsername, EmailChangeAsked, UsernameChanged
from portal.accounts.pending import Done, Pending
from portal.core.context import Context
from portal.core.outcomes import Refused

Renamed = UsernameChanged | Refused
Asked = EmailChangeAsked | Refused


class ChangingUsername:
    """Change a username."""

    def __init__(self, request: ChangeUsername) -> None:
        """Take what is asked."""
        self._request = request

    def reserve(self, context: Context) -> Pending[Renamed] | Done[Renamed]:
        """Check and count in one short transaction; what is pending hashes and settles."""
        raise NotImplementedError


class ChangingEmail:
    """Ask both ends before an address changes."""

    def __init__(self, request: ChangeEmail) -> None:
        """Take what is asked."""
        self._request = request

    def reserve(self, context: Context) -> Pending[Asked] | Done[Asked]:
        """Check and count in one short transaction; what is pending hashes and settles."""
        raise NotImplementedError
