"""Serve the application with the limits that its doors count on."""

import contextlib
import logging
import signal
import socket
import threading
import traceback
from collections.abc import Callable, Iterator
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

MESSAGE_LIMIT = 1_000_000


class _PlacesOnly(logging.Filter):
    """Reduce an exception to its type and places: its text may quote what somebody typed."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass, without the text of its exception."""
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            places = [f"{f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(error.__traceback__)]
            record.msg = f"{type(error).__name__} at {' < '.join(reversed(places))}"
            record.args = record.exc_info = record.exc_text = None
        return True


_PLACES_ONLY = _PlacesOnly()


class ToldServer(uvicorn.Server):
    """Serve, tell once that connections are taken, and answer what was taken before a hang-up ends it."""

    begun: Callable[[], None] | None = None

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Note signals as the library does, and a hang-up too: a reload would else cut answers off."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.signal(signal.SIGHUP, self._hung_up)
        try:
            with super().capture_signals():
                yield
        finally:
            signal.signal(signal.SIGHUP, before)

    def _hung_up(self, _: int, __: FrameType | None) -> None:
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start as the library does, then tell."""
        await super().startup(sockets)
        if self.begun is not None:
            self.begun()


def server_for(app: ASGIApp, *, host: str, port: int) -> ToldServer:
    """Return a server for the application; the caller runs it.

    uvicorn's own access log is off, and so are its notes on live connections: both write addresses,
    and addresses carry tickets.
    """
    logging.getLogger("uvicorn.error").addFilter(_PLACES_ONLY)
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        access_log=False,
        log_config=None,
        log_level="warning",
        server_header=False,
        ws="websockets-sansio",
        ws_max_size=MESSAGE_LIMIT,
        timeout_graceful_shutdown=10,
    )
    return ToldServer(config)
