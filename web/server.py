"""Serve the application with the limits that its doors count on."""

import uvicorn
from starlette.types import ASGIApp

MESSAGE_LIMIT = 1_000_000


def server_for(app: ASGIApp, *, host: str, port: int) -> uvicorn.Server:
    """Return a server for the application; the caller runs it.

    uvicorn's own access log is off, and so are its notes on live connections: both write addresses,
    and addresses carry tickets.
    """
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
    return uvicorn.Server(config)
