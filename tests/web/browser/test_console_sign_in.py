"""Staff set themselves up and sign in with a passkey in Chromium; every page of it is clean and narrow."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from portal.helpdesk.staff.roles import Role
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.console import console_site, make_staff
from tests.support.doors import served
from tests.support.page_looks import check
from tests.support.portals import make_district
from tests.support.staff import EMAIL, PASSWORD, app_of, code, invite, joined
from web.public.cookies import new_token

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def address(portal: Portal) -> Iterator[str]:
    make_district(portal)
    with console_site(portal) as app, served(app) as url:
        # Browsers make passkeys for names alone.
        yield url.replace("127.0.0.1", "localhost")


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser, address: str) -> AsyncIterator[Page]:
    context = await browser.new_context(
        base_url=address, viewport={"width": 320, "height": 720}, color_scheme="dark"
    )
    opened = await context.new_page()
    yield opened
    await context.close()


async def test_invitation_leads_into_the_console_by_keyboard(portal: Portal, page: Page) -> None:
    token = invite(portal, Role.DISTRICT_ADMINISTRATOR).token
    await page.goto(f"/helpdesk/join#{token.value}")
    await check(page)
    await page.get_by_role("button", name="Continue").press("Enter")
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_label("The same password again").fill(PASSWORD)
    await check(page)
    await page.get_by_label("Code from your app").fill(code(portal, app_of(portal, token)))
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/helpdesk/?note=joined")

    for name in ("me", "me/password", "me/codes", "me/passkeys", "staff", "staff/new", "audit"):
        await page.goto(f"/helpdesk/{name}")
        await check(page)


async def test_passkey_is_added_and_signs_in_alone_and_a_removed_one_does_not(
    portal: Portal, page: Page, clock: FakeClock
) -> None:
    _, app = joined(portal)
    devices = await page.context.new_cdp_session(page)
    await devices.send("WebAuthn.enable")
    await devices.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    clock.advance(minutes=1)
    await page.goto("/helpdesk/sign-in?to=me/passkeys")
    await page.get_by_label("E-mail address").fill(EMAIL)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await page.get_by_label("Code from your app").fill(code(portal, app))
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await page.get_by_label("Name").fill("work laptop")
    await page.get_by_label("Your present password").fill(PASSWORD)
    await page.get_by_role("button", name="Add a passkey").click()
    await page.get_by_text("The passkey is added.").wait_for()
    await check(page)

    clock.advance(minutes=1)
    await page.get_by_role("button", name="Sign out").click()
    await page.get_by_role("button", name="Sign in with a passkey").click()
    await page.get_by_role("heading", name="What waits").wait_for()

    await page.goto("/helpdesk/me/passkeys")
    await page.get_by_role("link", name="Remove work laptop").click()
    await page.get_by_label("Your present password").fill(PASSWORD)
    await page.get_by_role("button", name="Remove").click()
    await page.get_by_text("The passkey is removed.").wait_for()
    clock.advance(minutes=1)
    await page.get_by_role("button", name="Sign out").click()
    await page.get_by_role("button", name="Sign in with a passkey").click()
    await page.get_by_text("This passkey was not accepted.").first.wait_for()
    await check(page)


async def test_managing_staff_works_without_scripts(portal: Portal, browser: Browser, address: str) -> None:
    boss, somebody = make_staff(portal, Role.DISTRICT_ADMINISTRATOR), make_staff(portal, name="Rosa Delgado")
    token = new_token()
    with portal.begin() as tx:
        tx.staff_sessions.begin(boss, token, proven=True)
    context = await browser.new_context(base_url=address, java_script_enabled=False)
    await context.add_cookies([{"name": "staff", "value": token, "url": address}])
    page = await context.new_page()

    await page.goto("/helpdesk/staff")
    await page.get_by_role("link", name="Rosa Delgado").click()
    await page.get_by_label("Role", exact=True).select_option("auditor")
    await page.get_by_role("button", name="Save").click()
    saved = await page.get_by_role("status").inner_text()
    await page.goto(f"/helpdesk/staff/{somebody}/reset")
    await page.get_by_label("Why").fill("lost telephone")
    await page.get_by_role("button", name="Reset their sign-in").click()
    link = await page.locator("#invitation").inner_text()
    await context.close()

    assert saved.startswith("Saved.")
    assert link.startswith(f"{address}/helpdesk/join#")
