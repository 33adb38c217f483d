"""Carry the chat on our own page: the page, its history, its messages, its live connection."""

import asyncio
import contextlib
import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.channels.base import AssistantPort, ChatDistrict, encode_replies, encode_reply, texts_of
from bot.channels.chat_cookies import ChatCookie
from bot.channels.doors import (
    MESSAGE_LIMIT,
    Caller,
    DoorSettings,
    find_district,
    parse_object,
    read_message,
    read_object,
    refusal,
    same_origin,
    source_of,
)
from bot.channels.live_news import GONE_ON
from bot.channels.webvoice import VoiceDoors
from bot.conversation.history import HistoryEntry
from bot.conversation.turn import Bearer
from bot.messages import Reply
from portal.dialogue.outcomes import Purpose

CHANNEL = "webchat"

# The same on the pages: a parent who signed in there before is known here, and the other way round.
_DEVICE = "device"
_DEVICE_SECONDS = 400 * 24 * 3600
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_MOST_CONVERSATIONS = 8
_BEGIN_SESSIONS = frozenset({Purpose.SIGN_IN.value, Purpose.CHANGE_PASSWORD.value})
_MICROPHONE = "camera=(), geolocation=(), microphone=(self), payment=()"


def routes(assistant: AssistantPort, settings: DoorSettings) -> list[BaseRoute]:
    """Return the page of the chat and the doors that it talks through."""
    doors = _ChatDoors(assistant, settings)
    voicing = settings.voicing
    spoken = VoiceDoors(assistant, voicing, doors.checked).routes() if voicing is not None else []
    return [
        *spoken,
        Route("/chat", doors.page, methods=["GET"]),
        Route("/chat/history", doors.history, methods=["GET"]),
        Route("/chat/messages", doors.messages, methods=["POST"]),
        WebSocketRoute("/chat/ws", doors.live),
    ]


@dataclass(frozen=True, slots=True)
class CookieClaim:
    """Speak for a conversation whose cookie the browser shows; `token` is the one it goes on under."""

    ticket: str
    bearer: Bearer
    back: str
    cookie: ChatCookie
    token: str = ""
    language: str | None = None

    def begun(self, purpose: str) -> Self:
        """Return the claim with a token that nobody held before, where a session may begin.

        Computers are shared, and whoever planted the old token or wrote it down must not be signed in
        with the parent.
        """
        if purpose not in _BEGIN_SESSIONS:
            return self
        token = secrets.token_urlsafe(32)
        return replace(self, token=token, bearer=replace(self.bearer, successor=_sender(token)))

    def encode(self, answer: Iterable[Reply]) -> list[dict[str, Any]]:
        """Return the replies as the chat's page takes them."""
        return encode_replies(answer, self.bearer.sender)

    def said(self, answer: Iterable[Reply]) -> list[str]:
        """Return all that is said."""
        return texts_of(answer)

    async def proof(self, ticket: str) -> str:
        """Return nothing: the browser keeps its cookie."""
        return ""

    def retry(self, answer: Iterable[Reply]) -> None:
        """Return nothing: it is tried again in the conversation."""

    def hand_over(self, response: Response) -> None:
        """Give the browser its new token, and the page the one that its messages carry from here on."""
        self.cookie.write(response, self.token)
        response.headers["X-CSRF-Token"] = _csrf(self.token)


class CookieWay:
    """Let a browser speak for the conversations whose cookies it shows, one for each district."""

    def __init__(self, settings: DoorSettings) -> None:
        """Take whether people come by HTTPS."""
        self._secure = settings.secure

    async def claims(self, request: Request, shown: str) -> Sequence[CookieClaim]:
        """Return every conversation of this browser, unless it speaks with a key."""
        if "authorization" in request.headers:
            return ()
        device = _device(request, secure=self._secure) or ""
        held = []
        for name in request.cookies:
            cookie = ChatCookie.named(name, secure=self._secure)
            token = cookie.read(request) if cookie else None
            if cookie and token:
                bearer = Bearer(CHANNEL, _sender(token), source_of(request), device)
                back = f"/chat?{urlencode(cookie.query)}" if cookie.query else "/chat"
                held.append(CookieClaim(shown, bearer, back, cookie))
        return held[:_MOST_CONVERSATIONS]

    async def invite(self, request: Request, shown: str) -> Response | None:
        """Return no page: a browser without the cookie can prove nothing."""
        return None

    def routes(self) -> Sequence[BaseRoute]:
        """Return none: nothing is proved elsewhere."""
        return ()


def _device_name(*, secure: bool) -> str:
    return ("__Host-" if secure else "") + _DEVICE


def _device(connection: HTTPConnection, *, secure: bool) -> str | None:
    token = connection.cookies.get(_device_name(secure=secure), "")
    return token if _TOKEN.fullmatch(token) else None


def _sender(token: str) -> str:
    # The cookie itself is stored nowhere: who reads the database cannot continue a conversation.
    return hashlib.sha256(token.encode()).hexdigest()


def _csrf(token: str) -> str:
    return hashlib.sha256(f"csrf:{token}".encode()).hexdigest()


class _ChatDoors:
    def __init__(self, assistant: AssistantPort, settings: DoorSettings) -> None:
        self._assistant = assistant
        self._settings = settings

    async def page(self, request: Request) -> Response:
        district = await self._district(request)
        language, cookie = _page_language(request, district), self._cookie(request, district)
        token = cookie.read(request) or secrets.token_urlsafe(32)
        response = self._settings.pages.show(
            request,
            "chat.html",
            language=language,
            district=district,
            csrf=_csrf(token),
            hears=self._settings.voicing is not None and self._settings.voicing.hears(language),
            speaks=self._settings.voicing is not None and self._settings.voicing.speaks(language),
            embedded=cookie.framed,
            # Only what is made to be framed may be framed, and only by the district's own sites.
            frame_ancestors=district.embed_origins if district and cookie.framed else (),
        )
        cookie.write(response, token)
        # A browser is known again on the pages, where no other site is around them.
        if not cookie.framed:
            self._keep_device(request, response)
        if self._settings.voicing is not None:
            response.headers["Permissions-Policy"] = _MICROPHONE
        return response

    def _keep_device(self, request: Request, response: Response) -> None:
        # It opens nothing: it only tells a browser that signed in before from one that never did.
        secure = self._settings.secure
        device = _device(request, secure=secure) or secrets.token_urlsafe(32)
        response.set_cookie(
            _device_name(secure=secure),
            device,
            max_age=_DEVICE_SECONDS,
            secure=secure,
            httponly=True,
            samesite="lax",
        )

    async def history(self, request: Request) -> Response:
        caller, _ = await self._caller(request)
        entries = await self._assistant.history(CHANNEL, caller.sender)
        return JSONResponse({"entries": [_encode_entry(entry, caller.sender) for entry in entries]})

    async def messages(self, request: Request) -> Response:
        caller, token = await self._caller(request)
        _check_own_page(request, token)
        message = read_message(await read_object(request, MESSAGE_LIMIT), caller)
        replies = await self._assistant.take_turn(message)
        return JSONResponse(encode_replies(replies, caller.sender))

    async def checked(self, request: Request) -> Caller:
        """Return who calls from our own page; refuse everybody else."""
        caller, token = await self._caller(request)
        _check_page(request, token)
        return caller

    async def live(self, websocket: WebSocket) -> None:
        try:
            caller = await self._welcome(websocket)
        except HTTPException as refused:
            # Nothing is connected yet: the handshake itself is answered.
            answer = JSONResponse({"error": refused.detail}, status_code=refused.status_code)
            await websocket.send_denial_response(answer)
            return
        await websocket.accept()
        with self._settings.news.holding() if self._settings.news else contextlib.nullcontext():
            await self._talk(websocket, caller)

    async def _talk(self, websocket: WebSocket, caller: Caller) -> None:
        begun = await self._assistant.knows(CHANNEL, caller.sender)
        pointing: asyncio.Task[None] | None = None
        try:
            while True:
                if begun and pointing is None and self._settings.news is not None:
                    pointed = self._settings.news.point(websocket, CHANNEL, caller.sender)
                    pointing = asyncio.create_task(pointed)
                begun |= await self._answer(websocket, caller, begun=begun)
        except WebSocketDisconnect:
            return
        finally:
            if pointing is not None:
                pointing.cancel()
                await asyncio.gather(pointing, return_exceptions=True)

    async def _welcome(self, websocket: WebSocket) -> Caller:
        # A browser names the page's origin in every handshake, so a missing one is refused too.
        if "origin" not in websocket.headers or not same_origin(websocket):
            raise refusal(403, "foreign_origin")
        caller, _ = await self._caller(websocket)
        return caller

    async def _answer(self, websocket: WebSocket, caller: Caller, *, begun: bool) -> bool:
        """Answer one frame; return whether it was a message, so that there is a conversation now."""
        frame = await websocket.receive()
        if frame["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(frame.get("code", 1000))
        if begun and not await self._assistant.knows(CHANNEL, caller.sender):
            # Somebody signed in: what is typed here belongs to the conversation under its new token.
            await websocket.close(GONE_ON)
            raise WebSocketDisconnect(GONE_ON)
        answer: dict[str, Any]
        try:
            message = read_message(_frame_object(frame), caller)
        except HTTPException as refused:
            answer = {"id": None, "error": refused.detail}
        else:
            replies = await self._assistant.take_turn(message)
            answer = {"id": message.message_id, "replies": encode_replies(replies, caller.sender)}
        await websocket.send_text(json.dumps(answer))
        return "replies" in answer

    async def _caller(self, connection: HTTPConnection) -> tuple[Caller, str]:
        district = await self._district(connection)
        token = self._cookie(connection, district).read(connection)
        if token is None:
            raise refusal(403, "no_conversation")
        slug = district.slug if district else None
        return Caller(CHANNEL, _sender(token), source_of(connection), slug), token

    async def _district(self, connection: HTTPConnection) -> ChatDistrict | None:
        return await find_district(self._settings.districts, connection.query_params.get("district"))

    def _cookie(self, connection: HTTPConnection, district: ChatDistrict | None) -> ChatCookie:
        framed = connection.query_params.get("embedded") == "1"
        return ChatCookie(district.slug if district else "", self._settings.secure, framed)


def _check_own_page(request: Request, token: str) -> None:
    json_sent = request.headers.get("content-type", "").split(";")[0].strip().lower() == "application/json"
    if not json_sent:
        raise refusal(403, "foreign_origin")
    _check_page(request, token)


def _check_page(request: Request, token: str) -> None:
    if not same_origin(request):
        raise refusal(403, "foreign_origin")
    if not hmac.compare_digest(request.headers.get("x-csrf-token", "").encode(), _csrf(token).encode()):
        raise refusal(403, "foreign_page")


def _page_language(request: Request, district: ChatDistrict | None) -> str:
    known = district.languages if district else ("en",)
    return request.query_params.get("language") or known[0]


def _frame_object(frame: Mapping[str, Any]) -> dict[str, Any]:
    text = frame.get("text")
    if text is None:
        raise refusal(400, "not_json")
    return parse_object(text)


def _encode_entry(entry: HistoryEntry, recipient: str) -> dict[str, Any]:
    encoded: dict[str, Any] = {"author": entry.author, "at": entry.at.isoformat()}
    if entry.author == "parent":
        return {**encoded, "text": entry.text}
    return {**encoded, "reply": encode_reply(entry.reply, recipient)}
