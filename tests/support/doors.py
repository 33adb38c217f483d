"""Build the web application for tests, and serve it on a free loopback port."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import cache
from pathlib import Path

import httpx
from starlette.types import ASGIApp

from bot.channels import browser_claims, masked, rest, webchat
from bot.channels.base import AssistantPort, ChatDistrict
from bot.channels.doors import DoorSettings
from bot.channels.live_news import LiveNews
from bot.voicing import Voicing
from tests.support.patience import PATIENCE
from web import embed
from web.app import WebSettings, create_app
from web.pages import Pages
from web.public.gateway import Gateway
from web.public.page import Site
from web.public.site import public_routes
from web.server import server_for
from web.words import LanguagePacks

KEY = "test-key"
DATA = Path(__file__).resolve().parent.parent.parent / "data"
KEYED = {"Authorization": f"Bearer {KEY}"}
WESTBOROUGH = ChatDistrict("westborough", "Westborough Public Schools", ("en",))
BOSTON = ChatDistrict(
    "boston", "Boston Public Schools", ("en", "es"), ("https://www.boston.example", "javascript:alert(1)")
)


class KnownDistricts:
    """Know two districts; the first is preset."""

    async def find(self, slug: str | None) -> ChatDistrict | None:
        return {None: WESTBOROUGH, "westborough": WESTBOROUGH, "boston": BOSTON}.get(slug)

    async def slug(self, named: str | None) -> str | None:
        found = await self.find(named)
        return found.slug if found else None


class NoDistricts:
    """Know none and preset none."""

    async def find(self, slug: str | None) -> ChatDistrict | None:
        return None

    async def slug(self, named: str | None) -> str | None:
        return None


async def always_ready() -> tuple[str, ...]:
    return ()


@cache
def pages_of(data: Path = DATA) -> Pages:
    """Return the pages in every language of a folder, read once."""
    return Pages(LanguagePacks(data))


def build_app(
    assistant: AssistantPort, *, data: Path = DATA, secure: bool = False, **given: object
) -> ASGIApp:
    """Return the application over an assistant, as bootstrap puts it together; pages with a `gateway`."""
    pages = pages_of(data)
    districts = given.get("districts", KnownDistricts())
    voicing = given.get("voicing")
    news = given.get("news")
    settings = DoorSettings(districts, pages, KEY, secure, voicing, news)  # type: ignore[arg-type]
    routes = [
        *rest.routes(assistant, settings),
        *webchat.routes(assistant, settings),
        *masked.routes(assistant, settings, [rest.KeyedWay(settings), browser_claims.CookieWay(settings)]),
    ]
    gateway = given.get("gateway")
    if isinstance(gateway, Gateway):
        routes += embed.routes(gateway, pages, None)
        routes += public_routes(Site(pages, gateway, secure))
    unready = given.get("unready", always_ready)
    worker = next((each for each in (voicing, news) if isinstance(each, (Voicing, LiveNews))), None)
    lifespan = None if worker is None else (lambda _: worker.working())
    return create_app(
        WebSettings(pages=pages, unready=unready, secure=secure), routes=routes, lifespan=lifespan
    )  # type: ignore[arg-type]


@asynccontextmanager
async def client_of(app: ASGIApp, **options: object) -> AsyncIterator[httpx.AsyncClient]:
    """Talk to an application without a network; a failure inside it becomes the 500 that a client sees."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver", **options) as client:  # type: ignore[arg-type]
        yield client


@contextmanager
def served(app: ASGIApp) -> Iterator[str]:
    """Serve an application on a free loopback port and give its address."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        server = server_for(app, host="127.0.0.1", port=port)
        thread = threading.Thread(target=asyncio.run, args=(server.serve(sockets=[listener]),), daemon=True)
        thread.start()
        while not server.started:
            if not thread.is_alive():
                message = "The server under test did not start."
                raise RuntimeError(message)
            threading.Event().wait(0.02)
        yield f"http://127.0.0.1:{port}"
        server.should_exit = True
        # Shorter than other waits: a server that does not end must not cost later tests their time.
        thread.join(PATIENCE / 5)


async def open_chat(client: httpx.AsyncClient, address: str = "/chat") -> dict[str, str]:
    """Open the chat's page as a browser does, and return the header that its own messages carry."""
    page = await client.get(address, headers={"Accept": "text/html"})
    return {"X-CSRF-Token": page.text.split('data-csrf="')[1].split('"')[0]}
