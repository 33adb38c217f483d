"""The page of a letter's link can be read and used in Chromium: small, right to left, without scripts."""

from collections.abc import Iterator

import pytest
from playwright.async_api import Browser

from portal.dialogue.start_codes import MintedStartCode, NewStartCode, StartKind
from portal.transaction import Portal
from tests.support.doors import served
from tests.support.page_looks import look, violations
from tests.support.portals import PASSWORD, make_district, make_parent
from tests.support.public_site import public_site

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest.fixture
def address(portal: Portal) -> Iterator[str]:
    make_district(portal)
    with (
        public_site(portal, telegram=lambda code: f"https://t.me/school_bot?start={code}") as app,
        served(app) as url,
    ):
        yield url


def mint(portal: Portal, language: str) -> str:
    with portal.begin() as tx:
        minted = tx.start_codes.mint(NewStartCode("westborough", StartKind.LETTER, language))
    assert isinstance(minted, MintedStartCode)
    return minted.code


@pytest.mark.parametrize("language", ["en", "ar"])
async def test_a_letters_page_is_clean_on_the_smallest_screen(
    portal: Portal, browser: Browser, address: str, language: str
) -> None:
    context = await browser.new_context(base_url=address, viewport={"width": 320, "height": 720})
    page = await context.new_page()
    await page.goto(f"/start/{mint(portal, language)}")

    found, wider = await look(page)
    square = await page.get_by_role("img", name="Telegram").locator("svg").bounding_box()
    sizes = [await each.bounding_box() for each in await page.locator(".actions a").all()]
    await context.close()

    assert not found, found
    assert wider <= 0
    assert square is not None
    assert square["width"] == square["height"] >= 160
    assert len(sizes) == 2
    assert all(size is not None and size["height"] >= 44 for size in sizes)


async def test_a_letters_page_needs_no_script(portal: Portal, browser: Browser, address: str) -> None:
    context = await browser.new_context(base_url=address, java_script_enabled=False)
    page = await context.new_page()
    code = mint(portal, "en")
    await page.goto(f"/start/{code}")

    leads_to = await page.get_by_role("link", name="Open in Telegram").get_attribute("href")
    await context.close()

    assert leads_to == f"https://t.me/school_bot?start={code}"


async def test_the_way_from_the_portal_is_clean_on_the_smallest_screen(
    portal: Portal, browser: Browser, address: str
) -> None:
    make_parent(portal)
    context = await browser.new_context(base_url=address, viewport={"width": 320, "height": 720})
    page = await context.new_page()
    await page.goto("/westborough/public/sign-in")
    await page.get_by_label("Username", exact=True).fill("mlopez")
    await page.locator("input[type=password]").fill(PASSWORD)
    await page.get_by_role("button", name="Sign In").click()
    await page.goto("/westborough/public/telegram")
    asked = await violations(page)
    await page.get_by_role("button", name="Make a link").click()
    leads_to = await page.get_by_role("link", name="Open in Telegram").get_attribute("href")

    made, wider = await look(page)
    await context.close()

    assert (asked, made) == ("", "")
    assert leads_to is not None
    assert leads_to.startswith("https://t.me/school_bot?start=")
    assert wider <= 0
