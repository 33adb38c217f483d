"""Print runs of letters, from the command line and from the console alike."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.files.letters import LetterPress, LettersPdf
from portal.core.districts import District
from portal.core.outcomes import Refused
from portal.helpdesk.staff.outcomes import StaffMember
from portal.transaction import Portal, Transaction

# Looks whoever prints up anew in each transaction: a role that was lost is lost in the middle of a run.
Who = Callable[[Transaction], StaffMember | Refused]
# Hears how many letters are still to be printed.
Watch = Callable[[int], None]
# Returns what links of a district begin with, or raises SettingsError.
BaseOf = Callable[[District], str]


def nobody_watches(_: int) -> None:
    """Let a run be printed unwatched."""


@dataclass(frozen=True, slots=True)
class LetterOffice:
    """Give letters their passwords, batch by batch, and set them once all of them have one.

    Killed in between, the run goes on where it stopped when it is asked for again.
    """

    press: LetterPress

    def print(
        self, portal: Portal, who: Who, run_id: str, watch: Watch = nobody_watches
    ) -> LettersPdf | Refused:
        """Return the PDF of a run; asked for again it is the same letters, until the run is finished."""
        left: int | Refused = 1
        while not isinstance(left, Refused) and left > 0:
            with portal.begin() as tx:
                member = who(tx)
                left = member if isinstance(member, Refused) else tx.letters.print_next(member, run_id)
            if not isinstance(left, Refused):
                watch(left)
        if isinstance(left, Refused):
            return left
        with portal.begin() as tx:
            member = who(tx)
            ready = member if isinstance(member, Refused) else tx.letters.ready(member, run_id)
        return ready if isinstance(ready, Refused) else self.press.set(ready)
