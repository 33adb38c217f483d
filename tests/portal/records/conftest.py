"""Give the tests of answers a way to import a family and to sign its parent in."""

from collections.abc import Callable
from pathlib import Path

import pytest

from portal.accounts.outcomes import SignedIn
from portal.core.outcomes import Refused
from portal.records.service import Records
from portal.sis.sources.oneroster_csv import OneRosterFolderOrZip
from portal.transaction import Portal
from tests.support.portals import make_district, make_parent, sign_in
from tests.support.rosters import Answered, Family, Roster


@pytest.fixture
def family(portal: Portal, tmp_path: Path) -> Family:
    """Import a set, make a parent of the children (by identifier) and sign the parent in."""
    made = 0

    def of(
        roster: Roster,
        *children: str,
        district: str = "westborough",
        conversation: str = "conversation",
        contact: str | None = None,
    ) -> None:
        nonlocal made
        made += 1
        make_district(portal, district)
        with portal.begin() as tx:
            tx.imports.run(district, OneRosterFolderOrZip(roster.folder(tmp_path / f"set-{made}")))
            found = [tx.imports.find_student(district, child) for child in children]
            person = tx.imports.find_contact(district, contact) if contact else None
        ids = [child.id for child in found if child]
        assert len(ids) == len(children)
        username = f"parent{made}"
        make_parent(
            portal, district, username=username, children=ids, contact_id=person.id if person else None
        )
        signed_in = sign_in(portal, username, district=district, conversation=conversation)
        assert isinstance(signed_in, SignedIn)

    return of


@pytest.fixture
def ask(portal: Portal) -> Answered:
    """Ask something of the records and return the answer, which must not be a refusal."""

    def asked(question: Callable[[Records], object]) -> object:
        with portal.begin() as tx:
            answer = question(tx.records)
        assert not isinstance(answer, Refused), answer
        return answer

    return asked


@pytest.fixture
def refusal(portal: Portal) -> Callable[..., Refused]:
    """Ask something of the records that must be refused, and return the refusal."""

    def asked(question: Callable[[Records], object]) -> Refused:
        with portal.begin() as tx:
            answer = question(tx.records)
        assert isinstance(answer, Refused), answer
        return answer

    return asked
