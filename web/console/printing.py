"""Define what prints letters for the console; whoever starts the program gives it a concrete one."""

from collections.abc import Callable
from typing import Protocol

from portal.core.outcomes import Refused
from portal.helpdesk.staff.outcomes import StaffMember
from portal.transaction import Portal, Transaction


class PrintedLetters(Protocol):
    """Hold the letters of a run as a file, and what whoever prints it should know."""

    @property
    def content(self) -> bytes:
        """Return the PDF."""


class LetterPrinter(Protocol):
    """Print the letters of a run."""

    def print(
        self, portal: Portal, who: Callable[[Transaction], StaffMember | Refused], run_id: str
    ) -> PrintedLetters | Refused:
        """Return the file; raise SettingsError where the letters would lead nowhere."""
