"""Hand out private files at `/files/<key>` to whoever holds the key, while their session lives."""

import asyncio
from collections.abc import Mapping
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot.files.making import Draw, Gather
from portal.core.outcomes import Refused
from portal.records.files import FileKind
from portal.transaction import Portal

LONGEST_KEY = 128
# What is drawn holds a processor; more at once would only make each of them later.
MOST_AT_ONCE = 2


def routes(portal: Portal, makers: Mapping[FileKind, Gather]) -> list[BaseRoute]:
    """Return the door of private files."""
    door = _FileDoor(portal, makers)
    return [Route("/files/{key}", door.serve, methods=["GET"])]


class _FileDoor:
    def __init__(self, portal: Portal, makers: Mapping[FileKind, Gather]) -> None:
        self._portal = portal
        self._makers = makers
        self._drawing = asyncio.Semaphore(MOST_AT_ONCE)

    async def serve(self, request: Request) -> Response:
        key = request.path_params["key"]
        draw = await asyncio.to_thread(self._gather, key) if len(key) <= LONGEST_KEY else None
        if draw is None:
            # The same for a key that never was, one that is over, and a child that may not be seen now.
            raise HTTPException(404, detail="no_such_file")
        async with self._drawing:
            made = await asyncio.to_thread(draw)
        headers = {"Cache-Control": "private, no-store"}
        if made.name:
            headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(made.name)}"
        return Response(made.content, media_type=made.media_type, headers=headers)

    def _gather(self, key: str) -> Draw | None:
        with self._portal.begin(read_only=True) as tx:
            opened = tx.files.open(key)
            gather = None if opened is None else self._makers.get(opened.kind)
            if opened is None or gather is None:
                return None
            draw = gather(opened)
        return None if isinstance(draw, Refused) else draw
