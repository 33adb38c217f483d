"""The live connection over a real server: frames, limits, origins."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosedError, InvalidStatus

from tests.support.doors import build_app, open_chat, served
from tests.support.patience import PATIENCE
from tests.support.scripted_assistant import PASSWORD, ScriptedAssistant


@pytest.fixture
def assistant() -> ScriptedAssistant:
    return ScriptedAssistant()


@pytest.fixture
def address(assistant: ScriptedAssistant) -> Iterator[str]:
    with served(build_app(assistant)) as url:
        yield url


async def cookie(address: str) -> str:
    async with httpx.AsyncClient(base_url=address, timeout=PATIENCE) as client:
        await open_chat(client)
        return "; ".join(f"{name}={value}" for name, value in client.cookies.items())


def dial(address: str, headers: dict[str, str]) -> connect:
    return connect(
        f"{address.replace('http', 'ws')}/chat/ws", additional_headers=headers, open_timeout=PATIENCE
    )


@pytest.fixture
async def live(address: str) -> AsyncIterator[ClientConnection]:
    async with dial(address, {"Cookie": await cookie(address), "Origin": address}) as connection:
        yield connection


async def tell(live: ClientConnection, frame: str | bytes | dict[str, Any]) -> dict[str, Any]:
    await live.send(json.dumps(frame) if isinstance(frame, dict) else frame)
    return dict(json.loads(await live.recv()))


async def test_message_is_answered_under_its_id(live: ClientConnection) -> None:
    answer = await tell(live, {"message": "sign in", "metadata": {"message_id": "m1"}})

    assert answer["id"] == "m1"
    assert answer["replies"][0]["text"] == "What is your username?"


async def test_message_sent_again_is_answered_the_same_and_taken_once(
    live: ClientConnection, assistant: ScriptedAssistant
) -> None:
    message = {"message": "hi", "metadata": {"message_id": "m1"}}

    first, again = await tell(live, message), await tell(live, message)

    assert first == again
    assert len(assistant.taken) == 1


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("{", "not_json"),
        (b"{}", "not_json"),
        ("[]", "not_an_object"),
        ({"message": 1}, "not_text"),
        ({"message": "\x00"}, "bad_characters"),
    ],
)
async def test_frame_of_the_wrong_shape_is_refused_and_the_line_stays(
    live: ClientConnection, frame: Any, code: str
) -> None:
    refused = await tell(live, frame)
    answer = await tell(live, {"message": "hi"})

    assert refused == {"id": None, "error": code}
    assert answer["replies"]


async def test_message_that_is_not_stored_is_refused_under_its_id(
    live: ClientConnection, assistant: ScriptedAssistant
) -> None:
    message = {"message": "hi", "metadata": {"message_id": "m1"}}

    assistant.is_away = True
    refused = await tell(live, message)
    assistant.is_away = False
    answer = await tell(live, message)

    assert refused == {"id": "m1", "error": "busy"}
    assert answer["replies"]
    assert len(assistant.taken) == 1


async def test_frame_beyond_the_limit_ends_the_connection(
    live: ClientConnection, assistant: ScriptedAssistant
) -> None:
    with pytest.raises(ConnectionClosedError):
        await tell(live, {"message": "a" * 1_000_001})

    assert assistant.taken == []


@pytest.mark.case("S3")
@pytest.mark.parametrize("origin", [None, "https://evil.example", "null"])
async def test_page_of_another_site_is_not_connected(address: str, origin: str | None) -> None:
    headers = {"Cookie": await cookie(address)} | ({"Origin": origin} if origin else {})

    with pytest.raises(InvalidStatus) as refused:
        async with dial(address, headers):
            pass

    assert refused.value.response.status_code == 403


@pytest.mark.case("G1")
async def test_connection_is_logged_by_its_route(address: str) -> None:
    with capture_logs() as lines:
        async with dial(address, {"Cookie": await cookie(address), "Origin": address}) as live:
            await tell(live, {"message": "CANARY"})
        async with asyncio.timeout(PATIENCE):
            while "WEBSOCKET" not in str(lines):  # noqa: ASYNC110  (the server's thread writes the line)
                await asyncio.sleep(0.01)

    assert lines[-1]["route"] == "/chat/ws"
    assert lines[-1]["status"] == 101
    assert "CANARY" not in str(lines)


async def test_browser_without_a_conversation_is_not_connected(address: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with dial(address, {"Origin": address}):
            pass

    assert refused.value.response.status_code == 403


@pytest.mark.case("S1")
async def test_line_opened_before_the_sign_in_is_closed_with_its_next_message(
    address: str, assistant: ScriptedAssistant
) -> None:
    async with httpx.AsyncClient(base_url=address, timeout=PATIENCE) as client:
        own = await open_chat(client)
        old = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        asked = await client.post("/chat/messages", json={"message": "ana"}, headers=own)
        url = asked.json()[0]["custom"]["secret"]["url"]
        async with dial(address, {"Cookie": old, "Origin": address}) as line:
            await client.post(url, json={"values": {"password": PASSWORD}})
            taken = len(assistant.taken)
            await line.send(json.dumps({"message": "grades"}))
            with pytest.raises(ConnectionClosedError) as closed:
                await line.recv()

    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4001
    assert len(assistant.taken) == taken
