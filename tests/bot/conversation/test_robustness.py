"""Whatever arrives is answered; nothing is stored that should not be, and nothing is done twice."""

import asyncio
import json
import logging
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from structlog.testing import capture_logs

from bot.conversation.turn import Assistant
from bot.messages import IncomingMessage, MessageKind, Reply
from portal.core.database import Base
from portal.core.outcomes import Refused
from portal.dialogue.models import ConversationRow, InboxRow
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.conversation import Chat, make_assistant
from tests.support.desk import Count, Keywords, desk_actions, desk_project
from tests.support.doors import KEYED, build_app, client_of
from tests.support.patience import PATIENCE
from tests.support.portals import PASSWORD, make_district


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "\x00", "\u202e\u200b", "\ud800"])
async def test_an_empty_message_is_answered_as_one(chat: Chat, text: str) -> None:
    await chat.say(text)

    assert chat.text == "That was empty."


async def test_an_empty_message_in_a_form_asks_the_step_again(chat: Chat) -> None:
    await chat.say("borrow")

    await chat.say(" ")

    assert chat.text == "That was empty.\nWhich book?"


async def test_a_text_of_a_hundred_thousand_characters_is_refused_and_not_stored(
    chat: Chat, understanding: Keywords, portal: Portal
) -> None:
    await chat.say("CANARY" * 20_000)

    assert chat.text == "That was too long."
    assert understanding.heard == []
    assert [entry.author for entry in await chat.history()] == ["assistant"]


async def test_two_thousand_characters_are_read(chat: Chat, understanding: Keywords) -> None:
    await chat.say("x" * 2000)

    assert understanding.heard == ["x" * 2000]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("bor\x00row", "borrow"),
        ("borrow\u202e it", "borrow it"),
        ("borrow\n\nit ", "borrow it"),
        ("borrow 📚👩‍👧", "borrow 📚👩‍👧"),
        ("borrow <b>it</b>", "borrow <b>it</b>"),
        ("borrow Zoe\u0308", "borrow Zoë"),
    ],
)
async def test_a_text_is_cleaned_before_it_is_read(
    chat: Chat, understanding: Keywords, text: str, read: str
) -> None:
    await chat.say(text)

    assert understanding.heard == [read]


async def test_typed_text_that_looks_like_a_command_is_text(chat: Chat) -> None:
    await chat.say("borrow")

    await chat.say('/cancel{"title": "Emma"}')

    assert chat.text == 'How many copies of /cancel{"title": "Emma"}?'


async def test_typed_braces_are_not_looked_at_again(chat: Chat) -> None:
    await chat.say("borrow")

    await chat.say("{error_id} {title}")

    assert chat.text == "How many copies of {error_id} {title}?"


@pytest.mark.parametrize(
    "payload", ["1.0.0", "9.abc.0", "", "/cancel", "1.%.1", "1.x.-1", "\ud800", "1..9999"]
)
async def test_an_unknown_button_is_answered_with_the_menu(chat: Chat, payload: str) -> None:
    await chat.send(payload, MessageKind.BUTTON)

    assert chat.text == "That button is old.\nI lend books."
    assert chat.titles == ["Borrow"]


async def test_an_unknown_button_in_a_form_asks_the_step_again(chat: Chat) -> None:
    await chat.say("borrow")

    await chat.send("1.old.0", MessageKind.BUTTON)

    assert chat.text == "That button is old.\nWhich book?"


async def test_a_button_of_another_conversation_means_nothing(chat: Chat, desk: Assistant) -> None:
    await chat.say("hello")
    payload = chat.replies[0].buttons[0].payload
    other = Chat(desk)

    await other.send(payload, MessageKind.BUTTON)

    assert other.text.startswith("That button is old.")


async def test_a_position_beyond_the_menu_means_nothing(chat: Chat) -> None:
    await chat.say("hello")
    payload = chat.replies[0].buttons[0].payload

    await chat.send(f"{payload.rpartition('.')[0]}.7", MessageKind.BUTTON)

    assert chat.text.startswith("That button is old.")


async def test_a_button_still_works_tomorrow_and_carries_its_values(chat: Chat, clock: FakeClock) -> None:
    await chat.say("hello")
    clock.advance(days=1)

    await chat.press("Borrow an atlas")

    assert chat.text == "How many copies of Atlas?"
    parents = [entry.text for entry in await chat.history() if entry.author == "parent"]
    assert parents == ["hello", "Borrow an atlas"]


async def test_a_button_may_carry_plain_words(chat: Chat) -> None:
    await chat.say("hello")

    await chat.press("Just words")

    assert chat.text == "Open nine to five."


async def test_opening_the_chat_greets(chat: Chat) -> None:
    await chat.open()

    assert chat.text == "Welcome to the desk."
    assert [entry.author for entry in await chat.history()] == ["assistant"]


async def test_opening_the_chat_in_a_form_asks_the_step_again(chat: Chat) -> None:
    await chat.say("borrow")

    await chat.open()

    assert chat.text == "Which book?"


async def test_a_repeated_message_id_returns_the_stored_replies(chat: Chat) -> None:
    first = await chat.say("count", message_id="m1")

    again = await chat.say("count", message_id="m1")

    assert again == first
    await chat.say("count")
    assert chat.text == "2"


async def test_the_same_message_id_of_another_sender_is_another_message(chat: Chat, desk: Assistant) -> None:
    await chat.say("borrow", message_id="m1")

    await Chat(desk).say("hello", message_id="m1")

    assert chat.text == "Which book?"


async def test_two_messages_at_once_are_answered_in_order(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Count, "pause", 0.02)

    replies = await asyncio.gather(*(chat.say("count") for _ in range(5)))

    assert [reply[0].text for reply in replies] == ["1", "2", "3", "4", "5"]


async def test_the_same_message_twice_at_once_is_answered_once(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Count, "pause", 0.02)

    replies = await asyncio.gather(*(chat.say("count", message_id="m1") for _ in range(3)))

    assert [reply[0].text for reply in replies] == ["1", "1", "1"]


async def test_two_assistants_on_one_database_answer_a_conversation_in_turn(
    chat: Chat, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Count, "pause", 0.02)
    other = make_assistant(portal, desk_actions(portal), Keywords(), desk_project())
    same = Chat(other, sender=chat.sender)

    replies = await asyncio.gather(*(each.say("count") for each in (chat, same, chat, same)))

    assert sorted(reply[0].text for reply in replies) == ["1", "2", "3", "4"]
    other.close()


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Hold every turn that counts until this is set."""
    gate = asyncio.Event()
    monkeypatch.setattr(Count, "gate", gate)
    monkeypatch.setattr(Count, "entered", asyncio.Event())
    return gate


async def counting(chat: Chat) -> "asyncio.Task[list[Reply]]":
    """Start a turn and return when it is in the middle of its action."""
    turn = asyncio.create_task(chat.say("count"))
    assert Count.entered is not None
    await Count.entered.wait()
    return turn


async def test_a_client_that_goes_away_does_not_stop_its_turn(chat: Chat, gate: asyncio.Event) -> None:
    turn = await counting(chat)

    turn.cancel()
    gate.set()
    await chat.say("count")

    assert chat.text == "2"


def lease_end(portal: Portal) -> datetime | None:
    with portal.begin(read_only=True) as tx:
        return tx.session.scalars(select(ConversationRow)).one().lease_until


async def test_a_long_turn_keeps_its_lease(
    chat: Chat, gate: asyncio.Event, monkeypatch: pytest.MonkeyPatch, portal: Portal, clock: FakeClock
) -> None:
    monkeypatch.setattr("bot.conversation.turn.RENEW_EVERY", 0.01)
    turn = await counting(chat)
    clock.advance(seconds=5)

    async with asyncio.timeout(PATIENCE):
        while lease_end(portal) != clock.now() + timedelta(seconds=6):  # noqa: ASYNC110  (the database tells)
            await asyncio.sleep(0.01)

    gate.set()
    await turn
    assert chat.text == "1"


async def test_an_answer_whose_lease_was_lost_is_not_stored(
    chat: Chat, gate: asyncio.Event, portal: Portal, clock: FakeClock
) -> None:
    turn = await counting(chat)
    clock.advance(seconds=7)
    with portal.begin() as tx:
        conversation = tx.session.scalars(select(ConversationRow)).one()
        assert tx.dialogue.take_up(conversation.id, "thief") is not None
    gate.set()
    await asyncio.sleep(0.1)
    assert not turn.done()

    clock.advance(seconds=7)
    await turn

    assert chat.text == "1"
    with portal.begin() as tx:
        assert len(tx.session.scalars(select(InboxRow)).all()) == 1


@pytest.mark.case("G2")
@pytest.mark.parametrize("kind", ["slot", "event", "json", "words", "custom", "CANARY"])
async def test_an_action_that_fails_is_apologised_for_once_and_offers_a_person(chat: Chat, kind: str) -> None:
    await chat.say("borrow called Emma")

    with capture_logs() as logs:
        await chat.say(f"explode {kind}", message_id="m1")

    [failed] = [log for log in logs if log["log_level"] == "error"]
    assert failed["event"] == "turn.failed"
    assert chat.text == f"Something broke ({failed['error_id']})."
    assert chat.titles == ["Talk to a person"]
    assert "CANARY" not in str(logs)
    assert await chat.say("explode", message_id="m1") == chat.replies
    await chat.say("2")
    assert chat.text == "Lend 2 of Emma?"


async def test_flows_that_lead_into_each_other_end_in_an_apology(chat: Chat) -> None:
    with capture_logs() as logs:
        await chat.say("loop")

    assert chat.text.startswith("Something broke")
    assert [log["error"] for log in logs if log["log_level"] == "error"] == ["EndlessTurnError"]


async def test_a_database_that_fails_ends_in_an_apology(
    chat: Chat, desk: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: object, **__: object) -> None:
        raise OSError

    monkeypatch.setattr(desk._memory, "take_in", fails)

    with capture_logs():
        await chat.say("hello")

    assert chat.text.startswith("Something broke")


async def test_a_fault_in_storing_is_apologised_for_at_the_door_and_not_asked_for_again(
    desk: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: object, **__: object) -> None:
        raise LookupError

    monkeypatch.setattr(desk._memory, "take_in", fails)

    with capture_logs() as logs:
        async with client_of(build_app(desk)) as client:
            answer = await client.post(
                "/webhooks/rest/webhook", json={"sender": "ana", "message": "hello"}, headers=KEYED
            )

    assert answer.status_code == 200
    assert answer.json()[0]["text"].startswith("Something broke")
    assert [log["error"] for log in logs if log["log_level"] == "error"] == ["LookupError"]


async def test_recovery_goes_on_after_a_conversation_that_cannot_be_read(
    desk: Assistant, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unreadable(_: str) -> None:
        raise LookupError

    async def two() -> tuple[str, ...]:
        return ("one", "two")

    monkeypatch.setattr(desk._memory, "unanswered", two)
    monkeypatch.setattr(desk._memory, "take_up", unreadable)

    with capture_logs() as logs:
        await desk.recover()

    assert len(logs) == 2


async def test_words_without_a_needed_value_are_never_said(
    chat: Chat, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), capture_logs():
        await chat.say("explode words")

    assert "Open on" not in chat.text


async def test_a_state_that_another_version_wrote_is_read_as_far_as_it_is_known(
    chat: Chat, portal: Portal
) -> None:
    await chat.say("borrow called Emma")
    with portal.begin() as tx:
        row = tx.session.scalars(select(ConversationRow)).one()
        state = json.loads(portal.keys.decrypt(row.state or b""))
        state |= {"unheard_of": 1, "waiting": ["old_form"]}
        state["slots"] |= {"old_slot": 1}
        row.state = portal.keys.encrypt(json.dumps(state).encode())

    await chat.say("2")

    assert chat.text == "Lend 2 of Emma?"


async def test_a_form_that_no_longer_exists_is_left(chat: Chat, portal: Portal) -> None:
    await chat.say("borrow called Emma")
    with portal.begin() as tx:
        row = tx.session.scalars(select(ConversationRow)).one()
        state = json.loads(portal.keys.decrypt(row.state or b"")) | {"loop": "old_form"}
        row.state = portal.keys.encrypt(json.dumps(state).encode())

    await chat.say("hours")

    assert chat.text == "Open nine to five.\nSee you."


async def test_a_conversation_stays_in_its_district_and_language(chat: Chat, portal: Portal) -> None:
    make_district(portal, "boston", name="Boston Public Schools", time_zone="America/New_York")
    chat.district, chat.language = "boston", "es"
    await chat.say("hello")
    assert chat.text == "Hola."

    chat.district = chat.language = None
    await chat.say("hello")

    assert chat.text == "Hola."
    with portal.begin() as tx:
        conversation = tx.dialogue.find("rest", chat.sender)
    assert conversation is not None
    assert (conversation.district, conversation.language) == ("boston", "es")


async def test_a_channel_that_sends_its_language_each_time_does_not_undo_a_choice(chat: Chat) -> None:
    chat.language = "en"
    await chat.say("hello")
    await chat.say("language es")

    await chat.say("hello")

    assert chat.text == "Hola."


@pytest.mark.parametrize("value", ["nowhere", "x" * 500, "\x00", ""])
async def test_an_unknown_district_or_language_is_passed_over(chat: Chat, value: str) -> None:
    chat.district = chat.language = value

    await chat.say("hello")

    assert chat.text == "Welcome to the desk."


async def test_another_district_starts_the_conversation_over(chat: Chat, portal: Portal) -> None:
    make_district(portal, "boston", name="Boston Public Schools")
    await chat.say("borrow called Emma")
    chat.district = "boston"

    await chat.say("borrow")

    assert chat.text == "Which book?"


async def test_whoever_is_signed_in_stays_in_the_district_of_the_account(chat: Chat, portal: Portal) -> None:
    make_district(portal, "boston", name="Boston Public Schools")
    await chat.say("sign in, my username is mlopez")
    await chat.submit(password=PASSWORD)
    chat.district = "boston"

    await chat.say("shelf")

    assert "Your shelf" in chat.text


@pytest.fixture
def two_districts(portal: Portal, desk: Assistant) -> Assistant:
    make_district(portal, "boston", name="Boston Public Schools")
    return desk


async def test_without_a_district_it_is_asked_for(two_districts: Assistant, portal: Portal) -> None:
    assistant = make_assistant(portal, desk_actions(portal), Keywords(), desk_project(), district=None)
    chat = Chat(assistant)
    await chat.open()
    assert chat.text == "Which district?"
    assert chat.titles == ["Boston Public Schools", "Westborough Public Schools"]

    await chat.press("Boston Public Schools")

    assert chat.text == "Welcome to the desk."
    await chat.say("hours")
    assert chat.text == "Open nine to five."
    assistant.close()


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("we are in boston", "Welcome to the desk."),
        ("public schools", "Which district?"),
        ("hours", "Which district?"),
    ],
)
async def test_a_district_may_be_typed(
    two_districts: Assistant, portal: Portal, text: str, answer: str
) -> None:
    assistant = make_assistant(portal, desk_actions(portal), Keywords(), desk_project(), district=None)
    chat = Chat(assistant)

    await chat.say(text)

    assert chat.text == answer
    assistant.close()


async def test_a_button_before_the_district_is_known_asks_for_it(
    two_districts: Assistant, portal: Portal
) -> None:
    assistant = make_assistant(portal, desk_actions(portal), Keywords(), desk_project(), district=None)
    chat = Chat(two_districts)
    await chat.say("hello")
    with portal.begin() as tx:
        for row in tx.session.scalars(select(ConversationRow)):
            row.district_id = ""
    chat.assistant = assistant

    await chat.press("Borrow")

    assert chat.text == "Which district?"
    assistant.close()


async def test_the_only_district_is_the_district(portal: Portal) -> None:
    make_district(portal)
    assistant = make_assistant(portal, desk_actions(portal), Keywords(), desk_project(), district=None)
    chat = Chat(assistant)

    await chat.say("hello")

    assert chat.text == "Welcome to the desk."
    assistant.close()


@pytest.mark.parametrize("name", ["sender", "channel"])
async def test_odd_characters_in_who_writes_are_no_error(desk: Assistant, name: str) -> None:
    given = {
        "channel": "rest",
        "sender": "someone",
        name: "rest" if name == "channel" else "\ud800\x00" * 500,
    }

    replies = await desk.take_turn(IncomingMessage(text="hello", message_id="\ud800", **given))

    assert replies[0].text == "Welcome to the desk."


async def test_the_history_of_a_stranger_is_empty(desk: Assistant) -> None:
    assert await desk.history("rest", "nobody") == []


async def test_a_text_can_be_parsed_outside_of_any_conversation(desk: Assistant) -> None:
    parse = await desk.parse("hours on Monday")

    assert (parse.intent, parse.first("day")) == ("ask_hours", "Monday")


@pytest.mark.case("G1")
async def test_nothing_that_was_written_is_readable_in_the_database(chat: Chat, engine: Engine) -> None:
    await chat.say("hello CANARY-hello")
    await chat.say("sign in, my username is mlopez")
    await chat.say("CANARY-typed")
    await chat.submit(password="CANARY-password")
    await chat.say("borrow called CANARYtitle")

    with engine.connect() as connection:
        tables = Base.metadata.sorted_tables
        dump = "".join(str(tuple(row)) for table in tables for row in connection.execute(select(table)))
    files = Path(engine.url.database or "").parent.glob(f"{Path(engine.url.database or '-').name}*")
    dump += "".join(file.read_bytes().decode("latin-1") for file in files)

    assert "CANARY" not in dump
    assert not isinstance(chat.replies, Refused)
