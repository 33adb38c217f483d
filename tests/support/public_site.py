"""Build the public pages over a real portal, and use them as a browser does."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from html import unescape

import httpx
from starlette.types import ASGIApp

from portal.transaction import Portal
from tests.support.doors import always_ready, pages_of
from tests.support.portals import PASSWORD
from web import begin
from web.app import WebSettings, create_app
from web.public.gateway import Gateway
from web.public.page import Site
from web.public.site import public_routes

HTML = {"Accept": "text/html"}
SIGN_IN = "/westborough/public/sign-in"
START = "/westborough/public/start"
_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')
_TAG = re.compile(r"<[^>]+>")


@contextmanager
def public_site(
    portal: Portal, *, secure: bool = False, telegram: begin.TelegramLink = begin.no_bot
) -> Iterator[ASGIApp]:
    """Build the application with the public pages alone, and let its threads go afterwards."""
    pages, gateway = pages_of(), Gateway(portal)
    settings = WebSettings(pages=pages, unready=always_ready, secure=secure)
    routes = begin.routes(gateway, pages, telegram)
    routes += public_routes(Site(pages, gateway, secure, telegram=telegram))
    yield create_app(settings, routes=routes)
    gateway.close()


def hidden(page: httpx.Response) -> dict[str, str]:
    """Return what a page's form carries beside its fields."""
    return dict(_HIDDEN.findall(page.text))


def read(page: httpx.Response) -> str:
    """Return what a parent reads on a page: its text, with single spaces."""
    # Where a long word may break, nobody reads a space.
    body = page.text.replace("<wbr>", "").partition("<body")[2].partition(">")[2]
    return " ".join(unescape(_TAG.sub(" ", body)).split())


async def fill(client: httpx.AsyncClient, address: str, typed: Mapping[str, str]) -> httpx.Response:
    """Open a page, fill in its form and send it, following nothing."""
    page = await client.get(address, headers=HTML)
    assert page.status_code == 200, (page.status_code, page.headers)
    return await send(client, address, page, typed)


async def send(
    client: httpx.AsyncClient, address: str, page: httpx.Response, typed: Mapping[str, str]
) -> httpx.Response:
    """Send the form of a page that is open, following nothing."""
    return await client.post(address, data={**hidden(page), **typed}, headers=HTML)


async def enter(
    client: httpx.AsyncClient, username: str = "mlopez", password: str = PASSWORD, address: str = SIGN_IN
) -> httpx.Response:
    """Sign in on the page."""
    return await fill(client, address, {"username": username, "password": password})


async def sign_out(client: httpx.AsyncClient, address: str = START) -> httpx.Response:
    """Press Sign Out on a page."""
    page = await client.get(address, headers=HTML)
    assert "Sign Out" in read(page)
    return await send(client, address.rsplit("/", 1)[0] + "/sign-out", page, {})
