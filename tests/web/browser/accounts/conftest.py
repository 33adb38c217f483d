"""Open the account pages of two districts in Chromium, with scripts and without."""

from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from portal.transaction import Portal
from tests.support.account_pages import EMAIL
from tests.support.doors import served
from tests.support.families import Letter, import_roster
from tests.support.portals import make_district, make_parent
from tests.support.public_site import public_site
from tests.support.rosters import small_roster

HELP = {"default": {"name": "Parent help desk", "phone": "(508) 555-0192", "email": "help@schools.example"}}


@pytest.fixture
def letters(portal: Portal, tmp_path: Path) -> Mapping[str, Letter]:
    """Make both districts with Marisol, whose address is confirmed; hand out the letters of two students."""
    make_district(portal, "westborough", profile="powerschool", locales=["en", "es"], help=HELP)
    boston = {"name": "Boston Public Schools", "portal_url": "https://sis.mybps.org", "help": HELP}
    make_district(portal, "boston", profile="aspen", account_opening="request", **boston)
    letters = import_roster(portal, tmp_path, small_roster(), "westborough")
    children = [letters["S1"].student_id]
    make_parent(portal, username="mlopez", email=EMAIL, email_confirmed=True, children=children)
    return letters


@pytest.fixture
def address(portal: Portal, letters: Mapping[str, Letter]) -> Iterator[str]:
    with public_site(portal) as app, served(app) as url:
        yield url


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser, address: str) -> AsyncIterator[Page]:
    context = await browser.new_context(base_url=address, viewport={"width": 320, "height": 720})
    yield await context.new_page()
    await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def plain(browser: Browser, address: str) -> AsyncIterator[Page]:
    """Open a page in a browser whose JavaScript is switched off."""
    context = await browser.new_context(base_url=address, java_script_enabled=False)
    yield await context.new_page()
    await context.close()
