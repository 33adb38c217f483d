"""A wrong password inside Telegram is tried again on the same page, under the same lock."""

import re
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from sqlalchemy import Engine, inspect, text

from bot.channels import masked
from bot.channels.doors import DoorSettings
from bot.conversation.turn import Assistant
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.doors import KEY, KnownDistricts, always_ready, client_of, pages_of
from tests.support.portals import PASSWORD
from tests.support.telegram.emulator import Emulator
from tests.support.telegram.line import PUBLIC, Line
from tests.support.telegram.opened import init_data
from tests.support.telegram.person import Person
from web.app import WebSettings, create_app

pytestmark = pytest.mark.not_in_telegram("they go through Telegram already")

WRONG = "CANARY-7d2e-wrong staple"
HTML = {"Accept": "text/html"}


@pytest.fixture
def line(assistant: Assistant, portal: Portal, families: None) -> Iterator[Line]:
    emulator = Emulator()
    yield Line(assistant, portal, emulator)
    assert emulator.faults == []


@pytest.fixture
def ana(line: Line) -> Person:
    return line.person(4101)


@pytest.fixture
async def phone(line: Line) -> AsyncIterator[httpx.AsyncClient]:
    doors = DoorSettings(districts=KnownDistricts(), pages=pages_of(), api_key=KEY)
    routes = masked.routes(line.assistant, doors, [line.channel.masked_way(doors)])
    app = create_app(WebSettings(pages=pages_of(), unready=always_ready), routes=routes)
    async with client_of(app, headers=HTML) as client:
        yield client


def masked_page(ana: Person) -> str:
    """Return the path of the page that the last message opens inside Telegram."""
    [url] = [key["web_app"]["url"] for row in ana.last.buttons for key in row if "web_app" in key]
    return str(url).removeprefix(PUBLIC)


async def opened(line: Line, ana: Person, phone: httpx.AsyncClient, clock: FakeClock) -> httpx.Response:
    """Ask for the masked page in the chat, and open it inside Telegram."""
    await ana.types("sign in, my username is mlopez")
    await line.settled()
    path = masked_page(ana)
    told = init_data(ana.number, clock.now())
    proved = await phone.post(f"{path}/app", json={"init_data": told})
    return await phone.get(path, headers={"X-Page-Proof": proved.json()["proof"]})


def form_of(page: httpx.Response) -> tuple[str, dict[str, str]]:
    """Return where the form of a page goes, and the proof that its script shows with it."""
    found = re.search(r'action="([^"]+)" data-proof="([^"]+)"', page.text)
    assert found, page.text
    return found[1], {"X-Page-Proof": found[2]}


async def press(phone: httpx.AsyncClient, page: httpx.Response, **typed: str) -> httpx.Response:
    path, proof = form_of(page)
    return await phone.post(path, data=typed, headers=proof)


async def test_after_a_wrong_password_it_is_tried_again_on_the_page_inside_telegram(
    line: Line, ana: Person, phone: httpx.AsyncClient, clock: FakeClock
) -> None:
    page = await opened(line, ana, phone, clock)
    refused = await press(phone, page, password=WRONG)

    asked = await press(phone, refused)
    done = await press(phone, asked, password=PASSWORD)
    await line.settled()

    assert "Try again" in refused.text
    assert 'type="password"' not in refused.text
    assert 'type="password"' in asked.text
    assert "go back to Telegram" in done.text
    assert "Welcome, Marisol" in ana.read


@pytest.mark.case("C1")
async def test_what_was_typed_wrongly_is_kept_nowhere(
    line: Line, ana: Person, phone: httpx.AsyncClient, clock: FakeClock, engine: Engine
) -> None:
    refused = await press(phone, await opened(line, ana, phone, clock), password=WRONG)
    asked = await press(phone, refused)
    await line.settled()

    with engine.connect() as connection:
        tables = inspect(connection).get_table_names()
        rows = [row for name in tables for row in connection.execute(text(f"select * from {name}"))]  # noqa: S608
    assert WRONG not in refused.text + asked.text + ana.read + repr(rows)


async def test_each_try_on_the_page_counts_once_and_the_lock_offers_no_other(
    line: Line, ana: Person, phone: httpx.AsyncClient, clock: FakeClock, portal: Portal
) -> None:
    with portal.begin(read_only=True) as tx:
        most = tx.districts.all()[0].options.lock.fails
    page = await opened(line, ana, phone, clock)
    offered = []
    for _ in range(most + 1):
        refused = await press(phone, page, password=WRONG)
        offered.append("Try again" in refused.text)
        if offered[-1]:
            page = await press(phone, refused)

    assert offered == [True] * most + [False]
    assert "locked" in refused.text


async def test_the_button_pressed_twice_is_one_message(
    line: Line, ana: Person, phone: httpx.AsyncClient, clock: FakeClock
) -> None:
    refused = await press(phone, await opened(line, ana, phone, clock), password=WRONG)

    first, second = await press(phone, refused), await press(phone, refused)
    await line.settled()

    assert form_of(first)[0] == form_of(second)[0]


async def test_the_chat_is_told_the_same_as_the_page(
    line: Line, ana: Person, phone: httpx.AsyncClient, clock: FakeClock
) -> None:
    refused = await press(phone, await opened(line, ana, phone, clock), password=WRONG)
    asked = await press(phone, refused)
    await line.settled()

    assert "could not sign you in" in ana.hears[-2].text
    assert masked_page(ana) == form_of(asked)[0]


@pytest.mark.case("C5", "C6")
async def test_a_page_presses_no_other_button_and_none_of_another_chat(
    line: Line, ana: Person, phone: httpx.AsyncClient, clock: FakeClock
) -> None:
    refused = await press(phone, await opened(line, ana, phone, clock), password=WRONG)
    path, proof = form_of(refused)
    _, key, _ = path.removeprefix("/secret").split("/")
    other = key.rpartition(".")[0] + ".2"

    none = await phone.post(path)
    another = await phone.post(f"/secret/{other}/again", headers=proof)
    theirs = await phone.post(
        path, headers={"X-Page-Proof": proof["X-Page-Proof"].replace("4101", "4102", 1)}
    )
    clock.advance(minutes=10)
    late = await phone.post(path, headers=proof)

    assert [none.status_code, another.status_code, theirs.status_code, late.status_code] == [401] * 4
