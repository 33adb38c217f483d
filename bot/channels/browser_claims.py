"""Let browsers speak for the conversations whose cookies they show."""

import hashlib
import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self
from urllib.parse import urlencode

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.channels.base import encode_replies, texts_of
from bot.channels.chat_cookies import ChatCookie
from bot.channels.doors import DoorSettings, source_of
from bot.messages import Bearer, Reply
from portal.dialogue.outcomes import Purpose

CHANNEL = "webchat"

# The same on the pages: a parent who signed in there before is known here, and the other way round.
_DEVICE = "device"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_MOST_CONVERSATIONS = 8
_BEGIN_SESSIONS = frozenset({Purpose.SIGN_IN.value, Purpose.CHANGE_PASSWORD.value})


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
        return replace(self, token=token, bearer=replace(self.bearer, successor=sender_of(token)))

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
        response.headers["X-CSRF-Token"] = csrf_of(self.token)


class CookieWay:
    """Let a browser speak for the conversations whose cookies it shows, one for each district."""

    def __init__(self, settings: DoorSettings) -> None:
        """Take whether people come by HTTPS."""
        self._secure = settings.secure

    async def claims(self, request: Request, shown: str) -> Sequence[CookieClaim]:
        """Return every conversation of this browser, unless it speaks with a key."""
        if "authorization" in request.headers:
            return ()
        device = device_of(request, secure=self._secure) or ""
        held = []
        for name in request.cookies:
            cookie = ChatCookie.named(name, secure=self._secure)
            token = cookie.read(request) if cookie else None
            if cookie and token:
                bearer = Bearer(CHANNEL, sender_of(token), source_of(request), device)
                back = f"/chat?{urlencode(cookie.query)}" if cookie.query else "/chat"
                held.append(CookieClaim(shown, bearer, back, cookie))
        return held[:_MOST_CONVERSATIONS]

    async def invite(self, request: Request, shown: str) -> Response | None:
        """Return no page: a browser without the cookie can prove nothing."""
        return None

    def routes(self) -> Sequence[BaseRoute]:
        """Return none: nothing is proved elsewhere."""
        return ()


def device_name(*, secure: bool) -> str:
    """Name the cookie that knows a browser again."""
    return ("__Host-" if secure else "") + _DEVICE


def device_of(connection: HTTPConnection, *, secure: bool) -> str | None:
    """Return what a browser is known by, if it was here before; it opens nothing."""
    token = connection.cookies.get(device_name(secure=secure), "")
    return token if _TOKEN.fullmatch(token) else None


def sender_of(token: str) -> str:
    """Return whom a cookie speaks for."""
    # The cookie itself is stored nowhere: who reads the database cannot continue a conversation.
    return hashlib.sha256(token.encode()).hexdigest()


def csrf_of(token: str) -> str:
    """Return what messages of the cookie's own page carry."""
    return hashlib.sha256(f"csrf:{token}".encode()).hexdigest()
