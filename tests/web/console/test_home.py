"""The first page counts what waits for whoever is signed in, and finds a parent."""

import pytest
from starlette.types import ASGIApp

from portal.core.outcomes import Refused
from portal.helpdesk.outcomes import CaseKind, NewCase
from portal.helpdesk.staff.roles import Role
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.console import DESK, at_work, make_staff
from tests.support.public_site import read


def open_case(portal: Portal, account: str | None = None) -> int:
    with portal.begin() as tx:
        new = NewCase("westborough", CaseKind.OTHER, f"chat:{account}", "webchat", "en", account)
        opened = tx.cases.ask(new, "home")
    assert not isinstance(opened, Refused)
    return opened.number


async def test_nothing_waits_at_first(portal: Portal, families: dict[str, str], site: ASGIApp) -> None:
    async with at_work(site, portal, make_staff(portal)) as browser:
        page = read(await browser.get(DESK))

    assert "0 open" in page
    assert "Nothing waits for you." in page


async def test_cases_that_wait_are_counted_and_a_parent_is_found_from_there(
    portal: Portal, families: dict[str, str], site: ASGIApp, clock: FakeClock
) -> None:
    open_case(portal, families["mlopez"])
    open_case(portal)
    clock.advance(days=9)
    async with at_work(site, portal, make_staff(portal)) as browser:
        page = await browser.get(DESK)
        found = await browser.get(f"{DESK}parents", params={"q": "mlopez"})

    assert "2 open" in read(page)
    assert "Overdue: 2" in read(page)
    assert 'action="/helpdesk/parents"' in page.text
    assert "Marisol López" in read(found)


@pytest.mark.case("T1")
async def test_school_administrator_counts_the_cases_of_the_school_only(
    portal: Portal, families: dict[str, str], site: ASGIApp
) -> None:
    open_case(portal, families["mlopez"])
    staff = make_staff(portal, Role.SCHOOL_ADMINISTRATOR, schools=["elsewhere"])
    async with at_work(site, portal, staff) as browser:
        page = read(await browser.get(DESK))

    assert "0 open" in page
    assert "Account requests wait" not in page
