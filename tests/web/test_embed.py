"""The script that puts the chat into other sites goes to the districts that name such sites."""

from collections.abc import Iterator

import pytest
from starlette.types import ASGIApp

from portal.core.districts import District
from portal.transaction import Portal
from tests.support.doors import build_app, client_of
from tests.support.portals import make_district
from tests.support.scripted_assistant import ScriptedAssistant
from web.embed import snippet
from web.public.gateway import Gateway

SITES = ["https://www.boston.example"]


@pytest.fixture
def district(portal: Portal) -> District:
    make_district(portal, "westborough")
    return make_district(portal, "boston", locales=["en", "es"], embed_origins=SITES)


@pytest.fixture
def app(portal: Portal, district: District) -> Iterator[ASGIApp]:
    gateway = Gateway(portal)
    yield build_app(ScriptedAssistant(), gateway=gateway)
    gateway.close()


async def test_script_may_be_used_by_other_sites_and_names_the_chat(app: ASGIApp) -> None:
    async with client_of(app) as client:
        script = await client.get("/embed.js?district=boston", headers={"Accept-Language": "es-MX,es;q=0.9"})

    assert script.status_code == 200
    assert script.headers["content-type"].startswith("text/javascript")
    assert script.headers["cross-origin-resource-policy"] == "cross-origin"
    assert "http://testserver/chat?district=boston&embedded=1&language=es" in script.text


async def test_language_that_the_district_does_not_offer_is_its_first(app: ASGIApp) -> None:
    async with client_of(app) as client:
        script = await client.get("/embed.js?district=boston", headers={"Accept-Language": "vi"})

    assert '"language": "en"' in script.text
    assert "embedded=1&language=en" in script.text


@pytest.mark.parametrize("asked", ["?district=westborough", "?district=nowhere", ""])
async def test_district_without_such_sites_has_no_script(app: ASGIApp, asked: str) -> None:
    async with client_of(app) as client:
        script = await client.get(f"/embed.js{asked}")

    assert script.status_code == 404


async def test_everything_else_stays_with_our_own_pages(app: ASGIApp) -> None:
    async with client_of(app) as client:
        answers = [await client.get(path) for path in ("/chat", "/static/chat.js", "/chat?embedded=1")]

    assert {each.headers["cross-origin-resource-policy"] for each in answers} == {"same-origin"}


def test_line_for_a_site_names_the_districts_own_address(district: District, portal: Portal) -> None:
    own = make_district(portal, "boston", public_base_url="https://parents.boston.example/")

    assert snippet(district, None) is None
    assert snippet(district, "https://hallpass.example") == (
        '<script src="https://hallpass.example/embed.js?district=boston" async></script>'
    )
    assert "https://parents.boston.example/embed.js" in (snippet(own, "https://hallpass.example") or "")
