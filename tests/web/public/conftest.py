"""Open the public pages of two districts to a browser without scripts."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
import pytest_asyncio
from starlette.types import ASGIApp

from portal.transaction import Portal
from tests.support.doors import client_of
from tests.support.portals import make_district, make_parent
from tests.support.public_site import public_site


@pytest.fixture
def site(portal: Portal) -> Iterator[ASGIApp]:
    make_district(portal, "westborough", profile="powerschool", locales=["en", "es"])
    make_district(portal, "boston", name="Boston Public Schools", profile="aspen", account_opening="request")
    make_parent(portal, username="mlopez", display_name="Marisol López", email="marisol@families.example")
    with public_site(portal) as app:
        yield app


@pytest_asyncio.fixture
async def browser(site: ASGIApp) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(site) as client:
        yield client
