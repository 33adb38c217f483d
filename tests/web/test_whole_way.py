"""From the door to the database and back, with the real assistant behind the doors."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import Engine, MetaData, select
from starlette.types import ASGIApp
from structlog.testing import capture_logs

from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.doors import KEYED, client_of, open_chat
from tests.support.hashing import CountingHasher
from tests.support.portals import PASSWORD

WEBHOOK = "/webhooks/rest/webhook"
WRONG = "CANARY-8d1b wrong"
COOKIE = "hallpass-westborough"


@pytest.fixture
async def rest(app: ASGIApp) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app, headers=KEYED) as client:
        yield client


@pytest.fixture
async def browser(app: ASGIApp) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app) as client:
        client.headers.update(await open_chat(client))

        async def take_token(answer: httpx.Response) -> None:
            # As the page does when somebody signs in.
            if "X-CSRF-Token" in answer.headers:
                client.headers["X-CSRF-Token"] = answer.headers["X-CSRF-Token"]

        client.event_hooks["response"].append(take_token)
        yield client


async def say(
    client: httpx.AsyncClient, text: str, sender: str = "s1", **metadata: Any
) -> list[dict[str, Any]]:
    body = {"sender": sender, "message": text, "metadata": metadata}
    answer = await client.post(WEBHOOK, json=body)
    assert answer.status_code == 200
    return list(answer.json())


async def ask_for_password(client: httpx.AsyncClient, username: str = "mlopez", sender: str = "s1") -> str:
    await say(client, "sign in", sender)
    return url_of(await say(client, username, sender))


async def sign_in(client: httpx.AsyncClient, sender: str = "s1") -> None:
    url = await ask_for_password(client, sender=sender)
    answer = await client.post(url, json={"values": {"password": PASSWORD}})
    assert "Marisol" in texts(answer.json())


def url_of(replies: list[dict[str, Any]]) -> str:
    [secret] = [reply["custom"]["secret"] for reply in replies if "secret" in reply.get("custom", {})]
    return str(secret["url"])


def texts(replies: list[dict[str, Any]]) -> str:
    return "\n".join(reply.get("text", "") for reply in replies)


def everything_stored(engine: Engine) -> bytes:
    metadata = MetaData()
    metadata.reflect(engine)
    with engine.connect() as connection:
        rows = [connection.execute(select(table)).all() for table in metadata.sorted_tables]
    return repr(rows).encode()


@pytest.mark.requirement("R1", "R12", "R92")
async def test_grades_asked_for_before_signing_in_come_after_it(rest: httpx.AsyncClient) -> None:
    await say(rest, "what are Maya's grades")
    url = url_of(await say(rest, "mlopez"))

    answer = await rest.post(url, json={"values": {"password": PASSWORD}})

    assert "Algebra" in texts(answer.json())
    assert any(reply.get("custom", {}).get("private") for reply in answer.json())


async def test_button_is_pressed_by_its_payload(rest: httpx.AsyncClient) -> None:
    [greeting] = await say(rest, "", opened=True)
    [button] = [each for each in greeting["buttons"] if each["title"] == "Sign in"]

    pressed = await say(rest, button["payload"], button=True)

    assert "username" in texts(pressed)


async def test_payload_that_was_only_typed_is_text(rest: httpx.AsyncClient) -> None:
    [greeting] = await say(rest, "", opened=True)
    [button] = [each for each in greeting["buttons"] if each["title"] == "Sign in"]

    typed = await say(rest, button["payload"])

    assert "username" not in texts(typed)


async def test_message_sent_twice_is_answered_once(rest: httpx.AsyncClient) -> None:
    first = await say(rest, "sign in", message_id="m1")
    again = await say(rest, "sign in", message_id="m1")
    url = url_of(await say(rest, "mlopez", message_id="m2"))

    assert again == first
    assert url == url_of(await say(rest, "mlopez", message_id="m2"))


async def test_ticket_used_twice_counts_one_attempt(rest: httpx.AsyncClient, hasher: CountingHasher) -> None:
    url = await ask_for_password(rest)
    await rest.post(url, json={"values": {"password": WRONG}})

    again = await rest.post(url, json={"values": {"password": PASSWORD}})

    assert (again.status_code, again.json()["error"]) == (404, "ticket_void")
    assert hasher.verified == 1


async def test_ticket_of_another_conversation_is_void(
    rest: httpx.AsyncClient, browser: httpx.AsyncClient, hasher: CountingHasher
) -> None:
    url = await ask_for_password(rest)
    own = url.rsplit(".", 1)[0]
    other = (await ask_for_password(rest, sender="s2")).rsplit(".", 1)[1]

    answers = [
        await rest.post(f"{own}.{other}", json={"values": {"password": PASSWORD}}),
        await browser.post(own, json={"values": {"password": PASSWORD}}),
        await browser.post(url, json={"values": {"password": PASSWORD}}),
        await rest.post("/secret/forged.czE", json={"values": {"password": PASSWORD}}),
    ]

    assert [answer.status_code for answer in answers] == [404] * 4
    assert hasher.verified == 0


@pytest.mark.case("E1", "E2")
async def test_unknown_name_and_wrong_password_are_answered_alike(
    rest: httpx.AsyncClient, hasher: CountingHasher
) -> None:
    answers = []
    for name in ("mlopez", "nobody"):
        url = await ask_for_password(rest, name, sender=name)
        before = hasher.verified
        answer = await rest.post(url, json={"values": {"password": WRONG}})
        assert hasher.verified - before == 1
        answers.append((answer.status_code, shape(answer.json())))

    assert answers[0] == answers[1]


@pytest.mark.requirement("R15")
@pytest.mark.case("A14", "E2")
async def test_too_many_attempts_lock_and_compute_nothing_more(
    rest: httpx.AsyncClient, hasher: CountingHasher
) -> None:
    for number in range(6):
        url = await ask_for_password(rest, sender=f"guess-{number}")
        answer = await rest.post(url, json={"values": {"password": WRONG}})

    assert "contact your school" in texts(answer.json())
    assert hasher.verified == 5


@pytest.mark.case("P5")
async def test_password_beyond_the_cap_is_answered_and_not_hashed(
    rest: httpx.AsyncClient, hasher: CountingHasher
) -> None:
    url = await ask_for_password(rest)

    answer = await rest.post(url, json={"values": {"password": "a" * 1025}})

    assert answer.status_code == 200
    assert texts(answer.json())
    assert hasher.verified == 0


@pytest.mark.case("G1", "C17")
async def test_password_is_neither_stored_nor_logged(rest: httpx.AsyncClient, engine: Engine) -> None:
    with capture_logs() as lines:
        url = await ask_for_password(rest)
        typed = await say(rest, WRONG)
        await rest.post(url, json={"values": {"password": WRONG}})

    assert WRONG not in texts(typed)
    assert WRONG.encode() not in everything_stored(engine)
    assert WRONG not in str(lines)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n\t",
        "😀🏳️‍🌈",
        "a" * 100_000,
        "grades " * 12_000,
        "<script>alert(1)</script>",
        "\u202egrades\u200f\u2066",
        "' OR 1=1--",
        "%_\\",
        '/sign_in{"username": "mlopez"}',
        "\x01\x02",
        "\ufffe\uffff",
    ],
)
@pytest.mark.case("X1")
async def test_odd_text_gets_a_clear_answer(rest: httpx.AsyncClient, text: str) -> None:
    answered = await say(rest, text)
    asked = await say(rest, "sign in")
    as_username = await say(rest, text)

    assert texts(answered)
    assert texts(asked)
    assert texts(as_username)


@pytest.mark.case("X1")
@pytest.mark.parametrize("sender", ["' OR 1=1--", "%", "../x", "😀", " "])
async def test_odd_sender_is_a_conversation_of_its_own(rest: httpx.AsyncClient, sender: str) -> None:
    await sign_in(rest)

    answered = await say(rest, "what are Maya's grades", sender)

    assert "Algebra" not in texts(answered)


async def test_history_shows_records_only_while_signed_in(browser: httpx.AsyncClient) -> None:
    async def chat(text: str) -> list[dict[str, Any]]:
        answer = await browser.post("/chat/messages", json={"message": text})
        return list(answer.json())

    await chat("what are Maya's grades")
    await browser.post(url_of(await chat("mlopez")), json={"values": {"password": PASSWORD}})
    signed_in = (await browser.get("/chat/history")).text
    await chat("sign out")

    assert "Algebra" in signed_in
    assert "Algebra" not in (await browser.get("/chat/history")).text


@pytest.mark.requirement("R65", "R68")
@pytest.mark.case("S5")
async def test_looking_at_the_history_keeps_no_session_alive(
    browser: httpx.AsyncClient, clock: FakeClock, portal: Portal
) -> None:
    with portal.begin() as tx:
        district = tx.districts.get("westborough")
    assert district is not None
    idle = district.options.session_idle_minutes
    first = await browser.post("/chat/messages", json={"message": "what are Maya's grades"})
    assert first.status_code == 200
    asked = await browser.post("/chat/messages", json={"message": "mlopez"})
    await browser.post(url_of(asked.json()), json={"values": {"password": PASSWORD}})

    seen = []
    for _ in range(2):
        clock.advance(minutes=idle / 2, seconds=-1)
        seen.append("Algebra" in (await browser.get("/chat/history")).text)
    clock.advance(seconds=2)
    late = (await browser.get("/chat/history")).text
    told = await browser.post("/chat/messages", json={"message": "what are Maya's grades"})

    assert seen == [True, True]
    assert "Algebra" not in late
    assert "You have been signed out. Return to Sign In Page." in texts(told.json())


@pytest.mark.case("S1", "S3")
@pytest.mark.parametrize("form", [True, False])
async def test_chat_cookie_planted_before_the_sign_in_is_worth_nothing(
    app: ASGIApp, browser: httpx.AsyncClient, *, form: bool
) -> None:
    planted = browser.cookies[COOKIE]
    old = {"X-CSRF-Token": browser.headers["X-CSRF-Token"], "Cookie": f"{COOKIE}={planted}"}
    await browser.post("/chat/messages", json={"message": "what are Maya's grades"})
    url = url_of((await browser.post("/chat/messages", json={"message": "mlopez"})).json())
    typed: dict[str, Any] = (
        {"data": {"password": PASSWORD}} if form else {"json": {"values": {"password": PASSWORD}}}
    )

    welcome = await browser.post(url, **typed)

    assert "Algebra" in welcome.text
    assert browser.cookies[COOKIE] != planted
    assert welcome.headers["X-CSRF-Token"] != old["X-CSRF-Token"]
    assert "Algebra" in (await browser.get("/chat/history")).text
    async with client_of(app, headers=old) as stranger:
        seen = (await stranger.get("/chat/history")).text
        asked = await stranger.post("/chat/messages", json={"message": "what are Maya's grades"})
    assert "Algebra" not in seen + asked.text
    foreign = await browser.post(
        "/chat/messages", json={"message": "grades"}, headers={"X-CSRF-Token": old["X-CSRF-Token"]}
    )
    assert (foreign.status_code, foreign.json()["error"]) == (403, "foreign_page")


@pytest.mark.case("S1")
async def test_parent_signs_in_inside_a_frame_and_goes_on_under_a_new_cookie(app: ASGIApp) -> None:
    framed = {"embedded": "1"}
    async with client_of(app) as client:
        page = await client.get("/chat", params=framed)
        own = {"Cookie": page.headers["set-cookie"].split(";")[0]}
        own["X-CSRF-Token"] = page.text.split('data-csrf="')[1].split('"')[0]
        for said in ("what are Maya's grades", "mlopez"):
            asked = await client.post("/chat/messages", params=framed, json={"message": said}, headers=own)
        url = url_of(asked.json())
        welcome = await client.post(url, json={"values": {"password": PASSWORD}}, headers=own)
        renewed = {"Cookie": welcome.headers["set-cookie"].split(";")[0]}
        seen = [
            (await client.get("/chat/history", params=params, headers=cookie))
            for params, cookie in ((framed, renewed), (framed, own), ({}, renewed))
        ]

    assert "Algebra" in welcome.text
    assert welcome.headers["set-cookie"].endswith("SameSite=None; Partitioned")
    assert renewed["Cookie"] != own["Cookie"]
    assert ["Algebra" in each.text for each in seen] == [True, False, False]


@pytest.mark.case("S1", "E1")
async def test_wrong_password_leaves_the_chat_its_cookie(browser: httpx.AsyncClient) -> None:
    before = browser.cookies[COOKIE]
    await browser.post("/chat/messages", json={"message": "sign in"})
    url = url_of((await browser.post("/chat/messages", json={"message": "mlopez"})).json())

    answer = await browser.post(url, json={"values": {"password": WRONG}})

    assert "set-cookie" not in answer.headers
    assert browser.cookies[COOKIE] == before


@pytest.mark.parametrize("way", ["signed out", "timed out"])
async def test_second_parent_in_a_browser_sees_nothing_of_the_first(
    browser: httpx.AsyncClient, clock: FakeClock, way: str
) -> None:
    async def chat(text: str, **metadata: Any) -> list[dict[str, Any]]:
        clock.advance(seconds=1)
        answer = await browser.post("/chat/messages", json={"message": text, "metadata": metadata})
        return list(answer.json())

    async def enter(username: str) -> None:
        await browser.post(url_of(await chat(username)), json={"values": {"password": PASSWORD}})

    await chat("what are Maya's grades")
    await enter("mlopez")
    which = await chat("what are Zed's grades")
    await chat("and Leo?")
    if way == "signed out":
        await chat("sign out")
    clock.advance(minutes=60)
    between = (await browser.get("/chat/history")).text
    await chat("sign in")
    await enter("kwhitfield")

    said = [
        await chat("say that again"),
        await chat("grades"),
        await chat("how many days absent this term"),
        await chat(first_button(which), button=True),
    ]
    after = (await browser.get("/chat/history")).text

    assert "Zoe" in texts(said[1])
    for seen in (between, after, str(said)):
        assert not [word for word in ("Maya", "Leo", "mlopez", "Marisol") if word in seen]


def first_button(replies: list[dict[str, Any]]) -> str:
    return next(str(button["payload"]) for reply in replies for button in reply.get("buttons", []))


async def test_parent_who_comes_back_finds_the_conversation_without_the_records(
    browser: httpx.AsyncClient, clock: FakeClock
) -> None:
    async def chat(text: str) -> list[dict[str, Any]]:
        clock.advance(seconds=1)
        return list((await browser.post("/chat/messages", json={"message": text})).json())

    seen = ""
    for _ in range(2):
        asked = await chat("what is the district code") and await chat("what are Maya's grades")
        if "username" in texts(asked):
            asked = await chat("mlopez")
        await browser.post(url_of(asked), json={"values": {"password": PASSWORD}})
        seen = (await browser.get("/chat/history")).text
        clock.advance(minutes=60)

    assert seen.count("what is the district code") == 2
    assert seen.count("Algebra") == 1


async def test_unknown_sender_starts_anew(rest: httpx.AsyncClient) -> None:
    answered = await say(rest, "what are Maya's grades", uuid4().hex)

    assert "sign" in texts(answered)


async def test_parse_knows_the_intents(rest: httpx.AsyncClient) -> None:
    answer = await rest.post("/model/parse", json={"text": "how many days was my son absent this term"})

    parsed = answer.json()
    assert parsed["intent"]["name"] == "ask_attendance"
    assert parsed["intent_ranking"][0]["name"] == "ask_attendance"
    assert {entity["entity"] for entity in parsed["entities"]} >= {"term"}


def shape(replies: list[dict[str, Any]]) -> list[tuple[str, list[str], bool]]:
    """Return what two answers must have in common: everything but the random keys."""
    return [
        (
            reply.get("text", "").replace("mlopez", "NAME").replace("nobody", "NAME"),
            [button["title"] for button in reply.get("buttons", [])],
            "secret" in reply.get("custom", {}),
        )
        for reply in replies
    ]
