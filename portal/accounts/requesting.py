"""Take requests for an account; what the records say of them only staff learn."""

from portal.accounts.outcomes import AccountRequested, RequestAccount
from portal.accounts.pending import Done, Pending
from portal.core.context import Context
from portal.core.outcomes import Refused

Requested = AccountRequested | Refused


class RequestingAccount:
    """Take one request for an account."""

    def __init__(self, request: RequestAccount) -> None:
        """Take what is asked."""
        self._request = request

    def reserve(self, context: Context) -> Pending[Requested] | Done[Requested]:
        """Check and count in one short transaction; what is pending hashes and settles."""
        raise NotImplementedError
