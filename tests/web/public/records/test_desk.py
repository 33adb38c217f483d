"""Look at what stands around every page: the toolbar, the navigation menu, the district code."""

import re

import httpx
import pytest

from portal.accounts.models import AccountRow
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.portals import make_district, make_parent
from tests.support.public_site import HTML, enter, read
from tests.web.public.records.conftest import EVERYTHING

W = "/westborough/public/"
# The guide's names of its pages, in its order, and where they lead.
PAGES = {
    "grades": "Grades and Attendance",
    "test-results": "Test Results",
    "grades-history": "Grades History",
    "attendance-history": "Attendance History",
    "email-notifications": "Email Notification",
    "teacher-comments": "Teacher Comments",
    "school-bulletin": "School Bulletin",
    "class-registration": "Class Registration",
    "balance": "Balance",
    "my-calendars": "My Calendars",
    "my-schedule": "My Schedule",
    "school-information": "School Information",
    "preferences": "Account Preferences",
}
EVERYWHERE = ("start", *PAGES, "assignments", "link-students", "change-password", "get-help", "my-data")
OFF = {
    "school-bulletin": {"school_bulletin": False},
    "balance": {"lunch_balance": False},
    "class-registration": {"class_registration": False},
    "my-data": {"my_data": False},
}


def menu(page: httpx.Response) -> list[tuple[str, str]]:
    """Return the addresses and names of the navigation menu."""
    beside = page.text.partition('class="beside"')[2].partition("</ul>")[0]
    return re.findall(r'<a href="([^"?]+)[^"]*"[^>]*>([^<]+)</a>', beside)


def toolbar(page: httpx.Response) -> str:
    return page.text.partition('class="toolbar"')[2].partition("</section>")[0]


@pytest.mark.requirement(
    "R72", "R92", "R93", "R94", "R95", "R96", "R97", "R99", "R101", "R102", "R103", "R104"
)
async def test_menu_has_the_pages_of_the_guide_by_their_names(inside: httpx.AsyncClient) -> None:
    page = await inside.get(f"{W}start", headers=HTML)

    assert menu(page) == [(f"{W}{address}", name) for address, name in PAGES.items()]


@pytest.mark.requirement("R78", "R110")
@pytest.mark.parametrize("name", EVERYWHERE)
async def test_toolbar_and_menu_are_on_every_page(inside: httpx.AsyncClient, name: str) -> None:
    page = await inside.get(f"{W}{name}", headers=HTML)

    assert page.status_code == 200
    assert 'aria-label="Navigation toolbar"' in page.text
    assert 'aria-label="Navigation menu"' in page.text
    assert ">Leo</a>" in toolbar(page)
    assert 'type="submit">Sign Out</button>' in page.text


@pytest.mark.parametrize("name", [*PAGES, "start", "assignments"])
async def test_page_says_which_it_is_in_the_menu_and_in_its_heading(
    inside: httpx.AsyncClient, name: str
) -> None:
    page = await inside.get(f"{W}{name}", headers=HTML)

    heading = {**PAGES, "email-notifications": "Email Notifications", "start": "Start Page"}
    assert f"<h1>{heading.get(name, 'Assignments')}</h1>" in page.text
    assert len(re.findall('aria-current="page">' + PAGES.get(name, "none"), page.text)) == 2 * (name in PAGES)


@pytest.mark.requirement("R79")
async def test_tab_refreshes_the_same_page_for_that_child(
    inside: httpx.AsyncClient, families: dict[str, str]
) -> None:
    page = await inside.get(f"{W}grades?student={families['Maya']}", headers=HTML)

    tabs = toolbar(page)
    assert tabs.index(">Leo<") < tabs.index(">Maya<")
    assert f'href="{W}grades?student={families["Leo"]}"' in tabs
    assert f'href="{W}grades?student={families["Maya"]}" aria-current="page"' in tabs


async def test_every_way_from_a_page_keeps_the_child(
    inside: httpx.AsyncClient, families: dict[str, str]
) -> None:
    page = await inside.get(f"{W}grades?student={families['Maya']}", headers=HTML)

    ways = re.findall(r'<a href="(/[^"]*)"', page.text.partition('class="menu"')[2].partition("</nav>")[0])
    assert len(ways) == 2 * len(PAGES)
    assert all(way.endswith(f"?student={families['Maya']}") for way in ways)


@pytest.mark.requirement("R98", "R99", "R100", "R89")
@pytest.mark.parametrize("name", OFF)
async def test_option_that_is_off_is_in_no_menu_and_its_address_says_so(
    inside: httpx.AsyncClient, portal: Portal, name: str
) -> None:
    make_district(portal, "westborough", **{**EVERYTHING, **OFF[name]})

    start = await inside.get(f"{W}start", headers=HTML)
    page = await inside.get(f"{W}{name}", headers=HTML)

    assert f"{W}{name}" not in start.text
    assert "Your school has not turned on" in read(page)
    assert "(508) 555-0192" in read(page)
    assert "Jackets wait" not in read(page)


@pytest.mark.requirement("R82", "R83", "R84", "R85", "R105", "R106")
async def test_applications_open_in_their_own_window_and_say_so(inside: httpx.AsyncClient) -> None:
    page = await inside.get(f"{W}grades", headers=HTML)

    drawer = toolbar(page).partition("Applications")[2].partition("</details>")[0]
    for address, name in (
        ("https://library.example/search", "Library Search"),
        ("https://schoolnet.example/westborough", "Schoolnet"),
    ):
        assert f'href="{address}" target="_blank" rel="noopener noreferrer external">{name}' in drawer
    assert "(opens in its own window)" in drawer
    assert "contact your school&#39;s PowerSchool administrator" in drawer
    assert "your time here may run out" in drawer
    assert "sign out of the application and of this portal" in drawer
    assert 'href="https://schoolnet.example/westborough"' in page.text.partition('class="beside"')[2]


@pytest.mark.requirement("R86", "R88", "R89", "R108")
async def test_what_no_district_turned_on_does_not_appear(inside: httpx.AsyncClient, portal: Portal) -> None:
    bare = {**EVERYTHING, "plugins": [], "learning_platforms": [], "my_data": False, "mobile_server": False}
    make_district(portal, "westborough", **bare)

    page = await inside.get(f"{W}start", headers=HTML)

    for absent in ("Applications", "MyData", "Your District Code", "Schoolnet"):
        assert absent not in page.text


@pytest.mark.requirement("R107")
async def test_district_code_stands_below_the_menu(inside: httpx.AsyncClient) -> None:
    page = await inside.get(f"{W}grades", headers=HTML)

    assert "Your District Code WQBK Enter it in the PowerSchool Parent or PowerSchool" in read(page)


@pytest.mark.requirement("R90", "R75")
async def test_notifications_show_password_security_and_the_last_sign_in(
    browser: httpx.AsyncClient, clock: FakeClock
) -> None:
    await enter(browser)
    clock.advance(minutes=3)
    await enter(browser)

    page = await browser.get(f"{W}grades", headers=HTML)

    drawer = read(page).partition("Notifications")[2].partition("Print")[0]
    assert drawer.startswith(" Password Security Your last sign-in was October 15, 2026, 10:00 AM.")
    assert "If that was not you, tell your school. Report unusual activity" in drawer
    assert f'href="{W}get-help?about=unusual_activity"' in page.text
    # Without a mouse the name opens what it shows to a pointer above it.
    assert '<summary title="Your last sign-in was October 15, 2026, 10:00 AM.">' in page.text


@pytest.mark.requirement("R74")
async def test_wrong_name_leads_to_the_schools_administrator(inside: httpx.AsyncClient) -> None:
    page = await inside.get(f"{W}grades", headers=HTML)

    assert "not right? Contact your school's PowerSchool administrator." in read(page)


async def test_portal_of_another_make_names_no_powerschool(browser: httpx.AsyncClient) -> None:
    await enter(browser, address="/boston/public/sign-in")

    page = await browser.get("/boston/public/grades", headers=HTML)

    assert "portal administrator" in read(page)
    assert "PowerSchool" not in read(page)


@pytest.mark.requirement("R87", "R88")
async def test_my_data_explains_itself_before_it_downloads(inside: httpx.AsyncClient) -> None:
    page = await inside.get(f"{W}my-data", headers=HTML)

    assert "in an XML-formatted file" in read(page)
    assert "a joint project of the Office of Educational Technology and the White House" in read(page)


async def test_forced_change_of_the_password_comes_before_every_page(
    browser: httpx.AsyncClient, portal: Portal
) -> None:
    with portal.begin() as tx:
        account = tx.accounts.find("westborough", "mlopez")
        assert account is not None
        tx.session.get_one(AccountRow, account.account_id).password_expired = True
    await enter(browser)

    change = await browser.get(f"{W}change-password", headers=HTML)
    grades = await browser.get(f"{W}grades", headers=HTML)

    assert 'class="toolbar"' not in change.text
    assert "Leo" not in change.text
    assert grades.headers["location"] == f"{W}change-password"


async def test_parent_without_children_has_the_menu_and_the_next_step(
    browser: httpx.AsyncClient, portal: Portal
) -> None:
    make_parent(portal, username="nobodys", display_name="Ana Quintero")
    await enter(browser, "nobodys")

    page = await browser.get(f"{W}grades", headers=HTML)

    assert "No student is linked to your account yet." in read(page)
    assert f'href="{W}link-students"' in page.text
    assert menu(page)[0] == (f"{W}grades", "Grades and Attendance")
