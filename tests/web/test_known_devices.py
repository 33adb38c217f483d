"""Whoever locks a name from elsewhere does not lock its parent out of a browser that is known."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from starlette.types import ASGIApp

from portal.core.models import AuditRow
from portal.transaction import Portal
from tests.support.doors import KEYED, client_of, open_chat
from tests.support.hashing import CountingHasher
from tests.support.portals import PASSWORD, make_district
from tests.support.public_site import enter, sign_out

WEBHOOK = "/webhooks/rest/webhook"
WRONG = "some quite wrong words"


@pytest.fixture
def recommended(portal: Portal, families: None) -> None:
    make_district(portal, "westborough", lock={"mode": "wait", "fails": 5})


@pytest.fixture
async def home(app: ASGIApp, recommended: None) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app) as client:
        yield client


@pytest.fixture
async def attacker(app: ASGIApp) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app, headers=KEYED) as client:
        yield client


def url_in(replies: list[dict[str, Any]]) -> str:
    [secret] = [reply["custom"]["secret"] for reply in replies if "secret" in reply.get("custom", {})]
    return str(secret["url"])


async def by_rest(client: httpx.AsyncClient, name: str, password: str, sender: str) -> str:
    place = {"metadata": {"district": "westborough"}}
    await client.post(WEBHOOK, json={"sender": sender, "message": "sign in", **place})
    asked = await client.post(WEBHOOK, json={"sender": sender, "message": name})
    return (await client.post(url_in(asked.json()), json={"values": {"password": password}})).text


async def in_chat(client: httpx.AsyncClient, password: str = PASSWORD) -> str:
    client.headers.update(await open_chat(client))
    await client.post("/chat/messages", json={"message": "sign in"})
    url = url_in((await client.post("/chat/messages", json={"message": "mlopez"})).json())
    return (await client.post(url, json={"values": {"password": password}})).text


async def lock(client: httpx.AsyncClient) -> None:
    for number in range(5):
        await by_rest(client, "mlopez", WRONG, f"guess {number}")


@pytest.mark.case("A10")
async def test_browser_known_from_the_page_is_let_in_on_the_page_and_in_the_chat(
    home: httpx.AsyncClient, attacker: httpx.AsyncClient
) -> None:
    await enter(home)
    await sign_out(home)
    await lock(attacker)

    page = await enter(home)
    chat = await in_chat(home)
    elsewhere = await by_rest(attacker, "mlopez", PASSWORD, "another")

    assert page.headers["location"] == "/westborough/public/start"
    assert "Welcome" in chat
    assert "locked" in elsewhere


@pytest.mark.case("A10")
async def test_browser_known_from_the_chat_is_let_in_on_the_page(
    home: httpx.AsyncClient, attacker: httpx.AsyncClient
) -> None:
    first = await in_chat(home)
    await lock(attacker)

    page = await enter(home)

    assert "Welcome" in first
    assert page.headers["location"] == "/westborough/public/start"


@pytest.mark.case("A11")
async def test_browser_that_is_not_known_finds_the_name_locked(
    app: ASGIApp, home: httpx.AsyncClient, attacker: httpx.AsyncClient, hasher: CountingHasher
) -> None:
    await enter(home)
    await lock(attacker)
    before = hasher.verified

    async with client_of(app) as new:
        page = await enter(new)
        chat = await in_chat(new)

    assert page.status_code == 422
    assert "locked" in page.text
    assert "locked" in chat
    assert hasher.verified == before


@pytest.mark.case("A19")
async def test_stolen_list_tried_over_rest_raises_one_alarm(
    portal: Portal, home: httpx.AsyncClient, attacker: httpx.AsyncClient
) -> None:
    for number in range(110):
        await by_rest(attacker, f"name{number:03}", "one stolen password", f"sender {number // 5}")

    with portal.begin(read_only=True) as tx:
        events = list(tx.session.scalars(select(AuditRow.event)))
    assert (events.count("signin.spray"), events.count("signin.locked")) == (1, 0)
    assert (await enter(home)).headers["location"] == "/westborough/public/start"
