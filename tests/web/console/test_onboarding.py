"""The funnel is shown by school and language, and its files hold nothing that runs or is not needed."""

import csv
import io
from collections.abc import Mapping

import httpx
import pytest
from sqlalchemy import update
from starlette.types import ASGIApp

from portal.helpdesk.staff.roles import Role
from portal.sis.models import Student
from portal.transaction import Portal
from tests.support.console import at_work, make_staff
from tests.support.public_site import read
from web.console.csv_file import plain_cell

ONBOARDING = "/helpdesk/onboarding"
Families = Mapping[str, str]


def rows_of(file: httpx.Response) -> list[list[str]]:
    assert file.headers["content-type"].startswith("text/csv")
    assert "attachment" in file.headers["content-disposition"]
    return list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))


async def test_the_funnel_shows_schools_and_whose_family_has_no_account(
    portal: Portal, families: Families, site: ASGIApp
) -> None:
    with portal.begin() as tx:
        tx.links.unlink(families["kwhitfield"], families["Zoe"])
    async with at_work(site, portal, make_staff(portal, Role.AUDITOR)) as browser:
        page = await browser.get(ONBOARDING)
        file = await browser.get(f"{ONBOARDING}/without-account.csv")
        counts = await browser.get(f"{ONBOARDING}/counts.csv?by=language")

    text = read(page)
    assert "Assabet Ridge School 3 0 (0%) 0 (0%) 2 (67%) 2 (67%) 0 (0%)" in text
    assert "Students whose family has no account: 1." in text
    assert "Zoe Whitfield" in text
    assert "Maya" not in text
    [titles, zoe] = rows_of(file)
    assert zoe[:2] == ["7003", "Zoe Whitfield"]
    assert not {"email", "phone", "access_id"} & set(titles)
    assert rows_of(counts)[1] == ["", "3", "0", "0", "2", "2", "0"]


@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0", "+1", "-2+3", "@SUM(A1)", "\tx", " =1", "＝1"])  # noqa: RUF001
async def test_a_formula_in_a_name_stays_text(
    portal: Portal, families: Families, site: ASGIApp, name: str
) -> None:
    with portal.begin() as tx:
        tx.links.unlink(families["kwhitfield"], families["Zoe"])
        tx.session.execute(
            update(Student).where(Student.id == families["Zoe"]).values(given_name=name, identifier=name)
        )
    async with at_work(site, portal, make_staff(portal, Role.DISTRICT_ADMINISTRATOR)) as browser:
        file = await browser.get(f"{ONBOARDING}/without-account.csv")

    [_, zoe] = rows_of(file)
    assert zoe[0] == f"'{name}"
    assert zoe[1].startswith("'")


def test_a_number_and_an_ordinary_name_are_left_as_they_are() -> None:
    assert [plain_cell(value) for value in (-3, 7, None, "Ana-María", "O'Neil")] == [
        *("-3", "7", "", "Ana-María", "O'Neil")
    ]


@pytest.mark.case("X1")
@pytest.mark.parametrize(
    "query",
    ["school=nobody", "school=%27+OR+1=1--", "school=" + "x" * 3000, "school=a%00b", "school=%ED%A0%80"],
)
async def test_a_school_that_is_not_there_is_not_found(
    portal: Portal, families: Families, site: ASGIApp, query: str
) -> None:
    async with at_work(site, portal, make_staff(portal, Role.DISTRICT_ADMINISTRATOR)) as browser:
        page = await browser.get(f"{ONBOARDING}?{query}")
        file = await browser.get(f"{ONBOARDING}/without-account.csv?{query}")

    assert (page.status_code, file.status_code) == (404, 404)


@pytest.mark.parametrize("page", ["0", "-1", "abc", "9" * 30, "²", "999999"])
async def test_a_made_up_page_is_a_page_that_there_is(
    portal: Portal, families: Families, site: ASGIApp, page: str
) -> None:
    async with at_work(site, portal, make_staff(portal, Role.DISTRICT_ADMINISTRATOR)) as browser:
        shown = await browser.get(ONBOARDING, params={"page": page})

    assert shown.status_code == 200
