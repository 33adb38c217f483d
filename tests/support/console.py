"""Let members of staff work at the console, signed in without the ceremony that has tests of its own."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import cache
from uuid import uuid4

import httpx
from starlette.types import ASGIApp

from portal.helpdesk.staff.models import StaffRow
from portal.helpdesk.staff.roles import Role
from portal.transaction import Portal
from tests.support.doors import DATA, always_ready, client_of, pages_of
from tests.support.public_site import HTML, hidden
from web.app import WebSettings, create_app
from web.console.page import CONSOLE_FILES, CONSOLE_PREFIX, ConsoleSite
from web.console.site import console_routes
from web.pages import Pages
from web.public.cookies import new_token
from web.public.gateway import Gateway
from web.words import LanguagePacks

DESK = "/helpdesk/"


@cache
def console_pages() -> Pages:
    """Return the console's pages, their words read once."""
    return Pages(LanguagePacks(DATA, CONSOLE_FILES, CONSOLE_PREFIX))


@contextmanager
def console_site(portal: Portal, **settings: object) -> Iterator[ASGIApp]:
    """Build the application with the console alone, and let its threads go afterwards."""
    gateway = Gateway(portal)
    routes = console_routes(ConsoleSite(console_pages(), gateway, **settings))  # type: ignore[arg-type]
    yield create_app(WebSettings(pages=pages_of(), unready=always_ready), routes=routes)
    gateway.close()


def make_staff(
    portal: Portal,
    role: Role = Role.DESK,
    *,
    district: str = "westborough",
    schools: Sequence[str] = (),
    name: str = "Dana Whitlock",
) -> str:
    """Add a member of staff without a password and return the id."""
    staff_id = uuid4().hex
    with portal.begin() as tx:
        address = f"{staff_id[:8]}@schools.example"
        row = StaffRow(
            staff_id=staff_id,
            district_id=district,
            name=name,
            email=address,
            email_key=address,
            role=role.value,
            schools=list(schools),
            password_hash="",
            totp_step=0,
            created_at=tx.now,
        )
        tx.session.add(row)
    return staff_id


@asynccontextmanager
async def at_work(app: ASGIApp, portal: Portal, staff_id: str) -> AsyncIterator[httpx.AsyncClient]:
    """Open a browser in which a member of staff is signed in with both factors."""
    token = new_token()
    with portal.begin() as tx:
        tx.staff_sessions.begin(staff_id, token, proven=True)
    async with client_of(app, cookies={"staff": token}, headers=HTML) as browser:
        yield browser


async def press(browser: httpx.AsyncClient, address: str, /, **typed: str) -> httpx.Response:
    """Open a page of the console, fill in its form and send it, following nothing."""
    page = await browser.get(address)
    assert page.status_code == 200, (page.status_code, page.text)
    return await browser.post(address, data={**hidden(page), **typed})
