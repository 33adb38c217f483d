"""Open the public pages of two districts to browsers without scripts."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from starlette.types import ASGIApp

from portal.sis.sources.oneroster_csv import OneRosterFolderOrZip
from portal.transaction import Portal
from tests.flows.school import write_school
from tests.support.doors import client_of
from tests.support.portals import make_district, make_parent
from tests.support.public_site import public_site

HELP = {"default": {"name": "Parent help desk", "phone": "(508) 555-0192", "email": "help@schools.example"}}


@pytest.fixture
def districts(portal: Portal) -> None:
    locales = ["en", "es"]
    make_district(portal, "westborough", profile="powerschool", locales=locales, help=HELP)
    boston = {"name": "Boston Public Schools", "portal_url": "https://sis.mybps.org"}
    make_district(portal, "boston", profile="aspen", account_opening="request", **boston)


@pytest.fixture
def families(portal: Portal, districts: None) -> None:
    """Give both districts a parent of the same name; neither has children yet."""
    make_parent(portal, username="mlopez", display_name="Marisol López", email="marisol@families.example")
    make_parent(portal, "boston", username="mlopez", display_name="Marisol López")
    make_parent(portal, username="kwhitfield", display_name="Karen Whitfield")


@pytest.fixture
def school(portal: Portal, families: None, tmp_path: Path) -> dict[str, str]:
    """Link Maya and Leo to mlopez, and return the children's ids by their first names."""
    with portal.begin() as tx:
        tx.imports.run("westborough", OneRosterFolderOrZip(write_school(tmp_path / "school")))
        maya, leo = (tx.imports.find_student("westborough", number) for number in ("7001", "7002"))
        account = tx.accounts.find("westborough", "mlopez")
        assert maya is not None
        assert leo is not None
        assert account is not None
        for child in (maya, leo):
            tx.links.link(account.account_id, child.id, "Mother")
    return {"Maya": maya.id, "Leo": leo.id}


@pytest.fixture
def site(portal: Portal, families: None) -> Iterator[ASGIApp]:
    with public_site(portal) as app:
        yield app


@pytest_asyncio.fixture
async def browser(site: ASGIApp) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(site) as client:
        yield client


@pytest_asyncio.fixture
async def other_browser(site: ASGIApp) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(site) as client:
        yield client
