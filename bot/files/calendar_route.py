"""Hand out calendars at `/calendar/<key>.ics` to whoever holds the key; no session is asked for."""

import asyncio
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot.files.calendars import version_of, written
from bot.files.words import PaperPacks
from portal.records.feeds import FeedContent
from portal.transaction import Portal

LONGEST_KEY = 128
# A calendar program may keep what it read, but asks each time: what was switched off ends at once.
KEEPING = "private, no-cache"
MEDIA_TYPE = "text/calendar; charset=utf-8"


def routes(portal: Portal, packs: PaperPacks) -> list[BaseRoute]:
    """Return the door of the calendars."""
    door = _CalendarDoor(portal, packs)
    return [Route("/calendar/{key}.ics", door.serve, methods=["GET"])]


class _CalendarDoor:
    def __init__(self, portal: Portal, packs: PaperPacks) -> None:
        self._portal = portal
        self._packs = packs

    async def serve(self, request: Request) -> Response:
        key = request.path_params["key"]
        content = await asyncio.to_thread(self._read, key) if len(key) <= LONGEST_KEY else None
        if content is None:
            # The same whether the key never was, was switched off, or its parent may not see the child now.
            raise HTTPException(404, detail="no_such_calendar")
        words = self._packs.words(content.language or content.district.options.locales[0])
        # Weak: the stamps inside tell when the records were last imported, which alone is no change.
        tag = f'W/"{version_of(content, words)}"'
        headers = {
            "ETag": tag,
            "Last-Modified": format_datetime(content.changed_at.astimezone(UTC), usegmt=True),
            "Cache-Control": KEEPING,
            "X-Robots-Tag": "noindex",
        }
        if _is_known(request, tag, content.changed_at):
            return Response(status_code=304, headers=headers)
        body = await asyncio.to_thread(written, content, words)
        return Response(body, media_type=MEDIA_TYPE, headers=headers)

    def _read(self, key: str) -> FeedContent | None:
        with self._portal.begin(read_only=True) as tx:
            content = tx.feeds.read(key)
        if content is not None and content.unnoted:
            with self._portal.begin() as tx:
                tx.feeds.note(key)
        return content


def _is_known(request: Request, tag: str, changed_at: datetime) -> bool:
    """Tell whether the caller has this already; what it says by tag goes before what it says by date."""
    known = request.headers.get("If-None-Match")
    if known is not None:
        named = {each.strip().removeprefix("W/") for each in known.split(",")}
        return "*" in named or tag.removeprefix("W/") in named
    since = request.headers.get("If-Modified-Since")
    try:
        at = parsedate_to_datetime(since) if since else None
    except (ValueError, OverflowError):
        # A year or a time zone with too many digits is no number that fits.
        return False
    if at is None:
        return False
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return changed_at.replace(microsecond=0) <= at
