import asyncio
from typing import Any

import pytest

from bot.channels.telegram import TelegramSettings
from bot.conversation.memory import Memory
from bot.conversation.turn import Assistant
from portal.core.errors import UnavailableError
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.telegram.emulator import TOKEN, Emulator
from tests.support.telegram.line import AT_ONCE, Line
from tests.support.telegram.network import Answer, Cut, Network
from tests.support.telegram.person import Person

ANA = 4101


@pytest.fixture
def line(desk: Assistant, portal: Portal, emulator: Emulator) -> Line:
    """Return a line to a server that Telegram cannot reach."""
    settings = TelegramSettings(TOKEN, "http://127.0.0.1:8080", pace=AT_ONCE)
    return Line(desk, portal, emulator, settings=settings)


@pytest.fixture
def network(line: Line) -> Network:
    return line.network


@pytest.fixture
def ana(emulator: Emulator) -> Person:
    return Person(emulator, ANA)


async def test_without_a_public_address_updates_are_fetched_and_answered(
    line: Line, emulator: Emulator, ana: Person
) -> None:
    async with line.working():
        await ana.types("count")
        await emulator.until(lambda: ana.hears)
        await ana.types("count")
        await emulator.until(lambda: len(ana.hears) == 2)

    assert ana.read == "1\n2"
    assert emulator.requests_of("setWebhook") == []


async def test_every_kind_that_is_wanted_is_fetched_and_no_other_is_asked_for(
    line: Line, emulator: Emulator, ana: Person
) -> None:
    async with line.working():
        number = await ana.types("hello")
        await emulator.until(lambda: ana.hears)
        await ana.edits(number, "hours")
        await emulator.until(lambda: len(ana.hears) == 2)
        await ana.presses("Just words")
        await emulator.until(lambda: len(ana.hears) == 3)

    assert [shown.text for shown in ana.hears][1:] == ["I only read new messages.", "Open nine to five."]


async def test_what_was_sent_while_nobody_listened_is_answered_at_the_next_start_and_once(
    line: Line, desk: Assistant, portal: Portal, emulator: Emulator, ana: Person
) -> None:
    await ana.types("count")
    async with line.working():
        await emulator.until(lambda: ana.hears)
    await ana.types("count")
    again = Line(desk, portal, emulator, settings=line.settings)
    async with again.working():
        await emulator.until(lambda: len(ana.hears) == 2)

    assert ana.read == "1\n2"
    assert emulator.waiting() == 0


async def test_what_cannot_be_stored_is_fetched_again(
    line: Line, emulator: Emulator, ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    original, tried = Memory.take_in, []

    async def away_once(memory: Memory, *given: object, **named: object) -> object:
        tried.append(1)
        if len(tried) == 1:
            message = "the database is away"
            raise UnavailableError(message)
        return await original(memory, *given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(Memory, "take_in", away_once)
    async with line.working():
        await ana.types("count")
        await emulator.until(lambda: ana.hears)

    assert ana.read == "1"


@pytest.mark.parametrize(
    ("method", "fault"),
    [
        ("getMe", Cut()),
        ("getMe", Answer(401, "Unauthorized")),
        ("deleteWebhook", Answer(502, "Bad Gateway")),
        ("getUpdates", Answer(409, "Conflict: terminated by other getUpdates request")),
        ("getUpdates", Answer(500, "Internal Server Error")),
        ("getUpdates", Cut()),
    ],
)
async def test_fetching_goes_on_when_telegram_comes_back(
    line: Line, emulator: Emulator, ana: Person, method: str, fault: Answer | Cut
) -> None:
    network = line.network
    network.spoil(method, fault, times=2)
    await ana.types("count")
    async with line.working():
        await emulator.until(lambda: ana.hears)

    assert ana.read == "1"
    assert len(network.tries_of(method)) >= 3


async def test_the_parts_in_hand_are_sent_before_the_channel_stops(
    line: Line, emulator: Emulator, network: Network, ana: Person
) -> None:
    gate = network.hold("sendMessage", ANA)
    async with line.working():
        await ana.types("count")
        await ana.types("hours")
        await network.until_held("sendMessage")
        # Later than the block is left: the channel is already stopping then.
        asyncio.get_running_loop().call_later(0.05, gate.set)
        before = ana.hears

    assert before == []
    assert ana.read == "1\nOpen nine to five."
    assert emulator.waiting() == 0


async def test_what_could_not_be_sent_before_the_stop_is_sent_at_the_next_start(
    line: Line, desk: Assistant, portal: Portal, ana: Person, clock: FakeClock
) -> None:
    emulator = line.emulator
    line.network.spoil("sendMessage", Cut(), times=50)
    async with line.working():
        await ana.types("count")
        await line.network.until(lambda: line.network.tries_of("sendMessage"))
    clock.advance(seconds=60)
    again = Line(desk, portal, emulator, settings=line.settings)
    async with again.working():
        await emulator.until(lambda: ana.hears)

    assert ana.read == "1"


async def test_a_bug_met_by_one_update_does_not_stop_the_fetching(
    line: Line, emulator: Emulator, ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    intake = line.channel.intake
    accept, met = intake.accept, []

    async def broken_once(body: dict[str, Any]) -> None:
        if not met:
            met.append(body["update_id"])
            message = "a bug"
            raise ValueError(message)
        await accept(body)

    monkeypatch.setattr(intake, "accept", broken_once)

    async with line.working():
        await ana.types("hello")
        await emulator.until(lambda: ana.hears)

    assert met
