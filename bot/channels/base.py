"""Define what every channel needs: the assistant as it sees it, and a reply as JSON."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from bot.conversation.history import HistoryEntry
from bot.conversation.understanding import Parse
from bot.messages import Bearer, IncomingMessage, Reply, SecretRequest
from portal.core.outcomes import Refused


class AssistantPort(Protocol):
    """Answer people; `bot.conversation.turn.Assistant` does, and tests put their own in."""

    async def take_turn(self, message: IncomingMessage) -> list[Reply]:
        """Answer one message; a repeat of its `message_id` gets the same replies again."""

    async def take_in(self, message: IncomingMessage) -> asyncio.Task[list[Reply]]:
        """Store one message and answer it from there on; raises UnavailableError where it is not stored."""

    async def settled(self) -> None:
        """Wait until every message that was taken in is answered."""

    def word(self, response: str, language: str, **values: Any) -> str:
        """Return the words of a response outside of any conversation."""

    async def submit_secret(
        self, ticket: str, values: Mapping[str, str], *, bearer: Bearer
    ) -> list[Reply] | Refused:
        """Spend a ticket with what was typed into its masked fields, and answer."""

    async def secret_form(self, ticket: str, *, bearer: Bearer) -> SecretRequest | Refused:
        """Return the fields of a live ticket to the one who holds its conversation."""

    async def knows(self, channel: str, sender: str) -> bool:
        """Tell whether there is a conversation under this key."""

    async def history(self, channel: str, sender: str) -> list[HistoryEntry]:
        """Return what was said; private lines only while their session lives."""

    async def parse(self, text: str, language: str = "en") -> Parse:
        """Say what a text means, without taking a turn."""


@dataclass(frozen=True, slots=True)
class ChatDistrict:
    """Hold what the doors show and need of a district."""

    slug: str
    name: str
    languages: tuple[str, ...] = ("en",)
    embed_origins: tuple[str, ...] = ()


class Districts(Protocol):
    """Find the district that a conversation is about."""

    async def find(self, slug: str | None) -> ChatDistrict | None:
        """Return that district, without a slug the only or preset one, or None."""

    async def slug(self, named: str | None) -> str | None:
        """Return the slug of that district, or None; every message asks, so one found is remembered."""


def texts_of(replies: Iterable[Reply]) -> list[str]:
    """Return all that replies say."""
    return [reply.text for reply in replies if reply.text]


def encode_replies(replies: Iterable[Reply], recipient: str) -> list[dict[str, Any]]:
    """Return replies as Rasa's REST channel does; our own additions are under `custom`."""
    return [encode_reply(reply, recipient) for reply in replies]


def encode_reply(reply: Reply, recipient: str) -> dict[str, Any]:
    """Return one reply as JSON; what a reply does not have is left out."""
    encoded: dict[str, Any] = {"recipient_id": recipient}
    if reply.text:
        encoded["text"] = reply.text
    if reply.buttons:
        encoded["buttons"] = [{"title": b.title, "payload": b.payload} for b in reply.buttons]
    if reply.image:
        encoded["image"] = reply.image
    if reply.attachment:
        encoded["attachment"] = reply.attachment
    if custom := _custom(reply):
        encoded["custom"] = custom
    return encoded


def _custom(reply: Reply) -> dict[str, Any]:
    custom = dict(reply.custom)
    if reply.image:
        custom["image_alt"] = reply.image_alt
    if reply.attachment:
        custom["attachment_title"] = reply.attachment_title
    if reply.secret:
        custom["secret"] = {
            "purpose": reply.secret.purpose,
            "ticket": reply.secret.ticket,
            "url": reply.secret.url,
            "fields": [{"name": f.name, "label": f.label} for f in reply.secret.fields],
        }
    if reply.private:
        # A client that shows a history takes such a line away when the session ends.
        custom["private"] = True
    return custom
