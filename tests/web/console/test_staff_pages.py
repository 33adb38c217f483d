"""District administrators manage staff; nobody changes themselves, and nobody reaches another district."""

import re

import httpx
import pytest
from sqlalchemy import func, select
from starlette.types import ASGIApp

from portal.core.models import AuditRow
from portal.core.secret import Secret
from portal.helpdesk.staff.models import StaffRow
from portal.helpdesk.staff.outcomes import StaffMember
from portal.helpdesk.staff.roles import Role
from portal.transaction import Portal
from tests.support.console import DESK, at_work, make_staff, press
from tests.support.public_site import hidden, read
from tests.support.staff import join, joined

NEW = "/helpdesk/staff/new"
LINK = re.compile(r"http://testserver/helpdesk/join#([\w-]{43})")


def administrator(portal: Portal, district: str = "westborough") -> str:
    return make_staff(portal, Role.DISTRICT_ADMINISTRATOR, district=district, name="Martin Osei")


def school_of(portal: Portal, district: str = "westborough") -> tuple[str, str]:
    with portal.begin(read_only=True) as tx:
        return next(iter(tx.staff.schools(district).items()))


def row_of(portal: Portal, staff_id: str) -> StaffRow:
    with portal.begin(read_only=True) as tx:
        return tx.session.get_one(StaffRow, staff_id)


def link_in(page: httpx.Response) -> Secret:
    found = LINK.search(read(page))
    assert found is not None, read(page)
    return Secret(found.group(1))


async def test_whoever_is_invited_joins_with_the_link_on_the_page(
    portal: Portal, families: dict[str, str], site: ASGIApp
) -> None:
    school, name = school_of(portal)
    typed = {"name": "Priya Raman", "email": "Priya@Schools.example", "role": "school_administrator"}
    async with at_work(site, portal, administrator(portal)) as browser:
        invited = await press(browser, NEW, **typed, **{f"school_{school}": "yes"})
        listed = await browser.get("/helpdesk/staff")

    member = join(portal, link_in(invited))

    assert isinstance(member, StaffMember)
    assert (member.role, member.schools) == (Role.SCHOOL_ADMINISTRATOR, {school})
    assert f"Priya Raman Priya@schools.example School administrator {name} Invited" in read(listed)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"email": "no address"}, "not an e-mail address"),
        ({"role": "school_administrator"}, "Tick at least one school"),
        ({"role": "school_administrator", "school_unknown": "yes"}, "Tick at least one school"),
        ({"name": " "}, "Please fill this in"),
        ({"name": "x" * 101}, "Please fill this in"),
    ],
)
async def test_invitation_that_cannot_be_sent_says_why(
    portal: Portal, families: dict[str, str], site: ASGIApp, typed: dict[str, str], said: str
) -> None:
    usual = {"name": "Priya Raman", "email": "priya@schools.example", "role": "desk"}
    async with at_work(site, portal, administrator(portal)) as browser:
        refused = await press(browser, NEW, **{**usual, **typed})

    assert refused.status_code == 422
    assert said in read(refused)


async def test_invitation_pressed_twice_adds_one_person(
    portal: Portal, families: dict[str, str], site: ASGIApp
) -> None:
    typed = {"name": "Priya Raman", "email": "priya@schools.example", "role": "desk"}
    async with at_work(site, portal, administrator(portal)) as browser:
        form = hidden(await browser.get(NEW))
        await browser.post(NEW, data={**form, **typed})
        again = await browser.post(NEW, data={**form, **typed})

    assert "works here already" in read(again)
    with portal.begin(read_only=True) as tx:
        assert tx.session.scalar(select(func.count()).where(StaffRow.name == "Priya Raman")) == 1


async def test_new_role_counts_at_once_in_a_page_that_is_open(
    portal: Portal, families: dict[str, str], site: ASGIApp
) -> None:
    other = administrator(portal)
    async with at_work(site, portal, administrator(portal)) as first, at_work(site, portal, other) as second:
        form = hidden(await second.get(NEW))
        saved = await press(first, f"/helpdesk/staff/{other}", role="auditor")
        late = await second.post(NEW, data={**form, "name": "X", "email": "x@schools.example"})

    assert saved.headers["location"] == f"/helpdesk/staff/{other}?note=staff_changed"
    assert late.status_code == 403
    assert "Your role does not permit this" in read(late)
    with portal.begin(read_only=True) as tx:
        details = tx.session.scalar(select(AuditRow.details).where(AuditRow.event == "staff.changed"))
    assert details is not None
    assert '"role": "auditor", "role_before": "district_administrator"' in details


async def test_second_of_two_administrators_sees_what_the_first_decided(
    portal: Portal, families: dict[str, str], site: ASGIApp
) -> None:
    somebody = make_staff(portal)
    address = f"/helpdesk/staff/{somebody}"
    async with at_work(site, portal, administrator(portal)) as browser:
        form = hidden(await browser.get(address))
        first = await browser.post(address, data={**form, "role": "auditor"})
        second = await browser.post(address, data={**form, "role": "district_administrator"})
        unchanged = await press(browser, address, role="auditor")

    assert [first.status_code, second.status_code, unchanged.status_code] == [303, 409, 409]
    assert "Somebody else changed this" in read(second)
    assert row_of(portal, somebody).role == "auditor"


@pytest.mark.parametrize("deed", ["", "/disable", "/enable", "/reset"])
async def test_nobody_changes_themselves(
    portal: Portal, families: dict[str, str], site: ASGIApp, deed: str
) -> None:
    mine = administrator(portal)
    async with at_work(site, portal, mine) as browser:
        form = hidden(await browser.get(NEW))
        refused = await browser.post(
            f"/helpdesk/staff/{mine}{deed}", data={**form, "role": "auditor", "version": "0", "reason": "why"}
        )

    assert refused.status_code == 403
    assert (row_of(portal, mine).role, row_of(portal, mine).disabled_at) == ("district_administrator", None)


@pytest.mark.parametrize("deed", ["", "/disable", "/enable", "/reset"])
async def test_staff_of_another_district_do_not_exist(
    portal: Portal, families: dict[str, str], site: ASGIApp, deed: str
) -> None:
    theirs = make_staff(portal, district="boston")
    async with at_work(site, portal, administrator(portal)) as browser:
        form = hidden(await browser.get(NEW))
        seen = await browser.get(f"/helpdesk/staff/{theirs}{deed}")
        done = await browser.post(
            f"/helpdesk/staff/{theirs}{deed}",
            data={**form, "role": "auditor", "version": "0", "reason": "why"},
        )

    assert (seen.status_code, done.status_code) == (404, 404)
    assert row_of(portal, theirs).version == 0


async def test_whoever_is_let_go_is_out_and_may_come_back(
    portal: Portal, families: dict[str, str], site: ASGIApp
) -> None:
    member, _ = joined(portal)
    address = f"/helpdesk/staff/{member.staff_id}"
    async with (
        at_work(site, portal, administrator(portal)) as boss,
        at_work(site, portal, member.staff_id) as browser,
    ):
        without = await press(boss, f"{address}/disable", reason=" ")
        before = await browser.get(DESK)
        gone = await press(boss, f"{address}/disable", reason="left the district")
        after = await browser.get(DESK)
        again = await press(boss, f"{address}/disable", reason="left the district")
        back = await press(boss, f"{address}/enable", reason="is back")
        still_out = await browser.get(DESK)

    assert (without.status_code, before.status_code) == (422, 200)
    assert gone.headers["location"] == f"{address}?note=staff_disabled"
    assert (after.status_code, again.status_code) == (303, 409)
    assert back.headers["location"] == f"{address}?note=staff_enabled"
    assert still_out.status_code == 303


async def test_reset_ends_everything_and_a_new_link_sets_it_up(
    portal: Portal, families: dict[str, str], site: ASGIApp
) -> None:
    member, _ = joined(portal)
    address = f"/helpdesk/staff/{member.staff_id}/reset"
    async with (
        at_work(site, portal, administrator(portal)) as boss,
        at_work(site, portal, member.staff_id) as browser,
    ):
        shown = await press(boss, address, reason="lost telephone")
        out = await browser.get(DESK)

    row = row_of(portal, member.staff_id)
    assert out.status_code == 303
    assert (row.password_hash, row.totp_secret) == ("", None)
    assert isinstance(join(portal, link_in(shown)), StaffMember)


BROKEN = ["%ED%A0%80", "%FF", "%00", "x" * 5000, "9" * 5000, "%0D%0A"]


@pytest.mark.parametrize("typed", BROKEN)
async def test_nonsense_in_any_field_is_refused_and_never_a_failure(
    portal: Portal, families: dict[str, str], site: ASGIApp, typed: str
) -> None:
    somebody = make_staff(portal)
    pages = {
        NEW: ("name", "email", "role", "school_"),
        f"/helpdesk/staff/{somebody}": ("role", "version", "school_"),
        f"/helpdesk/staff/{somebody}/disable": ("reason",),
        f"/helpdesk/staff/{somebody}/reset": ("reason",),
        "/helpdesk/me/password": ("current_password", "new_password", "new_password_again"),
        "/helpdesk/me/codes": ("current_password", "code", "seed"),
        "/helpdesk/me/passkeys": ("name", "current_password", "credential", "challenge"),
        "/helpdesk/sign-in/passkey": ("credential", "challenge"),
        "/helpdesk/sign-in": ("email", "password", "to"),
        "/helpdesk/join": ("token", "new_password", "new_password_again", "code"),
    }
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    async with at_work(site, portal, administrator(portal)) as browser:
        form = hidden(await browser.get(NEW))
        right = f"csrf={form['csrf']}&form_id={form['form_id']}"
        for address, fields in pages.items():
            broken = "&".join(f"{name}={typed}" for name in fields)
            answer = await browser.post(address, content=f"{right}&{broken}", headers=kind)
            forged = await browser.post(address, content=f"csrf={typed}&{broken}", headers=kind)
            assert answer.status_code in {403, 404, 409, 413, 422, 429}, (address, answer.status_code)
            assert forged.status_code in {403, 413}, (address, forged.status_code)

    assert (row_of(portal, somebody).version, row_of(portal, somebody).disabled_at) == (0, None)
