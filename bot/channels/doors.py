"""Read what comes in by HTTP: bodies within limits, well-formed text, and whose it is."""

import asyncio
import hmac
import json
import re
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import Response

from bot.channels.base import AssistantPort, ChatDistrict, Districts
from bot.channels.live_news import LiveNews
from bot.conversation.failing import NotStoredError
from bot.messages import IncomingMessage, MessageKind, Reply
from bot.voicing import Voicing
from portal.core.errors import UnavailableError
from portal.core.sources import network_of

Result = TypeVar("Result")
MESSAGE_LIMIT = 1_000_000
SECRET_LIMIT = 16_000
SENDER_LIMIT = 255
# The code of a letter that the chat is opened with; what is longer was never one.
START_LIMIT = 64
MESSAGE_ID_LIMIT = 200
RETRY_SECONDS = "5"

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3}")
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
# PostgreSQL stores no NUL and no database stores half of a surrogate pair.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class Pages(Protocol):
    """Show a page; `web.pages` does."""

    def show(
        self, request: Request, name: str, *, language: str | None = None, status: int = 200, **values: Any
    ) -> Response:
        """Return the named page in that language, else in the browser's, else in English."""


@dataclass(frozen=True, slots=True)
class DoorSettings:
    """Hold what the web channels need beside the assistant.

    `secure` says that people come by HTTPS: the chat's cookie is then bound to it.
    """

    districts: Districts
    pages: Pages
    api_key: str | None = field(default=None, repr=False)
    secure: bool = False
    voicing: Voicing | None = None
    news: LiveNews | None = None


def refusal(status: int, code: str, **headers: str) -> HTTPException:
    """Return the error that turns a request away; the words for its code are the pages'."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return HTTPException(status, detail=code, headers=named or None)


async def read_body(request: Request, limit: int) -> bytes:
    """Return the body, never holding more than `limit` bytes of it."""
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > limit:
                raise refusal(413, "too_large", Connection="close")
    except ClientDisconnect:
        # Nobody is left to answer; this only keeps it from looking like a failure of ours.
        raise refusal(400, "bad_request") from None
    return bytes(body)


async def read_object(request: Request, limit: int) -> dict[str, Any]:
    """Return the body as a JSON object."""
    return parse_object(await read_body(request, limit))


def parse_object(body: bytes | str) -> dict[str, Any]:
    """Return the JSON object that a body holds; refuse anything else."""
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        # The parser's own error quotes the body, which may hold a secret.
        raise refusal(400, "not_json") from None
    if not isinstance(parsed, dict):
        raise refusal(422, "not_an_object")
    return parsed


def text_field(body: Mapping[str, Any], name: str, *, limit: int | None = None) -> str:
    """Return a text that must be there and that a database can store."""
    value = body.get(name)
    if not isinstance(value, str):
        raise refusal(422, "not_text")
    if _UNSTORABLE.search(value):
        raise refusal(422, "bad_characters")
    if limit is not None and not 0 < len(value) <= limit:
        raise refusal(422, "bad_length")
    return value


def check_key(request: Request, key: str | None) -> None:
    """Refuse a caller who does not show the bearer key; the comparison takes constant time."""
    scheme, _, shown = request.headers.get("authorization", "").partition(" ")
    known = key is not None and hmac.compare_digest(shown.strip().encode(), key.encode())
    if scheme.lower() != "bearer" or not known:
        raise refusal(401, "missing_key", WWW_Authenticate="Bearer")


def same_origin(connection: HTTPConnection) -> bool:
    """Tell whether the page that calls is our own; a caller that is no browser names no origin."""
    origin = connection.headers.get("origin")
    if origin is None:
        return connection.headers.get("sec-fetch-site", "same-origin") in {"same-origin", "none"}
    return urlsplit(origin).netloc == connection.headers.get("host")


def check_own_origin(request: Request) -> None:
    """Refuse a form that another site sent."""
    # A form sent from a page that withholds its referrer names the origin "null": the browser's own
    # word on the site decides.
    fetch_site = request.headers.get("sec-fetch-site", "same-origin")
    if request.headers.get("origin") == "null" and fetch_site == "same-origin":
        return
    if not same_origin(request):
        raise refusal(403, "foreign_origin")


def source_of(connection: HTTPConnection) -> str:
    """Return the address that attempts on pages are counted under."""
    return network_of(connection.client.host) if connection.client else "unknown"


async def find_district(districts: Districts, slug: str | None, status: int = 404) -> ChatDistrict | None:
    """Return the district asked for, or the preset one; refuse a slug that names none."""
    return _named(slug, await _available(districts.find(_well_formed(slug, status))), status)


async def find_slug(districts: Districts, slug: str | None, status: int = 404) -> str | None:
    """Return the slug of the district asked for, or of the preset one; refuse one that names none."""
    return _named(slug, await _available(districts.slug(_well_formed(slug, status))), status)


def _well_formed(slug: str | None, status: int) -> str | None:
    if slug and not _SLUG.fullmatch(slug):
        raise refusal(status, "unknown_district")
    return slug or None


def _named(slug: str | None, found: Result | None, status: int) -> Result | None:
    if slug and found is None:
        raise refusal(status, "unknown_district")
    return found


async def _available(asked: Awaitable[Result]) -> Result:
    try:
        return await asked
    except NotStoredError:
        raise
    except UnavailableError:
        raise refusal(503, "busy", Retry_After=RETRY_SECONDS) from None


async def answer_of(assistant: AssistantPort, message: IncomingMessage) -> list[Reply]:
    """Return the replies to a message; refuse one that could not be stored, so that it is sent again.

    Where sending it again would only meet the same fault of ours, that is what is said.
    """
    try:
        turn = await _available(assistant.take_in(message))
    except NotStoredError as error:
        return list(error.apology)
    # Whoever goes away stops no turn half-way.
    return await asyncio.shield(turn)


def read_language(value: object) -> str | None:
    """Return a well-formed language code, or None where none is given."""
    if value is None:
        return None
    if not isinstance(value, str) or not _LANGUAGE.fullmatch(value):
        raise refusal(422, "bad_language")
    return value


@dataclass(frozen=True, slots=True)
class Caller:
    """Say whose message it is: what the door knows of it before reading the body."""

    channel: str
    sender: str
    source: str
    district: str | None = None


def read_message(body: Mapping[str, Any], caller: Caller) -> IncomingMessage:
    """Return the message that a body holds, in the shape of Rasa's REST channel."""
    metadata = body.get("metadata")
    if metadata is None:
        metadata = {}
    if not isinstance(metadata, dict):
        raise refusal(422, "not_an_object")
    message_id, start = metadata.get("message_id"), metadata.get("start")
    return IncomingMessage(
        channel=caller.channel,
        sender=caller.sender,
        text=text_field(body, "message"),
        kind=_kind(metadata),
        message_id=message_id and text_field(metadata, "message_id", limit=MESSAGE_ID_LIMIT),
        district=caller.district,
        language=read_language(metadata.get("language")),
        source=caller.source,
        start=start and text_field(metadata, "start", limit=START_LIMIT),
    )


def _kind(metadata: Mapping[str, Any]) -> MessageKind:
    if metadata.get("button") is True:
        return MessageKind.BUTTON
    return MessageKind.OPENED if metadata.get("opened") is True else MessageKind.TEXT
