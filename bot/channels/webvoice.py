"""Hear the microphone of the chat's page, and read its answers aloud."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.channels.base import AssistantPort, encode_replies
from bot.channels.doors import (
    MESSAGE_ID_LIMIT,
    MESSAGE_LIMIT,
    RETRY_SECONDS,
    Caller,
    answer_of,
    read_body,
    read_language,
    read_object,
    refusal,
    text_field,
)
from bot.conversation.listening import LOST
from bot.messages import IncomingMessage, MessageKind, Reply
from bot.voicing import Voicing
from voice.limits import MOST_BYTES
from voice.speech import Unspoken, Why

# Where one turn after another is lost to other processes, the parent is told.
MOST_TURNS = 3

# Checks whose page it is that calls, and returns who speaks.
Checked = Callable[[Request], Awaitable[Caller]]


class VoiceDoors:
    """Take recordings in, and hand speech out, to the page that holds the conversation."""

    def __init__(self, assistant: AssistantPort, voicing: Voicing, checked: Checked) -> None:
        """Take who answers, who hears and speaks, and how a caller is checked."""
        self._assistant = assistant
        self._voicing = voicing
        self._checked = checked
        voicing.fetch_with("webchat", voicing.kept)

    def routes(self) -> list[BaseRoute]:
        """Return the two doors."""
        return [
            Route("/chat/voice", self.hear, methods=["POST"]),
            Route("/chat/speech", self.speak, methods=["POST"]),
        ]

    async def hear(self, request: Request) -> Response:
        """Take a turn with what the body holds: a recording as the browser made it."""
        caller = await self._checked(request)
        audio = await read_body(request, MOST_BYTES)
        message_id = request.headers.get("x-message-id", "")
        if not 0 < len(message_id) <= MESSAGE_ID_LIMIT:
            raise refusal(422, "bad_length")
        message = IncomingMessage(
            channel=caller.channel,
            sender=caller.sender,
            text="",
            kind=MessageKind.VOICE,
            message_id=message_id,
            district=caller.district,
            language=read_language(request.query_params.get("language")),
            source=caller.source,
        )
        replies = await self._answered(message, audio)
        return JSONResponse(encode_replies(replies, caller.sender))

    async def _answered(self, message: IncomingMessage, audio: bytes) -> list[Reply]:
        """Take the turn; where another process took it, which has no recording, take one more here.

        Its id is made of the first one's: whoever sends the recording again meets the same answers.
        """
        replies = await self._taken(message, audio)
        for number in range(MOST_TURNS - 1):
            if not any(LOST in reply.custom for reply in replies):
                break
            once_more = replace(message, message_id=f"{message.message_id}/{number}")
            replies = await self._taken(once_more, audio)
        return replies

    async def _taken(self, message: IncomingMessage, audio: bytes) -> list[Reply]:
        key = self._voicing.keep(audio)
        try:
            return await answer_of(self._assistant, replace(message, text=key))
        finally:
            self._voicing.drop(key)

    async def speak(self, request: Request) -> Response:
        """Return one piece of an answer as OGG/Opus, and how many pieces it has."""
        caller = await self._checked(request)
        body = await read_object(request, MESSAGE_LIMIT)
        text, language = (
            text_field(body, "text", limit=MOST_BYTES),
            read_language(body.get("language")) or "en",
        )
        if not await self._is_said(caller, text):
            # Only what the assistant said and would still show: with the session end the records, too.
            raise refusal(404, "not_found")
        return await self._spoken(text, language, body.get("piece"))

    async def _spoken(self, text: str, language: str, piece: Any) -> Response:
        pieces = self._voicing.pieces(text, language)
        number = piece if isinstance(piece, int) and 0 <= piece < len(pieces) else None
        if number is None:
            raise refusal(404, "not_found")
        spoken = await self._voicing.say_piece(pieces[number], language)
        if isinstance(spoken, Unspoken):
            if spoken.why in {Why.BUSY, Why.SLOW}:
                raise refusal(503, "busy", Retry_After=RETRY_SECONDS)
            raise refusal(404, "not_found")
        return Response(spoken.audio, media_type="audio/ogg", headers={"X-Pieces": str(len(pieces))})

    async def _is_said(self, caller: Caller, text: str) -> bool:
        entries = await self._assistant.history(caller.channel, caller.sender)
        return any(entry.author != "parent" and entry.text == text for entry in entries)
