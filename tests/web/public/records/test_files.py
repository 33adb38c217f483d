"""Make files from pages: a page to print, MyData, the charts beside the histories."""

import re

import httpx
import pytest

from portal.core.outcomes import Refused
from portal.records.files import FileKind, OpenedFile, asked_in
from portal.transaction import Portal
from tests.support.portals import make_district
from tests.support.public_site import HTML, enter, read, send
from tests.web.public.records.conftest import EVERYTHING, NEITHER, Import

W = "/westborough/public/"


def opened(portal: Portal, path: str) -> OpenedFile | None:
    """Open a file by its path, as its door does."""
    with portal.begin() as tx:
        found = tx.files.open(path.removeprefix("/files/"))
    return None if isinstance(found, Refused) else found


def printer(page: httpx.Response) -> str:
    """Return where the Printer button of a page leads."""
    found = re.search(r'action="(/westborough/public/print[^"]*)"', page.text)
    assert found is not None
    return found.group(1).replace("&amp;", "&")


@pytest.mark.requirement("R91")
async def test_printer_button_makes_the_page_as_it_is_shown(
    inside: httpx.AsyncClient, portal: Portal, families: dict[str, str]
) -> None:
    address = f"{W}assignments?student={families['Maya']}&term=Fall&course=Algebra+I&work=missing"
    page = await inside.get(address, headers=HTML)

    answer = await send(inside, printer(page), page, {})

    assert answer.status_code == 303
    file = opened(portal, answer.headers["location"])
    assert file is not None
    assert (file.kind, file.details["page"], file.details["language"]) == (FileKind.PAGE, "assignments", "en")
    asked = asked_in(file.details)
    assert (asked.student, asked.term, asked.course, asked.work) == ("Maya", "Fall", "Algebra I", "missing")


@pytest.mark.parametrize(
    "asked", ["page=start", "page=preferences", "page=", "", "page=grades&visit=1", "page=../x"]
)
async def test_page_that_is_not_printed_as_a_file_leads_back(
    inside: httpx.AsyncClient, families: dict[str, str], asked: str
) -> None:
    page = await inside.get(f"{W}start", headers=HTML)

    looked = await inside.get(f"{W}print?{asked}", headers=HTML)
    answer = await send(inside, f"{W}print?{asked}&student={families['Leo']}", page, {})

    shown = "grades" if "grades" in asked else "start"
    assert looked.headers["location"] == f"{W}{shown}"
    assert answer.headers["location"].startswith("/files/" if shown == "grades" else f"{W}start")


async def test_looking_at_the_address_makes_nothing(inside: httpx.AsyncClient) -> None:
    answer = await inside.get(f"{W}print?page=grades&term=Fall&visit=1", headers=HTML)

    assert (answer.status_code, answer.headers["location"]) == (303, f"{W}grades?term=Fall")


async def test_page_that_is_off_is_not_printed(inside: httpx.AsyncClient, portal: Portal) -> None:
    page = await inside.get(f"{W}balance", headers=HTML)
    make_district(portal, "westborough", **{**EVERYTHING, "lunch_balance": False})

    answer = await send(inside, printer(page), page, {})

    assert answer.headers["location"].startswith(f"{W}balance")


@pytest.mark.requirement("R80")
async def test_closed_record_is_neither_printed_nor_downloaded(
    inside: httpx.AsyncClient, families: dict[str, str], import_school: Import
) -> None:
    page = await inside.get(f"{W}grades?student={families['Maya']}", headers=HTML)
    import_school(x_portal_access=NEITHER)

    printed = await send(inside, printer(page), page, {})
    data = await send(inside, f"{W}my-data", page, {})

    assert printed.headers["location"] == f"{W}grades?student={families['Maya']}"
    assert data.headers["location"] == f"{W}start"


async def test_page_of_another_familys_child_is_printed_of_nobody(
    inside: httpx.AsyncClient, families: dict[str, str]
) -> None:
    page = await inside.get(f"{W}grades", headers=HTML)

    answer = await send(inside, f"{W}print?page=grades&student={families['Zoe']}", page, {})

    assert answer.headers["location"].startswith(f"{W}grades")


@pytest.mark.requirement("R87")
async def test_my_data_button_makes_the_file_of_all_children(
    inside: httpx.AsyncClient, portal: Portal
) -> None:
    page = await inside.get(f"{W}grades", headers=HTML)

    answer = await send(inside, f"{W}my-data", page, {})

    file = opened(portal, answer.headers["location"])
    assert f'action="{W}my-data?student=' in page.text
    assert file is not None
    assert (file.kind, dict(file.details)) == (FileKind.MY_DATA, {"language": "en"})


@pytest.mark.requirement("R89")
async def test_my_data_that_is_off_is_not_made(inside: httpx.AsyncClient, portal: Portal) -> None:
    page = await inside.get(f"{W}my-data", headers=HTML)
    make_district(portal, "westborough", **{**EVERYTHING, "my_data": False})

    answer = await send(inside, f"{W}my-data", page, {})

    assert answer.status_code == 200
    assert "Your school has not turned on the MyData button." in read(answer)


async def test_trend_of_the_grades_stands_beside_them_in_words_too(
    inside: httpx.AsyncClient, portal: Portal, families: dict[str, str]
) -> None:
    page = await inside.get(f"{W}grades-history?student={families['Maya']}", headers=HTML)

    source, told = re.findall(r'<img class="chart" src="([^"]+)" alt="([^"]+)"', page.text)[0]
    file = opened(portal, source)
    assert file is not None
    assert (file.kind, asked_in(file.details).student) == (FileKind.GRADE_TREND, "Maya")
    assert "Algebra I: Spring 74%, Fall 88% (so far)." in told


async def test_calendar_of_the_attendance_says_its_numbers(
    inside: httpx.AsyncClient, portal: Portal, families: dict[str, str]
) -> None:
    page = await inside.get(f"{W}attendance-history?student={families['Maya']}&term=Fall", headers=HTML)

    source, told = re.findall(r'<img class="chart" src="([^"]+)" alt="([^"]+)"', page.text)[0]
    file = opened(portal, source)
    assert file is not None
    asked = asked_in(file.details)
    assert (file.kind, asked.student, asked.term) == (FileKind.ATTENDANCE_CALENDAR, "Maya", "Fall")
    assert told.endswith("3 days absent, late once. Each day is in the tables below.")


@pytest.mark.parametrize("name", ["grades-history", "attendance-history"])
async def test_where_nothing_can_be_drawn_there_is_no_chart(
    inside: httpx.AsyncClient, families: dict[str, str], name: str
) -> None:
    page = await inside.get(f"{W}{name}?student={families['Leo']}", headers=HTML)

    assert "<img class=" + '"chart"' not in page.text


async def test_file_ends_with_the_session(
    browser: httpx.AsyncClient, portal: Portal, families: dict[str, str]
) -> None:
    await enter(browser)
    page = await browser.get(f"{W}grades", headers=HTML)
    made = await send(browser, printer(page), page, {})

    await send(browser, f"{W}sign-out", page, {})

    assert opened(portal, made.headers["location"]) is None
