"""Staff talk with a family in Chromium: new words come by themselves; every page is clean and narrow."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from portal.dialogue.outcomes import Arrival
from portal.helpdesk.outcomes import CaseKind, NewCase
from portal.transaction import Portal
from tests.support.console import console_site, make_staff
from tests.support.doors import served
from tests.support.page_looks import check_looks
from tests.support.portals import make_district
from web.public.cookies import new_token

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

HELP = {"default": {"name": "Parent help desk", "phone": "(508) 555-0192", "email": "help@schools.example"}}


@pytest.fixture
def address(portal: Portal) -> Iterator[str]:
    make_district(portal, locales=["en", "es", "ar"], help=HELP)
    with console_site(portal) as app, served(app) as url:
        yield url


@pytest.fixture
def chat(portal: Portal, address: str) -> str:
    """Open the case of a family that writes in the web chat; return its conversation."""
    with portal.begin() as tx:
        arrival = Arrival("webchat", "family", "m1", {"kind": "text", "text": "hola"}, {})
        conversation = tx.dialogue.receive(arrival).conversation_id
        details = {"reach": "(508) 555-0147", "happened": "No puedo entrar.", "username": "mlopez"}
        new = NewCase("westborough", CaseKind.CANNOT_SIGN_IN, conversation, "webchat", "es", None, details)
        tx.cases.open(new)
    return conversation


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser, portal: Portal, address: str) -> AsyncIterator[Page]:
    token = new_token()
    staff_id = make_staff(portal)
    with portal.begin() as tx:
        tx.staff_sessions.begin(staff_id, token, proven=True)
    context = await browser.new_context(base_url=address, viewport={"width": 1100, "height": 800})
    await context.add_cookies([{"name": "staff", "value": token, "url": address}])
    opened = await context.new_page()
    yield opened
    await context.close()


async def test_staff_talk_with_a_family_by_keyboard(portal: Portal, page: Page, chat: str) -> None:
    await page.goto("/helpdesk/saved-replies/new")
    await check_looks(page, "saved-new")
    await page.get_by_label("Name").fill("Try again")
    await page.get_by_label("Text in Español").fill("Pruebe otra vez, por favor.")
    await page.get_by_role("button", name="Keep").press("Enter")
    for name in ("cases", "cases/open", "figures", "saved-replies"):
        await page.goto(f"/helpdesk/{name}")
        await check_looks(page, name.replace("/", "-"))
    await page.goto("/helpdesk/cases/1")
    await page.get_by_role("button", name="Take over the chat").press("Enter")
    await page.get_by_text("You are in the chat now.").wait_for()
    await page.get_by_label("Answer the family").fill("¿Qué dice la página?")

    with portal.begin() as tx:
        tx.case_chats.hear(chat, 1, "Dice que está bloqueada.")

    await page.get_by_text("Dice que está bloqueada.").wait_for()
    assert await page.get_by_label("Answer the family").input_value() == "¿Qué dice la página?"
    await page.get_by_role("button", name="Send").press("Enter")
    await page.get_by_text("not read yet").wait_for()
    await check_looks(page, "case")
    await page.get_by_label("What was done").fill("Unlocked it.")
    await page.get_by_role("button", name="Close the case").press("Enter")
    await page.get_by_role("button", name="Open it again").wait_for()
    await check_looks(page, "case-closed")


async def test_cases_work_without_scripts(browser: Browser, page: Page, address: str, chat: str) -> None:
    context = await browser.new_context(base_url=address, java_script_enabled=False)
    await context.add_cookies([{**(await page.context.cookies())[0]}])  # type: ignore[list-item]
    plain = await context.new_page()

    await plain.goto("/helpdesk/cases?standing=waiting")
    await plain.get_by_role("link", name="Case 1").click()
    await plain.get_by_label("Answer the family").fill("Pruebe otra vez.")
    await plain.get_by_role("button", name="Send").click()
    told = await plain.get_by_role("status").inner_text()
    talk = await plain.get_by_role("log").inner_text()
    await context.close()

    assert told == "Your answer is on its way to the family's chat."
    assert "Pruebe otra vez." in talk
