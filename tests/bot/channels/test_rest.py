import json
from typing import Any

import pytest

from bot.messages import MessageKind
from tests.support.doors import KEYED, NoDistricts, build_app, client_of
from tests.support.scripted_assistant import ScriptedAssistant

WEBHOOK = "/webhooks/rest/webhook"


async def test_message_gets_the_list_of_replies() -> None:
    assistant = ScriptedAssistant()

    async with client_of(build_app(assistant)) as client:
        answer = await client.post(WEBHOOK, json={"sender": "ana", "message": "sign in"}, headers=KEYED)

    assert answer.status_code == 200
    assert answer.json() == [{"recipient_id": "ana", "text": "What is your username?"}]
    assert assistant.taken[0].source == "ana"
    assert assistant.taken[0].district is None


async def test_metadata_reaches_the_assistant() -> None:
    assistant = ScriptedAssistant()
    metadata = {"button": True, "language": "es", "district": "boston", "message_id": "m1", "else": 1}
    body = {"sender": "ana", "message": "b1:sign_in", "metadata": metadata}

    async with client_of(build_app(assistant)) as client:
        await client.post(WEBHOOK, json=body, headers=KEYED)

    [message] = assistant.taken
    assert message.kind is MessageKind.BUTTON
    assert (message.language, message.district, message.message_id) == ("es", "boston", "m1")


async def test_conversation_opened_is_told_apart() -> None:
    assistant = ScriptedAssistant()
    body = {"sender": "ana", "message": "", "metadata": {"opened": True}}

    async with client_of(build_app(assistant)) as client:
        answer = await client.post(WEBHOOK, json=body, headers=KEYED)

    assert answer.json()[0]["buttons"] == [{"title": "Sign in", "payload": "b1:sign_in"}]


async def test_the_code_of_a_letter_opens_the_conversation() -> None:
    assistant = ScriptedAssistant()
    body = {"sender": "ana", "message": "", "metadata": {"opened": True, "start": "c" * 43}}

    async with client_of(build_app(assistant)) as client:
        await client.post(WEBHOOK, json=body, headers=KEYED)

    assert assistant.taken[0].start == "c" * 43


@pytest.mark.parametrize("start", [7, ["c"], "c" * 65, "c\0"])
async def test_what_was_never_a_code_is_refused(start: object) -> None:
    assistant = ScriptedAssistant()
    body = {"sender": "ana", "message": "", "metadata": {"opened": True, "start": start}}

    async with client_of(build_app(assistant)) as client:
        answer = await client.post(WEBHOOK, json=body, headers=KEYED)

    assert answer.status_code == 422
    assert not assistant.taken


async def test_empty_district_means_the_preset_one() -> None:
    assistant = ScriptedAssistant()
    body = {"sender": "ana", "message": "hi", "metadata": {"district": ""}}

    async with client_of(build_app(assistant, districts=NoDistricts())) as client:
        answer = await client.post(WEBHOOK, json=body, headers=KEYED)

    assert answer.status_code == 200
    assert assistant.taken[0].district is None


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Basic test-key"},
        {"Authorization": "test-key"},
    ],
)
@pytest.mark.parametrize("door", [WEBHOOK, "/model/parse"])
async def test_missing_or_wrong_key_is_refused_and_nothing_taken(headers: dict[str, str], door: str) -> None:
    assistant = ScriptedAssistant()
    body = {"sender": "ana", "message": "hi", "text": "hi"}

    async with client_of(build_app(assistant)) as client:
        answer = await client.post(door, json=body, headers=headers)

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["error"] == "missing_key"
    assert assistant.taken == []


async def test_key_with_letters_beyond_ascii_is_refused() -> None:
    async with client_of(build_app(ScriptedAssistant())) as client:
        answer = await client.post(WEBHOOK, headers={"Authorization": "Bearer clé".encode()})

    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "not_json"),
        (b"{", 400, "not_json"),
        (b"\xff\xfe", 400, "not_json"),
        (b'{"sender": ' + b"9" * 5000 + b"}", 400, "not_json"),
        (b"[" * 100_000, 400, "not_json"),
        (b"[]", 422, "not_an_object"),
        (b"null", 422, "not_an_object"),
        (b"{}", 422, "not_text"),
        (b'{"sender": 7, "message": "hi"}', 422, "not_text"),
        (b'{"sender": ["a"], "message": "hi"}', 422, "not_text"),
        (b'{"sender": null, "message": "hi"}', 422, "not_text"),
        (b'{"sender": "", "message": "hi"}', 422, "bad_length"),
        (b'{"sender": "' + b"a" * 256 + b'", "message": "hi"}', 422, "bad_length"),
        (b'{"sender": "ana"}', 422, "not_text"),
        (b'{"sender": "ana", "message": {"a": 1}}', 422, "not_text"),
        (b'{"sender": "ana", "message": "hi", "metadata": []}', 422, "not_an_object"),
        (b'{"sender": "ana", "message": "hi", "metadata": {"district": 1}}', 422, "not_text"),
        (b'{"sender": "ana", "message": "hi", "metadata": {"district": "nowhere"}}', 422, "unknown_district"),
        (b'{"sender": "ana", "message": "hi", "metadata": {"district": "../x"}}', 422, "unknown_district"),
        (b'{"sender": "ana", "message": "hi", "metadata": {"language": "e\'; --"}}', 422, "bad_language"),
        (b'{"sender": "ana", "message": "hi", "metadata": {"language": 1}}', 422, "bad_language"),
        (b'{"sender": "ana", "message": "hi", "metadata": {"message_id": 1}}', 422, "not_text"),
    ],
)
async def test_body_of_the_wrong_shape_is_refused(body: bytes, status: int, code: str) -> None:
    assistant = ScriptedAssistant()

    async with client_of(build_app(assistant)) as client:
        answer = await client.post(WEBHOOK, content=body, headers=KEYED)

    assert (answer.status_code, answer.json()["error"]) == (status, code)
    assert answer.json()["message"]
    assert assistant.taken == []


@pytest.mark.case("P7")
@pytest.mark.parametrize("text", ["a\x00b", "\ud800", "a\udfff"])
@pytest.mark.parametrize("field", ["sender", "message", "message_id"])
async def test_text_that_no_database_stores_is_refused(text: str, field: str) -> None:
    assistant = ScriptedAssistant()
    body: dict[str, Any] = {"sender": "ana", "message": "hi", "metadata": {"message_id": "1"}}
    (body["metadata"] if field == "message_id" else body)[field] = text

    async with client_of(build_app(assistant)) as client:
        answer = await client.post(WEBHOOK, content=json.dumps(body), headers=KEYED)

    assert (answer.status_code, answer.json()["error"]) == (422, "bad_characters")
    assert assistant.taken == []


@pytest.mark.parametrize(
    "text",
    ["", "   ", "😀" * 100, "a" * 100_000, "<script>alert(1)</script>", "\u202eabc\u200f", "' OR 1=1--"],
)
async def test_odd_text_reaches_the_assistant_as_it_is(text: str) -> None:
    assistant = ScriptedAssistant()

    async with client_of(build_app(assistant)) as client:
        answer = await client.post(WEBHOOK, json={"sender": "ana", "message": text}, headers=KEYED)

    assert answer.status_code == 200
    assert assistant.taken[0].text == text


async def test_body_beyond_the_limit_is_refused() -> None:
    async with client_of(build_app(ScriptedAssistant())) as client:
        answer = await client.post(WEBHOOK, content=b" " * 1_000_001, headers=KEYED)

    assert (answer.status_code, answer.json()["error"]) == (413, "too_large")


async def test_parse_says_what_a_text_means() -> None:
    async with client_of(build_app(ScriptedAssistant())) as client:
        answer = await client.post("/model/parse", json={"text": "Maya's grades"}, headers=KEYED)

    assert answer.json() == {
        "text": "Maya's grades",
        "intent": {"name": "ask_grades", "confidence": 0.9},
        "intent_ranking": [
            {"name": "ask_grades", "confidence": 0.9},
            {"name": "greet", "confidence": 0.1},
        ],
        "entities": [{"entity": "student", "value": "Maya", "start": 0, "end": 4}],
        "language": "en",
    }


async def test_parse_without_a_text_is_refused() -> None:
    async with client_of(build_app(ScriptedAssistant())) as client:
        answer = await client.post("/model/parse", json={"message": "hi"}, headers=KEYED)

    assert (answer.status_code, answer.json()["error"]) == (422, "not_text")


@pytest.mark.parametrize("sender", ["ana", "+1 508 555 0100", "тест/😀", "a.b?c#d"])
async def test_ticket_names_its_sender_in_an_address_that_works(sender: str) -> None:
    assistant = ScriptedAssistant()
    body = {"sender": sender, "message": "ana"}

    async with client_of(build_app(assistant)) as client:
        asked = await client.post(WEBHOOK, json=body, headers=KEYED)
        secret = asked.json()[0]["custom"]["secret"]
        answer = await client.post(secret["url"], json={"values": {"password": "x"}}, headers=KEYED)

    assert secret["url"] == f"/secret/{secret['ticket']}"
    assert answer.json()[0]["recipient_id"] == sender
    assert assistant.submitted[0][2].sender == sender
