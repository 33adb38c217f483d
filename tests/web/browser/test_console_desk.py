"""Staff help a caller in Chromium, by keyboard, on a narrow dark screen; every page of it is clean."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from portal.transaction import Portal
from tests.support.console import console_site, make_staff
from tests.support.desk_work import TwoFamilies, open_desk
from tests.support.doors import served
from tests.support.page_looks import check
from tests.support.portals import sign_in
from web.public.cookies import new_token

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest.fixture
def families(portal: Portal, tmp_path: Path) -> TwoFamilies:
    return open_desk(portal, tmp_path)


@pytest.fixture
def address(portal: Portal, families: TwoFamilies) -> Iterator[str]:
    with console_site(portal) as app, served(app) as url:
        yield url


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser, portal: Portal, address: str) -> AsyncIterator[Page]:
    token = new_token()
    staff_id = make_staff(portal)
    with portal.begin() as tx:
        tx.staff_sessions.begin(staff_id, token, proven=True)
    context = await browser.new_context(
        base_url=address, viewport={"width": 320, "height": 720}, color_scheme="dark"
    )
    await context.add_cookies([{"name": "staff", "value": token, "url": address}])
    opened = await context.new_page()
    yield opened
    await context.close()


async def test_call_of_a_locked_out_parent_ends_in_a_temporary_password(
    portal: Portal, page: Page, families: TwoFamilies
) -> None:
    for _ in range(6):
        sign_in(portal, password="some quite wrong words", channel="web", device="the phone")

    await page.goto("/helpdesk/parents")
    await page.get_by_label("Name, username").fill("lopez")
    await page.keyboard.press("Enter")
    await page.get_by_role("link", name="Marisol López").wait_for()
    await check(page)
    await page.get_by_role("link", name="Marisol López").press("Enter")
    await page.get_by_role("heading", name="Why they do not get in").wait_for()
    await check(page)
    await page.get_by_role("link", name="Give out a temporary password").click()
    await page.get_by_role("button", name="Keep this").click()
    await page.get_by_text("Please tick what you did.").first.wait_for()
    await check(page)
    await page.get_by_label("I called back at the number in the records").check()
    await page.get_by_role("button", name="Keep this").click()
    await page.get_by_label("Reason").select_option("forgot_password")
    await check(page)
    await page.get_by_role("button", name="Give out a temporary password").press("Enter")
    await page.get_by_role("heading", name="Temporary password").wait_for()
    await check(page)
    shown = await page.locator(".once code").inner_text()
    await page.get_by_role("link", name="Back to the parent").click()
    await page.get_by_text("Gave out a temporary password").wait_for()
    await check(page)

    assert len(shown) == len("abcd-efgh-jkmn-pqrs")
    assert shown not in await page.content()


async def test_form_of_every_deed_is_clean(page: Page, families: TwoFamilies) -> None:
    parent = f"/helpdesk/parents/{families.lopez}"
    await page.goto(f"{parent}/caller")
    await page.get_by_label("I saw a photo ID").check()
    await page.get_by_role("button", name="Keep this").click()

    for deed in ("unlock", "recovery", "sign-out", "email", "link", "unlink", "disable", "enable"):
        await page.goto(f"{parent}/{deed}")
        await check(page)
    await page.goto("/helpdesk/attacks")
    await check(page)
