"""Confirm an address, have the mail sent again, and stop a change, on the pages that mails lead to."""

from datetime import timedelta

import httpx
import pytest
from starlette.types import ASGIApp

from portal.accounts.mailing import CONFIRM_LIFE
from portal.accounts.outcomes import ChangeEmail, EmailChangeAsked, PreferencesShown, SignedIn
from portal.core.outcomes import Refused
from portal.core.secret import Secret
from portal.transaction import Portal
from tests.support.account_pages import EMAIL, W, token_for
from tests.support.clock import FakeClock
from tests.support.doors import client_of
from tests.support.mails import Mailbox, delivered
from tests.support.portals import PASSWORD, make_parent, sign_in
from tests.support.public_site import HTML, fill, hidden, read

CONFIRM, AGAIN, UNDO = f"{W}confirm-email", f"{W}send-confirmation", f"{W}undo-email"
NEW = "new@families.example"


@pytest.fixture
def families(portal: Portal, districts: None) -> None:
    """Give mlopez an address that nobody has confirmed, and kwhitfield one that is."""
    make_parent(portal, username="mlopez", email=EMAIL)
    make_parent(portal, username="kwhitfield", email="karen@families.example", email_confirmed=True)


def settings(portal: Portal, username: str) -> PreferencesShown:
    assert isinstance(sign_in(portal, username, conversation="looking"), SignedIn)
    with portal.begin() as tx:
        shown = tx.preferences.show("looking")
    assert isinstance(shown, PreferencesShown)
    return shown


async def send_again(client: httpx.AsyncClient, portal: Portal, email: str = EMAIL) -> str:
    answer = await fill(client, AGAIN, {"email": email})
    assert answer.status_code == 303, read(answer)
    return await token_for(portal, EMAIL)


def ask_new_address(portal: Portal) -> None:
    """Have somebody who knows kwhitfield's password ask for another address."""
    assert isinstance(sign_in(portal, "kwhitfield", conversation="other"), SignedIn)
    asked = portal.change_email(ChangeEmail("other", "elsewhere", NEW, Secret(PASSWORD), "request"))
    assert isinstance(asked, EmailChangeAsked)


async def test_mail_that_is_sent_again_confirms_the_address(
    browser: httpx.AsyncClient, portal: Portal
) -> None:
    token = await send_again(browser, portal, EMAIL.lower())

    answer = await fill(browser, CONFIRM, {"token": token, "password": PASSWORD})
    told = await browser.get(answer.headers["location"], headers=HTML)

    assert "<h1>Your email address is confirmed</h1>" in told.text
    assert settings(portal, "mlopez").email_confirmed


@pytest.mark.case("RT12")
async def test_looking_spends_nothing(browser: httpx.AsyncClient, portal: Portal) -> None:
    token = await send_again(browser, portal)
    for address in (CONFIRM, UNDO):
        await browser.get(f"{address}?token={token}", headers=HTML)
        await browser.head(address)

    answer = await fill(browser, CONFIRM, {"token": token, "password": PASSWORD})

    assert answer.status_code == 303


async def test_wrong_password_confirms_nothing_and_the_right_one_still_does(
    browser: httpx.AsyncClient, portal: Portal
) -> None:
    token = await send_again(browser, portal)

    wrong = await fill(browser, CONFIRM, {"token": token, "password": "CANARY-wrong"})
    assert not settings(portal, "mlopez").email_confirmed
    right = await fill(browser, CONFIRM, {"token": token, "password": PASSWORD})

    assert wrong.status_code == 422
    assert "This is not the password of your account." in read(wrong)
    assert 'href="#password"' in wrong.text
    assert f'value="{token}"' in wrong.text
    assert "CANARY" not in wrong.text
    assert right.status_code == 303


async def test_wrong_passwords_lock_the_name_and_send_to_the_school(
    browser: httpx.AsyncClient, portal: Portal
) -> None:
    token = await send_again(browser, portal)
    for _ in range(5):
        await fill(browser, CONFIRM, {"token": token, "password": "wrong"})

    answer = await fill(browser, CONFIRM, {"token": token, "password": PASSWORD})

    assert "Please contact your school." in read(answer)
    assert "(508) 555-0192" in read(answer)


@pytest.mark.parametrize("token", ["nonsense", "x" * 1024, "' OR 1=1--", "\u202e", "%00"])
async def test_token_that_never_was_is_void(browser: httpx.AsyncClient, token: str) -> None:
    confirm = await fill(browser, CONFIRM, {"token": token, "password": PASSWORD})
    undo = await fill(browser, UNDO, {"token": token})

    assert confirm.status_code == undo.status_code == 422
    assert "This security token cannot be used" in read(confirm)
    assert "There is nothing to stop any more" in read(undo)
    assert "(508) 555-0192" in read(undo)


async def test_token_that_is_over_leads_to_a_new_mail(
    browser: httpx.AsyncClient, portal: Portal, clock: FakeClock
) -> None:
    token = await send_again(browser, portal)
    clock.advance(seconds=CONFIRM_LIFE / timedelta(seconds=1))

    answer = await fill(browser, CONFIRM, {"token": token, "password": PASSWORD})

    assert answer.status_code == 422
    assert f'href="{AGAIN}"' in answer.text


async def test_form_sent_twice_confirms_once(browser: httpx.AsyncClient, portal: Portal) -> None:
    token = await send_again(browser, portal)
    page = await browser.get(CONFIRM, headers=HTML)
    sent = {**hidden(page), "token": token, "password": PASSWORD}

    answers = [await browser.post(CONFIRM, data=sent, headers=HTML) for _ in range(2)]
    later = await fill(browser, CONFIRM, {"token": token, "password": PASSWORD})

    assert answers[0].headers["location"] == answers[1].headers["location"]
    assert "If you confirmed the address before, you can simply sign in." in read(later)


@pytest.mark.case("E6")
async def test_sending_again_answers_the_same_for_everybody(site: ASGIApp, portal: Portal) -> None:
    answers, box = [], Mailbox()
    for email in (EMAIL, "karen@families.example", "nobody@families.example", EMAIL, EMAIL, EMAIL):
        async with client_of(site) as client:
            answer = await fill(client, AGAIN, {"email": email})
            page = await client.get(answer.headers["location"], headers=HTML)
        answers.append((answer.status_code, answer.headers["location"], read(page)))
        await delivered(portal, box)

    assert len(set(answers)) == 1
    assert "If this email address waits to be confirmed" in answers[0][2]
    assert [letter.to for letter in box.letters] == [EMAIL] * 3


async def test_new_address_counts_once_it_is_confirmed(browser: httpx.AsyncClient, portal: Portal) -> None:
    ask_new_address(portal)
    token = await token_for(portal, NEW)
    assert settings(portal, "kwhitfield").email == "karen@families.example"

    answer = await fill(browser, CONFIRM, {"token": token, "password": PASSWORD})
    told = await browser.get(answer.headers["location"], headers=HTML)

    assert "<h1>Your new email address is confirmed</h1>" in told.text
    assert settings(portal, "kwhitfield").email == NEW


async def test_old_address_stops_the_change_and_signs_everybody_out(
    browser: httpx.AsyncClient, portal: Portal
) -> None:
    ask_new_address(portal)
    box = Mailbox()
    token = await token_for(portal, "karen@families.example", box)
    to_new = await token_for(portal, NEW, box)

    answer = await fill(browser, UNDO, {"token": token})
    told = await browser.get(answer.headers["location"], headers=HTML)
    late = await fill(browser, CONFIRM, {"token": to_new, "password": PASSWORD})
    with portal.begin() as tx:
        session = tx.sessions.current("other")

    assert "<h1>Your email address stays as it was</h1>" in told.text
    assert "Calendars that you subscribed to have ended as well" in read(told)
    assert f'href="{W}trouble?tab=password">Choose a new password' in told.text
    assert "This security token cannot be used" in read(late)
    assert isinstance(session, Refused)
    assert settings(portal, "kwhitfield").pending_email is None


async def test_token_of_one_deed_does_no_other(browser: httpx.AsyncClient, portal: Portal) -> None:
    ask_new_address(portal)
    box = Mailbox()
    undo = await token_for(portal, "karen@families.example", box)
    confirm = await token_for(portal, NEW, box)

    swapped = [
        await fill(browser, CONFIRM, {"token": undo, "password": PASSWORD}),
        await fill(browser, UNDO, {"token": confirm}),
    ]

    assert [answer.status_code for answer in swapped] == [422, 422]
    assert settings(portal, "kwhitfield").email == "karen@families.example"
