"""Work on the first case of a district as a member of staff, in one line each."""

from dataclasses import dataclass
from uuid import uuid4

from portal.core.outcomes import Refused
from portal.helpdesk.case_outcomes import CaseChanged, CaseView, Entry, EntryKind
from portal.helpdesk.staff.models import StaffRow
from portal.helpdesk.staff.outcomes import StaffMember
from portal.helpdesk.staff.sessions import member_of
from portal.transaction import Portal


@dataclass(frozen=True)
class Desk:
    """Hold who works, and on which case."""

    portal: Portal
    staff_id: str
    number: int = 1

    def answer(self, text: str, request_id: str = "") -> CaseChanged | Refused:
        """Say something to the family."""
        with self.portal.begin() as tx:
            member = self._member(tx.session.get_one(StaffRow, self.staff_id))
            return tx.casework.answer(member, self.number, text, request_id or uuid4().hex)

    def take_over(self) -> CaseChanged | Refused:
        """Take the chat over."""
        version = self.view().version
        with self.portal.begin() as tx:
            member = self._member(tx.session.get_one(StaffRow, self.staff_id))
            return tx.casework.take_over(member, self.number, version)

    def hand_back(self) -> CaseChanged | Refused:
        """Hand the chat back."""
        with self.portal.begin() as tx:
            member = self._member(tx.session.get_one(StaffRow, self.staff_id))
            return tx.casework.hand_back(member, self.number)

    def close(self, done: str = "Unlocked the account.") -> CaseChanged | Refused:
        """Close the case."""
        version = self.view().version
        with self.portal.begin() as tx:
            member = self._member(tx.session.get_one(StaffRow, self.staff_id))
            return tx.casework.close(member, self.number, done, version)

    def view(self) -> CaseView:
        """Look at the case."""
        with self.portal.begin() as tx:
            member = self._member(tx.session.get_one(StaffRow, self.staff_id))
            view = tx.case_lists.look(member, self.number)
        assert isinstance(view, CaseView), view
        return view

    def entries(self, kind: EntryKind) -> list[Entry]:
        """Return what happened of one kind."""
        return [entry for entry in self.view().entries if entry.kind is kind]

    @staticmethod
    def _member(row: StaffRow) -> StaffMember:
        return member_of(row)
