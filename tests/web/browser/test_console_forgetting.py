"""A family's data is deleted in Chromium, by keyboard; the pages are clean and narrow."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from portal.helpdesk.desk.outcomes import Check
from portal.helpdesk.staff.roles import Role
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.console import console_site
from tests.support.doors import served
from tests.support.families import enroll
from tests.support.page_looks import check_looks
from tests.support.portals import make_parent, sign_in
from tests.support.staff import code, joined
from web.public.cookies import new_token

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest.fixture
def address(portal: Portal) -> Iterator[str]:
    with console_site(portal) as app, served(app) as url:
        yield url


@pytest_asyncio.fixture(loop_scope="session")
async def opened(browser: Browser, address: str) -> AsyncIterator[Page]:
    context = await browser.new_context(base_url=address, viewport={"width": 1100, "height": 800})
    yield await context.new_page()
    await context.close()


async def test_family_is_deleted_by_keyboard(
    portal: Portal, opened: Page, address: str, clock: FakeClock, tmp_path: Path
) -> None:
    letters = enroll(portal, tmp_path)
    account = make_parent(
        portal,
        children=[letters["S1"].student_id],
        email="marisol@mailbox.example",
        email_confirmed=True,
    )
    sign_in(portal)
    member, app = joined(portal, Role.DISTRICT_ADMINISTRATOR)
    clock.advance(minutes=1)
    token = new_token()
    with portal.begin() as tx:
        tx.staff_sessions.begin(member.staff_id, token, proven=True)
        tx.callers.check(member, account, [Check.PHOTO_ID.value])
    await opened.context.add_cookies([{"name": "staff", "value": token, "url": address}])

    await opened.goto(f"/helpdesk/parents/{account}")
    await opened.get_by_role("link", name="Delete the family's data").press("Enter")
    await check_looks(opened, "forget")
    await opened.get_by_label("Where the family's wish is on file").fill("2026-0147")
    await opened.get_by_label("Username of the account").fill("mlopez")
    await opened.get_by_label("Code from your app").fill("000000")
    await opened.get_by_role("button", name="Delete now").press("Enter")
    await expect(opened.get_by_role("alert")).to_contain_text("not the code")
    await check_looks(opened, "forget-wrong-code")
    await opened.get_by_label("Code from your app").fill(code(portal, app))
    await opened.get_by_role("button", name="Delete now").press("Enter")
    await expect(opened.get_by_role("heading", name="The family's data is deleted")).to_be_visible()
    await check_looks(opened, "forgotten")
