"""Open an account for whoever shows the Access IDs and access passwords of their students."""

from portal.accounts.outcomes import AccountOpened, OpenAccount
from portal.accounts.pending import Done, Pending
from portal.core.context import Context
from portal.core.outcomes import Refused


class OpeningAccount:
    """Open an account with its students, all of it or nothing."""

    def __init__(self, request: OpenAccount) -> None:
        """Take what is asked."""
        self._request = request

    def reserve(self, context: Context) -> Pending[AccountOpened | Refused] | Done[AccountOpened | Refused]:
        """Check and count in one short transaction; what is pending hashes and settles."""
        raise NotImplementedError
