"""End regular mails at `/unsubscribe/<key>`: one button for people, one POST for mail programs."""

import asyncio
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from portal.transaction import Portal

# No key is longer; what is longer was never in a mail.
LONGEST_KEY = 128
PATH = "/unsubscribe/{key}"


class Pages(Protocol):
    """Show a page; `web.pages` does."""

    def show(self, request: Request, name: str, **values: Any) -> Response:
        """Return the named page."""


def routes(portal: Portal, pages: Pages) -> list[BaseRoute]:
    """Return the page of the link that every regular mail carries.

    It says no name and no school, whoever holds the link, and the same for a key that never was: the
    link travels with every mail that is passed on. Looking at it changes nothing, for mail scanners look.
    """
    page = _StopPage(portal, pages)
    return [Route(PATH, page.ask, methods=["GET"]), Route(PATH, page.stop, methods=["POST"])]


class _StopPage:
    def __init__(self, portal: Portal, pages: Pages) -> None:
        self._portal, self._pages = portal, pages

    async def ask(self, request: Request) -> Response:
        return self._pages.show(request, "unsubscribe.html", is_stopped=False)

    async def stop(self, request: Request) -> Response:
        # A mail program posts without a cookie and without a form's token (RFC 8058). The key is the
        # permission, all that it permits is to stop, and that can be undone by whoever is signed in.
        key = request.path_params["key"]
        if len(key) <= LONGEST_KEY:
            await asyncio.to_thread(self._stop, key)
        return self._pages.show(request, "unsubscribe.html", is_stopped=True)

    def _stop(self, key: str) -> None:
        with self._portal.begin() as tx:
            tx.notifications.stop(key)
