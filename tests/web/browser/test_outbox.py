"""The demo's mails can be read and followed in Chromium, on a small screen too."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from bot.mail import outbox_page
from portal.core.outbox import MailKind, To
from portal.core.tokens import NewToken, TokenPurpose
from portal.transaction import Portal
from tests.support.doors import always_ready, pages_of, served
from tests.support.mails import Mailbox, letters_of, postman_of
from tests.support.page_looks import look
from tests.support.portals import make_district, make_parent
from web.app import WebSettings, create_app

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

ADDRESS = "marisol@mailbox.example"


@pytest.fixture
def address(portal: Portal) -> Iterator[str]:
    make_district(portal)
    put_recovery(portal)
    pages = pages_of()
    routes = outbox_page.routes(portal, letters_of(), postman_of(portal, Mailbox()), pages)
    with served(create_app(WebSettings(pages=pages, unready=always_ready), routes=routes)) as url:
        yield url


@pytest_asyncio.fixture(loop_scope="session")
async def small(browser: Browser, address: str) -> AsyncIterator[Page]:
    context = await browser.new_context(base_url=address, viewport={"width": 320, "height": 720})
    yield await context.new_page()
    await context.close()


def put_recovery(portal: Portal) -> None:
    account_id = make_parent(portal)
    with portal.begin() as tx:
        life = timedelta(minutes=30)
        token_id = tx.tokens.issue(NewToken("westborough", TokenPurpose.RECOVER_PASSWORD, life, account_id))
        to = To(ADDRESS, account_id)
        tx.outbox.put("westborough", MailKind.RECOVER_PASSWORD, to, token_id=token_id)


async def test_list_and_mail_are_accessible_and_fit_a_small_screen(small: Page) -> None:
    await small.goto("/outbox")
    listed = await look(small)
    await small.get_by_role("link", name="As a mail program shows it").click()
    await small.wait_for_load_state()

    assert listed == ("", 0)
    assert await look(small) == ("", 0)


async def test_links_lead_where_the_mail_says_and_the_button_is_large_enough(small: Page) -> None:
    await small.goto("/outbox")
    listed = await small.get_by_role("link", name="recover-password#").get_attribute("href")
    await small.get_by_role("link", name="As a mail program shows it").click()
    button = small.get_by_role("link", name="Set a new password")

    assert await button.get_attribute("href") == listed
    box = await button.bounding_box()
    assert box is not None
    assert box["height"] >= 44
