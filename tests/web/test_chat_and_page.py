"""Begin in the chat, finish on the page that the mail leads to, and go on in the chat."""

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from bot.conversation.turn import Assistant
from portal.transaction import Portal
from tests.support.account_pages import EMAIL, W, recovery, token_for
from tests.support.conversation import Chat
from tests.support.doors import client_of
from tests.support.portals import NEW_PASSWORD, make_parent
from tests.support.public_site import fill, public_site


@pytest_asyncio.fixture
async def browser(portal: Portal, families: None) -> AsyncIterator[httpx.AsyncClient]:
    with public_site(portal) as app:
        async with client_of(app) as client:
            yield client


@pytest.fixture
def chat(real_assistant: Assistant) -> Chat:
    return Chat(real_assistant, district="westborough")


@pytest.mark.requirement("R33", "R34", "R42")
async def test_password_forgotten_in_the_chat_is_set_on_the_page_and_the_chat_signs_in(
    browser: httpx.AsyncClient, portal: Portal, chat: Chat
) -> None:
    make_parent(portal, username="rsilva", display_name="Rosa Silva", email=EMAIL, email_confirmed=True)
    await chat.say("I forgot my password")
    await chat.say("rsilva")
    await chat.say(EMAIL)
    token = await token_for(portal, EMAIL)

    await fill(browser, f"{W}recover-password", recovery(token, username="rsilva"))
    told = (await chat.history())[-1].text
    await chat.say("yes")
    await chat.submit(password=NEW_PASSWORD)

    assert told == "You have set a new password. Shall I sign you in?"
    assert chat.text.startswith("Welcome, Rosa Silva")


async def test_mail_asked_for_on_the_page_tells_no_chat(
    browser: httpx.AsyncClient, portal: Portal, chat: Chat
) -> None:
    make_parent(portal, username="rsilva", display_name="Rosa Silva", email=EMAIL, email_confirmed=True)
    await chat.say("hello")
    before = len(await chat.history())
    await fill(browser, f"{W}trouble", {"username": "rsilva", "email": EMAIL})
    token = await token_for(portal, EMAIL)

    answer = await fill(browser, f"{W}recover-password", recovery(token, username="rsilva"))

    assert answer.status_code == 303
    assert len(await chat.history()) == before
