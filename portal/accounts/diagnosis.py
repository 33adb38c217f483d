"""Find why somebody cannot get in: in full for staff, in safe words for whoever asks."""

from portal.accounts.outcomes import Diagnosed, SafelyDiagnosed
from portal.core.context import Context


class Diagnosis:
    """Look at everything that a way in depends on; nothing is changed."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._context = context

    def of(self, district: str, username: str) -> Diagnosed:
        """Return every finding about a name, the first to mend first; for staff only."""
        raise NotImplementedError

    def safely(self, district: str, username: str) -> SafelyDiagnosed:
        """Return what anybody may be told of a name, whether or not somebody has it."""
        raise NotImplementedError
