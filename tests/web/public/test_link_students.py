"""Link students to an account that is signed in, and take them off again."""

from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from starlette.types import ASGIApp

from portal.transaction import Portal
from tests.support.account_pages import B, W, student
from tests.support.clock import FakeClock
from tests.support.families import Letter, import_roster
from tests.support.portals import make_district, sign_in
from tests.support.public_site import HTML, START, enter, fill, hidden, read, send, sign_out
from tests.support.rosters import small_roster

PAGE = f"{W}link-students"


@pytest.fixture
def letters(portal: Portal, families: None, tmp_path: Path) -> Mapping[str, Letter]:
    """Hand out the letters of Maya (S1) and Diego (S2)."""
    return import_roster(portal, tmp_path, small_roster(), "westborough")


@pytest_asyncio.fixture
async def inside(browser: httpx.AsyncClient, letters: Mapping[str, Letter]) -> httpx.AsyncClient:
    """Return a browser in which mlopez is signed in."""
    await enter(browser)
    return browser


def linked(portal: Portal, username: str = "mlopez") -> list[str]:
    sign_in(portal, username, conversation="looking")
    with portal.begin() as tx:
        return [child.first_name for child in tx.records.students("looking").children]  # type: ignore[union-attr]


def fields(*groups: dict[str, str], **typed: str) -> dict[str, str]:
    filled = {"groups": str(len(groups))}
    for group in groups:
        filled |= group
    return {**filled, **typed}


@pytest.mark.requirement("R58", "R60", "R61", "R62")
async def test_page_asks_for_each_student(inside: httpx.AsyncClient) -> None:
    page = await inside.get(PAGE, headers=HTML)

    assert "<h1>Link Students to Account</h1>" in page.text
    assert "There is no student on your account yet." in read(page)
    for label in ("Student Name", "Access ID", "Access Password", "Relationship"):
        assert f">{label}</label>" in page.text
    assert "Welcome, Marisol López" in read(page)


@pytest.mark.requirement("R50", "R59")
@pytest.mark.case("L5")
async def test_two_students_are_linked_under_the_names_that_the_school_has(
    inside: httpx.AsyncClient, portal: Portal, letters: Mapping[str, Letter]
) -> None:
    groups = (student(letters["S1"], student_name="Somebody Else"), student(letters["S2"], 2))

    answer = await fill(inside, PAGE, fields(*groups))

    assert answer.status_code == 200
    assert "Linked to your account: Maya López, Diego López." in read(answer)
    assert linked(portal) == ["Diego", "Maya"]


@pytest.mark.case("L7")
async def test_student_who_is_linked_already_is_told_as_such(
    inside: httpx.AsyncClient, portal: Portal, letters: Mapping[str, Letter]
) -> None:
    await fill(inside, PAGE, fields(student(letters["S1"])))

    answer = await fill(inside, PAGE, fields(student(letters["S1"]), student(letters["S2"], 2)))

    assert "Linked to your account: Diego López." in read(answer)
    assert "Already linked to your account: Maya López." in read(answer)
    assert linked(portal) == ["Diego", "Maya"]


@pytest.mark.case("L6")
async def test_wrong_pair_links_nobody_and_shows_no_name_of_the_school(
    inside: httpx.AsyncClient, portal: Portal, letters: Mapping[str, Letter]
) -> None:
    groups = (student(letters["S1"], student_name=""), student(letters["S2"], 2, access_password="wrong"))

    answer = await fill(inside, PAGE, fields(*groups))

    assert answer.status_code == 422
    assert 'href="#students_2"' in answer.text
    assert "Maya" not in answer.text
    assert linked(portal) == []


@pytest.mark.case("L1")
async def test_wrong_pairs_have_to_wait_and_show_how_to_reach_the_school(
    inside: httpx.AsyncClient, letters: Mapping[str, Letter]
) -> None:
    wrong = fields(student(letters["S1"], access_password="wrong"))
    answers = [await fill(inside, PAGE, wrong) for _ in range(6)]

    assert [answer.status_code for answer in answers] == [422] * 5 + [429]
    assert "(508) 555-0192" in read(answers[5])


async def test_one_more_student_keeps_what_was_typed_but_no_password(
    inside: httpx.AsyncClient, letters: Mapping[str, Letter]
) -> None:
    typed = fields(student(letters["S1"], access_password="CANARY"), add_student="1")

    answer = await fill(inside, PAGE, typed)

    assert answer.status_code == 200
    assert f'value="{letters["S1"].access_id}"' in answer.text
    assert "There are fields for one more student now." in read(answer)
    assert "CANARY" not in answer.text


async def test_empty_form_is_told_beside_its_fields(inside: httpx.AsyncClient) -> None:
    answer = await fill(inside, PAGE, {})

    assert answer.status_code == 422
    for field in ("access_id_1", "access_password_1", "relationship_1"):
        assert f'href="#{field}"' in answer.text


async def test_form_sent_twice_links_once_and_answers_alike(
    inside: httpx.AsyncClient, portal: Portal, letters: Mapping[str, Letter]
) -> None:
    page = await inside.get(PAGE, headers=HTML)
    sent = {**hidden(page), **fields(student(letters["S1"]))}

    answers = [await inside.post(PAGE, data=sent, headers=HTML) for _ in range(2)]

    assert [read(answer) for answer in answers] == [read(answers[0])] * 2
    assert linked(portal) == ["Maya"]


async def test_student_is_removed_after_a_question(
    inside: httpx.AsyncClient, portal: Portal, letters: Mapping[str, Letter]
) -> None:
    await fill(inside, PAGE, fields(student(letters["S1"]), student(letters["S2"], 2)))
    maya = letters["S1"].student_id

    question = await inside.get(f"{PAGE}?remove={maya}", headers=HTML)
    assert linked(portal) == ["Diego", "Maya"]
    answer = await send(inside, PAGE, question, {"remove": maya})
    told = await inside.get(answer.headers["location"], headers=HTML)
    again = await send(inside, PAGE, question, {"remove": maya})

    assert "Remove Maya López?" in read(question)
    assert "The student is no longer on your account." in read(told)
    assert again.headers["location"] == answer.headers["location"]
    assert linked(portal) == ["Diego"]


async def test_student_of_another_family_is_neither_shown_nor_removed(
    inside: httpx.AsyncClient, portal: Portal, letters: Mapping[str, Letter], other_browser: httpx.AsyncClient
) -> None:
    await fill(inside, PAGE, fields(student(letters["S1"])))
    await enter(other_browser, "kwhitfield")

    page = await other_browser.get(f"{PAGE}?remove={letters['S1'].student_id}", headers=HTML)
    await send(other_browser, PAGE, page, {"remove": letters["S1"].student_id})

    assert "Maya" not in page.text
    assert linked(portal) == ["Maya"]


async def test_form_of_a_session_that_is_over_links_nobody(
    inside: httpx.AsyncClient, portal: Portal, letters: Mapping[str, Letter], clock: FakeClock
) -> None:
    page = await inside.get(PAGE, headers=HTML)
    clock.advance(minutes=15)

    late = await send(inside, PAGE, page, fields(student(letters["S1"])))
    removed = await send(inside, PAGE, page, {"remove": letters["S1"].student_id})

    assert late.headers["location"] == removed.headers["location"] == f"{W}signed-out"
    assert linked(portal) == []


async def test_back_button_after_signing_out_links_nobody(
    inside: httpx.AsyncClient, portal: Portal, letters: Mapping[str, Letter]
) -> None:
    page = await inside.get(PAGE, headers=HTML)
    await sign_out(inside)

    late = await send(inside, PAGE, page, fields(student(letters["S1"])))

    assert late.status_code == 303
    assert linked(portal) == []


@pytest.mark.requirement("R17")
async def test_district_without_parent_single_sign_on_sends_to_the_school(
    inside: httpx.AsyncClient, portal: Portal, letters: Mapping[str, Letter]
) -> None:
    left = await inside.get(PAGE, headers=HTML)
    make_district(portal, "westborough", profile="powerschool", parent_single_sign_on=False)

    page = await inside.get(PAGE, headers=HTML)
    late = await send(inside, PAGE, left, fields(student(letters["S1"])))

    assert "Access ID" not in read(page)
    assert late.status_code == 422
    assert "Your district has not turned this on. Please contact your school." in read(late)


async def test_district_with_requests_says_that_the_school_connects(
    site: ASGIApp, browser: httpx.AsyncClient
) -> None:
    await enter(browser, address=f"{B}sign-in")

    page = await browser.get(f"{B}link-students", headers=HTML)

    assert "In this district your school connects your children to your account." in read(page)
    assert "Access ID" not in read(page)
    assert START not in page.text


async def test_removing_where_the_school_links_says_that_only_it_links_again(
    browser: httpx.AsyncClient, portal: Portal, families: None, tmp_path: Path
) -> None:
    letter = import_roster(portal, tmp_path, small_roster(), "boston")["S1"]
    with portal.begin() as tx:
        account = tx.accounts.find("boston", "mlopez")
        assert account is not None
        tx.links.link(account.account_id, letter.student_id, "Mother")
    await enter(browser, address=f"{B}sign-in")

    listed = await browser.get(f"{B}link-students", headers=HTML)
    asked = await browser.get(f"{B}link-students?remove={letter.student_id}", headers=HTML)
    settings = await browser.get(f"{B}preferences", headers=HTML)

    assert "<h1>Students on your account</h1>" in listed.text
    assert "only your school can connect Maya to it again" in read(asked)
    assert "Access ID" not in read(asked)
    assert "Students on your account" in read(settings)
    assert "Link Students to Account" not in read(settings)
