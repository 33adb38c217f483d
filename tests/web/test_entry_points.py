"""Every way in for a password answers alike and works alike, whoever the name belongs to."""

from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, MetaData, select
from starlette.types import ASGIApp
from structlog.testing import capture_logs

from bot.channels.console import Console, Terminal
from bot.conversation.turn import Assistant
from portal.accounts.models import AccountRow
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.doors import KEYED, client_of, open_chat
from tests.support.hashing import CountingHasher
from tests.support.portals import PASSWORD, make_parent
from tests.support.public_site import enter

WEBHOOK = "/webhooks/rest/webhook"
CANARY = "CANARY-5c1e7a90"
NAMES = {"unknown": "aaaaaaa", "wrong": "bbbbbbb", "disabled": "ccccccc", "temporary": "ddddddd"}
WIDE = "".join(chr(ord(letter) + 0xFEE0) for letter in NAMES["wrong"])
PAGE = {"Accept": "text/html"}

Seen = tuple[Any, ...]
Door = Callable[[ASGIApp, Assistant, str, str], Awaitable[Seen]]


@pytest.fixture
def accounts(portal: Portal, families: None) -> None:
    """Open accounts in every state whose names are as long as one that nobody has."""
    make_parent(portal, username=NAMES["wrong"])
    disabled = make_parent(portal, username=NAMES["disabled"])
    make_parent(portal, username=NAMES["temporary"], temporary=True)
    with portal.begin() as tx:
        tx.session.get_one(AccountRow, disabled).disabled_at = tx.now


def url_in(replies: list[dict[str, Any]]) -> str:
    [secret] = [reply["custom"]["secret"] for reply in replies if "secret" in reply.get("custom", {})]
    return str(secret["url"])


def shape(answer: httpx.Response, name: str) -> Seen:
    """Return all that may not differ: the status, the headers, and the body without its random keys."""
    headers = {key: value for key, value in answer.headers.items() if key != "date"}
    if answer.headers["content-type"] == "application/json":
        return answer.status_code, headers, [shape_of_reply(reply, name) for reply in answer.json()]
    body = [line for line in answer.text.replace(name, "NAME").splitlines() if "/secret/" not in line]
    return answer.status_code, headers, body


def shape_of_reply(reply: dict[str, Any], name: str) -> Seen:
    titles = [button["title"] for button in reply.get("buttons", [])]
    secret = reply.get("custom", {}).get("secret", {})
    fields = [field["name"] for field in secret.get("fields", [])]
    return reply.get("text", "").replace(name, "NAME"), titles, fields, sorted(reply.get("custom", {}))


async def by_rest(app: ASGIApp, _: Assistant, name: str, password: str) -> Seen:
    async with client_of(app, headers=KEYED) as client:
        await client.post(WEBHOOK, json={"sender": name, "message": "sign in"})
        asked = await client.post(WEBHOOK, json={"sender": name, "message": name})
        return shape(await client.post(url_in(asked.json()), json={"values": {"password": password}}), name)


async def by_chat(app: ASGIApp, _: Assistant, name: str, password: str, *, form: bool = False) -> Seen:
    async with client_of(app) as client:
        client.headers.update(await open_chat(client))
        await client.post("/chat/messages", json={"message": "sign in"})
        url = url_in((await client.post("/chat/messages", json={"message": name})).json())
        if form:
            return shape(await client.post(url, data={"password": password}, headers=PAGE), name)
        return shape(await client.post(url, json={"values": {"password": password}}), name)


async def by_page(app: ASGIApp, _: Assistant, name: str, password: str) -> Seen:
    async with client_of(app) as client:
        answer = await enter(client, name, password)
        # Tokens are random at each look; that there are such, and how long, is the same.
        body = [line for line in answer.text.replace(name, "NAME").splitlines() if "csrf" not in line]
        cookies = [each.partition("=")[0] for each in answer.headers.get_list("set-cookie")]
        headers = {key: answer.headers[key] for key in answer.headers if key not in {"date", "set-cookie"}}
        return answer.status_code, headers, cookies, body


async def by_console(_: ASGIApp, assistant: Assistant, name: str, password: str) -> Seen:
    written: list[str] = []
    lines, hidden = iter(["sign in", name]), iter([password])

    def read(answers: Iterator[str], prompt: str) -> str:
        written.append(prompt)
        try:
            return next(answers)
        except StopIteration:
            raise EOFError from None

    terminal = Terminal(partial(read, lines), partial(read, hidden), written.append)
    await Console(assistant, terminal, "westborough").talk()
    return tuple(line.replace(name, "NAME") for line in written)


DOORS = pytest.mark.parametrize(
    "door",
    [by_rest, by_chat, partial(by_chat, form=True), by_page, by_console],
    ids=["REST", "web chat", "form without JavaScript", "page", "console"],
)


@DOORS
@pytest.mark.case("E1", "E2")
async def test_every_name_is_answered_alike_for_the_same_work(
    app: ASGIApp, real_assistant: Assistant, accounts: None, hasher: CountingHasher, door: Door
) -> None:
    seen, work = [], []
    for name in NAMES.values():
        before = hasher.verified
        seen.append(await door(app, real_assistant, name, CANARY))
        work.append(hasher.verified - before)

    assert seen == [seen[0]] * len(NAMES)
    assert work == [1] * len(NAMES)


@DOORS
@pytest.mark.case("E1", "E2", "A14")
async def test_locked_names_are_answered_alike_without_any_work(
    app: ASGIApp, real_assistant: Assistant, accounts: None, hasher: CountingHasher, door: Door
) -> None:
    for name in NAMES.values():
        for _ in range(5):
            await by_rest(app, real_assistant, name, CANARY)
    before = hasher.verified

    # The right password of those who have one: it changes nothing either.
    seen = [await door(app, real_assistant, name, PASSWORD) for name in NAMES.values()]

    assert seen == [seen[0]] * len(NAMES)
    assert hasher.verified == before


@pytest.mark.case("A6", "A9")
async def test_failures_at_all_doors_count_together(
    app: ASGIApp, real_assistant: Assistant, accounts: None, hasher: CountingHasher
) -> None:
    doors: list[Door] = [by_rest, by_chat, partial(by_chat, form=True), by_console, by_page]
    for door in doors:
        await door(app, real_assistant, NAMES["wrong"], CANARY)

    refused = [await door(app, real_assistant, NAMES["wrong"], PASSWORD) for door in doors]

    assert all("locked" in str(seen) for seen in refused)
    assert hasher.verified == 5


@pytest.mark.case("A15", "A7")
async def test_right_password_in_time_forgets_the_failures(
    app: ASGIApp, real_assistant: Assistant, accounts: None, hasher: CountingHasher, clock: FakeClock
) -> None:
    for spelt in ("BBBBBBB", WIDE, " bbbbbbb ", "bbbbbbb"):
        await by_rest(app, real_assistant, spelt, CANARY)
        clock.advance(seconds=1)
    await by_rest(app, real_assistant, "Bbbbbbb", PASSWORD)
    for _ in range(4):
        await by_rest(app, real_assistant, "bbbbbbb", CANARY)

    signed_in = await by_rest(app, real_assistant, "bBbbbbb", PASSWORD)

    assert "Welcome" in str(signed_in)
    assert hasher.verified == 10


@pytest.mark.case("G1")
@pytest.mark.parametrize("password", [CANARY, f"{CANARY}\u0007", f"{CANARY}{'x' * 1500}", f" {CANARY} "])
async def test_password_leaves_no_trace_at_any_door(
    app: ASGIApp, real_assistant: Assistant, accounts: None, look: Callable[[], str], password: str
) -> None:
    doors: list[Door] = [by_rest, by_chat, partial(by_chat, form=True), by_console, by_page]

    for number, door in enumerate(doors):
        await door(app, real_assistant, f"name{number}", password)
        await door(app, real_assistant, NAMES["wrong"], password)
    # And where it does not belong: in the chat while the field is open.
    async with client_of(app, headers=KEYED) as client:
        for text in ("sign in", NAMES["wrong"], password, f"my password is {password}"):
            await client.post(WEBHOOK, json={"sender": "typist", "message": text})

    seen = look()
    assert "typed" in seen or "masked" in seen  # the words around it are found: the search is not blind
    assert CANARY not in seen


@pytest.fixture
def look(
    portal: Portal,
    engine: Engine,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> Iterator[Callable[[], str]]:
    """Return all that is left behind: tables with what is sealed opened, files, logs, and the screen."""

    def left() -> str:
        files = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
        screen = "".join(capfd.readouterr())
        return "\n".join([decrypted(portal, engine), repr(files), str(lines), caplog.text, screen])

    with capture_logs() as lines, caplog.at_level("DEBUG"):
        yield left


def decrypted(portal: Portal, engine: Engine) -> str:
    """Return every column of every table, with what is encrypted opened: what a thief with the key reads."""
    metadata = MetaData()
    metadata.reflect(engine)
    found: list[str] = []
    with engine.connect() as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(select(table)):
                found.extend(opened(portal, value) for value in row)
    return "\n".join(found)


def opened(portal: Portal, value: object) -> str:
    # What Fernet made starts like this; anything else is shown as it is.
    if isinstance(value, bytes) and value.startswith(b"gAAAA"):
        return portal.keys.decrypt(value).decode()
    return repr(value)
