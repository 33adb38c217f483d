"""Whatever comes in at the JSON doors: an answer or a 4xx, never a failure."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.doors import KEYED, build_app, client_of, open_chat
from tests.support.scripted_assistant import ScriptedAssistant

DOORS = ["/webhooks/rest/webhook", "/model/parse", "/chat/messages", "/secret/ticket-1"]
TEXTS = st.text(st.characters(), max_size=40)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
KNOWN = st.sampled_from(
    [
        "sender",
        "message",
        "text",
        "metadata",
        "values",
        "language",
        "district",
        "message_id",
        "button",
        "password",
    ]
)
SHAPED = st.dictionaries(KNOWN, JSON | st.dictionaries(KNOWN, JSON, max_size=4), max_size=6)


async def statuses(door: str, body: bytes) -> list[int]:
    assistant = ScriptedAssistant()
    async with client_of(build_app(assistant)) as client:
        own = await open_chat(client)
        await client.post("/chat/messages", json={"message": "ana"}, headers=own)
        sent = {"Content-Type": "application/json", **own}
        with_cookie = await client.post(door, content=body, headers=sent)
        with_key = await client.post(door, content=body, headers={**sent, **KEYED})
    return [with_cookie.status_code, with_key.status_code]


@pytest.mark.parametrize("door", DOORS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(body=JSON | SHAPED)
async def test_any_json_is_answered_or_refused(door: str, body: Any) -> None:
    found = await statuses(door, json.dumps(body).encode())

    assert all(status < 500 for status in found)


@pytest.mark.parametrize("door", DOORS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(body=st.binary(max_size=200))
async def test_any_bytes_are_answered_or_refused(door: str, body: bytes) -> None:
    found = await statuses(door, body)

    assert all(status < 500 for status in found)
