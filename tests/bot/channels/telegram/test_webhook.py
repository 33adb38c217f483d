import json

import pytest
from sqlalchemy import Engine, func, select
from structlog.testing import capture_logs

from bot.channels.telegram import TelegramChannel, TelegramSettings
from bot.channels.telegram.updates import ALLOWED
from bot.conversation.memory import Memory
from bot.conversation.turn import Assistant
from bot.settings import LogSettings
from portal.core.errors import UnavailableError
from portal.dialogue.models import InboxRow
from portal.transaction import Portal
from tests.support.doors import served
from tests.support.telegram.emulator import TOKEN, Emulator
from tests.support.telegram.line import AT_ONCE, PUBLIC, LightShelf, Line, app_of
from tests.support.telegram.network import Answer
from tests.support.telegram.person import Person
from tests.support.watched import watched

ANA = 4101
OTHER_TOKEN = "220201543:BBHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"


def stored(engine: Engine) -> int:
    """Count the messages that were ever taken in."""
    with engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(InboxRow)) or 0


async def test_a_message_is_answered_in_its_chat(line: Line, ana: Person) -> None:
    await ana.types("hello")
    await line.settled()

    assert ana.read == "Welcome to the desk."
    assert ana.last.titles == ["Borrow", "Borrow an atlas", "Just words"]


@pytest.mark.case("C15")
@pytest.mark.parametrize("secret", ["", "wrong", "é", TOKEN])
async def test_a_forged_update_is_refused_and_stored_nowhere(
    line: Line, ana: Person, engine: Engine, secret: str
) -> None:
    update = {"update_id": 1, "message": {"message_id": 1}}

    assert await line.bring(update, secret) == 401
    await line.settled()

    assert stored(engine) == 0
    assert ana.sees == []


@pytest.mark.case("C15")
async def test_an_update_that_is_brought_twice_is_answered_once(
    line: Line, ana: Person, engine: Engine
) -> None:
    update = {"update_id": 77, "message": {**ana._message(5), "text": "count"}}

    statuses = [await line.bring(update) for _ in range(2)]
    await line.settled()
    statuses.append(await line.bring(update))
    await line.settled()

    assert statuses == [200, 200, 200]
    assert ana.read == "1"
    assert stored(engine) == 1


@pytest.mark.case("C15")
@pytest.mark.parametrize("path", ["/telegram/x", "/telegram/é", "/telegram/", "/telegram"])
async def test_an_update_on_another_path_is_not_found_whatever_it_shows(
    line: Line, engine: Engine, path: str
) -> None:
    assert await line.bring({"update_id": 1, "message": {"message_id": 1}}, path=path) == 404

    assert stored(engine) == 0


@pytest.mark.case("G1")
async def test_the_log_names_the_route_and_never_the_path_of_the_bot(
    line: Line, ana: Person, portal: Portal
) -> None:
    with watched(portal, LogSettings("debug", "json")) as seen:
        await ana.types("hello")
        await line.bring({"update_id": 1}, secret="wrong")
        await line.settled()

    asked = [(each["route"], each["status"]) for each in seen.of("request")]
    assert asked == [("/telegram/{path}", 200), ("/telegram/{path}", 401)]
    derived = (line.settings.webhook_path.rpartition("/")[2], line.settings.webhook_secret)
    assert [each for each in derived if each in seen.text] == []


async def test_the_paths_and_secrets_of_two_bots_differ_and_do_not_show_the_token() -> None:
    mine, other = TelegramSettings(TOKEN, PUBLIC), TelegramSettings(OTHER_TOKEN, PUBLIC)

    assert mine.webhook_path != other.webhook_path
    assert mine.webhook_secret != other.webhook_secret
    assert TOKEN not in repr(mine)
    assert not {TOKEN, TOKEN.partition(":")[2]} & {mine.webhook_path, mine.webhook_secret}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"update_id": 1},
        {"update_id": "one", "message": {}},
        {"update_id": 1, "message": {"message_id": 1, "date": 1}},
        {"update_id": 1, "message": {"message_id": 1, "date": 1, "chat": {"id": 9, "type": "private"}}},
        {"update_id": 1, "message": "hello"},
        {"update_id": 1, "callback_query": {"id": "1", "from": {"id": 9}}},
        {"update_id": 1, "business_message": {"message_id": 1}},
        {"update_id": 1, "managed_bot": {"what": "nobody knows yet"}},
        {"update_id": 1, "poll_answer": {"poll_id": "1", "option_ids": [0]}},
    ],
)
async def test_an_update_of_a_kind_that_is_not_ours_is_taken_and_nothing_is_said(
    line: Line, emulator: Emulator, engine: Engine, body: dict[str, object]
) -> None:
    assert await line.bring(body) == 200
    await line.settled()

    assert emulator.asked == []
    assert stored(engine) == 0


async def test_what_is_no_object_is_refused_without_a_failure(line: Line) -> None:
    assert await line.bring([1, 2]) in {400, 422}


async def test_what_cannot_be_stored_is_not_acknowledged_and_answered_when_it_comes_again(
    line: Line, ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    update = {"update_id": 78, "message": {**ana._message(5), "text": "hello"}}

    async def down(*_: object, **__: object) -> None:
        message = "the database is away"
        raise UnavailableError(message)

    with monkeypatch.context() as broken:
        broken.setattr(Memory, "take_in", down)
        refused = await line.bring(update)
    taken = await line.bring(update)
    await line.settled()

    assert refused >= 500
    assert taken == 200
    assert ana.read == "Welcome to the desk."


async def test_over_sockets_the_webhook_is_set_answers_and_stays_when_the_server_stops(
    desk: Assistant, portal: Portal, emulator: Emulator
) -> None:
    ana = Person(emulator, ANA)
    async with emulator.served() as api:
        settings = TelegramSettings(TOKEN, PUBLIC, api, pace=AT_ONCE)
        channel = TelegramChannel(desk, portal, LightShelf(portal), settings)
        with served(app_of(channel)) as address:
            emulator.front[PUBLIC] = address
            await emulator.until(lambda: emulator.requests_of("setWebhook"))
            await ana.types("hello")
            await emulator.until(lambda: ana.hears)
        await ana.types("count")

    [asked] = emulator.requests_of("setWebhook")
    assert asked.fields["secret_token"] == settings.webhook_secret
    assert json.loads(asked.fields["allowed_updates"]) == list(ALLOWED)
    assert emulator.requests_of("deleteWebhook") == []
    assert ana.read == "Welcome to the desk."
    assert emulator.waiting(TOKEN) == 1


async def test_an_address_that_telegram_does_not_reach_is_named_and_tried_again(line: Line) -> None:
    unresolved = Answer(400, "Bad Request: bad webhook: failed to resolve host")
    line.network.spoil("setWebhook", unresolved)

    with capture_logs() as logged:
        async with line.working():
            await line.emulator.until(lambda: line.emulator.requests_of("setWebhook"))

    [refused] = [each for each in logged if each["event"] == "telegram_refuses_webhook"]
    assert "HALLPASS_PUBLIC_URL" in refused["advice"]
    assert line.settings.webhook_secret not in str(logged)
