"""Open the console of a district with two families to members of staff."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.types import ASGIApp

from portal.sis.sources.oneroster_csv import OneRosterFolderOrZip
from portal.transaction import Portal
from tests.flows.school import write_school
from tests.support.console import console_site
from tests.support.portals import make_district, make_parent

HELP = {"default": {"name": "Parent help desk", "phone": "(508) 555-0192", "email": "help@schools.example"}}


@pytest.fixture
def families(portal: Portal, tmp_path: Path) -> dict[str, str]:
    """Link Maya and Leo to mlopez and Zoe to kwhitfield; return the ids of accounts and children by name."""
    make_district(portal, "westborough", profile="powerschool", locales=["en", "es"], help=HELP)
    make_district(portal, "boston", name="Boston Public Schools", profile="aspen", account_opening="request")
    with portal.begin() as tx:
        tx.imports.run("westborough", OneRosterFolderOrZip(write_school(tmp_path / "school")))
        found = [tx.imports.find_student("westborough", number) for number in ("7001", "7002", "7003")]
    maya, leo, zoe = (student.id for student in found if student is not None)
    lopez = make_parent(
        portal,
        username="mlopez",
        display_name="Marisol López",
        children=[maya, leo],
        email="marisol@families.example",
        email_confirmed=True,
    )
    whitfield = make_parent(portal, username="kwhitfield", display_name="Karen Whitfield", children=[zoe])
    return {"mlopez": lopez, "kwhitfield": whitfield, "Maya": maya, "Leo": leo, "Zoe": zoe}


@pytest.fixture
def site(portal: Portal) -> Iterator[ASGIApp]:
    with console_site(portal) as app:
        yield app
