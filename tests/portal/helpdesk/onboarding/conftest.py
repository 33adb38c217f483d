"""Hand out letters in a district with two schools: S1 and S2 are siblings, S3 has another mother."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from portal.helpdesk.staff.outcomes import StaffMember
from portal.helpdesk.staff.roles import Role
from portal.sis.sources.oneroster_csv import OneRosterFolderOrZip
from portal.transaction import Portal
from tests.support.families import HELP
from tests.support.letters import member_of
from tests.support.portals import make_district
from tests.support.rosters import Roster, small_roster


def two_schools() -> Roster:
    roster = small_roster().student("S3", "Zoe", "Whitfield").parent("P3", "Karen", "Whitfield", "S3")
    return roster.student("S9", "Noor", "Haddad", orgSourcedIds="MS").parent("P9", "Rana", "Haddad", "S9")


@pytest.fixture
def students(portal: Portal, tmp_path: Path) -> Mapping[str, str]:
    """Return the ids of the students by their keys in the files."""
    make_district(portal, locales=["en", "es"], help=HELP)
    make_district(portal, "boston", name="Boston Public Schools")
    roster = two_schools()
    with portal.begin() as tx:
        tx.imports.run("westborough", OneRosterFolderOrZip(roster.folder(tmp_path / "set")))
        keys = [row["sourcedId"] for row in roster.rows["users"] if row["role"] == "student"]
        found = {key: tx.imports.find_student("westborough", key) for key in keys}
    return {key: person.id for key, person in found.items() if person is not None}


@pytest.fixture
def schools(portal: Portal, students: Mapping[str, str]) -> Mapping[str, str]:
    """Return the ids of the schools by their numbers."""
    with portal.begin() as tx:
        found = tx.letters.schools(member_of(Role.DISTRICT_ADMINISTRATOR))
    assert isinstance(found, tuple)
    return {each.identifier: each.school_id for each in found}


@pytest.fixture
def member() -> StaffMember:
    return member_of(Role.DISTRICT_ADMINISTRATOR)
