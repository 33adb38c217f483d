"""What a running server writes: enough to follow a request to its mail, and nothing that anybody typed."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp

from bot.settings import LogSettings
from portal.accounts.models import AccountRow
from portal.transaction import Portal
from tests.support.doors import KEY, KEYED, client_of, open_chat
from tests.support.mailbox import EMAIL
from tests.support.mails import Mailbox, delivered, token_in
from tests.support.portals import PASSWORD
from tests.support.public_site import enter
from tests.support.watched import Watched, watched

WEBHOOK = "/webhooks/rest/webhook"
WRONG = "CANARY-51c0 wrong password"
SENDER = "CANARY-sender-77aa"
TYPED = ("CANARY free text about my son", "what are Maya's grades", "is mlopez locked", WRONG)
OF_THE_FAMILY = ("mlopez", "Marisol", "López", "Maya", "Leo", "Algebra", EMAIL, EMAIL.lower(), "CANARY")


@pytest.fixture
def form() -> str:
    return "json"


@pytest.fixture
def seen(portal: Portal, form: str) -> Iterator[Watched]:
    with watched(portal, LogSettings("debug", form)) as made:
        yield made


@pytest.fixture
def mail_address(portal: Portal, families: None) -> None:
    with portal.begin() as tx:
        [account] = [row for row in tx.session.query(AccountRow) if row.username == "mlopez"]
        account.email, account.email_key = EMAIL, EMAIL.lower()
        account.email_confirmed_at = portal.clock.now()


async def say(client: httpx.AsyncClient, text: str) -> list[dict[str, Any]]:
    answer = await client.post(WEBHOOK, json={"sender": SENDER, "message": text})
    assert answer.status_code == 200
    return list(answer.json())


async def ask_for_mail(client: httpx.AsyncClient) -> None:
    for text in ("I forgot my password", "mlopez", EMAIL):
        await say(client, text)


async def sign_in(client: httpx.AsyncClient, password: str) -> str:
    await say(client, "sign in")
    replies = await say(client, "mlopez")
    [url] = [reply["custom"]["secret"]["url"] for reply in replies if "secret" in reply.get("custom", {})]
    await client.post(url, json={"values": {"password": password}})
    return str(url.rsplit("/", 1)[-1])


@pytest.mark.case("G1", "G2", "C17")
@pytest.mark.parametrize("form", ["json", "plain"])
async def test_whole_flow_writes_nothing_typed_and_no_secret(
    app: ASGIApp, portal: Portal, mail_address: None, seen: Watched
) -> None:
    mailbox, secrets = Mailbox(), [KEY, PASSWORD, *TYPED, *OF_THE_FAMILY]
    async with client_of(app, headers=KEYED) as rest, client_of(app) as browser:
        for text in TYPED:
            await say(rest, text)
        await ask_for_mail(rest)
        secrets += [await sign_in(rest, WRONG), await sign_in(rest, PASSWORD)]
        await say(rest, "what are Maya's grades")
        await browser.get("/westborough/public/sign-in?next=CANARY-query", headers={"Accept": "text/html"})
        secrets += [*(await open_chat(browser)).values(), *browser.cookies.values()]
        await enter(browser, password=WRONG)
        await enter(browser)
        secrets += list(browser.cookies.values())
    await delivered(portal, mailbox)
    secrets += [token_in(letter).value for letter in mailbox.letters if letter.link]

    assert {"request", "turn", "understood", "audited", "refused", "mail_put", "mail"} <= {
        word for line in seen.text.splitlines() for word in line.replace('"', " ").split()
    }
    assert len(mailbox.letters) == 1
    assert [secret for secret in secrets if secret in seen.text] == []


async def test_mail_is_followed_back_to_the_request_that_asked_for_it(
    app: ASGIApp, portal: Portal, mail_address: None, seen: Watched
) -> None:
    async with client_of(app, headers=KEYED) as rest:
        await ask_for_mail(rest)
    await delivered(portal)

    [mail], [put] = seen.of("mail"), seen.of("mail_put")
    [turn] = [line for line in seen.of("turn") if line["turn"] == put["turn"]]
    [request] = [line for line in seen.of("request") if line["request"] == put["request"]]
    assert mail["message_id"] == put["message_id"]
    assert turn["request"] == request["request"]
    assert turn["conversation"] == put["conversation"]
    assert (turn["outcome"], request["route"]) == ("answered", WEBHOOK)
    assert len({line["request"] for line in seen.of("request")}) == 3


async def test_callers_cannot_write_into_the_log(app: ASGIApp, seen: Watched) -> None:
    async with client_of(app, headers=KEYED) as rest:
        await rest.get("/chat", headers={"X-Request-ID": "CANARY-id", "Referer": "https://CANARY.example"})

    assert "CANARY" not in seen.text
    assert len(seen.of("request")) == 1
