"""A live page hears at once of what happened elsewhere, in this process or in another."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import cast

import httpx
import pytest
from starlette.websockets import WebSocket
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosedError

from bot.channels.browser_claims import CHANNEL
from bot.channels.districts import PortalDistricts
from bot.channels.live_news import GONE_ON, LiveNews
from bot.conversation.hearing import key_of
from bot.conversation.turn import Assistant
from bot.settings import ROOT
from portal.core.calls import Topic
from portal.dialogue.models import ConversationRow
from portal.dialogue.outcomes import News, NewsKind
from portal.transaction import Portal
from tests.support.doors import build_app, open_chat, served
from tests.support.patience import PATIENCE

POINTED = {"news": True}


@pytest.fixture
def news(portal: Portal) -> LiveNews:
    return LiveNews(portal)


@pytest.fixture
def address(portal: Portal, real_assistant: Assistant, news: LiveNews) -> Iterator[str]:
    portal.neighbours.open()
    app = build_app(real_assistant, districts=PortalDistricts(portal, preset="westborough"), news=news)
    with served(app) as url:
        yield url
    portal.neighbours.close()


class Page:
    """Hold one browser and its live connection."""

    def __init__(self, client: httpx.AsyncClient, live: ClientConnection) -> None:
        self.client = client
        self.live = live

    async def says(self, text: str) -> None:
        await self.live.send(json.dumps({"message": text, "metadata": {"message_id": text}}))
        while json.loads(await self.live.recv()).get("id") != text:
            pass

    async def is_pointed(self) -> None:
        async with asyncio.timeout(PATIENCE):
            assert json.loads(await self.live.recv()) == POINTED

    async def hears_on(self) -> None:
        async with asyncio.timeout(PATIENCE):
            async for _ in self.live:
                pass

    async def reads(self) -> list[str]:
        entries = (await self.client.get("/chat/history")).json()["entries"]
        return [entry["reply"]["text"] for entry in entries if "reply" in entry]


@pytest.fixture
async def page(address: str) -> AsyncIterator[Page]:
    async with httpx.AsyncClient(base_url=address, timeout=PATIENCE) as client:
        await open_chat(client)
        cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        headers = {"Cookie": cookie, "Origin": address}
        place = f"{address.replace('http', 'ws')}/chat/ws"
        async with connect(place, additional_headers=headers, open_timeout=PATIENCE) as live:
            yield Page(client, live)


def conversation(portal: Portal) -> str:
    with portal.begin(read_only=True) as tx:
        return str(tx.session.query(ConversationRow.id).filter(ConversationRow.channel == CHANNEL).scalar())


def tell(portal: Portal, conversation: str) -> None:
    with portal.begin() as tx:
        tx.dialogue.tell(News(conversation, NewsKind.PASSWORD_SET, {"username": "mlopez"}))


async def test_page_is_pointed_to_news_and_finds_them_in_its_history(page: Page, portal: Portal) -> None:
    await page.says("hello")

    await asyncio.to_thread(tell, portal, conversation(portal))

    await page.is_pointed()
    assert (await page.reads())[-1] == "You have set a new password. Shall I sign you in?"


async def test_live_pages_are_counted_while_they_are_live(page: Page, news: LiveNews) -> None:
    await page.says("hello")
    live = news.connected

    await page.live.close()

    async with asyncio.timeout(PATIENCE):
        while news.connected:  # noqa: ASYNC110  (nothing tells that the server has noticed)
            await asyncio.sleep(0.01)
    assert live == 1


@pytest.mark.postgresql
async def test_page_hears_what_another_process_left_in_its_conversation(
    page: Page, portal: Portal, database_url: str
) -> None:
    await page.says("hello")
    command = [sys.executable, "-m", "tests.support.news_teller", database_url, conversation(portal)]

    await asyncio.to_thread(subprocess.run, command, cwd=ROOT, check=True)

    await page.is_pointed()
    assert (await page.reads())[-1] == "You have set a new password. Shall I sign you in?"


async def test_page_of_another_conversation_hears_nothing(page: Page, portal: Portal) -> None:
    await page.says("hello")

    await asyncio.to_thread(tell, portal, "0" * 32)
    await asyncio.to_thread(portal.calls.hear, Topic.NEWS)
    await page.live.send(json.dumps({"message": "thanks", "metadata": {"message_id": "m2"}}))

    assert json.loads(await page.live.recv())["id"] == "m2"


async def test_news_that_came_while_nobody_listened_are_found_by_looking(page: Page, portal: Portal) -> None:
    await page.says("hello")
    hear = portal.calls._hear.pop(Topic.NEWS)
    await asyncio.to_thread(tell, portal, conversation(portal))

    # As whoever listens again calls: something may have been missed, and nobody knows what.
    hear(frozenset())

    await page.is_pointed()


@pytest.mark.case("S1")
async def test_page_that_holds_only_the_old_token_learns_nothing_and_is_closed(
    page: Page, portal: Portal
) -> None:
    await page.says("hello")
    known = conversation(portal)
    with portal.begin() as tx:
        tx.dialogue.go_on(known, CHANNEL, key_of("another token"))

    await asyncio.to_thread(tell, portal, known)

    with pytest.raises(ConnectionClosedError) as closed:
        await page.hears_on()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == GONE_ON


@dataclass
class Closed:
    """Stand for the connection of a page that somebody signed in beside, just when it was answered."""

    codes: list[int] = field(default_factory=list)

    async def close(self, code: int) -> None:
        self.codes.append(code)


@pytest.mark.case("S1")
async def test_page_whose_conversation_moved_before_it_listened_is_closed(news: LiveNews) -> None:
    page = Closed()

    async with asyncio.timeout(PATIENCE):
        await news.point(cast("WebSocket", page), CHANNEL, "old token")

    assert page.codes == [GONE_ON]
