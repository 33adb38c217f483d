"""Open the pages of records in Chromium, with the files that they lead to, with scripts and without."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from bot.files import route as files_route
from bot.files.makers import makers
from bot.files.shelf import Shelf
from portal.sis.sources.oneroster_csv import OneRosterFolderOrZip
from portal.transaction import Portal
from tests.support.account_browser import enter
from tests.support.doors import DATA, always_ready, pages_of, served
from tests.support.portals import make_district, make_parent
from tests.web.public.records.conftest import EVERYTHING, write_everything
from web.app import WebSettings, create_app
from web.public.gateway import Gateway
from web.public.page import Site
from web.public.site import public_routes


@pytest.fixture
def address(portal: Portal, tmp_path: Path) -> Iterator[str]:
    """Serve one district with everything turned on; mlopez is the parent of Maya and Leo."""
    make_district(portal, **EVERYTHING)
    with portal.begin() as tx:
        tx.imports.run("westborough", OneRosterFolderOrZip(write_everything(tmp_path / "school")))
        found = [tx.imports.find_student("westborough", number) for number in ("7001", "7002")]
    children = [child.id for child in found if child is not None]
    marisol = {"display_name": "Marisol López", "email": "marisol@mailbox.example", "email_confirmed": True}
    make_parent(portal, username="mlopez", children=children, **marisol)
    pages, gateway = pages_of(), Gateway(portal)
    routes = [*files_route.routes(Shelf(portal, makers(DATA))), *public_routes(Site(pages, gateway))]
    with served(create_app(WebSettings(pages=pages, unready=always_ready), routes=routes)) as url:
        yield url
    gateway.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser, address: str) -> AsyncIterator[Page]:
    """Open a browser in which mlopez is signed in."""
    context = await browser.new_context(base_url=address, viewport={"width": 1000, "height": 800})
    opened = await context.new_page()
    await enter(opened)
    yield opened
    await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def plain(browser: Browser, address: str) -> AsyncIterator[Page]:
    """Open such a browser whose JavaScript is switched off, on a small screen."""
    context = await browser.new_context(
        base_url=address, viewport={"width": 320, "height": 720}, java_script_enabled=False
    )
    opened = await context.new_page()
    await enter(opened)
    yield opened
    await context.close()
