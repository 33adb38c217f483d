"""The link of a regular mail stops it with one press, tells nobody anything, and scanners change nothing."""

from pathlib import Path

import httpx
import pytest
import structlog
from starlette.types import ASGIApp

from bot.mail import stop_page
from portal.records.notifications import Frequency
from portal.records.stopping import stop_key
from portal.transaction import Portal
from tests.support.doors import always_ready, client_of, pages_of
from tests.support.notified import change, notification, notified_family, shown
from web.app import WebSettings, create_app


@pytest.fixture
def app(portal: Portal, tmp_path: Path) -> ASGIApp:
    notified_family(portal, tmp_path)
    change(portal)
    pages = pages_of()
    return create_app(WebSettings(pages=pages, unready=always_ready), routes=stop_page.routes(portal, pages))


def link(portal: Portal) -> str:
    return f"/unsubscribe/{stop_key(portal.keys, notification(portal).notification_id).value}"


def frequency(portal: Portal) -> Frequency:
    return shown(portal, ["Maya"]).children[0].frequency


def words(page: httpx.Response) -> str:
    return page.text.replace("&#34;", '"')


@pytest.mark.requirement("R96")
async def test_one_button_stops_the_mails(app: ASGIApp, portal: Portal) -> None:
    async with client_of(app) as client:
        asked = await client.get(link(portal))
        before = frequency(portal)
        stopped = await client.post(link(portal))

    assert asked.text.count("<button") == 1
    assert '<form method="post">' in asked.text
    assert before is Frequency.WEEKLY
    assert stopped.status_code == 200
    assert "These e-mails are stopped" in words(stopped)
    assert "choose them anew" in words(stopped)
    assert frequency(portal) is Frequency.NEVER


@pytest.mark.requirement("R96")
async def test_a_mail_program_stops_them_with_its_own_post(app: ASGIApp, portal: Portal) -> None:
    async with client_of(app) as client:
        # RFC 8058: no cookie, no referrer, this one pair as the body.
        answer = await client.post(link(portal), data={"List-Unsubscribe": "One-Click"})

    assert answer.status_code == 200
    assert frequency(portal) is Frequency.NEVER


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_scanner_that_looks_at_the_link_stops_nothing(
    app: ASGIApp, portal: Portal, method: str
) -> None:
    async with client_of(app) as client:
        for _ in range(3):
            await client.request(method, link(portal))

    assert frequency(portal) is Frequency.WEEKLY


async def test_the_answer_is_the_same_for_every_key(app: ASGIApp, portal: Portal) -> None:
    keys = [link(portal), link(portal), "/unsubscribe/unknown", "/unsubscribe/" + "x" * 5000]
    async with client_of(app) as client:
        asked = [await client.get(key) for key in keys]
        stopped = [await client.post(key) for key in keys]

    for answers in (asked, stopped):
        assert {(each.status_code, each.text) for each in answers} == {
            (200, answers[0].text),
        }
        assert {tuple(sorted(each.headers.items())) for each in answers} == {
            tuple(sorted(answers[0].headers.items()))
        }


async def test_the_page_names_nobody(app: ASGIApp, portal: Portal) -> None:
    async with client_of(app) as client:
        pages = [await client.get(link(portal)), await client.post(link(portal))]

    for page in pages:
        for name in ("Maya", "López", "Marisol", "mailbox.example", "Westborough"):
            assert name not in page.text


async def test_the_key_is_in_no_log(app: ASGIApp, portal: Portal) -> None:
    with structlog.testing.capture_logs() as logs:
        async with client_of(app) as client:
            await client.get(link(portal))
            await client.post(link(portal))

    assert [line["route"] for line in logs] == [stop_page.PATH, stop_page.PATH]
    assert link(portal).rpartition("/")[2] not in str(logs)
