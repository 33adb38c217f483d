import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.channels.telegram import Pace, TelegramSettings
from bot.conversation.turn import Assistant
from portal.dialogue.pushing import Pushes
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.desk import Count
from tests.support.telegram.emulator import TOKEN, Emulator
from tests.support.telegram.line import AT_ONCE, PUBLIC, Line
from tests.support.telegram.network import (
    BLOCKED,
    BROKEN,
    NOT_MODIFIED,
    TOO_OLD,
    Answer,
    Cut,
    Lost,
    Network,
    too_many,
)
from tests.support.telegram.person import Person

ANA, BEN = 4101, 4102
OTHER_TOKEN = "220201543:BBHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"


async def test_a_press_is_acknowledged_and_its_menu_gives_way_to_the_next(line: Line, ana: Person) -> None:
    await ana.types("hello")
    await line.settled()
    menu = ana.last
    press = await ana.presses("Borrow an atlas")
    await line.settled()

    assert (press, "") in line.emulator.chats.answers
    assert menu.titles == ["Two"]
    assert menu.text == "How many copies of Atlas?"
    assert len(ana.hears) == 1


async def test_a_result_is_a_new_message_below_the_menu(line: Line, ana: Person) -> None:
    await ana.types("hello")
    await line.settled()
    await ana.presses("Just words")
    await line.settled()

    assert [shown.text for shown in ana.hears] == ["Welcome to the desk.", "Open nine to five."]


async def test_a_press_that_is_too_old_to_acknowledge_is_answered_all_the_same(
    line: Line, ana: Person, network: Network
) -> None:
    await ana.types("hello")
    await line.settled()
    network.spoil("answerCallbackQuery", TOO_OLD)
    await ana.presses("Just words")
    await line.settled()

    assert ana.last.text == "Open nine to five."


async def test_a_menu_that_already_says_so_is_not_sent_again(
    line: Line, ana: Person, network: Network
) -> None:
    await ana.types("hello")
    await line.settled()
    network.spoil("editMessageText", NOT_MODIFIED)
    await ana.presses("Borrow an atlas")
    await line.settled()

    assert len(ana.hears) == 1
    assert len(network.tries_of("editMessageText")) == 1


async def test_a_menu_that_the_parent_deleted_is_sent_anew(line: Line, ana: Person) -> None:
    await ana.types("hello")
    await line.settled()
    ana.last.is_deleted = True
    await ana.presses("Borrow an atlas", line.emulator.chats.log[-1])
    await line.settled()

    assert ana.read == "How many copies of Atlas?"


@pytest.mark.parametrize("data", ["1.nothing.0", "/borrow", "x", "é" * 32, "1.a.9999", "javascript:alert(1)"])
async def test_callback_data_that_is_not_ours_is_told_as_old_and_does_nothing(
    line: Line, ana: Person, data: str
) -> None:
    press = await ana.presses_data(data)
    await line.settled()

    assert ana.read == "That button is old.\n\nI lend books."
    assert (press, "") in line.emulator.chats.answers


async def test_a_button_of_somebody_else_is_no_button(line: Line, ana: Person) -> None:
    await ana.types("hello")
    await line.settled()
    ben = line.person(BEN, "Ben")
    await ben.presses_data(ana.last.buttons[0][0]["callback_data"])
    await line.settled()

    assert ben.read == "That button is old.\n\nI lend books."
    assert ana.read == "Welcome to the desk."


async def test_a_button_works_after_a_restart(
    line: Line, desk: Assistant, portal: Portal, ana: Person
) -> None:
    await ana.types("hello")
    await line.settled()

    restarted = Line(desk, portal, line.emulator)
    again = restarted.person(ANA)
    await again.presses("Just words")
    await restarted.settled()

    assert again.last.text == "Open nine to five."


async def test_who_blocks_the_bot_is_left_alone_until_they_write_again(
    line: Line, ana: Person, network: Network
) -> None:
    network.spoil("sendMessage", BLOCKED)
    await ana.types("hello")
    await line.settled()
    await line.settled()
    tried = len(network.tries_of("sendMessage"))
    await ana.types("count")
    await line.settled()

    assert tried == 1
    assert ana.read == "1"


async def test_blocking_and_unblocking_are_taken_in_silence(line: Line, ana: Person) -> None:
    await ana.types("hello")
    await line.settled()
    before = len(line.emulator.asked)
    await ana.blocks()
    await ana.unblocks()
    await line.settled()

    assert len(line.emulator.asked) == before


async def test_a_chat_that_is_told_to_wait_is_sent_to_after_just_that_long(
    line: Line, ana: Person, network: Network, clock: FakeClock
) -> None:
    network.spoil("sendMessage", too_many(7), times=10, chat=ANA)
    ben = line.person(BEN, "Ben")
    await ana.types("count")
    await ben.types("count")
    await line.settled()
    held = ana.hears, ben.read
    network.heal()
    clock.advance(seconds=6.999)
    await line.settled()
    early = ana.hears
    clock.advance(seconds=0.001)
    await line.settled()

    assert held == ([], "1")
    assert early == []
    assert ana.read == "1"


@pytest.mark.parametrize("fault", [BROKEN, Cut(), Lost()])
async def test_an_answer_that_telegram_did_not_take_is_sent_later_and_once(
    line: Line, ana: Person, network: Network, clock: FakeClock, fault: object
) -> None:
    network.spoil("sendMessage", fault, times=1)  # type: ignore[arg-type]
    await ana.types("count")
    await line.settled()
    clock.advance(seconds=60)
    await line.settled()

    assert ana.read == "1"


async def test_an_answer_of_which_no_word_came_back_is_repeated_at_most_once_and_nothing_after_it(
    line: Line, ana: Person, network: Network, clock: FakeClock
) -> None:
    network.spoil("sendMessage", Lost(after=True))
    await ana.types("count")
    await ana.types("count")
    await line.settled()
    clock.advance(seconds=60)
    await line.settled()

    assert [shown.text for shown in ana.hears] == ["1", "1", "2"]


async def test_answers_of_a_chat_keep_their_order_and_other_chats_do_not_wait(
    line: Line, ana: Person, network: Network
) -> None:
    gate = network.hold("sendMessage", ANA)
    ben = line.person(BEN, "Ben")
    async with line.working():
        for text in ("count", "hours", "count"):
            await ana.types(text)
        await ben.types("count")
        await line.emulator.until(lambda: ben.hears)
        before = ana.hears
        gate.set()
        await line.emulator.until(lambda: len(ana.hears) == 3)

    assert before == []
    assert [shown.text for shown in ana.hears] == ["1", "Open nine to five.", "2"]
    assert ben.read == "1"


async def test_a_slow_answer_in_one_chat_holds_up_no_other(
    line: Line, ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    entered, gate = asyncio.Event(), asyncio.Event()
    monkeypatch.setattr(Count, "entered", entered)
    monkeypatch.setattr(Count, "gate", gate)
    ben = line.person(BEN, "Ben")
    async with line.working():
        await ana.types("count")
        await entered.wait()
        await ana.types("hours")
        await ben.types("hours")
        await line.emulator.until(lambda: ben.hears)
        before = ana.hears
        gate.set()
        await line.emulator.until(lambda: len(ana.hears) == 2)

    assert before == []
    assert [shown.text for shown in ana.hears] == ["1", "Open nine to five."]


async def test_a_wait_that_shows_is_shown(
    desk: Assistant, portal: Portal, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = asyncio.Event()
    monkeypatch.setattr(Count, "entered", asyncio.Event())
    monkeypatch.setattr(Count, "gate", gate)
    settings = TelegramSettings(TOKEN, PUBLIC, pace=Pace(chat=0, every=1e-9, burst=1_000_000, typing=0))
    line = Line(desk, portal, emulator, settings=settings)
    await line.person(ANA).types("count")
    await emulator.until(lambda: emulator.requests_of("sendChatAction"))
    gate.set()
    await line.settled()

    assert emulator.requests_of("sendChatAction")[0].fields["action"] == "typing"


async def test_two_bots_on_one_database_keep_apart(
    desk: Assistant, portal: Portal, emulator: Emulator, line: Line, ana: Person
) -> None:
    other_server = Emulator()
    settings = TelegramSettings(OTHER_TOKEN, PUBLIC, pace=AT_ONCE)
    other = Line(desk, portal, other_server, settings=settings)
    elsewhere = other.person(ANA)
    await ana.types("borrow")
    await line.settled()
    # The same numbers of update and person, at the other bot.
    await other.bring({"update_id": 10**6, "message": {**elsewhere._message(9), "text": "count"}})
    await line.bring({"update_id": 10**6, "message": {**ana._message(9), "text": "help"}})
    await line.settled()
    await other.settled()

    assert [shown.text for shown in ana.hears] == ["Which book?", "A title is on the cover.\n\nWhich book?"]
    assert elsewhere.read == "1"
    assert other_server.faults == []


@pytest.mark.case("G1")
async def test_an_address_that_telegram_refuses_and_repeats_is_in_no_log(
    line: Line, ana: Person, network: Network
) -> None:
    quoted = "https://hallpass.example/secret/CANARY-ticket"
    network.spoil(
        "sendMessage", Answer(400, f"Bad Request: button Web App URL '{quoted}' is invalid: no host")
    )

    with capture_logs() as logged:
        await ana.types("hello")
        await line.settled()

    [refused] = [each for each in logged if each["event"] == "part_refused"]
    assert refused["reason"] == "Button web app url '[address]' is invalid: no host"
    assert "canary" not in str(logged).lower()


async def test_a_bug_met_while_looking_does_not_stop_all_sending(
    line: Line, ana: Person, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = Pushes.with_news
    met = []

    def broken_once(self: Pushes, via: str) -> tuple[tuple[int, Mapping[str, Any]], ...]:
        if not met:
            met.append(via)
            message = "a bug"
            raise ValueError(message)
        return looked(self, via)

    monkeypatch.setattr(Pushes, "with_news", broken_once)

    async with line.working():
        await ana.types("hello")
        await emulator.until(lambda: ana.hears)

    assert met
