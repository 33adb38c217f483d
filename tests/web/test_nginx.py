"""The proxy's example of the documentation works with a real nginx, and its log opens nothing."""

import json
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import connect

from tests.support.doors import build_app, open_chat, served
from tests.support.nginx import Proxy, proxied
from tests.support.patience import PATIENCE
from tests.support.scripted_assistant import PASSWORD, ScriptedAssistant
from tests.support.smtp import certificate


@dataclass
class Behind:
    """Hold the proxy, what is behind it, and what a browser trusts."""

    proxy: Proxy
    assistant: ScriptedAssistant
    trust: ssl.SSLContext

    def browser(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.proxy.address, verify=self.trust, timeout=PATIENCE)


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Behind]:
    folder: Path = tmp_path_factory.mktemp("nginx")
    _, trust = certificate(folder)
    assistant = ScriptedAssistant()
    with (
        served(build_app(assistant, secure=True)) as one,
        served(build_app(assistant, secure=True)) as another,
        proxied(folder, (one, another)) as proxy,
    ):
        yield Behind(proxy, assistant, trust)


async def test_chat_is_answered_over_a_live_connection_through_the_proxy(behind: Behind) -> None:
    async with behind.browser() as client:
        await open_chat(client)
        cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        address = f"{behind.proxy.address.replace('https', 'wss')}/chat/ws"
        headers = {"Cookie": cookie, "Origin": behind.proxy.address}
        async with connect(
            address, additional_headers=headers, ssl=behind.trust, open_timeout=PATIENCE
        ) as live:
            await live.send(json.dumps({"message": "sign in", "metadata": {"message_id": "m1"}}))
            answer = json.loads(await live.recv())

    assert answer["replies"][0]["text"] == "What is your username?"


@pytest.mark.case("G1")
async def test_password_goes_through_and_neither_it_nor_its_ticket_is_logged(behind: Behind) -> None:
    async with behind.browser() as client:
        own = await open_chat(client)
        asked = await client.post("/chat/messages?CANARY=1", json={"message": "ana"}, headers=own)
        url = asked.json()[0]["custom"]["secret"]["url"]
        shown = await client.get(url, headers={"Accept": "text/html", "Referer": "https://CANARY.example"})
        taken = await client.post(url, json={"values": {"password": PASSWORD}})

    logged = behind.proxy.logged
    assert (shown.status_code, taken.status_code) == (200, 200)
    assert "POST /secret/... 200" in logged
    for secret in (url.rpartition("/")[2], PASSWORD, "CANARY"):
        assert secret not in logged


async def test_attempts_are_counted_under_the_address_that_the_proxy_saw(behind: Behind) -> None:
    async with behind.browser() as client:
        own = await open_chat(client)
        claims = {**own, "X-Forwarded-For": "203.0.113.9"}
        await client.post("/chat/messages", json={"message": "hi"}, headers=claims)

    assert behind.assistant.taken[-1].source.startswith("127.0.0.1")


@pytest.mark.parametrize(
    ("path", "size", "status"), [("/chat/messages", 1_200_000, 413), ("/chat/voice", 2_200_000, 413)]
)
async def test_body_that_no_door_would_take_ends_at_the_proxy(
    behind: Behind, path: str, size: int, status: int
) -> None:
    async with behind.browser() as client:
        answer = await client.post(path, content=b"a" * size)

    assert answer.status_code == status
    assert "nginx" in answer.text


async def test_what_is_for_those_inside_is_not_shown_outside_and_plain_addresses_lead_to_safe_ones(
    behind: Behind,
) -> None:
    async with behind.browser() as client:
        hidden = [(await client.get(path)).status_code for path in ("/metrics", "/health/all")]
        plain = await client.get(f"{behind.proxy.plain}/chat?district=boston")

    assert hidden == [404, 404]
    assert plain.headers["location"] == "https://portal-help.example.org/chat?district=boston"
