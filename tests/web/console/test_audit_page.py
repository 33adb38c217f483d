"""The audit is read newest first, a page at a time, and checked from its first row to its last."""

import re

import pytest
from sqlalchemy import update
from starlette.types import ASGIApp

from portal.core.audit import AuditEvent
from portal.core.models import AuditRow
from portal.helpdesk.staff.roles import Role
from portal.helpdesk.staff.trail import PAGE
from portal.transaction import Portal
from tests.support.console import at_work, make_staff, press
from tests.support.public_site import read

AUDIT = "/helpdesk/audit"


def note(portal: Portal, count: int = 1, *, by: str = "", district: str = "westborough") -> None:
    with portal.begin() as tx:
        for number in range(count):
            told = {"by": by} if by else {}
            tx.audit.record(district, AuditEvent.CASES_SEEN, subject="account:1", case=number, **told)


async def test_rows_are_paged_newest_first(portal: Portal, families: dict[str, str], site: ASGIApp) -> None:
    note(portal, PAGE + 1)
    async with at_work(site, portal, make_staff(portal, Role.AUDITOR)) as browser:
        first = read(await browser.get(f"{AUDIT}?event=case.seen"))
        rows = [number for number in range(PAGE + 1) if f"case: {number} " in f"{first} "]
        older = await browser.get(f"{AUDIT}?event=case.seen")
        link = older.text.split('rel="next"')[0].rpartition('href="')[2].partition('"')[0]
        second = read(await browser.get(link.replace("&amp;", "&")))

    assert len(rows) == PAGE
    assert 0 not in rows
    assert "case: 0" in second
    assert "Older rows" not in second


async def test_rows_are_chosen_by_event_and_by_who_did_it(
    portal: Portal, families: dict[str, str], site: ASGIApp
) -> None:
    dana = make_staff(portal, name="Dana Whitlock")
    note(portal, by=f"staff:{dana}")
    note(portal, by=f"staff:{make_staff(portal, name='Rosa Delgado')}")
    async with at_work(site, portal, make_staff(portal, Role.AUDITOR)) as browser:
        hers = read(await browser.get(f"{AUDIT}?staff={dana}"))
        none = read(await browser.get(f"{AUDIT}?event=case.seen&staff={'0' * 32}"))

    assert hers.count("Case looked at Dana Whitlock") == 1
    assert "Case looked at Rosa" not in hers
    assert "Nothing here." in none


@pytest.mark.parametrize(
    "asked", ["before=x", "before=99999999999999999999999", "before=%C2%B2", "event=%00", "subject=%25"]
)
async def test_address_of_somebodys_making_shows_the_newest_rows(
    portal: Portal, families: dict[str, str], site: ASGIApp, asked: str
) -> None:
    note(portal)
    async with at_work(site, portal, make_staff(portal, Role.AUDITOR)) as browser:
        page = await browser.get(f"{AUDIT}?{asked}")

    assert page.status_code == 200
    assert "Case looked at" in read(page)


async def test_every_event_can_be_chosen_by_its_words(
    portal: Portal, families: dict[str, str], site: ASGIApp
) -> None:
    async with at_work(site, portal, make_staff(portal, Role.AUDITOR)) as browser:
        page = await browser.get(AUDIT)

    offered = dict(re.findall(r'<option value="([a-z_.]+)"[^>]*>([^<]+)</option>', page.text))
    assert set(offered) == set(AuditEvent)
    assert offered["staff.reset"] == "Sign-in of staff reset"


async def test_other_districts_rows_are_not_shown(
    portal: Portal, families: dict[str, str], site: ASGIApp
) -> None:
    note(portal, district="boston")
    async with at_work(site, portal, make_staff(portal, Role.AUDITOR)) as browser:
        page = read(await browser.get(f"{AUDIT}?event=case.seen"))

    assert "Nothing here." in page


async def test_chain_is_checked_and_a_changed_row_is_named(
    portal: Portal, families: dict[str, str], site: ASGIApp
) -> None:
    note(portal, 3)
    async with at_work(site, portal, make_staff(portal, Role.AUDITOR)) as browser:
        whole = read(await press(browser, AUDIT))
        with portal.begin() as tx:
            tx.session.execute(
                update(AuditRow)
                .where(AuditRow.district_id == "westborough", AuditRow.number == 2)
                .values(details='{"forged": true}')
            )
        broken = read(await press(browser, AUDIT))

    assert "rows are as they were written" in whole
    assert "Row 2 is missing or not what was written" in broken
