"""Answer about a child, only to whoever is signed in and linked to it."""

from portal.core.context import Context
from portal.core.outcomes import Refused
from portal.records.answers import Attendance, Grades, Names, Question, Students


class Records:
    """Answer questions about the children of the conversation's live session."""

    def __init__(self, context: Context) -> None:
        """Work in the given transaction."""
        self._context = context

    def students(self, conversation: str) -> Students | Refused:
        """List the linked children as tabs, by first name."""
        raise NotImplementedError

    def names(self, conversation: str) -> Names:
        """List the names that this parent may use; empty when nobody is signed in."""
        raise NotImplementedError

    def grades(self, conversation: str, question: Question) -> Grades | Refused:
        """Answer with the grades of a term, the current one unless another is asked for."""
        raise NotImplementedError

    def attendance(self, conversation: str, question: Question) -> Attendance | Refused:
        """Answer with absences and tardies of the current term, or of what is asked for."""
        raise NotImplementedError
