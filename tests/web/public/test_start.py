"""Look at the Start Page: the header, the children's tabs, the doors from it."""

import httpx
import pytest

from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.portals import make_district
from tests.support.public_site import HTML, SIGN_IN, START, enter, read


@pytest.mark.requirement("R12", "R72", "R73", "R74", "R76", "R77")
async def test_header_has_what_the_guide_names(browser: httpx.AsyncClient) -> None:
    await enter(browser)

    page = await browser.get(START, headers=HTML)

    assert "Welcome, Marisol López" in read(page)
    assert f'<a class="home" href="{START}">' in page.text
    assert "PowerSchool" in read(page)
    assert 'href="/westborough/public/get-help">Help</a>' in page.text
    assert 'type="submit">Sign Out</button>' in page.text


@pytest.mark.requirement("R75")
async def test_last_sign_in_shows_at_the_name_and_on_the_page(
    browser: httpx.AsyncClient, clock: FakeClock
) -> None:
    await enter(browser)
    first = await browser.get(START, headers=HTML)
    clock.advance(minutes=3)

    await enter(browser)
    page = await browser.get(START, headers=HTML)

    assert "last sign-in" not in first.text
    assert 'title="Your last sign-in was October 15, 2026, 10:00 AM."' in page.text
    assert "If that was not you, tell your school." in read(page)


@pytest.mark.requirement("R79")
async def test_children_are_tabs_in_alphabetical_order(
    browser: httpx.AsyncClient, school: dict[str, str]
) -> None:
    await enter(browser)

    page = await browser.get(START, headers=HTML)

    tabs = page.text.partition('class="tabs"')[2].partition("</nav>")[0]
    assert tabs.index(">Leo<") < tabs.index(">Maya<")
    assert f'href="{START}?student={school["Leo"]}" aria-current="page"' in tabs


@pytest.mark.requirement("R79")
async def test_click_on_a_tab_shows_that_child(browser: httpx.AsyncClient, school: dict[str, str]) -> None:
    await enter(browser)

    page = await browser.get(f"{START}?student={school['Maya']}", headers=HTML)

    assert f'href="{START}?student={school["Maya"]}" aria-current="page"' in page.text
    assert "<strong>Maya López</strong>" in page.text


@pytest.mark.requirement("R81")
async def test_without_one_sign_in_there_are_no_tabs(
    browser: httpx.AsyncClient, portal: Portal, school: dict[str, str]
) -> None:
    make_district(portal, "westborough", profile="powerschool", parent_single_sign_on=False)
    await enter(browser)

    page = await browser.get(START, headers=HTML)

    assert 'class="tabs"' not in page.text


@pytest.mark.parametrize("typed", ["someone-elses", "", "' OR 1=1--", "<b>"])
async def test_child_of_somebody_else_is_never_shown(
    browser: httpx.AsyncClient, school: dict[str, str], typed: str
) -> None:
    await enter(browser)

    page = await browser.get(START, params={"student": typed}, headers=HTML)

    assert "<strong>Leo López</strong>" in page.text


async def test_parent_without_children_is_told_what_comes_next(browser: httpx.AsyncClient) -> None:
    await enter(browser)

    page = await browser.get(START, headers=HTML)

    assert "No student is linked to your account yet." in read(page)
    assert 'href="/westborough/public/link-students"' in page.text


async def test_district_of_requests_offers_no_linking(browser: httpx.AsyncClient) -> None:
    await enter(browser, address="/boston/public/sign-in")

    page = await browser.get("/boston/public/start", headers=HTML)

    assert page.status_code == 200
    assert "link-students" not in page.text


async def test_page_links_to_the_account_and_the_assistant(browser: httpx.AsyncClient) -> None:
    await enter(browser)

    page = await browser.get(START, headers=HTML)

    for address in ("/westborough/public/preferences", "/westborough/public/change-password"):
        assert f'href="{address}"' in page.text
    assert "/chat?district=westborough" in page.text


async def test_stranger_is_sent_to_the_sign_in_page(browser: httpx.AsyncClient) -> None:
    answer = await browser.get(START, headers=HTML)

    assert (answer.status_code, answer.headers["location"]) == (303, SIGN_IN)


async def test_page_is_never_kept_by_the_browser(browser: httpx.AsyncClient) -> None:
    await enter(browser)

    page = await browser.get(START, headers=HTML)

    assert page.headers["cache-control"] == "no-store"


async def test_head_of_the_page_names_the_portal_of_the_district(browser: httpx.AsyncClient) -> None:
    await enter(browser, address="/boston/public/sign-in")

    page = await browser.get("/boston/public/start", headers=HTML)

    assert "Aspen Welcome, Marisol López" in read(page)
    assert "PowerSchool" not in read(page)


async def test_grade_of_a_child_is_read_as_people_say_it(
    browser: httpx.AsyncClient, school: dict[str, str]
) -> None:
    await enter(browser)

    page = await browser.get(START, headers=HTML)

    assert "Grade 9 " in read(page)
    assert "Grade 09" not in read(page)
