"""A family reads behind the token of a mail what its school wrote about its request, and answers there."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from portal.core.tokens import TokenPurpose
from portal.helpdesk.requests.outcomes import Cause, NewQuestion, Note, Rejection, RequestShown
from portal.transaction import Portal
from tests.support.boston import boston, does, mailed_token, member, the_request
from tests.support.clock import FakeClock
from tests.support.doors import client_of
from tests.support.families import mails, request_account
from tests.support.public_site import fill, public_site, read, send

PAGE = "/boston/public/school-question"
QUESTION = "Which school,\n<b>please</b>?"
STAFF = ("staff_request", "helpdesk@schools.example")


@pytest_asyncio.fixture
async def browser(portal: Portal) -> AsyncIterator[httpx.AsyncClient]:
    with public_site(portal) as app:
        async with client_of(app) as client:
            yield client


@pytest.fixture
def token(portal: Portal, tmp_path: Path) -> str:
    """Let the school ask about a request, and return the token of its mail."""
    boston(portal, tmp_path)
    request_account(portal, first_name="Anna")
    question = NewQuestion(the_request(portal).request_id, QUESTION, "a" * 32)
    desk = member(portal)
    does(portal, lambda tx: tx.account_requests.ask(desk, question))
    return mailed_token(portal, TokenPurpose.ANSWER_REQUEST)


def reject(portal: Portal, words: str = "", cause: Cause = Cause.CONTACT_SCHOOL) -> None:
    desk, rejection = member(portal), Rejection(the_request(portal).request_id, cause, "checked", words)
    does(portal, lambda tx: tx.account_requests.reject(desk, rejection))


def notes(portal: Portal) -> list[Note]:
    desk, request_id = member(portal), the_request(portal).request_id
    shown = does(portal, lambda tx: tx.account_requests.one(desk, request_id))
    assert isinstance(shown, RequestShown)
    return list(shown.notes)


async def test_question_is_read_and_answered_once(
    portal: Portal, browser: httpx.AsyncClient, token: str
) -> None:
    asked = await fill(browser, PAGE, {"token": token})
    again = await fill(browser, PAGE, {"token": token})
    sent = await send(browser, PAGE, again, {"token": token, "reply": "Assabet,\nshe is in grade 9."})
    done = await browser.get(sent.headers["location"])
    late = await send(browser, PAGE, asked, {"token": token, "reply": "Once more"})

    assert "Which school, <b>please</b>?" in read(asked)
    assert "<b>please" not in asked.text
    assert sent.status_code == 303
    assert "Your answer arrived" in read(done)
    assert late.status_code == 422
    assert [note.words["words"] for note in notes(portal)] == [QUESTION, "Assabet,\nshe is in grade 9."]
    assert mails(portal).count(STAFF) == 2


async def test_looking_at_the_page_shows_nothing_without_the_token(
    portal: Portal, browser: httpx.AsyncClient, token: str
) -> None:
    page = await browser.get(PAGE)
    wrong = await fill(browser, PAGE, {"token": "x" * 43})

    assert "Which school" not in read(page)
    assert wrong.status_code == 422
    assert "cannot be used" in read(wrong)
    assert "helpdesk@schools.example" in read(wrong)


async def test_token_is_void_after_two_weeks(
    portal: Portal, browser: httpx.AsyncClient, token: str, clock: FakeClock
) -> None:
    clock.advance(days=14)

    late = await fill(browser, PAGE, {"token": token})

    assert late.status_code == 422
    assert "Which school" not in read(late)


async def test_request_that_was_decided_takes_no_answer(
    portal: Portal, browser: httpx.AsyncClient, token: str
) -> None:
    asked = await fill(browser, PAGE, {"token": token})
    reject(portal)

    refused = await send(browser, PAGE, asked, {"token": token, "reply": "Assabet"})

    assert refused.status_code == 409
    assert "answered already, or it is closed" in read(refused)
    assert len(notes(portal)) == 2


async def test_rejection_is_read_with_what_to_do_next(
    portal: Portal, browser: httpx.AsyncClient, token: str
) -> None:
    reject(portal, "Bring your passport, please.", Cause.ASK_AGAIN)
    mailed = mailed_token(portal, TokenPurpose.ANSWER_REQUEST)

    page = await fill(browser, PAGE, {"token": mailed})

    assert "exactly as your school has them" in read(page)
    assert "Bring your passport, please." in read(page)
    assert 'href="/boston/public/request-account"' in page.text


@pytest.mark.parametrize("reply", ["", "  ", "x" * 1025])
async def test_answer_that_says_nothing_or_too_much_is_asked_for_again(
    portal: Portal, browser: httpx.AsyncClient, token: str, reply: str
) -> None:
    asked = await fill(browser, PAGE, {"token": token})

    page = await send(browser, PAGE, asked, {"token": token, "reply": reply})

    assert page.status_code == 422
    assert 'href="#reply"' in page.text
    assert "Which school" in read(page)
    assert len(notes(portal)) == 1
