"""Open the masked page of a chat in Chromium: inside Telegram, and in a browser of its own."""

import re
from collections.abc import AsyncIterator, Iterator
from urllib.parse import quote

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect
from starlette.types import ASGIApp

from bot.channels import masked
from bot.channels.doors import DoorSettings
from bot.conversation.turn import Assistant
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.conversation import make_assistant
from tests.support.desk import Keywords, desk_actions, desk_project
from tests.support.doors import KEY, KnownDistricts, always_ready, pages_of, served
from tests.support.page_looks import look
from tests.support.portals import PASSWORD, make_district, make_parent
from tests.support.telegram.line import PUBLIC, Line
from tests.support.telegram.opened import init_data
from tests.support.telegram.person import Person
from web.app import WebSettings, create_app

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

ANA = 4101
WRONG = "CANARY-1f8b-wrong staple"


@pytest.fixture
def line(portal: Portal) -> Iterator[Line]:
    make_district(portal)
    make_parent(portal)
    assistant: Assistant = make_assistant(portal, desk_actions(portal), Keywords(), desk_project())
    yield Line(assistant, portal)
    assistant.close()


@pytest.fixture
def ana(line: Line) -> Person:
    return line.person(ANA)


@pytest.fixture
def app(line: Line) -> ASGIApp:
    doors = DoorSettings(districts=KnownDistricts(), pages=pages_of(), api_key=KEY)
    routes = masked.routes(line.assistant, doors, [line.channel.masked_way(doors)])
    return create_app(WebSettings(pages=pages_of(), unready=always_ready), routes=routes)


@pytest.fixture
def address(app: ASGIApp) -> Iterator[str]:
    with served(app) as url:
        yield url


@pytest_asyncio.fixture(loop_scope="session", params=[True, False], ids=["script", "no script"])
async def plain(browser: Browser, address: str, request: pytest.FixtureRequest) -> AsyncIterator[Page]:
    """Return a page as small as a phone's, with and without scripts."""
    context = await browser.new_context(
        base_url=address, viewport={"width": 320, "height": 640}, java_script_enabled=request.param
    )
    yield await context.new_page()
    await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def small(browser: Browser, address: str) -> AsyncIterator[Page]:
    context = await browser.new_context(base_url=address, viewport={"width": 320, "height": 640})
    yield await context.new_page()
    await context.close()


async def ask(line: Line, person: Person) -> str:
    await person.types("sign in, my username is mlopez")
    await line.settled()
    [[button]] = person.last.buttons
    return str(button["web_app"]["url"]).removeprefix(PUBLIC)


async def faults(page: Page) -> str:
    """Return what axe finds, and whether anything is wider than the page."""
    found, wider = await look(page)
    return found + ("too wide" if wider > 0 else "")


async def digits_on(page: Page) -> str:
    return re.sub(r"\D", "", await page.locator(".digits").inner_text())


@pytest.mark.case("C5")
async def test_six_digits_join_a_browser_with_a_chat_also_without_a_script(
    line: Line, ana: Person, plain: Page
) -> None:
    await plain.goto(await ask(line, ana))
    await expect(plain.get_by_text("the Telegram chat of")).to_contain_text("Ana")
    await plain.get_by_role("button", name="Show me six digits").click()

    await ana.types(await digits_on(plain))
    await line.settled()
    await plain.get_by_role("button", name="I have typed them").click()
    await plain.get_by_label("Password").fill(PASSWORD)
    await plain.get_by_role("button", name="Send securely").click()
    await expect(plain.get_by_text("go back to Telegram")).to_be_visible()
    await line.settled()

    assert "Signed in" in ana.read


async def test_the_page_goes_on_by_itself_once_the_digits_are_typed(
    line: Line, ana: Person, small: Page
) -> None:
    path = await ask(line, ana)
    await small.goto(path)
    seen = [await faults(small)]
    await small.get_by_role("button", name="Show me six digits").click()
    await small.locator(".digits").wait_for()
    seen.append(await faults(small))

    await ana.types(await digits_on(small))
    await line.settled()
    await small.get_by_label("Password").wait_for()
    seen.append(await faults(small))

    assert seen == ["", "", ""]


@pytest.mark.case("C1")
async def test_inside_telegram_the_page_proves_itself_and_keeps_no_secret(
    line: Line, ana: Person, small: Page, clock: FakeClock
) -> None:
    path = await ask(line, ana)
    told = init_data(ANA, clock.now())
    await small.goto(f"{path}#tgWebAppData={quote(told, safe='')}&tgWebAppVersion=9.1")
    field = small.get_by_label("Password")
    await expect(field).to_be_focused()
    shown = await faults(small)
    await field.fill(PASSWORD)
    await small.keyboard.press("Enter")
    await expect(small.get_by_text("go back to Telegram")).to_be_visible()
    done = await faults(small)
    await line.settled()

    assert (shown, done) == ("", "")
    assert "tgWebAppData" not in small.url
    assert "Signed in" in ana.read
    assert PASSWORD not in await small.content()
    assert await small.context.cookies() == []


async def test_inside_telegram_a_wrong_password_is_tried_again_on_the_page(
    line: Line, ana: Person, small: Page, clock: FakeClock
) -> None:
    path = await ask(line, ana)
    told = init_data(ANA, clock.now())
    await small.goto(f"{path}#tgWebAppData={quote(told, safe='')}&tgWebAppVersion=9.1")
    await small.get_by_label("Password").fill(WRONG)
    await small.keyboard.press("Enter")
    again = small.get_by_role("button", name="Once more")
    await expect(again).to_be_visible()
    refused = await faults(small)
    kept = await small.content()

    await again.click()
    await expect(small.get_by_label("Password")).to_have_value("")
    asked = await faults(small)
    await small.get_by_label("Password").fill(PASSWORD)
    await small.keyboard.press("Enter")
    await expect(small.get_by_text("go back to Telegram")).to_be_visible()
    await line.settled()

    assert (refused, asked) == ("", "")
    assert WRONG not in kept
    assert "Close" in kept
    assert "Signed in" in ana.read


@pytest.mark.case("C7")
async def test_a_page_that_proves_nothing_says_what_to_do(
    line: Line, ana: Person, small: Page, clock: FakeClock
) -> None:
    path = await ask(line, ana)
    told = init_data(ANA, clock.now())
    clock.advance(minutes=6)

    await small.goto(f"{path}#tgWebAppData={quote(told, safe='')}")

    await expect(small.get_by_role("alert")).to_contain_text("press the button again")
    await expect(small.get_by_role("button")).to_have_count(0)
    assert await faults(small) == ""
