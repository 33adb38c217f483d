"""Show the figures to whoever holds the key; without a key there is nothing at the address."""

import asyncio

from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot.channels.doors import check_key
from bot.watching.watch import Watching


def routes(watching: Watching, key: str | None) -> list[BaseRoute]:
    """Return `/metrics`.

    Not by address: behind a proxy everybody comes from this machine.
    """

    async def metrics(request: Request) -> Response:
        if key is None:
            raise HTTPException(404)
        check_key(request, key)
        written = await asyncio.to_thread(watching.written)
        return Response(written, media_type=CONTENT_TYPE_PLAIN_0_0_4)

    return [Route("/metrics", metrics)]
