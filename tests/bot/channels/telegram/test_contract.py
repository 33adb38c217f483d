"""Chats of tests that go through Telegram say the same as others, and notice what a phone does not show."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from bot.channels.telegram.parts import Part, Renderer, Say
from bot.conversation.turn import Assistant
from tests.support.conversation import Chat
from tests.support.portals import PASSWORD

LOSSES: dict[str, Callable[[Say], Part]] = {
    "a word": lambda part: replace(part, text=part.text[1:]),
    "the buttons": lambda part: replace(part, keyboard=()),
    "the protection": lambda part: replace(part, private=False),
}


@pytest.fixture
def chat(desk: Assistant) -> Chat:
    return Chat(desk, channel="telegram", sender="110201543:4101")


async def test_typing_pressing_and_submitting_mean_the_same_as_elsewhere(chat: Chat, desk: Assistant) -> None:
    plain, told = Chat(desk, channel="rest"), []
    for each in (chat, plain):
        await each.say("hello")
        told.append((each.text, each.titles))
        await each.press("Borrow an atlas")
        told.append((each.text, each.titles))
        await each.say("sign in, my username is mlopez")
        told.append((each.text, each.titles))
        await each.submit(password=PASSWORD)
        told.append((each.text, each.titles))
        told.append((str([entry.text for entry in await each.history()]), []))

    assert told[:5] == told[5:]


async def test_a_repeated_message_gets_the_same_answer_and_is_sent_once(chat: Chat) -> None:
    first = await chat.say("count", message_id="one")
    again = await chat.say("count", message_id="one")

    assert first == again
    assert [shown.text for shown in chat.phone.person.hears] == ["1"]


@pytest.mark.parametrize("loss", LOSSES)
async def test_what_the_phone_does_not_show_is_noticed(
    chat: Chat, monkeypatch: pytest.MonkeyPatch, loss: str
) -> None:
    await chat.say("sign in, my username is mlopez")
    await chat.submit(password=PASSWORD)
    original = Renderer.parts

    def spoilt(renderer: Renderer, replies: Sequence[Any], *more: Any) -> list[Part]:
        parts = original(renderer, replies, *more)
        return [LOSSES[loss](part) if isinstance(part, Say) else part for part in parts]

    monkeypatch.setattr(Renderer, "parts", spoilt)

    with pytest.raises(AssertionError):
        await chat.say("shelf")


async def test_a_request_that_telegram_would_refuse_is_noticed(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = Renderer.parts

    def doubled(renderer: Renderer, replies: Sequence[Any], *more: Any) -> list[Part]:
        parts = original(renderer, replies, *more)
        return [replace(part, text=part.text * 2000) if isinstance(part, Say) else part for part in parts]

    monkeypatch.setattr(Renderer, "parts", doubled)

    with pytest.raises(AssertionError):
        await chat.say("hours")
