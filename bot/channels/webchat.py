"""Carry the chat on our own page: the page, its history, its messages, its live connection."""

import asyncio
import contextlib
import hmac
import json
import secrets
from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.channels.base import AssistantPort, ChatDistrict, encode_replies, encode_reply
from bot.channels.browser_claims import CHANNEL, csrf_of, device_name, device_of, sender_of
from bot.channels.chat_cookies import ChatCookie
from bot.channels.doors import (
    MESSAGE_LIMIT,
    Caller,
    DoorSettings,
    answer_of,
    find_district,
    find_slug,
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

_DEVICE_SECONDS = 400 * 24 * 3600
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


class _ChatDoors:
    def __init__(self, assistant: AssistantPort, settings: DoorSettings) -> None:
        self._assistant = assistant
        self._settings = settings

    async def page(self, request: Request) -> Response:
        district = await find_district(self._settings.districts, request.query_params.get("district"))
        language = _page_language(request, district)
        cookie = self._cookie(request, district.slug if district else None)
        token = cookie.read(request) or secrets.token_urlsafe(32)
        response = self._settings.pages.show(
            request,
            "chat.html",
            language=language,
            district=district,
            csrf=csrf_of(token),
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
        device = device_of(request, secure=secure) or secrets.token_urlsafe(32)
        response.set_cookie(
            device_name(secure=secure),
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
        replies = await answer_of(self._assistant, message)
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
        answer: dict[str, Any] = {"id": None}
        try:
            message = read_message(_frame_object(frame), caller)
            answer["id"] = message.message_id
            replies = await answer_of(self._assistant, message)
        except HTTPException as refused:
            answer["error"] = refused.detail
        else:
            answer["replies"] = encode_replies(replies, caller.sender)
        await websocket.send_text(json.dumps(answer))
        return "replies" in answer

    async def _caller(self, connection: HTTPConnection) -> tuple[Caller, str]:
        slug = await find_slug(self._settings.districts, connection.query_params.get("district"))
        token = self._cookie(connection, slug).read(connection)
        if token is None:
            raise refusal(403, "no_conversation")
        return Caller(CHANNEL, sender_of(token), source_of(connection), slug), token

    def _cookie(self, connection: HTTPConnection, slug: str | None) -> ChatCookie:
        framed = connection.query_params.get("embedded") == "1"
        return ChatCookie(slug or "", self._settings.secure, framed)


def _check_own_page(request: Request, token: str) -> None:
    json_sent = request.headers.get("content-type", "").split(";")[0].strip().lower() == "application/json"
    if not json_sent:
        raise refusal(403, "foreign_origin")
    _check_page(request, token)


def _check_page(request: Request, token: str) -> None:
    if not same_origin(request):
        raise refusal(403, "foreign_origin")
    if not hmac.compare_digest(request.headers.get("x-csrf-token", "").encode(), csrf_of(token).encode()):
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
