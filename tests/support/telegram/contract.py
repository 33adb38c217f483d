"""Let a test's chat go through Telegram: typed on a phone, brought by webhook, answered by the Bot API.

What the assistant answered is returned to the test, after it was held against what stands on the phone:
every word, every button, every picture and paper, protected where it is private.
"""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.conversation.turn import Assistant
from bot.messages import IncomingMessage, MessageKind, Reply
from tests.support.telegram.chats import Shown
from tests.support.telegram.line import PUBLIC, Line
from tests.support.telegram.person import Person, Update


class Overheard:
    """Note each answer on its way, and name the district that a start link would have named."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self.districts: dict[str, str | None] = {}
        self.turns: dict[str, asyncio.Task[list[Reply]]] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._assistant, name)

    async def take_in(self, message: IncomingMessage) -> asyncio.Task[list[Reply]]:
        located = replace(message, district=self.districts.get(message.sender))
        turn = await self._assistant.take_in(located)
        self.turns[message.message_id or ""] = turn
        return turn


@dataclass
class Phone:
    """Hold one parent's phone."""

    line: Line
    number: int
    updates: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.person = Person(self.line.emulator, self.number, language_code=None, deliver=self._bring)
        self._update_id = 0

    async def send(self, text: str, kind: MessageKind, message_id: str | None, context: Any) -> list[Reply]:
        """Do what a test says; return what was answered, once the phone shows the same."""
        self.line.assistant.districts[context.sender] = context.district
        self.person.language_code = context.language
        seen = len(self.line.emulator.chats.log)
        is_repeat = message_id in self.updates
        self._update_id = self.updates.setdefault(message_id or "", self.line.emulator.claim())
        if not message_id:
            self.updates.clear()
        typed = await self._do(text, kind)
        await self.line.settled()
        replies = self.line.assistant.turns[f"{self.line.settings.bot_id}:{self._update_id}"].result()
        if not is_repeat:
            self.check(replies, seen, typed)
        return replies

    async def settle(self, replies: Sequence[Reply], seen: int) -> None:
        """Wait until what happened elsewhere is told here too."""
        await self.line.settled()
        self.check(replies, seen)

    @property
    def seen(self) -> int:
        """Return how much was ever sent."""
        return len(self.line.emulator.chats.log)

    def check(self, replies: Sequence[Reply], seen: int, typed: int | None = None) -> None:
        """Hold what was answered against what this phone shows since."""
        assert self.line.emulator.faults == []
        shown = [m for m in self.line.emulator.chats.log[seen:] if m.chat == self.number]
        _check_words(replies, shown)
        _check_buttons(replies, shown)
        for reply in replies:
            _check_files(reply, shown)
        if typed is not None and any(reply.custom.get("removed") for reply in replies):
            assert self.line.emulator.chats.shown[self.number, typed].is_deleted

    async def _do(self, text: str, kind: MessageKind) -> int | None:
        if kind is MessageKind.BUTTON:
            # One that no longer stands there is still on another device of the same parent.
            standing = [m for m in self.person.hears if text in _data(m)]
            await self.person.presses_data(text, standing[-1] if standing else None)
            return None
        opened, command = f"/start {text}".rstrip(), f"/{text}"
        typed = {MessageKind.TEXT: text, MessageKind.OPENED: opened, MessageKind.COMMAND: command}
        return await self.person.types(typed[kind])

    async def _bring(self, update: Update) -> None:
        assert await self.line.bring({"update_id": self._update_id, **update}) == 200


def phone_of(assistant: Assistant, sender: str) -> Phone:
    """Return the phone of a conversation with this assistant; both end with it."""
    if "telegram" not in vars(assistant):
        vars(assistant)["telegram"] = Line(Overheard(assistant), assistant._portal), {}
    line, phones = vars(assistant)["telegram"]
    if sender not in phones:
        phones[sender] = Phone(line, int(sender.partition(":")[2]))
    return phones[sender]


def _data(shown: Shown) -> list[str]:
    return [button["callback_data"] for row in shown.buttons for button in row if "callback_data" in button]


def _titles(shown: Shown) -> list[str]:
    return [button["text"] for row in shown.buttons for button in row if "callback_data" in button]


def _even(text: str) -> str:
    """Leave white space out of the comparison: a chat trims it, and cuts long texts there."""
    return " ".join(text.split())


def _check_words(replies: Sequence[Reply], shown: Sequence[Shown]) -> None:
    read, at = _even("\n".join(each.text for each in shown)), 0
    for reply in replies:
        for text in (reply.text, reply.image_alt if reply.image else ""):
            found = read.find(_even(text), at)
            assert found >= 0, f"the phone does not show {text!r} but {read!r}"
            at = found + len(_even(text))
        if reply.private and reply.text:
            hidden = _even("\n".join(each.text for each in shown if each.is_protected))
            assert _even(reply.text) in hidden, f"{reply.text!r} may be passed on"


def _check_buttons(replies: Sequence[Reply], shown: Sequence[Shown]) -> None:
    expected = [button.title for reply in replies for button in reply.buttons]
    titles = [title for each in shown for title in _titles(each)]
    assert len(titles) == len(expected)
    for title, whole in zip(titles, expected, strict=True):
        # What is too long for a phone is numbered and written out above, where the words are held against it.
        assert title == whole or _shortened(title, whole), f"{title!r} stands for {whole!r}"
    opened = [
        button["web_app"]["url"]
        for each in shown
        for row in each.buttons
        for button in row
        if "web_app" in button
    ]
    assert opened == [PUBLIC + reply.secret.url for reply in replies if reply.secret]


def _shortened(title: str, whole: str) -> bool:
    return whole.startswith(re.sub(r"^\d+\. ", "", title).removesuffix("…").strip())


def _check_files(reply: Reply, shown: Sequence[Shown]) -> None:
    if reply.attachment and reply.attachment.startswith("/files/"):
        told = {_even(each.text) for each in shown if each.kind == "document"}
        assert told & {_even(reply.text), _even(reply.attachment_title)}
    if reply.image:
        assert [each for each in shown if each.kind == "photo"]
