"""The page of a letter's link, and the way from the portal into Telegram."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from portal.core.outcomes import Refused
from portal.dialogue.start_codes import FOR_PARENTS, MintedStartCode, NewStartCode, StartCode, StartKind
from portal.transaction import Portal
from tests.support.doors import client_of
from tests.support.portals import make_district, make_parent
from tests.support.public_site import HTML, START, enter, fill, public_site, read

TELEGRAM = "/westborough/public/telegram"


def link(code: str) -> str:
    return f"https://t.me/hallpass_test_bot?start={code}" if code else "https://t.me/hallpass_test_bot"


@pytest_asyncio.fixture
async def browser(portal: Portal) -> AsyncIterator[httpx.AsyncClient]:
    make_district(portal, locales=["en", "es", "ar"])
    make_parent(portal)
    with public_site(portal, telegram=link) as app:
        async with client_of(app) as client:
            yield client


@pytest_asyncio.fixture
async def without_bot(portal: Portal) -> AsyncIterator[httpx.AsyncClient]:
    make_district(portal)
    make_parent(portal)
    with public_site(portal) as app:
        async with client_of(app) as client:
            yield client


def mint(portal: Portal, kind: StartKind = StartKind.LETTER, language: str = "en") -> str:
    with portal.begin() as tx:
        minted = tx.start_codes.mint(NewStartCode("westborough", kind, language))
    assert isinstance(minted, MintedStartCode)
    return minted.code


def spend(portal: Portal, code: str) -> StartCode | Refused:
    with portal.begin() as tx:
        return tx.start_codes.spend(code, FOR_PARENTS, turn_id="t1")


async def test_a_letters_page_shows_both_ways_in_and_spends_nothing(
    portal: Portal, browser: httpx.AsyncClient
) -> None:
    code = mint(portal)

    pages = [await browser.get(f"/start/{code}", headers=HTML) for _ in range(2)]

    assert [page.status_code for page in pages] == [200, 200]
    assert f'href="{link(code)}"' in pages[1].text
    assert f'href="/chat?district=westborough&amp;language=en#start={code}"' in pages[1].text
    assert "Westborough Public Schools" in read(pages[1])
    assert isinstance(spend(portal, code), StartCode)


async def test_a_letters_page_speaks_the_letters_language(portal: Portal, browser: httpx.AsyncClient) -> None:
    page = await browser.get(f"/start/{mint(portal, language='ar')}", headers=HTML)

    assert '<html lang="ar" dir="rtl">' in page.text
    assert "Telegram" in read(page)


async def test_without_a_bot_the_page_leads_to_the_chat(
    portal: Portal, without_bot: httpx.AsyncClient
) -> None:
    page = await without_bot.get(f"/start/{mint(portal)}", headers=HTML)

    assert "t.me" not in page.text
    assert "Chat here" in read(page)


@pytest.mark.parametrize("made_up", ["abc", "%F0%9F%98%80", "x" * 3000])
async def test_a_made_up_code_gets_a_kind_sentence_and_the_way_in(
    browser: httpx.AsyncClient, made_up: str
) -> None:
    page = await browser.get(f"/start/{made_up}", headers=HTML)

    assert page.status_code == 404
    assert "Nothing is lost" in read(page)
    assert f'href="{link("")}"' in page.text


async def test_a_used_code_and_one_for_staff_look_like_a_made_up_one(
    portal: Portal, browser: httpx.AsyncClient
) -> None:
    used, staff = mint(portal), mint(portal, StartKind.STAFF)
    spend(portal, used)

    pages = [await browser.get(f"/start/{code}", headers=HTML) for code in (used, staff, "abc")]

    assert len({page.text for page in pages}) == 1


async def test_a_signed_in_parent_is_led_on_into_telegram(portal: Portal, browser: httpx.AsyncClient) -> None:
    await enter(browser)
    start = await browser.get(START, headers=HTML)

    made = await fill(browser, TELEGRAM, {})

    found = re.search(r'href="https://t\.me/hallpass_test_bot\?start=([\w-]+)"', made.text)
    assert found is not None
    begun = spend(portal, found[1])
    assert f'href="{TELEGRAM}"' in start.text
    assert "within the next 10 minutes" in read(made)
    assert begun == StartCode("westborough", StartKind.PAGE, "en")


async def test_looking_at_the_page_makes_no_link(browser: httpx.AsyncClient) -> None:
    await enter(browser)

    page = await browser.get(TELEGRAM, headers=HTML)

    assert "t.me" not in page.text


async def test_whoever_is_not_signed_in_is_sent_to_the_sign_in(browser: httpx.AsyncClient) -> None:
    page = await browser.get(TELEGRAM, headers=HTML)

    assert page.headers["location"].endswith("/sign-in")


async def test_without_a_bot_nothing_of_telegram_is_shown(without_bot: httpx.AsyncClient) -> None:
    await enter(without_bot)

    start = await without_bot.get(START, headers=HTML)
    page = await without_bot.get(TELEGRAM, headers=HTML)

    assert "Telegram" not in start.text
    assert page.headers["location"].endswith("/start")
