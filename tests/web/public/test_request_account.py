"""Ask the school for an account on "Request Account", and confirm it."""

import re
from html import escape
from pathlib import Path

import httpx
import pytest
import yaml
from sqlalchemy import update
from starlette.types import ASGIApp

from actions.request_account import QUESTIONS
from portal.sis.models import Contact
from portal.transaction import Portal
from tests.support.account_pages import B, W, requested, token_for
from tests.support.doors import DATA, client_of
from tests.support.families import import_roster
from tests.support.mails import Mailbox, delivered
from tests.support.portals import NEW_PASSWORD, make_district
from tests.support.public_site import HTML, enter, fill, hidden, read, send
from tests.support.rosters import Roster, small_roster

PAGE = f"{B}request-account"
NAME, ACCOUNT = f"{PAGE}?step=name", f"{PAGE}?step=account"
SIGN_IN = f"{B}sign-in"
NAMES = {"first_name": "Ana", "last_name": "López", "school_district": "boston"}
PROCESSED = "Account Request Processed!"


def family(**access: str) -> Roster:
    """Return a district whose records have Ana López, allowed on the portal and to be written to."""
    allowed = {"portalAccess": "true", "receivesEmail": "true", **access}
    return small_roster().add("x_portal_access", parentIdentifier="NP1", studentIdentifier="NS1", **allowed)


@pytest.fixture
def records(portal: Portal, districts: None, tmp_path: Path) -> None:
    import_roster(portal, tmp_path, family(), "boston")


async def ask(client: httpx.AsyncClient, **typed: str) -> httpx.Response:
    """Go through both steps."""
    fields = requested(**typed)
    second = await fill(client, NAME, {name: fields[name] for name in NAMES})
    assert second.status_code == 200, read(second)
    return await send(client, ACCOUNT, second, fields)


def comparable(answer: httpx.Response) -> str:
    headers = {name: value for name, value in answer.headers.items() if name != "set-cookie"}
    return str((answer.status_code, headers, answer.text))


@pytest.mark.requirement("R113", "R114", "R118", "R119", "R120")
async def test_tab_leads_to_the_first_option(browser: httpx.AsyncClient) -> None:
    sign_in = await browser.get(SIGN_IN, headers=HTML)
    page = await browser.get(PAGE, headers=HTML)

    assert f'href="{PAGE}">Request Account</a>' in sign_in.text
    first = page.text.partition('class="ways"')[2].partition("</li>")[0]
    assert f'href="{NAME}"' in first
    assert (
        "Click or tap here if you are new to the district and the system doesn&#39;t contain any of your"
        " information." in first
    )
    assert "a temporary way" in read(page)
    assert "Choose the first option, also when your child already goes to school here" in read(page)


@pytest.mark.requirement("R121", "R122", "R123")
async def test_first_step_asks_for_name_and_district_and_nothing_optional(browser: httpx.AsyncClient) -> None:
    page = await browser.get(NAME, headers=HTML)
    second = await send(browser, NAME, page, NAMES)

    assert '<label for="first_name">First Name</label>' in page.text
    assert '<label for="last_name">Last Name</label>' in page.text
    assert '<option value="boston">Boston Public Schools</option>' in page.text
    assert "the same as your school has them" in read(page)
    assert page.text.count('class="field"') == 3
    assert ">Next</button>" in page.text
    assert "Step 2 of 2" in read(second)


@pytest.mark.requirement("R124", "R125", "R126", "R127", "R20")
async def test_second_step_asks_for_email_password_and_question(browser: httpx.AsyncClient) -> None:
    page = await fill(browser, NAME, NAMES)

    for field, label in (
        ("email", "Email"),
        ("new_password", "Password"),
        ("new_password_again", "Re-Enter Password"),
        ("question", "Security Question"),
        ("security_answer", "Security Answer"),
    ):
        assert f'<label for="{field}">{label}</label>' in page.text
    assert ">Create My Account</button>" in page.text
    assert "the same as your school has it" in read(page)
    assert "at least 8 characters long" in read(page)
    assert "The answer alone never opens your account." in read(page)


async def test_question_is_asked_only_where_the_district_wants_one(
    browser: httpx.AsyncClient, portal: Portal, records: None
) -> None:
    make_district(
        portal, "boston", profile="recommended", account_opening="request", portal_url="https://sis.mybps.org"
    )

    page = await fill(browser, NAME, NAMES)
    done = await send(browser, ACCOUNT, page, requested(question="", security_answer=""))

    assert "Security Question" not in read(page)
    assert done.headers["location"] == f"{PAGE}?step=done"


@pytest.mark.requirement("R128", "R129", "R130")
async def test_request_is_processed_confirmed_by_mail_and_then_active(
    browser: httpx.AsyncClient, portal: Portal, records: None
) -> None:
    answer = await ask(browser)
    done = await browser.get(answer.headers["location"], headers=HTML)
    not_yet = await enter(browser, "ana@example.org", NEW_PASSWORD, SIGN_IN)
    token = await token_for(portal, "ana@example.org")
    confirmed = await fill(browser, f"{B}confirm-email", {"token": token, "password": NEW_PASSWORD})
    active = await browser.get(confirmed.headers["location"], headers=HTML)
    welcome = await enter(browser, "ana@example.org", NEW_PASSWORD, SIGN_IN)

    assert f"<h1>{PROCESSED}</h1>" in done.text
    assert "go to your email and confirm the account" in read(done)
    assert not_yet.status_code == 422
    assert "<h1>The account is now active.</h1>" in active.text
    assert "Your school connects your children to it next" in read(active)
    assert welcome.headers["location"] == f"{B}start"


@pytest.mark.case("Q1")
async def test_everybody_gets_the_same_answer_and_only_a_match_a_mail(
    site: ASGIApp, portal: Portal, records: None
) -> None:
    answers, box = [], Mailbox()
    for typed in (
        {},
        {"first_name": "Anna"},
        {"email": "other@example.org"},
        {"first_name": "Nobody", "last_name": "Known", "email": "nobody@example.org"},
    ):
        async with client_of(site) as client:
            answers.append(comparable(await ask(client, **typed)))
        await delivered(portal, box)

    assert len(set(answers)) == 1
    assert [letter.to for letter in box.letters if letter.link and "#" in letter.link] == ["ana@example.org"]


async def test_form_sent_twice_is_one_request(
    browser: httpx.AsyncClient, portal: Portal, records: None
) -> None:
    page = await fill(browser, NAME, NAMES)
    sent = {**hidden(page), **requested()}

    answers = [await browser.post(ACCOUNT, data=sent, headers=HTML) for _ in range(2)]

    assert comparable(answers[0]) == comparable(answers[1])
    assert len((await delivered(portal)).to("ana@example.org")) == 1


async def test_back_leads_to_the_first_step_with_what_was_typed(browser: httpx.AsyncClient) -> None:
    second = await fill(browser, NAME, NAMES)

    first = await send(browser, ACCOUNT, second, {**requested(), "back": "1"})

    assert "Step 1 of 2" in read(first)
    assert 'value="Ana"' in first.text
    assert NEW_PASSWORD not in first.text


async def test_second_step_without_the_first_begins_at_the_first(browser: httpx.AsyncClient) -> None:
    looked = await browser.get(ACCOUNT, headers=HTML)
    page = await browser.get(NAME, headers=HTML)
    sent = await send(browser, ACCOUNT, page, {**requested(), "first_name": "", "school_district": ""})

    assert looked.headers["location"] == NAME
    assert "Step 1 of 2" in read(sent)
    assert "Please type your first name." in read(sent)
    assert "Please choose your school district." in read(sent)


async def test_name_with_a_line_break_is_told_beside_its_field(browser: httpx.AsyncClient) -> None:
    answer = await fill(browser, NAME, {**NAMES, "last_name": "López\r\nBcc: everybody@example.org"})

    assert answer.status_code == 422
    assert 'href="#last_name"' in answer.text
    assert "not part of a name" in read(answer)


async def test_other_district_than_this_one_is_refused(browser: httpx.AsyncClient) -> None:
    answer = await fill(browser, NAME, {**NAMES, "school_district": "westborough"})

    assert "Please choose your school district." in read(answer)


async def test_broken_rules_are_told_beside_their_fields_and_nothing_is_requested(
    browser: httpx.AsyncClient, portal: Portal, records: None
) -> None:
    answer = await ask(browser, email="not an address", new_password="short", new_password_again="other")

    assert answer.status_code == 422
    assert "Nothing has been requested yet." in read(answer)
    for sentence in (
        "This does not look like an email address.",
        "New password must be at least 8 characters long.",
        "The verification password you enter must match the new password.",
    ):
        assert sentence in read(answer)
    assert 'value="What was my first bicycle called?"' in answer.text
    assert "Blue Comet" not in answer.text
    assert "short" not in answer.text
    assert (await delivered(portal)).letters == []


async def test_many_requests_from_one_place_have_to_wait(browser: httpx.AsyncClient) -> None:
    statuses = [(await ask(browser, email=f"ana{number}@example.org")).status_code for number in range(25)]

    assert statuses[0] == 303
    assert statuses[-1] == 429


async def test_district_without_parent_single_sign_on_sends_to_the_school(
    browser: httpx.AsyncClient, portal: Portal
) -> None:
    left = await browser.get(NAME, headers=HTML)
    make_district(portal, "boston", account_opening="request", parent_single_sign_on=False)

    sign_in = await browser.get(SIGN_IN, headers=HTML)
    page = await browser.get(PAGE, headers=HTML)
    late = await send(browser, NAME, left, NAMES)

    assert "Request Account" not in read(sign_in)
    for answer in (page, late):
        assert "has not turned on requesting an account by parents themselves" in read(answer)


async def test_district_with_access_ids_has_no_request(browser: httpx.AsyncClient) -> None:
    page = await browser.get(f"{W}request-account", headers=HTML)
    form = await browser.get(SIGN_IN.replace("boston", "westborough"), headers=HTML)
    sent = await send(browser, f"{W}request-account", form, requested())

    assert page.headers["location"] == sent.headers["location"] == f"{W}create-account"


@pytest.mark.requirement("R126")
async def test_questions_of_the_chat_are_offered_beside_an_own_one(browser: httpx.AsyncClient) -> None:
    chat = yaml.safe_load((DATA / "en" / "account.yml").read_text(encoding="utf-8"))["responses"]
    said = [escape(chat[f"utter_question_{key}"][0]["text"]) for key in QUESTIONS]

    page = await fill(browser, NAME, NAMES)

    assert 'name="question" type="text"' in page.text
    assert 'list="question-choices"' in page.text
    offered = page.text.partition('<datalist id="question-choices">')[2].partition("</datalist>")[0]
    assert re.findall(r'<option value="([^"]+)">', offered) == said


@pytest.mark.requirement("R121", "R130", "R74")
async def test_name_typed_in_small_letters_is_written_as_the_school_has_it(
    browser: httpx.AsyncClient, portal: Portal, records: None
) -> None:
    small = {**NAMES, "first_name": "ana", "last_name": "lopez"}
    second = await fill(browser, NAME, small)
    await send(browser, ACCOUNT, second, requested(**small))
    token = await token_for(portal, "ana@example.org")

    await fill(browser, f"{B}confirm-email", {"token": token, "password": NEW_PASSWORD})
    await enter(browser, "ana@example.org", NEW_PASSWORD, SIGN_IN)
    start = await browser.get(f"{B}start", headers=HTML)

    assert "Welcome, Ana López" in read(start)
    assert "Your school connects your children to it." in read(start)
    assert "Access ID" not in read(start)


async def test_name_of_an_entry_that_is_somebody_elses_by_now_is_not_taken(
    browser: httpx.AsyncClient, portal: Portal, records: None
) -> None:
    await ask(browser)
    token = await token_for(portal, "ana@example.org")
    with portal.begin() as tx:
        changed = update(Contact).where(Contact.district_id == "boston", Contact.given_name == "Ana")
        tx.session.execute(changed.values(given_name="Ruth", family_name="Okafor"))

    await fill(browser, f"{B}confirm-email", {"token": token, "password": NEW_PASSWORD})
    await enter(browser, "ana@example.org", NEW_PASSWORD, SIGN_IN)

    assert "Welcome, Ana López" in read(await browser.get(f"{B}start", headers=HTML))
