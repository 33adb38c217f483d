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

Reasons = Callable[[], Awaitable[Sequence[str]]]


@dataclass(frozen=True, slots=True)
class WebSettings:
    """Hold what the application needs beside its routes.

    `unready` says why database and model cannot answer, nothing when they can; `troubles` all that is wrong
    behind them. `secure` says that people come by HTTPS.
    """

    pages: Pages
    unready: Reasons
    secure: bool = False
    troubles: Reasons | None = None


def create_app(
    settings: WebSettings, *, routes: Sequence[BaseRoute], lifespan: Lifespan[Starlette] | None = None
) -> ASGIApp:
    """Return the application with the channels' routes mounted in it."""
    errors = Errors(settings.pages)
    app = Starlette(
        routes=[
            Route("/", _to_chat),
            Route("/health", _health(settings.unready)),
            Route("/health/all", _health(settings.troubles or settings.unready)),
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


def _health(reasons: Reasons) -> Callable[[Request], Awaitable[Response]]:
    async def health(_: Request) -> Response:
        found = await reasons()
        if not found:
            return JSONResponse({"status": "ok"})
        body = {"status": "unavailable", "reasons": list(found)}
        return JSONResponse(body, status_code=503, headers={"Retry-After": "5"})

    return health
