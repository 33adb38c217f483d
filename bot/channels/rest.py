"""Answer Rasa's REST channel and its parse endpoint, for whoever holds the key."""

import base64
import binascii
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.channels.base import AssistantPort, encode_replies, texts_of
from bot.channels.doors import (
    MESSAGE_LIMIT,
    SENDER_LIMIT,
    Caller,
    DoorSettings,
    answer_of,
    check_key,
    find_slug,
    read_language,
    read_message,
    read_object,
    refusal,
    text_field,
)
from bot.conversation.understanding import Parse
from bot.messages import Bearer, Reply

CHANNEL = "rest"


def routes(assistant: AssistantPort, settings: DoorSettings) -> list[BaseRoute]:
    """Return the webhook and the parse endpoint."""
    doors = _RestDoors(assistant, settings)
    return [
        Route("/webhooks/rest/webhook", doors.webhook, methods=["POST"]),
        Route("/model/parse", doors.parse, methods=["POST"]),
    ]


def encode_answer(replies: Iterable[Reply], sender: str) -> list[dict[str, Any]]:
    """Return the list of replies to a sender, who is named in the tickets among them.

    A client hands a secret in with its key and the ticket alone, and of senders only hashes are stored.
    """
    return encode_replies((_addressed(reply, sender) for reply in replies), sender)


def open_ticket(addressed: str) -> tuple[str, str] | None:
    """Return the ticket and the sender that an addressed ticket names, or None if it is none of ours."""
    ticket, dot, encoded = addressed.partition(".")
    try:
        sender = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    return (ticket, sender) if dot and sender else None


def _addressed(reply: Reply, sender: str) -> Reply:
    if reply.secret is None:
        return reply
    encoded = base64.urlsafe_b64encode(sender.encode()).decode().rstrip("=")
    ticket = f"{reply.secret.ticket}.{encoded}"
    return replace(reply, secret=replace(reply.secret, ticket=ticket, url=f"/secret/{ticket}"))


@dataclass(frozen=True, slots=True)
class KeyedClaim:
    """Speak for the sender that an addressed ticket names, on the word of whoever holds the key."""

    ticket: str
    bearer: Bearer
    back: str = "/chat"
    language: str | None = None

    def begun(self, purpose: str) -> Self:
        """Go on under the same sender."""
        return self

    def encode(self, answer: Iterable[Reply]) -> list[dict[str, Any]]:
        """Return the webhook's list of replies."""
        return encode_answer(answer, self.bearer.sender)

    def said(self, answer: Iterable[Reply]) -> list[str]:
        """Return all that is said."""
        return texts_of(answer)

    async def proof(self, ticket: str) -> str:
        """Return nothing: the key is shown again."""
        return ""

    def retry(self, answer: Iterable[Reply]) -> None:
        """Return nothing: it is tried again in the conversation."""

    def hand_over(self, response: Response) -> None:
        """Give nothing: the client goes on as it is."""


class KeyedWay:
    """Let whoever shows the key speak for every sender of the REST channel."""

    def __init__(self, settings: DoorSettings) -> None:
        """Take the key."""
        self._settings = settings

    async def claims(self, request: Request, shown: str) -> Sequence[KeyedClaim]:
        """Return the sender that the ticket names; refuse a wrong key."""
        if "authorization" not in request.headers:
            return ()
        check_key(request, self._settings.api_key)
        opened = open_ticket(shown)
        if opened is None:
            return ()
        ticket, sender = opened
        return (KeyedClaim(ticket, Bearer(CHANNEL, sender, sender, device=f"{CHANNEL}:{sender}")),)

    async def invite(self, request: Request, shown: str) -> Response | None:
        """Return no page: a program asks for none."""
        return None

    def routes(self) -> Sequence[BaseRoute]:
        """Return none: nothing is proved elsewhere."""
        return ()


class _RestDoors:
    def __init__(self, assistant: AssistantPort, settings: DoorSettings) -> None:
        self._assistant = assistant
        self._settings = settings

    async def webhook(self, request: Request) -> Response:
        check_key(request, self._settings.api_key)
        body = await read_object(request, MESSAGE_LIMIT)
        sender = text_field(body, "sender", limit=SENDER_LIMIT)
        caller = Caller(CHANNEL, sender, source=sender, district=await self._district(body))
        replies = await answer_of(self._assistant, read_message(body, caller))
        return JSONResponse(encode_answer(replies, sender))

    async def parse(self, request: Request) -> Response:
        check_key(request, self._settings.api_key)
        body = await read_object(request, MESSAGE_LIMIT)
        language = read_language(body.get("language")) or "en"
        return JSONResponse(_encode_parse(await self._assistant.parse(text_field(body, "text"), language)))

    async def _district(self, body: dict[str, object]) -> str | None:
        metadata = body.get("metadata")
        named = metadata.get("district") if isinstance(metadata, dict) else None
        if named is None:
            return None
        if not isinstance(named, str):
            raise refusal(422, "not_text")
        return await find_slug(self._settings.districts, named, 422)


def _encode_parse(parse: Parse) -> dict[str, object]:
    return {
        "text": parse.text,
        "intent": {"name": parse.intent, "confidence": parse.confidence},
        "intent_ranking": [{"name": name, "confidence": value} for name, value in parse.ranking],
        "entities": [
            {"entity": e.name, "value": e.value, "start": e.start, "end": e.end} for e in parse.entities
        ],
        "language": parse.language,
    }
