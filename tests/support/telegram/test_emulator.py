import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from telegram import InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import BadRequest, Forbidden, RetryAfter, TimedOut
from telegram.ext import ExtBot
from telegram.request import HTTPXRequest

from tests.support.patience import PATIENCE
from tests.support.telegram.emulator import TOKEN, Emulator
from tests.support.telegram.network import InProcess, Lost, Network, too_many
from tests.support.telegram.person import Person

ANA = 41
MENU = InlineKeyboardMarkup([[InlineKeyboardButton("Sign in", callback_data="1.a.0")]])


@pytest.fixture
def emulator() -> Emulator:
    return Emulator()


@pytest.fixture
def network(emulator: Emulator) -> Network:
    return Network(InProcess(emulator))


@pytest.fixture
async def bot(network: Network) -> AsyncIterator[ExtBot[None]]:
    made: ExtBot[None] = ExtBot(TOKEN, request=network, get_updates_request=network)
    async with made:
        yield made


@pytest.fixture
def ana(emulator: Emulator) -> Person:
    return Person(emulator, ANA)


async def test_the_bot_has_a_name_and_its_messages_stand_in_the_chat(
    bot: ExtBot[None], ana: Person, emulator: Emulator
) -> None:
    await bot.send_message(ANA, "<b>Hello</b> &amp; welcome", parse_mode="HTML", reply_markup=MENU)

    assert bot.username == "hallpass_test_bot"
    assert (ana.read, ana.last.titles) == ("Hello & welcome", ["Sign in"])
    assert emulator.faults == []


@pytest.mark.parametrize(
    ("sent", "fault"),
    [
        ({"text": "😀" * 2049}, "4098 units"),
        ({"text": "<b>Hello", "parse_mode": "HTML"}, "<b> is not closed"),
        ({"text": "<h1>Hello</h1>", "parse_mode": "HTML"}, "<h1> is not supported"),
        ({"text": "Hello", "api_kwargs": {"colour": "red"}}, "unknown field colour"),
        ({"text": "Hello", "api_kwargs": {"protect_content": "perhaps"}}, "protect_content"),
        ({"text": "https://t.me/hallpass_bot?start=a.b"}, "start payload 'a.b'"),
        (
            {
                "text": "Hello",
                "reply_markup": InlineKeyboardMarkup([[InlineKeyboardButton("Yes", callback_data="é" * 33)]]),
            },
            "more than 64 bytes",
        ),
    ],
)
async def test_a_request_that_telegram_would_not_take_is_refused_and_remembered(
    bot: ExtBot[None], ana: Person, emulator: Emulator, sent: dict[str, object], fault: str
) -> None:
    with pytest.raises(BadRequest):
        await bot.send_message(ANA, **sent)  # type: ignore[arg-type]

    assert fault in "\n".join(emulator.faults)
    assert ana.hears == []


async def test_a_text_of_just_the_longest_length_is_taken(bot: ExtBot[None], emulator: Emulator) -> None:
    await bot.send_message(ANA, "😀" * 2048)

    assert emulator.faults == []


async def test_an_edit_shows_takes_the_keyboard_away_and_is_refused_when_nothing_changes(
    bot: ExtBot[None], ana: Person
) -> None:
    sent = await bot.send_message(ANA, "Menu", reply_markup=MENU)

    with pytest.raises(BadRequest, match=r"(?i)not modified"):
        await bot.edit_message_text("Menu", ANA, sent.message_id, reply_markup=MENU)
    await bot.edit_message_text("Done", ANA, sent.message_id)

    assert (ana.last.text, ana.last.titles, ana.last.edits) == ("Done", [], 1)


async def test_a_deleted_message_is_gone_for_the_person_and_for_the_bot(
    bot: ExtBot[None], ana: Person
) -> None:
    sent = await bot.send_message(ANA, "Menu")
    await bot.delete_message(ANA, sent.message_id)

    assert ana.sees == []
    with pytest.raises(BadRequest, match=r"(?i)message to edit not found"):
        await bot.edit_message_text("Done", ANA, sent.message_id)
    with pytest.raises(BadRequest, match=r"(?i)message to delete not found"):
        await bot.delete_message(ANA, sent.message_id)


async def test_a_press_is_answered_once(bot: ExtBot[None], ana: Person) -> None:
    await bot.send_message(ANA, "Menu", reply_markup=MENU)
    press = await ana.presses("Sign in")
    await bot.answer_callback_query(press)

    with pytest.raises(BadRequest, match=r"(?i)query is too old"):
        await bot.answer_callback_query(press)


async def test_nothing_reaches_somebody_who_blocked_the_bot(bot: ExtBot[None], ana: Person) -> None:
    await ana.blocks()

    with pytest.raises(Forbidden):
        await bot.send_message(ANA, "Hello")

    await ana.unblocks()
    await bot.send_message(ANA, "Hello again")
    assert ana.read == "Hello again"


async def test_profile_texts_are_taken_within_their_lengths(bot: ExtBot[None], emulator: Emulator) -> None:
    await bot.set_my_commands([("help", "Show what you can ask")], language_code="es")
    await bot.set_my_description("a" * 512, language_code="es")

    with pytest.raises(BadRequest):
        await bot.set_my_short_description("a" * 121)
    with pytest.raises(BadRequest):
        await bot.set_my_commands([("Help!", "Show what you can ask")])

    assert len(emulator.faults) == 2


async def test_a_socket_carries_the_same_as_the_process(emulator: Emulator, bot: ExtBot[None]) -> None:
    async def asks(asking: ExtBot[None]) -> None:
        await asking.send_message(ANA, "{not JSON}", reply_markup=MENU, protect_content=True)
        await asking.send_photo(ANA, b"\x89PNG", caption="A chart", filename="chart.png")
        await asking.send_document(ANA, b"%PDF", filename="letter.pdf", disable_notification=True)

    await asks(bot)
    async with emulator.served() as address:
        far: ExtBot[None] = ExtBot(TOKEN, base_url=f"{address}/bot", request=HTTPXRequest())
        async with far:
            await asks(far)

    near = [each for each in emulator.asked if each.method.startswith("send")]
    assert [(a.method, a.fields, a.files) for a in near[:3]] == [
        (a.method, a.fields, a.files) for a in near[3:]
    ]
    kept = emulator.chats.of(ANA)
    assert [(m.kind, m.file, m.file_name) for m in kept[:3]] == [
        ("text", b"", ""),
        ("photo", b"\x89PNG", "chart.png"),
        ("document", b"%PDF", "letter.pdf"),
    ]
    assert [(m.is_protected, m.is_silent) for m in kept[:3]] == [(True, False), (False, False), (False, True)]
    assert emulator.faults == []


async def test_the_network_spoils_as_often_as_it_was_told(
    bot: ExtBot[None], network: Network, ana: Person
) -> None:
    network.spoil("sendMessage", too_many(7), chat=ANA)
    network.spoil("sendMessage", Lost(after=True))

    with pytest.raises(RetryAfter, match="7 seconds"):
        await bot.send_message(ANA, "one")
    with pytest.raises(TimedOut):
        await bot.send_message(ANA, "two")
    await bot.send_message(ANA, "three")

    assert ana.read == "two\nthree"
    assert len(network.tries_of("sendMessage")) == 3


async def test_a_request_that_is_held_back_waits_for_its_gate(
    bot: ExtBot[None], network: Network, ana: Person
) -> None:
    gate = network.hold("sendMessage", ANA)
    held = asyncio.create_task(bot.send_message(ANA, "later"))

    await bot.send_message(42, "now")
    before = ana.hears
    gate.set()
    await held

    assert before == []
    assert ana.read == "later"


async def test_two_who_poll_at_once_meet_a_conflict_and_every_kind_of_update_comes(
    emulator: Emulator, ana: Person
) -> None:
    async with emulator.served() as address:
        near: ExtBot[None] = ExtBot(TOKEN, base_url=f"{address}/bot")
        async with near, httpx.AsyncClient(base_url=f"{address}/bot{TOKEN}", timeout=PATIENCE) as other:
            waiting = asyncio.create_task(near.get_updates(timeout=20))
            await emulator.until(lambda: any(a.method == "getUpdates" for a in emulator.asked))
            refused = await other.post("/getUpdates")
            number = await ana.types("hello")
            [first] = await waiting
            await ana.edits(number, "hello there")
            await ana.blocks()
            rest = (await other.post("/getUpdates", json={"offset": first.update_id + 1})).json()["result"]

    assert refused.status_code == 409
    assert first.message is not None
    assert first.message.text == "hello"
    assert [next(iter(set(each) - {"update_id"})) for each in rest] == ["edited_message", "my_chat_member"]


async def test_a_webhook_is_brought_an_update_again_until_it_takes_it(
    emulator: Emulator, ana: Person, bot: ExtBot[None]
) -> None:
    brought: list[tuple[str | None, int]] = []

    async def door(request: web.Request) -> web.Response:
        secret = request.headers.get("X-Telegram-Bot-Api-Secret-Token")
        brought.append((secret, (await request.json())["update_id"]))
        return web.Response(status=500 if len(brought) == 1 else 200)

    server = web.Application()
    server.router.add_post("/telegram/door", door)
    async with TestServer(server) as listening:
        emulator.front["https://hallpass.example"] = str(listening.make_url("")).rstrip("/")
        await bot.set_webhook("https://hallpass.example/telegram/door", secret_token="s3cret")
        await ana.types("hello")
        await emulator.deliver_updates(token=TOKEN)

    assert brought == [("s3cret", 1), ("s3cret", 1)]
