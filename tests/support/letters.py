"""Print letters in one line, and read what stands on them."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from portal.accounts.outcomes import StudentClaim, StudentsLinked
from portal.core.outcomes import Refused
from portal.core.secret import Secret
from portal.helpdesk.onboarding.outcomes import ChildOnLetter, LetterRun, LettersAsked, LettersReady
from portal.helpdesk.staff.outcomes import StaffMember
from portal.helpdesk.staff.roles import Role
from portal.transaction import Portal
from tests.support.families import link
from tests.support.portals import make_parent, sign_in


def member_of(role: Role, *schools: str, district: str = "westborough") -> StaffMember:
    """Return a member of staff of whom nothing more is known."""
    return StaffMember(
        uuid4().hex, district, "Dana Whitlock", "dana@schools.example", role, frozenset(schools)
    )


def ask(portal: Portal, member: StaffMember, **asked: Any) -> LetterRun:
    """Begin a run."""
    with portal.begin() as tx:
        run = tx.letters.ask(member, LettersAsked(**{"request_id": uuid4().hex, **asked}))
    assert isinstance(run, LetterRun), run
    return run


def print_all(portal: Portal, member: StaffMember, run_id: str) -> LettersReady:
    """Print a run to its end and return the sheets."""
    left: int | Refused = 1
    while left:
        with portal.begin() as tx:
            left = tx.letters.print_next(member, run_id)
        assert not isinstance(left, Refused), left
    with portal.begin() as tx:
        ready = tx.letters.ready(member, run_id)
    assert isinstance(ready, LettersReady), ready
    return ready


def printed(portal: Portal, member: StaffMember, **asked: Any) -> Mapping[str, ChildOnLetter]:
    """Print the letters that are asked for and return them by student."""
    ready = print_all(portal, member, ask(portal, member, **asked).run_id)
    return {child.student_id: child for sheet in ready.sheets for child in sheet.children}


def links(portal: Portal, letter: ChildOnLetter) -> bool:
    """Tell whether a new parent can link the child with what stands on the letter."""
    username = f"parent.{uuid4().hex[:8]}"
    make_parent(portal, username=username, display_name="Somebody New")
    sign_in(portal, username, conversation=username)
    password = letter.password or Secret("")
    claim = StudentClaim(
        name=letter.name, access_id=letter.access_id, access_password=password, relationship="mother"
    )
    return isinstance(link(portal, claim, conversation=username), StudentsLinked)
