"""Hand out private files at `/files/<key>` to whoever holds the key, while their session lives."""

from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot.files.shelf import Shelf


def routes(shelf: Shelf) -> list[BaseRoute]:
    """Return the door of private files."""

    async def serve(request: Request) -> Response:
        made = await shelf.make(request.path_params["key"])
        if made is None:
            raise HTTPException(404, detail="no_such_file")
        headers = {"Cache-Control": "private, no-store"}
        if made.name:
            headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(made.name)}"
        return Response(made.content, media_type=made.media_type, headers=headers)

    return [Route("/files/{key}", serve, methods=["GET"])]
