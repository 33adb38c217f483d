"""Ask a person for help from the page."""

import httpx
import pytest

from portal.helpdesk.outcomes import CaseKind
from portal.transaction import Portal
from tests.support.case_desk import Desk
from tests.support.clock import FakeClock
from tests.support.console import make_staff
from tests.support.public_site import HTML, enter, fill, read, sign_out

HELP = "/westborough/public/get-help"
ASKED = {
    "kind": "no_email",
    "name": "Marisol López",
    "reach": "(508) 555-0123",
    "message": "The address is old.\r\nMaya is in grade 7.",
}


@pytest.mark.requirement("R2", "R51", "R76")
async def test_page_says_how_to_reach_the_school(browser: httpx.AsyncClient) -> None:
    page = await browser.get(HELP, headers=HTML)

    assert "Contact your school Parent help desk (508) 555-0192 help@schools.example" in read(page)
    assert 'href="tel:%28508%29555-0192"' in page.text
    assert "/chat?district=westborough" in page.text


async def test_message_becomes_a_case_with_a_number(browser: httpx.AsyncClient, portal: Portal) -> None:
    answer = await fill(browser, HELP, ASKED)

    with portal.begin() as tx:
        [case] = tx.cases.waiting("westborough")
    assert answer.status_code == 200
    assert f"Your case has the number {case.number}." in read(answer)
    assert (case.kind, case.channel, case.account_id) == (CaseKind.NO_EMAIL, "web", None)
    assert dict(case.details)["reach"] == "(508) 555-0123"
    assert dict(case.details)["message"].endswith("Maya is in grade 7.")


async def test_case_of_a_signed_in_parent_names_the_account(
    browser: httpx.AsyncClient, portal: Portal
) -> None:
    await enter(browser)

    await fill(browser, HELP, ASKED)

    with portal.begin() as tx:
        [case] = tx.cases.waiting("westborough")
        account = tx.accounts.find("westborough", "mlopez")
    assert account is not None
    assert case.account_id == account.account_id


async def test_same_form_twice_is_one_case(browser: httpx.AsyncClient, portal: Portal) -> None:
    for _ in "12":
        await fill(browser, HELP, ASKED)

    with portal.begin() as tx:
        assert len(tx.cases.waiting("westborough")) == 1


@pytest.mark.parametrize("name", list(ASKED))
async def test_missing_field_is_named_and_nothing_is_opened(
    browser: httpx.AsyncClient, portal: Portal, name: str
) -> None:
    answer = await fill(browser, HELP, {**ASKED, name: " "})

    assert answer.status_code == 422
    assert f'<a href="#{name}">Please ' in answer.text
    for other in set(ASKED) - {name, "kind"}:
        assert ASKED[other].split("\r")[0] in answer.text
    with portal.begin() as tx:
        assert tx.cases.waiting("westborough") == []


@pytest.mark.parametrize("typed", ["barred", "nonsense", "<b>"])
async def test_kind_that_is_not_offered_is_asked_for_again(browser: httpx.AsyncClient, typed: str) -> None:
    answer = await fill(browser, HELP, {**ASKED, "kind": typed})

    assert '<a href="#kind">Please choose what it is about.</a>' in answer.text


@pytest.mark.parametrize(
    ("name", "typed"), [("message", "a\x00b"), ("reach", "x\r\nBcc: y@z"), ("name", "x" * 1025)]
)
async def test_what_cannot_be_stored_is_named(browser: httpx.AsyncClient, name: str, typed: str) -> None:
    answer = await fill(browser, HELP, {**ASKED, name: typed})

    assert answer.status_code == 422
    assert f'id="{name}-wrong-1"' in answer.text


async def test_link_chooses_what_it_is_about(browser: httpx.AsyncClient) -> None:
    page = await browser.get(f"{HELP}?about=lost_letter", headers=HTML)

    assert '<option value="lost_letter" selected>' in page.text


async def test_flood_is_paused_for_an_hour(
    site: object, browser: httpx.AsyncClient, clock: FakeClock
) -> None:
    for _ in range(5):
        await fill(browser, HELP, ASKED)

    paused = await fill(browser, HELP, ASKED)
    clock.advance(hours=1)
    later = await fill(browser, HELP, ASKED)

    assert (paused.status_code, later.status_code) == (429, 200)
    assert "There were many tries from where you are" in read(paused)


@pytest.mark.case("S3")
async def test_form_of_another_session_opens_nothing(browser: httpx.AsyncClient, portal: Portal) -> None:
    answer = await browser.post(HELP, data=ASKED, headers=HTML)

    assert answer.status_code == 403
    assert "Get Help" in read(answer)
    with portal.begin() as tx:
        assert tx.cases.waiting("westborough") == []


@pytest.mark.requirement("R110")
async def test_signed_in_parent_can_sign_out_from_here_too(browser: httpx.AsyncClient) -> None:
    await enter(browser)

    assert (await sign_out(browser, HELP)).headers["location"].startswith("/westborough/public/sign-in")


async def test_signed_in_parent_does_not_type_their_name(browser: httpx.AsyncClient) -> None:
    await enter(browser)

    page = await browser.get(HELP, headers=HTML)

    assert 'name="name" type="text" value="Marisol López"' in page.text


async def test_way_on_from_a_message_is_the_one_of_whoever_left_it(browser: httpx.AsyncClient) -> None:
    stranger = await fill(browser, HELP, ASKED)
    await enter(browser)
    parent = await fill(browser, HELP, ASKED)

    assert 'href="/westborough/public/sign-in">Sign In Page</a>' in stranger.text
    assert 'href="/westborough/public/start">Go to the start page</a>' in parent.text


async def test_what_the_help_desk_answered_is_read_here_by_whoever_asked_and_signs_in(
    browser: httpx.AsyncClient, portal: Portal
) -> None:
    await enter(browser)
    await fill(browser, HELP, ASKED)
    Desk(portal, make_staff(portal, name="Dana Whitlock")).answer("Please <b>try</b> again.\nIt is open.")

    inside = await browser.get(HELP, headers=HTML)
    await sign_out(browser)
    outside = await browser.get(HELP, headers=HTML)

    assert "What the help desk answered you Dana Whitlock, help desk, " in read(inside)
    assert "(case 1): Please <b>try</b> again. It is open." in read(inside)
    assert "&lt;b&gt;" in inside.text
    assert "Dana" not in read(outside)
    assert "Sign in first; you then read it here. Sign In Page" in read(outside)
    assert 'href="/westborough/public/sign-in"' in outside.text


async def test_another_parent_on_the_same_computer_reads_no_answer(
    browser: httpx.AsyncClient, portal: Portal
) -> None:
    await enter(browser)
    await fill(browser, HELP, ASKED)
    Desk(portal, make_staff(portal)).answer("It is open.")
    await sign_out(browser)
    await enter(browser, "kwhitfield")

    page = await browser.get(HELP, headers=HTML)

    assert "It is open." not in page.text
