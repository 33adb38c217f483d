import json

import httpx
import pytest

from portal.core.outcomes import Reason, Refused
from tests.support.doors import KEYED, build_app, client_of, open_chat
from tests.support.scripted_assistant import PASSWORD, ScriptedAssistant

WEBHOOK = "/webhooks/rest/webhook"
PAGE = {"Accept": "text/html"}
TYPED = {"values": {"password": PASSWORD}}


async def ask_over_rest(client: httpx.AsyncClient, message: str = "ana", sender: str = "s1") -> str:
    body = {"sender": sender, "message": message}
    answer = await client.post(WEBHOOK, json=body, headers=KEYED)
    return str(answer.json()[0]["custom"]["secret"]["url"])


async def ask_in_chat(client: httpx.AsyncClient, message: str = "ana") -> str:
    own = await open_chat(client)
    answer = await client.post("/chat/messages", json={"message": message}, headers=own)
    return str(answer.json()[0]["custom"]["secret"]["url"])


@pytest.mark.case("C17")
async def test_secret_over_rest_is_answered_with_the_list_of_replies() -> None:
    assistant = ScriptedAssistant()

    async with client_of(build_app(assistant)) as client:
        url = await ask_over_rest(client)
        answer = await client.post(url, json=TYPED, headers=KEYED)

    assert answer.status_code == 200
    assert answer.json() == [{"recipient_id": "s1", "text": "Welcome, Ana!\nWhat would you like to know?"}]
    [(_, values, bearer)] = assistant.submitted
    assert values == {"password": PASSWORD}
    assert (bearer.channel, bearer.sender, bearer.source) == ("rest", "s1", "s1")
    assert bearer.device == "rest:s1"


async def test_wrong_password_is_answered_with_a_new_ticket() -> None:
    async with client_of(build_app(ScriptedAssistant())) as client:
        url = await ask_over_rest(client)
        answer = await client.post(url, json={"values": {"password": "no"}}, headers=KEYED)

    assert answer.status_code == 200
    assert answer.json()[0]["custom"]["secret"]["url"] != url


async def test_secret_from_the_chat_belongs_to_its_cookie() -> None:
    assistant = ScriptedAssistant()

    async with client_of(build_app(assistant)) as client:
        await open_chat(client, "/chat?district=boston")
        url = await ask_in_chat(client)
        answer = await client.post(url, json=TYPED)

    assert answer.status_code == 200
    [(_, _, bearer)] = assistant.submitted
    assert (bearer.channel, bearer.source) == ("webchat", "127.0.0.1")
    assert bearer.sender == assistant.taken[0].sender
    assert bearer.device == client.cookies["device"]


async def test_a_browser_keeps_its_device_when_it_opens_the_chat_again() -> None:
    async with client_of(build_app(ScriptedAssistant())) as client:
        await open_chat(client)
        first = client.cookies["device"]
        await open_chat(client)

    assert len(first) == 43
    assert client.cookies["device"] == first


@pytest.mark.parametrize("shown", ["", "short", "x" * 44, "!" * 43])
async def test_a_device_that_is_none_of_ours_in_form_is_not_passed_on(shown: str) -> None:
    assistant = ScriptedAssistant()

    async with client_of(build_app(assistant)) as client:
        url = await ask_in_chat(client)
        client.cookies.delete("device")
        client.cookies.set("device", shown)
        await client.post(url, json=TYPED)

    [(_, _, bearer)] = assistant.submitted
    assert bearer.device == ""


async def test_ticket_used_twice_is_void() -> None:
    assistant = ScriptedAssistant()

    async with client_of(build_app(assistant)) as client:
        url = await ask_over_rest(client)
        await client.post(url, json=TYPED, headers=KEYED)
        again = await client.post(url, json=TYPED, headers=KEYED)

    assert (again.status_code, again.json()["error"]) == (404, "ticket_void")
    assert len(assistant.submitted) == 1


@pytest.mark.parametrize(
    "ticket",
    ["forged", "x" * 2001, "x.", ".x", "x.!", "x._w", "ticket-1.czI", "%00", "%ED%A0%80", "a%20b", "<b>"],
)
async def test_forged_ticket_is_void(ticket: str) -> None:
    async with client_of(build_app(ScriptedAssistant())) as client:
        await open_chat(client)
        shown = await client.get(f"/secret/{ticket}", headers=PAGE)
        sent = await client.post(f"/secret/{ticket}", json=TYPED, headers=KEYED)

    assert shown.status_code == sent.status_code == 404
    assert "Go back to your chat" in shown.text


async def test_ticket_of_another_conversation_is_void_and_stays_good() -> None:
    assistant = ScriptedAssistant()
    app = build_app(assistant)

    async with client_of(app) as mine, client_of(app) as other:
        url = await ask_in_chat(mine)
        await open_chat(other)
        stolen = await other.post(url, json=TYPED)
        keyed = await other.post(url, json=TYPED, headers=KEYED)
        own = await mine.post(url, json=TYPED)

    assert (stolen.status_code, keyed.status_code, own.status_code) == (404, 404, 200)
    assert len(assistant.submitted) == 1


async def test_ticket_of_rest_is_void_for_a_chat() -> None:
    async with client_of(build_app(ScriptedAssistant())) as client:
        url = await ask_over_rest(client)
        await open_chat(client)
        answer = await client.post(url, json=TYPED)

    assert answer.status_code == 404


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}])
async def test_neither_cookie_nor_key_is_unauthorised(headers: dict[str, str]) -> None:
    assistant = ScriptedAssistant()

    async with client_of(build_app(assistant)) as client:
        url = await ask_over_rest(client)
        sent = await client.post(url, json=TYPED, headers=headers)
        shown = await client.get(url, headers=headers)

    assert sent.status_code == shown.status_code == 401
    assert assistant.submitted == []


async def test_page_without_a_chat_in_this_browser_is_void() -> None:
    async with client_of(build_app(ScriptedAssistant())) as client:
        url = await ask_over_rest(client)
        shown = await client.get(url, headers=PAGE)

    assert shown.status_code == 404


async def test_fields_can_be_asked_for_as_json() -> None:
    async with client_of(build_app(ScriptedAssistant())) as client:
        url = await ask_over_rest(client)
        shown = await client.get(url, headers=KEYED)

    assert shown.json() == {
        "purpose": "sign_in",
        "fields": [{"name": "password", "label": "Password"}],
    }


@pytest.mark.requirement("R10")
async def test_page_masks_what_is_typed() -> None:
    async with client_of(build_app(ScriptedAssistant())) as client:
        url = await ask_in_chat(client, "change password")
        shown = await client.get(url, headers=PAGE)

    assert shown.text.count('type="password"') == 3
    assert shown.text.count('autocomplete="new-password"') == 2
    assert shown.text.count('autocomplete="current-password"') == 1
    assert "<script" not in shown.text


@pytest.mark.case("RT12")
async def test_looking_at_the_page_does_not_spend_the_ticket() -> None:
    async with client_of(build_app(ScriptedAssistant())) as client:
        url = await ask_in_chat(client)
        for _ in range(3):
            await client.get(url, headers=PAGE)
            await client.head(url, headers=PAGE)
        answer = await client.post(url, json=TYPED)

    assert answer.status_code == 200


async def test_form_without_script_leads_back_to_the_chat() -> None:
    assistant = ScriptedAssistant()

    async with client_of(build_app(assistant)) as client:
        url = await ask_in_chat(client)
        # A page with no-referrer sends its forms with the origin "null".
        headers = {**PAGE, "Origin": "null", "Sec-Fetch-Site": "same-origin"}
        done = await client.post(url, data={"password": PASSWORD}, headers=headers)

    assert done.status_code == 200
    assert "Welcome, Ana!" in done.text
    assert 'href="/chat?district=westborough"' in done.text
    assert PASSWORD not in done.text
    assert assistant.submitted[0][1] == {"password": PASSWORD}


async def test_form_with_a_wrong_password_offers_the_next_field() -> None:
    async with client_of(build_app(ScriptedAssistant())) as client:
        url = await ask_in_chat(client)
        page = await client.post(url, data={"password": "no"}, headers=PAGE)

    assert "That is not right" in page.text
    assert 'action="/secret/ticket-' in page.text
    assert f'action="{url}"' not in page.text


@pytest.mark.case("S3")
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_secret_from_another_site_is_refused(headers: dict[str, str]) -> None:
    assistant = ScriptedAssistant()

    async with client_of(build_app(assistant)) as client:
        url = await ask_in_chat(client)
        answer = await client.post(url, data={"password": PASSWORD}, headers=headers)

    assert answer.status_code == 403
    assert assistant.submitted == []


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "not_json"),
        (b"[]", 422, "not_an_object"),
        (b"{}", 422, "not_an_object"),
        (b'{"values": []}', 422, "not_an_object"),
        (b'{"values": {}}', 422, "not_text"),
        (b'{"values": {"password": 1}}', 422, "not_text"),
        (b'{"values": {"password": "a\\u0000b"}}', 422, "bad_characters"),
        (b'{"values": {"password": "\\ud800"}}', 422, "bad_characters"),
        (b" " * 16_001, 413, "too_large"),
    ],
)
@pytest.mark.case("P5", "P7")
async def test_values_of_the_wrong_shape_leave_the_ticket_unspent(
    body: bytes, status: int, code: str
) -> None:
    assistant = ScriptedAssistant()
    headers = {**KEYED, "Content-Type": "application/json"}

    async with client_of(build_app(assistant)) as client:
        url = await ask_over_rest(client)
        refused = await client.post(url, content=body, headers=headers)
        accepted = await client.post(url, json=TYPED, headers=KEYED)

    assert (refused.status_code, refused.json()["error"]) == (status, code)
    assert accepted.status_code == 200


@pytest.mark.parametrize("body", [b"password=%ED%A0%80", b"password=\xff", b"&".join([b"a=1"] * 21)])
async def test_form_that_cannot_be_read_is_refused(body: bytes) -> None:
    headers = {**PAGE, "Content-Type": "application/x-www-form-urlencoded"}

    async with client_of(build_app(ScriptedAssistant())) as client:
        url = await ask_in_chat(client)
        page = await client.post(url, content=body, headers=headers)

    assert page.status_code == 400
    assert "could not be read" in page.text


async def test_other_content_type_is_refused() -> None:
    async with client_of(build_app(ScriptedAssistant())) as client:
        url = await ask_over_rest(client)
        answer = await client.post(url, content=json.dumps(TYPED), headers=KEYED)

    assert (answer.status_code, answer.json()["error"]) == (415, "wrong_type")


async def test_values_that_were_not_asked_for_are_dropped() -> None:
    assistant = ScriptedAssistant()
    body = {"values": {"password": PASSWORD, "scope": "full", "x": 1}}

    async with client_of(build_app(assistant)) as client:
        url = await ask_over_rest(client)
        await client.post(url, json=body, headers=KEYED)

    assert assistant.submitted[0][1] == {"password": PASSWORD}


@pytest.mark.parametrize(
    ("reason", "status", "code"),
    [
        (Reason.BUSY, 503, "busy"),
        (Reason.TICKET_VOID, 404, "ticket_void"),
        (Reason.INVALID_REQUEST, 422, "invalid_request"),
    ],
)
async def test_refusal_by_the_portal_is_said(reason: Reason, status: int, code: str) -> None:
    assistant = ScriptedAssistant()

    async with client_of(build_app(assistant)) as client:
        url = await ask_over_rest(client)
        assistant.refusal = Refused(reason)
        answer = await client.post(url, json=TYPED, headers=KEYED)

    assert (answer.status_code, answer.json()["error"]) == (status, code)
    assert ("retry-after" in answer.headers) == (status == 503)
