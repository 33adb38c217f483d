"""Build the public pages over a real portal, and use them as a browser does."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import httpx
from starlette.types import ASGIApp

from portal.transaction import Portal
from tests.support.doors import DATA, always_ready
from web.app import WebSettings, create_app
from web.pages import Pages
from web.public.gateway import Gateway
from web.public.page import Site
from web.public.site import public_routes
from web.words import LanguagePacks

HTML = {"Accept": "text/html"}
_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


@contextmanager
def public_site(portal: Portal, *, secure: bool = False) -> Iterator[ASGIApp]:
    """Build the application with the public pages alone, and let its threads go afterwards."""
    pages, gateway = Pages(LanguagePacks(DATA)), Gateway(portal)
    settings = WebSettings(pages=pages, ready=always_ready, secure=secure)
    yield create_app(settings, routes=public_routes(Site(pages, gateway, secure)))
    gateway.close()


def hidden(page: httpx.Response) -> dict[str, str]:
    """Return what a page's form carries beside its fields."""
    return dict(_HIDDEN.findall(page.text))


async def fill(client: httpx.AsyncClient, address: str, typed: Mapping[str, str]) -> httpx.Response:
    """Open a page, fill in its form and send it, following nothing."""
    page = await client.get(address, headers=HTML)
    assert page.status_code == 200, (page.status_code, page.headers)
    path = address.partition("?")[0]
    return await client.post(path, data={**hidden(page), **typed}, headers=HTML)
