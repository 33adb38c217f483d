"""Log each request by its route, never by its address: addresses carry tickets and names."""

import secrets
import time
from collections.abc import Callable

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bound_contextvars


class AccessLog:
    """Write one line for each request or live connection, with how long it took in milliseconds."""

    def __init__(self, app: ASGIApp, *, timer: Callable[[], float] = time.perf_counter) -> None:
        """Wrap an application."""
        self._app = app
        self._timer = timer
        self._log = structlog.get_logger("web.access")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the call on and log its end."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        # Ours, and never the caller's: what it sends may be anything, and would stand on every line.
        with bound_contextvars(request=secrets.token_hex(8)):
            await self._logged(scope, receive, send)

    async def _logged(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = self._timer()
        status = 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] in {"http.response.start", "websocket.http.response.start"}:
                status = message["status"]
            if message["type"] == "websocket.accept":
                status = 101
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            # A path that no route knows may be anything somebody pasted: it is not repeated.
            route = getattr(scope.get("route"), "path", "(unknown)")
            took = round((self._timer() - started) * 1000, 1)
            method = scope.get("method", "WEBSOCKET")
            self._log.info("request", method=method, route=route, status=status, milliseconds=took)
