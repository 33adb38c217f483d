"""Nobody gets into the console who is not signed in, and nobody further than the role permits."""

import pytest
from starlette.types import ASGIApp

from portal.helpdesk.staff.models import StaffRow
from portal.helpdesk.staff.roles import Role
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.console import DESK, at_work, make_staff
from tests.support.doors import client_of
from tests.support.public_site import HTML, hidden, read


async def test_stranger_is_sent_to_sign_in(portal: Portal, families: dict[str, str], site: ASGIApp) -> None:
    async with client_of(site, headers=HTML) as browser:
        turned_away = await browser.get(DESK)

    assert turned_away.status_code == 303
    assert turned_away.headers["location"] == "/helpdesk/sign-in"


async def test_member_of_staff_is_named_with_the_role(
    portal: Portal, families: dict[str, str], site: ASGIApp
) -> None:
    async with at_work(site, portal, make_staff(portal, Role.AUDITOR, name="Dana Whitlock")) as browser:
        page = await browser.get(DESK)

    assert page.status_code == 200
    assert "Dana Whitlock Auditor" in read(page)


@pytest.mark.parametrize(("idle", "status"), [(29.9, 200), (30, 303)])
async def test_session_ends_when_nothing_is_done(
    portal: Portal, families: dict[str, str], site: ASGIApp, clock: FakeClock, *, idle: float, status: int
) -> None:
    async with at_work(site, portal, make_staff(portal)) as browser:
        clock.advance(minutes=idle)
        page = await browser.get(DESK)

    assert page.status_code == status


async def test_whoever_is_disabled_is_out_at_once(
    portal: Portal, families: dict[str, str], site: ASGIApp
) -> None:
    staff_id = make_staff(portal)
    async with at_work(site, portal, staff_id) as browser:
        with portal.begin() as tx:
            tx.session.get_one(StaffRow, staff_id).disabled_at = tx.now
        page = await browser.get(DESK)

    assert page.status_code == 303


async def test_form_of_another_session_changes_nothing(
    portal: Portal, families: dict[str, str], site: ASGIApp
) -> None:
    staff_id = make_staff(portal)
    async with at_work(site, portal, staff_id) as other:
        planted = hidden(await other.get(DESK))
    async with at_work(site, portal, staff_id) as browser:
        refused = await browser.post("/helpdesk/sign-out", data=planted)
        page = await browser.get(DESK)

    assert (refused.status_code, page.status_code) == (403, 200)
    assert "Nothing was changed" in read(refused)


async def test_signing_out_ends_the_session(portal: Portal, families: dict[str, str], site: ASGIApp) -> None:
    async with at_work(site, portal, make_staff(portal)) as browser:
        page = await browser.get(DESK)
        left = await browser.post("/helpdesk/sign-out", data=hidden(page))
        again = await browser.get(DESK)

    assert left.headers["location"] == "/helpdesk/sign-in?note=signed_out"
    assert again.status_code == 303
