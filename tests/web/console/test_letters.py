"""Letters are asked for, taken as one file, and forgotten; the same form makes them once."""

import re
from collections.abc import Iterator, Mapping

import pytest
from starlette.types import ASGIApp

from bot.files.letters import LetterPress
from bot.files.words import PaperPacks
from bot.letter_office import LetterOffice
from portal.core.districts import District
from portal.core.errors import SettingsError
from portal.helpdesk.staff.models import StaffRow
from portal.helpdesk.staff.roles import Role
from portal.transaction import Portal
from tests.support.console import at_work, console_site, make_staff, press
from tests.support.doors import DATA
from tests.support.pdf import pages_of
from tests.support.portals import make_district
from tests.support.public_site import hidden, read

LETTERS = "/helpdesk/letters"
Families = Mapping[str, str]


def link_of(_: District, code: str) -> str:
    return f"https://hallpass.example/start/{code}"


def no_link(_: District, code: str) -> str:
    message = "There is nothing to lead to."
    raise SettingsError(message)


@pytest.fixture
def office(portal: Portal) -> Iterator[ASGIApp]:
    with console_site(portal, letters=LetterOffice(LetterPress(PaperPacks(DATA), link_of))) as app:
        yield app


def school_of(page: str) -> str:
    found = re.search(r'<option value="(\w{32})"', page)
    assert found is not None
    return found[1]


async def test_a_school_is_printed_taken_twice_and_finished(
    portal: Portal, families: Families, office: ASGIApp
) -> None:
    async with at_work(office, portal, make_staff(portal, Role.DISTRICT_ADMINISTRATOR)) as browser:
        page = await browser.get(LETTERS)
        begun = await press(browser, LETTERS, school=school_of(page.text), language="es", layout="each")
        run = begun.headers["location"]
        files = [await press(browser, run, take="yes") for _ in range(2)]
        taken = await browser.get(run)
        finished = await press(browser, run, finish="yes")
        over = await browser.post(run, data={**hidden(taken), "take": "yes"})
        told = await browser.get(finished.headers["location"])

    printed = [pages_of(file.content) for file in files]
    assert "Who has a letter" in read(page)
    assert [file.headers["content-type"] for file in files] == ["application/pdf"] * 2
    assert "attachment" in files[0].headers["content-disposition"]
    assert len(printed[0]) == 3
    assert printed[0] == printed[1]
    assert "Su entrada al portal para padres" in printed[0][0]
    assert over.status_code == 409
    assert "Nobody can download these letters any more" in read(told)


async def test_the_same_form_twice_is_one_run_and_a_second_one_finds_nobody(
    portal: Portal, families: Families, office: ASGIApp
) -> None:
    async with at_work(office, portal, make_staff(portal, Role.DISTRICT_ADMINISTRATOR)) as browser:
        page = await browser.get(LETTERS)
        form = {**hidden(page), "school": school_of(page.text)}
        first, second = [await browser.post(LETTERS, data=form) for _ in range(2)]
        run = first.headers["location"]
        await press(browser, run, take="yes")
        await press(browser, run, finish="yes")
        nobody = await press(browser, LETTERS, school=school_of(page.text))

    assert run == second.headers["location"]
    assert nobody.status_code == 409
    assert "Everybody there has a letter already" in read(nobody)


async def test_one_student_gets_a_new_letter_by_the_number(
    portal: Portal, families: Families, office: ASGIApp
) -> None:
    async with at_work(office, portal, make_staff(portal, Role.DISTRICT_ADMINISTRATOR)) as browser:
        begun = await press(browser, LETTERS, student="7001")
        file = await press(browser, begun.headers["location"], take="yes")
        unknown = await press(browser, LETTERS, student="9999")

    assert ["Maya López" in page for page in pages_of(file.content)] == [True]
    assert unknown.status_code == 422
    assert "There is none of yours with this number" in read(unknown)


async def test_in_a_pilot_the_page_says_for_whom_letters_are_and_refuses_the_others(
    portal: Portal, families: Families, office: ASGIApp
) -> None:
    async with at_work(office, portal, make_staff(portal, Role.DISTRICT_ADMINISTRATOR)) as browser:
        before = await browser.get(LETTERS)
        make_district(portal, pilot_schools=["none"])
        page = await browser.get(LETTERS)
        refused = await browser.post(LETTERS, data={**hidden(before), "student": "7001"})

    assert "Only some schools take part now" not in read(before)
    assert "Only some schools take part now" in read(page)
    assert "Nobody there takes part in the pilot" in read(refused)
    assert refused.status_code == 422


async def test_letters_that_lead_nowhere_are_not_printed_and_wait(portal: Portal, families: Families) -> None:
    with console_site(portal, letters=LetterOffice(LetterPress(PaperPacks(DATA), no_link))) as app:
        async with at_work(app, portal, make_staff(portal, Role.DISTRICT_ADMINISTRATOR)) as browser:
            begun = await press(browser, LETTERS, student="7001")
            refused = await press(browser, begun.headers["location"], take="yes")

    assert refused.status_code == 409
    assert "HALLPASS_PUBLIC_URL" in read(refused)


async def test_whoever_lost_the_role_in_mid_page_takes_nothing(
    portal: Portal, families: Families, office: ASGIApp
) -> None:
    staff_id = make_staff(portal, Role.DISTRICT_ADMINISTRATOR)
    async with at_work(office, portal, staff_id) as browser:
        begun = await press(browser, LETTERS, student="7001")
        page = await browser.get(begun.headers["location"])
        with portal.begin() as tx:
            tx.session.get_one(StaffRow, staff_id).role = Role.DESK.value
        refused = await browser.post(begun.headers["location"], data={**hidden(page), "take": "yes"})

    assert refused.status_code == 403


@pytest.mark.case("P7")
@pytest.mark.parametrize("name", ["nobody", "a%00b", "%ED%A0%80", "x" * 2000, "%27%20OR%201=1--"])
async def test_a_run_that_was_made_up_is_not_found(
    portal: Portal, families: Families, office: ASGIApp, name: str
) -> None:
    async with at_work(office, portal, make_staff(portal, Role.DISTRICT_ADMINISTRATOR)) as browser:
        page = await browser.get(f"{LETTERS}/{name}")

    assert page.status_code == 404


@pytest.mark.case("P7")
@pytest.mark.parametrize("field", ["school", "student", "language", "layout"])
async def test_what_cannot_be_stored_is_refused_beside_its_field(
    portal: Portal, families: Families, office: ASGIApp, field: str
) -> None:
    async with at_work(office, portal, make_staff(portal, Role.DISTRICT_ADMINISTRATOR)) as browser:
        page = await press(browser, LETTERS, **{"school": "*", field: "a\x00b"})

    assert page.status_code == 422


@pytest.mark.case("T1")
async def test_the_run_of_another_school_does_not_exist(
    portal: Portal, families: Families, office: ASGIApp
) -> None:
    async with at_work(office, portal, make_staff(portal, Role.DISTRICT_ADMINISTRATOR)) as browser:
        begun = await press(browser, LETTERS, student="7001")
    other = make_staff(portal, Role.SCHOOL_ADMINISTRATOR, schools=["another"])
    async with at_work(office, portal, other) as browser:
        page = await browser.get(LETTERS)
        run = await browser.get(begun.headers["location"])
        guessed = await press(browser, LETTERS) if "<form" in page.text.split("<main")[1] else None

    assert "There are no students yet" in read(page)
    assert run.status_code == 404
    assert guessed is None
