"""The demo shows its mails at /outbox: newest first, links that can be pressed, nothing that runs."""

from datetime import timedelta

import pytest
from starlette.types import ASGIApp

from bot.mail import outbox_page
from portal.core.outbox import MailKind, To
from portal.core.tokens import NewToken, TokenPurpose
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.doors import always_ready, client_of, pages_of
from tests.support.mails import PUBLIC_URL, Mailbox, letters_of, postman_of
from tests.support.portals import make_district, make_parent
from web.app import WebSettings, create_app

ADDRESS = "marisol@mailbox.example"
HTML = {"Accept": "text/html"}
JSON = {"Accept": "application/json"}


@pytest.fixture
def app(portal: Portal) -> ASGIApp:
    make_district(portal)
    pages = pages_of()
    routes = outbox_page.routes(portal, letters_of(), postman_of(portal, Mailbox()), pages)
    return create_app(WebSettings(pages=pages, unready=always_ready), routes=routes)


def put_recovery(portal: Portal) -> str:
    account_id = make_parent(portal)
    with portal.begin() as tx:
        new = NewToken(
            "westborough", TokenPurpose.RECOVER_PASSWORD, timedelta(minutes=30), account_id=account_id
        )
        token_id = tx.tokens.issue(new)
        to = To(ADDRESS, account_id)
        tx.outbox.put("westborough", MailKind.RECOVER_PASSWORD, to, token_id=token_id)
        return tx.tokens.derive(token_id).value


async def test_outbox_without_mail_says_so(app: ASGIApp) -> None:
    async with client_of(app) as client:
        page = await client.get("/outbox", headers=HTML)

    assert page.status_code == 200
    assert "No mail yet." in page.text


async def test_mail_is_there_at_the_first_look_with_a_link_and_a_living_token(
    app: ASGIApp, portal: Portal
) -> None:
    token = put_recovery(portal)

    async with client_of(app) as client:
        page = await client.get("/outbox", headers=HTML)

    with portal.begin(read_only=True) as tx:
        mail = tx.deliveries.latest(1)[0]
    assert f'href="{PUBLIC_URL}/westborough/public/recover-password#{token}"' in page.text
    assert ADDRESS in page.text
    assert mail.sent_at is not None


async def test_programs_get_json_with_the_newest_mail_first(
    app: ASGIApp, portal: Portal, clock: FakeClock
) -> None:
    put_recovery(portal)
    clock.advance(minutes=1)
    with portal.begin() as tx:
        tx.outbox.put("westborough", MailKind.PASSWORD_CHANGED, To(ADDRESS))
        tx.outbox.put("westborough", MailKind.RECOVER_PASSWORD, To(None))

    async with client_of(app) as client:
        mails = (await client.get("/outbox", headers=JSON)).json()

    assert [mail["kind"] for mail in mails] == ["password_changed", "recover_password"]
    assert mails[1]["to"] == ADDRESS
    assert mails[1]["link"] in mails[1]["text"]


async def test_mail_is_shown_as_a_mail_program_does_and_nothing_in_it_may_run(
    app: ASGIApp, portal: Portal
) -> None:
    put_recovery(portal)

    async with client_of(app) as client:
        mails = (await client.get("/outbox", headers=JSON)).json()
        page = await client.get(f"/outbox/{mails[0]['id']}", headers=HTML)

    assert page.text == mails[0]["html"]
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'unsafe-inline'")


async def test_mail_that_does_not_exist_is_not_found(app: ASGIApp) -> None:
    async with client_of(app) as client:
        page = await client.get("/outbox/nothing", headers=HTML)

    assert page.status_code == 404
