import pytest

from bot.messages import MessageKind
from tests.support.doors import NoDistricts, build_app, client_of, open_chat
from tests.support.scripted_assistant import ScriptedAssistant

MESSAGES = "/chat/messages"


async def test_page_names_the_district_and_opens_a_conversation() -> None:
    async with client_of(build_app(ScriptedAssistant())) as client:
        page = await client.get("/chat")

    assert page.status_code == 200
    assert "<h1>Westborough Public Schools</h1>" in page.text
    assert 'role="log"' in page.text
    assert "This chat needs JavaScript" in page.text


@pytest.mark.case("S2")
async def test_cookie_by_https_is_bound_to_the_host() -> None:
    async with client_of(build_app(ScriptedAssistant(), secure=True)) as client:
        page = await client.get("/chat")

    chat, device = page.headers.get_list("set-cookie")
    flags = {"secure", "httponly", "samesite=lax", "path=/"}
    for cookie, expected, life in (
        (chat, "__Host-hallpass-westborough", set()),
        (device, "__Host-device", {"max-age=34560000"}),
    ):
        name, _, rest = cookie.partition("=")
        assert name == expected
        token, *found = rest.split("; ")
        assert len(token) == 43
        assert {flag.lower() for flag in found} == flags | life
    assert page.headers["strict-transport-security"]


async def test_cookie_on_loopback_works_without_https() -> None:
    async with client_of(build_app(ScriptedAssistant())) as client:
        page = await client.get("/chat")

    chat, device = page.headers.get_list("set-cookie")
    assert chat.startswith("hallpass-westborough=")
    assert device.startswith("device=")
    assert "secure" not in page.headers["set-cookie"].lower()
    assert "strict-transport-security" not in page.headers


async def test_conversation_stays_when_the_page_is_opened_again() -> None:
    assistant = ScriptedAssistant()

    async with client_of(build_app(assistant)) as client:
        own = await open_chat(client)
        await client.post(MESSAGES, json={"message": "hi"}, headers=own)
        assert await open_chat(client) == own
        history = await client.get("/chat/history")

    assert history.json()["entries"] == [
        {"author": "parent", "at": "2026-10-15T14:00:00+00:00", "text": "hi"},
        {
            "author": "assistant",
            "at": "2026-10-15T14:00:00+00:00",
            "reply": {"recipient_id": assistant.taken[0].sender, "text": "You said hi"},
        },
    ]


async def test_cookie_itself_never_reaches_the_assistant() -> None:
    assistant = ScriptedAssistant()

    async with client_of(build_app(assistant)) as client:
        own = await open_chat(client)
        await client.post(MESSAGES, json={"message": "hi"}, headers=own)
        token = client.cookies["hallpass-westborough"]

    [message] = assistant.taken
    assert token not in repr(message)
    assert message.channel == "webchat"
    assert message.source == "127.0.0.1"
    assert message.district == "westborough"


async def test_two_districts_in_one_browser_are_two_conversations() -> None:
    assistant = ScriptedAssistant()

    async with client_of(build_app(assistant)) as client:
        westborough = await open_chat(client)
        boston = await open_chat(client, "/chat?district=boston")
        await client.post(MESSAGES, json={"message": "hi"}, headers=westborough)
        await client.post(f"{MESSAGES}?district=boston", json={"message": "hi"}, headers=boston)

    first, second = assistant.taken
    assert (first.district, second.district) == ("westborough", "boston")
    assert first.sender != second.sender


async def test_no_district_known_yet_still_opens_a_conversation() -> None:
    assistant = ScriptedAssistant()

    async with client_of(build_app(assistant, districts=NoDistricts())) as client:
        own = await open_chat(client)
        answer = await client.post(MESSAGES, json={"message": "hi"}, headers=own)
        page = await client.get("/chat")

    assert answer.status_code == 200
    assert assistant.taken[0].district is None
    assert "<h1>Parent portal assistant</h1>" in page.text


@pytest.mark.parametrize("slug", ["nowhere", "Boston", "../etc", "a" * 100, "%00"])
async def test_unknown_district_is_a_friendly_404(slug: str) -> None:
    async with client_of(build_app(ScriptedAssistant())) as client:
        page = await client.get(f"/chat?district={slug}", headers={"Accept": "text/html"})

    assert page.status_code == 404
    assert "school district is not known" in page.text


async def test_button_is_its_payload() -> None:
    assistant = ScriptedAssistant()
    body = {"message": "b1:sign_in", "metadata": {"button": True, "message_id": "m1"}}

    async with client_of(build_app(assistant)) as client:
        own = await open_chat(client)
        answer = await client.post(MESSAGES, json=body, headers=own)
        again = await client.post(MESSAGES, json=body, headers=own)

    assert answer.json()[0]["text"] == "What is your username?"
    assert again.json() == answer.json()
    assert [message.kind for message in assistant.taken] == [MessageKind.BUTTON]


@pytest.mark.case("S3")
@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"X-CSRF-Token": ""}, "foreign_page"),
        ({"X-CSRF-Token": "0" * 64}, "foreign_page"),
        ({"X-CSRF-Token": "é".encode()}, "foreign_page"),
        ({"Origin": "https://evil.example"}, "foreign_origin"),
        ({"Origin": "null"}, "foreign_origin"),
        ({"Sec-Fetch-Site": "cross-site"}, "foreign_origin"),
        ({"Content-Type": "text/plain"}, "foreign_origin"),
    ],
)
async def test_message_from_another_site_is_refused(headers: dict[str, str], code: str) -> None:
    assistant = ScriptedAssistant()

    async with client_of(build_app(assistant)) as client:
        own = await open_chat(client)
        sent = {"Content-Type": "application/json", **own, **headers}
        answer = await client.post(MESSAGES, content=b'{"message": "hi"}', headers=sent)

    assert (answer.status_code, answer.json()["error"]) == (403, code)
    assert assistant.taken == []


@pytest.mark.case("S3")
async def test_message_from_our_own_page_is_taken() -> None:
    async with client_of(build_app(ScriptedAssistant())) as client:
        own = await open_chat(client)
        headers = {**own, "Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}
        answer = await client.post(MESSAGES, json={"message": "hi"}, headers=headers)

    assert answer.status_code == 200


@pytest.mark.case("S3")
async def test_token_of_another_conversation_is_refused() -> None:
    app = build_app(ScriptedAssistant())

    async with client_of(app) as mine, client_of(app) as other:
        await open_chat(mine)
        theirs = await open_chat(other)
        answer = await mine.post(MESSAGES, json={"message": "hi"}, headers=theirs)

    assert answer.status_code == 403


@pytest.mark.parametrize("cookie", [None, "short", "x" * 44, "é" * 43, "a b" + "c" * 40])
async def test_without_a_conversation_nothing_is_shown_or_taken(cookie: str | None) -> None:
    assistant = ScriptedAssistant()
    headers = {} if cookie is None else {"Cookie": f"hallpass-westborough={cookie}".encode()}

    async with client_of(build_app(assistant)) as client:
        history = await client.get("/chat/history", headers=headers)
        message = await client.post(MESSAGES, json={"message": "hi"}, headers=headers)

    assert history.status_code == message.status_code == 403
    assert history.json()["error"] == "no_conversation"
    assert assistant.taken == []


async def test_history_of_another_browser_is_not_shown() -> None:
    app = build_app(ScriptedAssistant())

    async with client_of(app) as mine, client_of(app) as other:
        await mine.post(MESSAGES, json={"message": "hi"}, headers=await open_chat(mine))
        await open_chat(other)
        history = await other.get("/chat/history")

    assert history.json() == {"entries": []}


async def test_cookie_without_the_host_prefix_is_ignored_by_https() -> None:
    async with client_of(build_app(ScriptedAssistant(), secure=True)) as client:
        history = await client.get("/chat/history", headers={"Cookie": f"hallpass-westborough={'a' * 43}"})

    assert history.status_code == 403


async def test_only_sites_that_the_district_names_may_frame_its_chat() -> None:
    async with client_of(build_app(ScriptedAssistant())) as client:
        boston = await client.get("/chat?district=boston&embedded=1")
        others = [await client.get(address) for address in ("/chat?district=boston", "/chat?embedded=1")]

    assert boston.headers["content-security-policy"].endswith("frame-ancestors https://www.boston.example")
    assert "x-frame-options" not in boston.headers
    for other in others:
        assert other.headers["content-security-policy"].endswith("frame-ancestors 'none'")
        assert other.headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize(("secure", "name"), [(True, "__Host-hallpass"), (False, "hallpass")])
async def test_framed_chat_has_a_cookie_of_its_own_that_comes_back(name: str, *, secure: bool) -> None:
    async with client_of(build_app(ScriptedAssistant(), secure=secure)) as client:
        framed = await client.get("/chat?district=boston&embedded=1")
        plain = await client.get("/chat?district=boston")

    kept = framed.headers.get_list("set-cookie")
    assert len(kept) == 1
    assert kept[0].startswith(f"{name}.framed-boston=")
    assert kept[0].endswith("; Path=/; HttpOnly; Secure; SameSite=None; Partitioned")
    assert f"{name}-boston=" in plain.headers["set-cookie"]
    assert "samesite=lax" in plain.headers["set-cookie"].lower()


async def test_framed_chat_and_the_chat_outside_of_it_are_two_conversations() -> None:
    async with client_of(build_app(ScriptedAssistant(), secure=True)) as client:
        framed = await client.get("/chat?district=boston&embedded=1")
        token = framed.headers["set-cookie"].split(";")[0]
        inside = await client.get("/chat/history?district=boston&embedded=1", headers={"Cookie": token})
        outside = await client.get("/chat/history?district=boston", headers={"Cookie": token})

    assert (inside.status_code, outside.status_code) == (200, 403)


async def test_language_asked_for_that_has_no_pack_is_english() -> None:
    async with client_of(build_app(ScriptedAssistant())) as client:
        page = await client.get("/chat?language=%00xx")

    assert '<html lang="en" dir="ltr">' in page.text


async def test_foreign_and_broken_cookies_beside_the_chat_do_not_matter() -> None:
    async with client_of(build_app(ScriptedAssistant())) as client:
        own = await open_chat(client)
        asked = await client.post(MESSAGES, json={"message": "ana"}, headers=own)
        client.cookies.set("hallpass-boston", "broken")
        client.cookies.set("other", "x" * 43)
        url = asked.json()[0]["custom"]["secret"]["url"]
        shown = await client.get(url, headers={"Accept": "text/html"})

    assert shown.status_code == 200
