"""A district is set up in Chromium, by keyboard; its pages are clean and narrow."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from portal.helpdesk.staff.roles import Role
from portal.sis.sources.oneroster_csv import OneRosterFolderOrZip
from portal.transaction import Portal
from tests.flows.school import write_school
from tests.support.console import console_site, make_staff
from tests.support.doors import served
from tests.support.page_looks import check_looks
from tests.support.portals import make_district
from web.public.cookies import new_token

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

HELP = {"default": {"name": "Parent help desk", "phone": "(508) 555-0192", "email": "help@schools.example"}}


def set_up(portal: Portal, **options: object) -> None:
    made = {"profile": "powerschool", "locales": ["en", "es", "ar"], "help": HELP, "school_bulletin": True}
    make_district(portal, **{**made, **options})


@pytest.fixture
def address(portal: Portal, tmp_path: Path) -> Iterator[str]:
    set_up(portal)
    with portal.begin() as tx:
        tx.imports.run("westborough", OneRosterFolderOrZip(write_school(tmp_path / "school")))
    with console_site(portal, public_url="https://parents.example") as app, served(app) as url:
        yield url


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser, portal: Portal, address: str) -> AsyncIterator[Page]:
    token, staff_id = new_token(), make_staff(portal, Role.DISTRICT_ADMINISTRATOR)
    with portal.begin() as tx:
        tx.staff_sessions.begin(staff_id, token, proven=True)
    context = await browser.new_context(base_url=address, viewport={"width": 1100, "height": 800})
    await context.add_cookies([{"name": "staff", "value": token, "url": address}])
    opened = await context.new_page()
    yield opened
    await context.close()


async def test_options_are_changed_by_keyboard_and_a_changed_file_is_decided(
    portal: Portal, page: Page
) -> None:
    await page.goto("/helpdesk/options/signing_in")
    await check_looks(page, "options-signing-in")
    await page.get_by_label("Profile").select_option("recommended")
    await page.get_by_label("Wrong passwords until the lock").fill("7")
    await page.get_by_role("button", name="Preview").press("Enter")
    await expect(page.get_by_role("heading", name="What changes for parents")).to_be_visible()
    await check_looks(page, "options-preview")
    await page.get_by_label("Why").fill("The board decided so")
    await page.get_by_role("button", name="Save").press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("Saved")
    set_up(portal, lock={"fails": 9})
    await page.reload()
    await check_looks(page, "options-conflict")
    await page.get_by_role("button", name="Keep what is set here").press("Enter")

    await expect(page.get_by_role("status")).to_contain_text("What is set here stays")
    await expect(page.get_by_text("The file has changed since")).to_have_count(0)


async def test_every_page_of_options_is_clean_and_narrow(page: Page) -> None:
    for name in ("district", "accounts", "pages", "embed", "help/default", "help/101"):
        await page.goto(f"/helpdesk/options/{name}")
        await check_looks(page, f"options-{name.replace('/', '-')}")
    await page.goto("/helpdesk/options/pages")
    await page.get_by_label("Mobile app").check()
    await page.get_by_role("button", name="Preview").click()
    await check_looks(page, "options-wrong")

    await expect(page.get_by_role("alert")).to_contain_text("This cannot be used")
    await expect(page.get_by_role("alert")).to_be_focused()


async def test_announcement_is_written_in_two_languages(page: Page) -> None:
    await page.goto("/helpdesk/announcements/new")
    await check_looks(page, "announcement-new")
    for language, title, text in (
        ("English", "Book fair", "In the library."),
        ("العربية", "معرض", "في المكتبة."),
    ):
        group = page.get_by_role("group", name=language)
        await group.get_by_label("Title").fill(title)
        await group.get_by_label("Text").fill(text)
    since = await page.get_by_label("Shown from").input_value()
    await page.get_by_label("Shown until").fill(since)
    await page.get_by_role("button", name="Announce").press("Enter")
    await check_looks(page, "announcements")

    await expect(page.get_by_role("row", name="Book fair")).to_contain_text("Missing: Español")


async def test_line_for_other_sites_is_there_once_a_site_is_named(portal: Portal, page: Page) -> None:
    await page.goto("/helpdesk/embed")
    await check_looks(page, "embed-none")
    set_up(portal, embed_origins=["https://www.westborough.example"])
    await page.reload()
    await check_looks(page, "embed")

    line = await page.get_by_label("Copy this into the page").input_value()
    assert line == '<script src="https://parents.example/embed.js?district=westborough" async></script>'
