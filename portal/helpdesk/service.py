"""Open cases for the help desk."""

from portal.core.context import Context
from portal.helpdesk.outcomes import Case, CaseOpened, NewCase


class Cases:
    """Keep the cases of a district."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._context = context

    def open(self, new: NewCase) -> CaseOpened:
        """Open a case and tell staff that there is one; a repeat adds to the one that is open."""
        raise NotImplementedError

    def waiting(self, district: str) -> list[Case]:
        """Return the open cases, the oldest first."""
        raise NotImplementedError
