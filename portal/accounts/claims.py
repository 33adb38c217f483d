"""Link students to the account that is signed in, by their Access IDs and access passwords."""

from portal.accounts.outcomes import LinkStudents, StudentsLinked
from portal.core.context import Context
from portal.core.outcomes import Refused


class Claims:
    """Check pairs of Access ID and access password, counted before they are looked at."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._context = context

    def link(self, request: LinkStudents) -> StudentsLinked | Refused:
        """Link all the students or none."""
        raise NotImplementedError

    def unlink(self, conversation: str, student_id: str) -> bool | Refused:
        """Take a student off the signed-in account; False when it was not linked."""
        raise NotImplementedError
