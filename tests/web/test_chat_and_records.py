"""Ask the chat and read the pages: both tell the same numbers of the demo's families."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from starlette.types import ASGIApp

from actions import all_actions
from bot.conversation.project import Project
from bot.conversation.understanding import Understanding
from bot.demo import DemoParent, Situation, seed
from bot.settings import ROOT
from portal.transaction import Portal
from tests.flows.chat import sign_in
from tests.support.clock import FakeClock
from tests.support.conversation import Chat, make_assistant
from tests.support.doors import client_of
from tests.support.public_site import HTML, enter, public_site, read

PERCENT = re.compile(r"\d+(?:\.\d+)?%")
MONEY = re.compile(r"-?\$[\d,]+\.\d\d")
TIME = re.compile(r"\d{1,2}:\d\d [AP]M")


@pytest.fixture
def parents(portal: Portal, clock: FakeClock, tmp_path: Path) -> dict[str, DemoParent]:
    """Fill both districts as the demo does, and return the largest family of each."""
    demo = seed(portal, ROOT / "data" / "demo", tmp_path)
    fine = [parent for parent in demo.parents if parent.situation is Situation.OK]
    return {
        slug: max((each for each in fine if each.district == slug), key=lambda each: len(each.children))
        for slug in ("westborough", "boston")
    }


@pytest.fixture
def site(portal: Portal, parents: dict[str, DemoParent]) -> Iterator[ASGIApp]:
    with public_site(portal) as app:
        yield app


async def said(chat: Chat, question: str) -> str:
    await chat.say(question)
    return chat.text


async def shown(client: httpx.AsyncClient, slug: str, tab: str, page: str) -> str:
    start = await client.get(f"/{slug}/public/start", headers=HTML)
    student = re.search(rf'\?student=([0-9a-f]+)"[^>]*>{re.escape(tab)}<', start.text)
    assert student is not None
    found = await client.get(f"/{slug}/public/{page}?student={student[1]}", headers=HTML)
    # Below the head, the toolbar and the menu.
    return read(found).rpartition("Account Preferences")[2]


def numbers(text: str, *keys: str) -> list[int]:
    """Return the number before or after each of the words that name it, 0 where there are none."""
    found = (re.search(key, text) for key in keys)
    return [int(each[1]) if each else 0 for each in found]


@pytest.fixture(params=["westborough", "boston"])
def chat(
    portal: Portal, understanding: Understanding, project: Project, request: pytest.FixtureRequest
) -> Iterator[Chat]:
    """Chat with the assistant of one district."""
    assistant = make_assistant(portal, all_actions(portal), understanding, project, district=request.param)
    yield Chat(assistant, district=request.param)
    assistant.close()


async def test_page_and_chat_tell_the_same_numbers(
    parents: dict[str, DemoParent], site: ASGIApp, chat: Chat
) -> None:
    slug = chat.district or ""
    parent = parents[slug]
    await sign_in(chat, parent.username, parent.password)
    async with client_of(site) as browser:
        await enter(browser, parent.username, parent.password, f"/{slug}/public/sign-in")
        for child in parent.children:
            tab = child.name.split()[0]
            grades, page = await said(chat, f"grades of {tab}"), await shown(browser, slug, tab, "grades")
            away = await said(chat, f"how many absences does {tab} have")
            late = await said(chat, f"how often was {tab} late")
            schedule = await said(chat, f"schedule of {tab}")

            assert PERCENT.findall(grades)
            assert sorted(PERCENT.findall(grades)) == sorted(PERCENT.findall(page))
            assert numbers(away, r"^(\d+) day") == numbers(page, r"Days absent (\d+)")
            assert numbers(late, r"^(\d+) time") == numbers(page, r"Times late (\d+)")
            assert set(TIME.findall(schedule)) == set(
                TIME.findall(await shown(browser, slug, tab, "my-schedule"))
            )


@pytest.mark.parametrize("chat", ["westborough"], indirect=True)
async def test_page_and_chat_tell_the_same_money(
    parents: dict[str, DemoParent], site: ASGIApp, chat: Chat
) -> None:
    parent = parents["westborough"]
    await sign_in(chat, parent.username, parent.password)
    async with client_of(site) as browser:
        await enter(browser, parent.username, parent.password, "/westborough/public/sign-in")
        for child in parent.children:
            tab = child.name.split()[0]
            told = {money.lstrip("-") for money in MONEY.findall(await said(chat, f"balance of {tab}"))}
            page = await shown(browser, "westborough", tab, "balance")

            assert told
            assert told <= {money.lstrip("-") for money in MONEY.findall(page)}
