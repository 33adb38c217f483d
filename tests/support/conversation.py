"""Chat with an assistant as a parent would, in one line each."""

import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

from rasa_sdk.interfaces import Action

from bot.conversation.composing import Understands
from bot.conversation.history import HistoryEntry
from bot.conversation.project import Project, load_project
from bot.conversation.turn import Assistant
from bot.messages import Bearer, IncomingMessage, MessageKind, Reply, SecretRequest
from portal.core.outcomes import Refused
from portal.transaction import Portal

ROOT = Path(__file__).resolve().parents[2]
TELEGRAM = "telegram"
# Which channel the flows are wanted through, and which one the test that runs goes through.
WANTED = os.environ.get("HALLPASS_TEST_CHANNEL", "rest")
_channel = ["rest"]


@contextmanager
def through(channel: str) -> Iterator[None]:
    """Let the chats that begin here go through a channel."""
    before, _channel[0] = _channel[0], channel
    yield
    _channel[0] = before


def current_channel() -> str:
    """Return the channel that a chat goes through if it names none."""
    return _channel[0]


def new_sender() -> str:
    """Return the key of a conversation that nobody has had yet."""
    if current_channel() == TELEGRAM:
        return f"110201543:{1000 + secrets.randbelow(10**9)}"
    return uuid4().hex


@cache
def hallpass_project() -> Project:
    """Load the flows and language packs of the product itself."""
    return load_project(ROOT / "intents", ROOT / "data", ROOT / "config.yml")


def make_assistant(
    portal: Portal,
    actions: Sequence[Action],
    understanding: Understands,
    project: Project | None = None,
    district: str | None = "westborough",
) -> Assistant:
    """Build an assistant on a portal; its threads end when the test closes it."""
    return Assistant(portal, project or hallpass_project(), actions, understanding, default_district=district)


@dataclass
class Chat:
    """Hold one person's side of a conversation; `replies` are the last ones."""

    assistant: Assistant
    channel: str = field(default_factory=current_channel)
    sender: str = field(default_factory=new_sender)
    district: str | None = None
    language: str | None = None
    source: str = field(default_factory=lambda: uuid4().hex)
    device: str = field(default_factory=lambda: uuid4().hex)
    replies: list[Reply] = field(default_factory=list)
    seen: list[Reply] = field(default_factory=list)

    async def say(self, text: str, message_id: str | None = None) -> list[Reply]:
        """Type a text."""
        return await self.send(text, MessageKind.TEXT, message_id)

    async def open(self) -> list[Reply]:
        """Open the chat."""
        return await self.send("", MessageKind.OPENED)

    async def begin(self, code: str = "") -> list[Reply]:
        """Begin anew, as the /start of an app does, with the code of a link or without one."""
        return await self.send("", MessageKind.OPENED, start=code)

    async def press(self, title: str) -> list[Reply]:
        """Press the newest button of that title."""
        payloads = [b.payload for reply in self.seen for b in reply.buttons if b.title == title]
        assert payloads, f"no button {title!r} among {self.titles}"
        return await self.send(payloads[-1], MessageKind.BUTTON)

    async def send(
        self, text: str, kind: MessageKind, message_id: str | None = None, start: str | None = None
    ) -> list[Reply]:
        """Send a message of any kind."""
        if self.channel == TELEGRAM:
            return self._heard(await self.phone.send(start or text, kind, message_id, self))
        message = IncomingMessage(
            channel=self.channel,
            sender=self.sender,
            text=text,
            kind=kind,
            message_id=message_id or uuid4().hex,
            district=self.district,
            language=self.language,
            source=self.source,
            start=start,
        )
        return self._heard(await self.assistant.take_turn(message))

    async def submit(self, **values: str) -> list[Reply]:
        """Fill in the masked field that was offered last."""
        replies = await self.try_submit(**values)
        assert not isinstance(replies, Refused), replies
        return replies

    async def try_submit(self, ticket: str | None = None, **values: str) -> list[Reply] | Refused:
        """Post a masked field, the last one unless another ticket is given."""
        posted = ticket or self.secret.ticket
        seen = self.phone.seen if self.channel == TELEGRAM else 0
        answer = await self.assistant.submit_secret(posted, values, bearer=self.bearer)
        if isinstance(answer, Refused):
            return answer
        if self.channel == TELEGRAM:
            await self.phone.settle(answer, seen)
        return self._heard(answer)

    async def history(self) -> list[HistoryEntry]:
        """Return what a reloaded page shows."""
        return await self.assistant.history(self.channel, self.sender)

    @property
    def bearer(self) -> Bearer:
        """Name who posts."""
        return Bearer(self.channel, self.sender, self.source, self.device)

    @property
    def phone(self) -> Any:
        """Return what this conversation is held on, where it goes through Telegram."""
        # Only there: the libraries behind it take seconds to load.
        from tests.support.telegram.contract import phone_of  # noqa: PLC0415

        return phone_of(self.assistant, self.sender)

    @property
    def secret(self) -> SecretRequest:
        """Return the masked field that was offered last."""
        offered = [reply.secret for reply in self.seen if reply.secret is not None]
        assert offered, f"no masked field was offered: {self.text!r}"
        return offered[-1]

    @property
    def text(self) -> str:
        """Return the words of the last replies."""
        return "\n".join(reply.text for reply in self.replies)

    @property
    def titles(self) -> list[str]:
        """Return the titles of the buttons of the last replies."""
        return [button.title for reply in self.replies for button in reply.buttons]

    def _heard(self, replies: list[Reply]) -> list[Reply]:
        self.replies = replies
        self.seen.extend(replies)
        return replies
