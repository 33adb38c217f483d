"""Hand out private files at `/files/<key>` to whoever holds the key, while their session lives."""

from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot.files.shelf import Shelf
from portal.core.outcomes import Reason, Refused


def routes(shelf: Shelf) -> list[BaseRoute]:
    """Return the door of private files."""

    async def serve(request: Request) -> Response:
        made = await shelf.make(request.path_params["key"])
        if isinstance(made, Refused):
            raise HTTPException(404, detail=_detail(made.reason))
        headers = {"Cache-Control": "private, no-store"}
        if made.name:
            headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(made.name)}"
        return Response(made.content, media_type=made.media_type, headers=headers)

    return [Route("/files/{key}", serve, methods=["GET"])]


def _detail(reason: Reason) -> str:
    # One that never was, one that is over and one that may not be seen are alike: whoever holds an
    # address learns nothing from the answer but what the district says to everybody.
    return "file_turned_off" if reason is Reason.TURNED_OFF else "no_such_file"
