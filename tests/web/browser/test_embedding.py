"""Use the chat inside a page of another site, in Chromium: on a site that is named and on one that is not."""

from collections.abc import Iterator

import pytest
from playwright.async_api import Browser, Page, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from bot.channels.districts import PortalDistricts
from portal.transaction import Portal
from tests.support.doors import build_app, served
from tests.support.page_looks import violations
from tests.support.portals import make_district
from tests.support.scripted_assistant import ScriptedAssistant
from web.public.gateway import Gateway

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
# A site with a policy of its own, as strict as it can be while it takes the script.
POLICY = "default-src 'none'; script-src {url}; frame-src {url}"
HTML = (
    '<!doctype html><html lang="en"><title>School</title><main><h1>School</h1></main>'
    '<script src="{url}/embed.js?district=boston" async></script></html>'
)
OPENS = "Parent portal assistant"


@pytest.fixture
def site() -> Iterator[str]:
    """Serve the page of a school's own site; to a browser `localhost` is another site than our address."""

    async def page(request: Request) -> Response:
        url = request.query_params["of"]
        return HTMLResponse(HTML.format(url=url), headers={"Content-Security-Policy": POLICY.format(url=url)})

    with served(Starlette(routes=[Route("/", page)])) as address:
        yield address.replace("127.0.0.1", "localhost")


@pytest.fixture
def address(portal: Portal, assistant: ScriptedAssistant, site: str) -> Iterator[str]:
    make_district(portal, "boston", locales=["en", "es"], embed_origins=[site])
    gateway = Gateway(portal)
    with served(build_app(assistant, gateway=gateway, districts=PortalDistricts(portal))) as url:
        yield url
    gateway.close()


async def page_of(browser: Browser, site: str, url: str) -> Page:
    context = await browser.new_context(viewport={"width": 375, "height": 720})
    page = await context.new_page()
    await page.goto(f"{site}/?of={url}")
    return page


async def test_parent_talks_in_a_page_of_a_named_site_and_is_known_again(
    browser: Browser, site: str, address: str
) -> None:
    page = await page_of(browser, site, address)
    await page.get_by_role("button", name=OPENS).click()
    chat = page.frame_locator("#hallpass-chat iframe")
    await chat.get_by_label("Your message").fill("hello there")
    await chat.get_by_label("Your message").press("Enter")
    await expect(chat.get_by_role("log")).to_contain_text("hello there")
    kept = await page.context.cookies()
    await page.reload()
    await page.get_by_role("button", name=OPENS).press("Enter")

    await expect(chat.locator("#earlier")).to_contain_text("hello there")
    assert [(each["name"], each["sameSite"], each["httpOnly"], each["secure"]) for each in kept] == [
        ("hallpass.framed-boston", "None", True, True)
    ]
    assert not await violations(page)
    await page.context.close()


async def test_keyboard_opens_and_closes_the_chat(browser: Browser, site: str, address: str) -> None:
    page = await page_of(browser, site, address)
    button = page.get_by_role("button", name=OPENS)
    await button.press("Enter")
    frame = page.locator("#hallpass-chat iframe")
    await expect(frame).to_be_visible()
    await button.focus()
    await page.keyboard.press("Escape")

    await expect(frame).to_be_hidden()
    await expect(button).to_be_focused()
    await expect(button).to_have_attribute("aria-expanded", "false")
    await page.context.close()


async def test_chat_stays_empty_on_a_site_that_is_not_named(
    browser: Browser, portal: Portal, site: str, address: str
) -> None:
    make_district(portal, "boston", embed_origins=["https://www.boston.example"])
    page = await page_of(browser, site, address)
    await page.get_by_role("button", name=OPENS).click()
    await expect(page.locator("#hallpass-chat iframe")).to_be_visible()
    frame = page.frames[-1]
    await frame.wait_for_load_state()

    assert frame.url.startswith("chrome-error:")
    await page.context.close()
