"""Build the web application: pages, doors of the channels, and what surrounds them all."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Lifespan

from portal.core.errors import UnavailableError
from web.access import AccessLog
from web.errors import Errors
from web.pages import STATIC, Pages
from web.security import SecurityHeaders


@dataclass(frozen=True, slots=True)
class WebSettings:
    """Hold what the application needs beside its routes.

    `ready` says whether database and model can answer; `secure` that people come by HTTPS.
    """

    pages: Pages
    ready: Callable[[], Awaitable[bool]]
    secure: bool = False


def create_app(
    settings: WebSettings, *, routes: Sequence[BaseRoute], lifespan: Lifespan[Starlette] | None = None
) -> ASGIApp:
    """Return the application with the channels' routes mounted in it."""
    errors = Errors(settings.pages)
    app = Starlette(
        routes=[
            Route("/", _to_chat),
            Route("/health", _health(settings.ready)),
            Mount("/static", StaticFiles(directory=STATIC)),
            *routes,
        ],
        exception_handlers={
            HTTPException: errors.refused,
            UnavailableError: errors.unavailable,
            Exception: errors.failed,
        },
        lifespan=lifespan,
    )
    # A redirect to the address without its slash would be built from the caller's own Host header.
    app.router.redirect_slashes = False
    # Around the application and not as its middleware: answers to failures pass here too.
    return SecurityHeaders(AccessLog(app), secure=settings.secure)


async def _to_chat(_: Request) -> Response:
    return RedirectResponse("/chat", status_code=307)


def _health(ready: Callable[[], Awaitable[bool]]) -> Callable[[Request], Awaitable[Response]]:
    async def health(_: Request) -> Response:
        if await ready():
            return JSONResponse({"status": "ok"})
        return JSONResponse({"status": "starting"}, status_code=503, headers={"Retry-After": "5"})

    return health
