"""A school prints its letters in Chromium, by keyboard, on a narrow dark screen; every page is clean."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from bot.files.letters import LetterPress
from bot.files.words import PaperPacks
from bot.letter_office import LetterOffice
from portal.helpdesk.staff.roles import Role
from portal.sis.sources.oneroster_csv import OneRosterFolderOrZip
from portal.transaction import Portal
from tests.flows.school import write_school
from tests.support.console import console_site, make_staff
from tests.support.doors import DATA, served
from tests.support.page_looks import check
from tests.support.pdf import pages_of
from tests.support.portals import make_district
from web.public.cookies import new_token

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest.fixture
def address(portal: Portal, tmp_path: Path) -> Iterator[str]:
    make_district(portal, locales=["en", "es"])
    with portal.begin() as tx:
        tx.imports.run("westborough", OneRosterFolderOrZip(write_school(tmp_path / "school")))
    office = LetterOffice(LetterPress(PaperPacks(DATA), lambda _, code: f"https://hallpass.example/{code}"))
    with console_site(portal, letters=office) as app, served(app) as url:
        yield url


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser, portal: Portal, address: str) -> AsyncIterator[Page]:
    token = new_token()
    staff_id = make_staff(portal, Role.DISTRICT_ADMINISTRATOR)
    with portal.begin() as tx:
        tx.staff_sessions.begin(staff_id, token, proven=True)
    context = await browser.new_context(
        base_url=address,
        viewport={"width": 320, "height": 720},
        color_scheme="dark",
        java_script_enabled=True,
    )
    await context.add_cookies([{"name": "staff", "value": token, "url": address}])
    opened = await context.new_page()
    yield opened
    await context.close()


async def test_a_school_goes_from_no_letter_to_printed_ones(page: Page) -> None:
    await page.goto("/helpdesk/letters")
    await check(page)
    await page.get_by_label("Language").select_option("es")
    await page.get_by_role("button", name="Make the letters").press("Enter")
    await page.get_by_role("heading", name="Letters: Assabet Ridge School").wait_for()
    await check(page)

    async with page.expect_download() as arriving:
        await page.get_by_role("button", name="Download the letters").press("Enter")
    arrived = await arriving.value
    await page.reload()
    await check(page)
    await page.get_by_role("button", name="Everything is printed").press("Enter")
    await page.get_by_text("Nobody can download these letters any more.").wait_for()
    await check(page)
    await page.goto("/helpdesk/onboarding")
    await page.get_by_text("Students whose family has no account: 3.").wait_for()
    await check(page)

    assert arrived.suggested_filename.endswith(".pdf")
    content = await asyncio.to_thread(Path(await arrived.path()).read_bytes)
    assert len(pages_of(content)) == 3
