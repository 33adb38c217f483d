"""Requests are decided and accounts merged in Chromium: clean, narrow, by keyboard, without scripts."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from portal.core.tokens import TokenPurpose
from portal.helpdesk.staff.models import StaffRow
from portal.helpdesk.staff.sessions import member_of
from portal.transaction import Portal
from tests.support.account_browser import faults
from tests.support.boston import boston, boston_roster, mailed_token, the_request
from tests.support.console import console_site, make_staff
from tests.support.desk_work import verify
from tests.support.doors import served
from tests.support.families import asker, request_account
from tests.support.portals import make_parent
from tests.support.public_site import public_site
from web.public.cookies import new_token

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest.fixture
def school(portal: Portal, tmp_path: Path) -> None:
    roster = boston_roster().change("users", 4, phone="(617) 555-0100")
    boston(portal, tmp_path, roster.parent("P2", "Anna", "López-Whitfield", "S1", email="anna@example.org"))
    request_account(portal, asker(district="boston", language="es"), first_name="Anna")


@pytest.fixture
def address(portal: Portal, school: None) -> Iterator[str]:
    with console_site(portal) as app, served(app) as url:
        yield url


@pytest.fixture
def staff_id(portal: Portal, school: None) -> str:
    return make_staff(portal, district="boston")


@pytest_asyncio.fixture(loop_scope="session")
async def page(
    portal: Portal, browser: Browser, address: str, staff_id: str, request: pytest.FixtureRequest
) -> AsyncIterator[Page]:
    settings = {"viewport": {"width": 320, "height": 720}, **getattr(request, "param", {})}
    context = await browser.new_context(base_url=address, **settings)
    token = new_token()
    with portal.begin() as tx:
        tx.staff_sessions.begin(staff_id, token, proven=True)
    await context.add_cookies([{"name": "staff", "value": token, "url": address}])
    opened = await context.new_page()
    yield opened
    await context.close()


@pytest.mark.parametrize("page", [{}, {"color_scheme": "dark"}], indirect=True)
async def test_request_is_asked_about_and_approved_by_keyboard(portal: Portal, page: Page) -> None:
    await page.goto("/helpdesk/requests")
    found = await faults(page)
    await page.get_by_role("link", name="Anna López").press("Enter")
    found += await faults(page)
    await page.get_by_label("Question").fill("Which school does your child go to?")
    await page.get_by_role("button", name="Send the question").press("Enter")
    await page.get_by_text("The question is on its way").wait_for()
    found += await faults(page)
    await page.get_by_role("button", name="Approve and send the mail").press("Enter")
    await page.get_by_role("alert").wait_for()
    found += await faults(page)
    await page.get_by_role("radio", name="Ana López, ana@example.org").check()
    await page.get_by_label("Reason").first.fill("called the number on file")
    await page.keyboard.press("Enter")
    await page.get_by_text("Approved. The mail is on its way").wait_for()
    found += await faults(page)

    assert found == []
    assert the_request(portal).state == "mailed"


async def test_accounts_are_merged_once_both_callers_are_known(
    portal: Portal, page: Page, staff_id: str
) -> None:
    given = {"display_name": "Ana López", "email_confirmed": True}
    accounts = [
        make_parent(portal, "boston", username=f"{name}@example.org", email=f"{name}@example.org", **given)
        for name in ("ana.new", "ana.old")
    ]
    await page.goto("/helpdesk/merge")
    found = await faults(page)
    await page.get_by_label("Account that goes on").fill("ana.new@example.org")
    await page.get_by_label("Account that ends").fill("ana.old@example.org")
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="First make sure who asks").wait_for()
    found += await faults(page)
    with portal.begin(read_only=True) as tx:
        member = member_of(tx.session.get_one(StaffRow, staff_id))
    for account in accounts:
        verify(portal, member, account)
    await page.reload()
    await page.get_by_label("Reason").fill("both at the counter")
    await page.get_by_label("I have looked at both accounts").check()
    found += await faults(page)
    await page.get_by_role("button", name="Merge now").press("Enter")
    await page.get_by_text("The accounts are merged").wait_for()

    assert found == []


@pytest.mark.parametrize("page", [{"java_script_enabled": False}], indirect=True)
async def test_request_is_turned_down_without_scripts(portal: Portal, page: Page) -> None:
    await page.goto(f"/helpdesk/requests/{the_request(portal).request_id}")

    await page.get_by_label("What the family is told").select_option("ask_again")
    await page.get_by_label("Reason").last.fill("name on file is another")
    await page.get_by_role("button", name="Turn down and tell the family").click()

    await page.get_by_text("Turned down. The family is told.").wait_for()
    assert the_request(portal).state == "rejected"


async def test_family_reads_the_question_and_answers_on_a_narrow_screen(
    portal: Portal, page: Page, browser: Browser
) -> None:
    await page.goto(f"/helpdesk/requests/{the_request(portal).request_id}")
    await page.get_by_label("Question").fill("Which school?\nWhich grade?")
    await page.get_by_role("button", name="Send the question").click()
    await page.get_by_text("The question is on its way").wait_for()
    token = mailed_token(portal, TokenPurpose.ANSWER_REQUEST)
    with public_site(portal) as app, served(app) as url:
        context = await browser.new_context(base_url=url, viewport={"width": 320, "height": 720})
        family = await context.new_page()
        await family.goto(f"/boston/public/school-question#{token}")
        found = await faults(family)
        await family.get_by_role("button", name="Read it").press("Enter")
        await family.get_by_text("Which grade?").wait_for()
        found += await faults(family)
        await family.get_by_label("Your answer").fill("Assabet, grade 9.")
        await family.get_by_role("button", name="Send my answer").press("Enter")
        await family.get_by_role("heading", name="Your answer arrived").wait_for()
        found += await faults(family)
        await context.close()
    await page.reload()
    told = await page.get_by_text("Assabet, grade 9.").count()

    assert found == []
    assert told == 1
