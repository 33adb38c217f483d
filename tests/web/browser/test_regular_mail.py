"""The regular mail and the page that stops it can be read and used in Chromium, on a small screen too."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from bot.mail import outbox_page, stop_page
from portal.records.notifications import Frequency, NotificationChange, Subject
from portal.records.stopping import stop_key
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.doors import always_ready, pages_of, served
from tests.support.mails import Mailbox, letters_of, postman_of
from tests.support.notified import change, notification, notified_family, put_due, shown
from tests.support.page_looks import look
from tests.support.portals import sign_in
from web.app import WebSettings, create_app

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest.fixture
def address(portal: Portal, clock: FakeClock, tmp_path: Path) -> Iterator[str]:
    notified_family(portal, tmp_path, school_bulletin=True, lunch_balance=True)
    change(portal, NotificationChange(Frequency.WEEKLY, tuple(Subject)))
    clock.advance(days=1)
    put_due(portal)
    pages = pages_of()
    mails = outbox_page.routes(portal, letters_of(), postman_of(portal, Mailbox()), pages)
    routes = [*mails, *stop_page.routes(portal, pages)]
    with served(create_app(WebSettings(pages=pages, unready=always_ready), routes=routes)) as url:
        yield url


@pytest_asyncio.fixture(loop_scope="session")
async def small(browser: Browser, address: str) -> AsyncIterator[Page]:
    context = await browser.new_context(base_url=address, viewport={"width": 320, "height": 720})
    yield await context.new_page()
    await context.close()


@pytest.mark.requirement("R96")
async def test_the_mail_is_accessible_and_fits_a_small_screen(small: Page) -> None:
    await small.goto("/outbox")
    await small.get_by_role("link", name="As a mail program shows it").click()
    await small.wait_for_load_state()

    headings = await small.get_by_role("heading", level=2).all_inner_texts()
    assert await look(small) == ("", 0)
    assert headings[0] == "Grades in Fall, as entered so far"
    assert headings[-1] == "Lunch and fees"
    assert await small.get_by_role("link", name="Stop these mails").is_visible()


@pytest.mark.requirement("R96")
async def test_one_press_on_a_small_screen_stops_the_mails(small: Page, portal: Portal) -> None:
    key = stop_key(portal.keys, notification(portal).notification_id).value
    await small.goto(f"/unsubscribe/{key}")
    asked = await look(small)
    button = small.get_by_role("button", name="Stop these e-mails")
    box = await button.bounding_box()
    await button.click()
    await small.get_by_role("heading", name="These e-mails are stopped").wait_for()

    sign_in(portal)
    assert asked == ("", 0)
    assert await look(small) == ("", 0)
    assert box is not None
    assert box["height"] >= 44
    assert shown(portal, ["Maya"]).children[0].frequency is Frequency.NEVER
