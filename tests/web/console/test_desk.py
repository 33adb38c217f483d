"""Staff find a parent, see the true reason, make sure who calls, and help; nobody else gets near."""

import pytest
from sqlalchemy import select, update
from starlette.types import ASGIApp

from portal.accounts.models import AccountRow
from portal.accounts.outcomes import MustChangePassword, SignedIn
from portal.core.models import AuditRow, OutboxRow
from portal.helpdesk.staff.models import StaffRow
from portal.helpdesk.staff.roles import Role
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.console import at_work, make_staff, press
from tests.support.portals import sign_in
from tests.support.public_site import hidden, read
from web.console.desk.pages import DESK_PAGES

LOPEZ = {"why": "locked_out", "note": "called from work"}
OF_PARENTS = [page.name for page in DESK_PAGES if "{account}" in page.name]
DEEDS = [name for name in OF_PARENTS if name.count("/") > 1]
TEMPORARY = "abcd-efgh-jkmn-pqrs"


def lock_out(portal: Portal, username: str = "mlopez") -> None:
    for _ in range(5):
        sign_in(portal, username, "some quite wrong words", channel="web", device="the phone")


def mailed(portal: Portal) -> list[str]:
    with portal.begin(read_only=True) as tx:
        return list(tx.session.scalars(select(OutboxRow.kind).where(OutboxRow.address.is_not(None))))


@pytest.mark.case("T3")
async def test_caller_is_helped_from_search_to_unlock(
    portal: Portal, families: dict[str, str], site: ASGIApp
) -> None:
    lock_out(portal)
    parent = f"/helpdesk/parents/{families['mlopez']}"
    async with at_work(site, portal, make_staff(portal)) as browser:
        found = await browser.get("/helpdesk/parents", params={"q": "lopez"})
        shown = await browser.get(parent)
        asked_first = await browser.get(f"{parent}/unlock")
        verified = await press(browser, asked_first.headers["location"], check_called_back="yes")
        done = await press(browser, verified.headers["location"].split("?")[0], **LOPEZ)
        after = await browser.get(done.headers["location"])

    assert "Marisol López" in read(found)
    assert "The name is locked after too many wrong passwords" in read(shown)
    assert read(shown).count("wrong password") >= 5
    assert asked_first.headers["location"] == f"{parent}/caller?then=unlock"
    assert done.headers["location"] == f"{parent}?note=unlock"
    assert "called from work" in read(after)
    assert isinstance(sign_in(portal), SignedIn)
    assert mailed(portal) == ["account_unlocked"]


@pytest.mark.case("P13")
async def test_temporary_password_is_shown_once_and_never_again(
    portal: Portal, families: dict[str, str], site: ASGIApp
) -> None:
    parent = f"/helpdesk/parents/{families['mlopez']}"
    async with at_work(site, portal, make_staff(portal)) as browser:
        await press(browser, f"{parent}/caller", check_photo_id="yes")
        form = hidden(await browser.get(f"{parent}/temporary-password"))
        made = await browser.post(f"{parent}/temporary-password", data={**form, "why": "forgot_password"})
        again = await browser.post(f"{parent}/temporary-password", data={**form, "why": "forgot_password"})
        after = await browser.get(parent)

    password = made.text.partition("<code>")[2].partition("</code>")[0]
    assert (made.status_code, again.status_code) == (200, 409)
    assert len(password) == len(TEMPORARY)
    assert made.headers["cache-control"] == "no-store"
    assert password not in again.text + after.text
    assert "Somebody has done this already" in read(again)
    assert isinstance(sign_in(portal, password=password), MustChangePassword)


@pytest.mark.parametrize("then", ["//evil.example", "../staff", "https:evil.example", "unlock?x=1", "%2e%2e"])
async def test_way_on_from_the_checklist_stays_with_the_parent(
    portal: Portal, families: dict[str, str], site: ASGIApp, then: str
) -> None:
    parent = f"/helpdesk/parents/{families['mlopez']}"
    async with at_work(site, portal, make_staff(portal)) as browser:
        form = hidden(await browser.get(f"{parent}/caller"))
        kept = await browser.post(
            f"{parent}/caller", params={"then": then}, data={**form, "check_photo_id": "yes"}
        )

    assert kept.headers["location"] == f"{parent}?note=caller_verified"


@pytest.mark.case("T1")
@pytest.mark.parametrize("name", OF_PARENTS)
async def test_parent_of_another_school_does_not_exist_for_a_school_administrator(
    portal: Portal, families: dict[str, str], site: ASGIApp, name: str
) -> None:
    staff_id = make_staff(portal, Role.SCHOOL_ADMINISTRATOR, schools=["another school"])
    async with at_work(site, portal, staff_id) as browser:
        theirs = await browser.get(f"/helpdesk/{name.format(account=families['mlopez'])}")
        nobodys = await browser.get(f"/helpdesk/{name.format(account='nobody')}")

    assert (theirs.status_code, nobodys.status_code) == (404, 404)
    assert read(theirs) == read(nobodys)


@pytest.mark.case("T1")
@pytest.mark.parametrize("name", [*DEEDS, "attacks"])
async def test_auditor_sees_the_parent_and_may_do_nothing(
    portal: Portal, families: dict[str, str], site: ASGIApp, name: str
) -> None:
    async with at_work(site, portal, make_staff(portal, Role.AUDITOR)) as browser:
        shown = await browser.get(f"/helpdesk/parents/{families['mlopez']}")
        refused = await browser.get(f"/helpdesk/{name.format(account=families['mlopez'])}")

    assert (shown.status_code, refused.status_code) == (200, 403)
    assert "What you can do" not in read(shown)


async def test_role_that_was_lost_in_mid_page_does_nothing_any_more(
    portal: Portal, families: dict[str, str], site: ASGIApp
) -> None:
    staff_id, parent = make_staff(portal), f"/helpdesk/parents/{families['mlopez']}"
    async with at_work(site, portal, staff_id) as browser:
        await press(browser, f"{parent}/caller", check_photo_id="yes")
        form = hidden(await browser.get(f"{parent}/disable"))
        with portal.begin() as tx:
            tx.session.get_one(StaffRow, staff_id).role = Role.AUDITOR.value
        refused = await browser.post(f"{parent}/disable", data={**form, "why": "suspicion"})

    with portal.begin(read_only=True) as tx:
        assert tx.session.get_one(AccountRow, families["mlopez"]).disabled_at is None
    assert refused.status_code == 403


@pytest.mark.parametrize("typed", [{}, {"why": ""}, {"why": "other"}, {"why": "because"}])
async def test_deed_without_a_reason_is_asked_for_one(
    portal: Portal, families: dict[str, str], site: ASGIApp, typed: dict[str, str]
) -> None:
    parent = f"/helpdesk/parents/{families['mlopez']}"
    async with at_work(site, portal, make_staff(portal)) as browser:
        await press(browser, f"{parent}/caller", check_photo_id="yes")
        asked = await press(browser, f"{parent}/sign-out", **typed)

    assert asked.status_code == 422
    assert mailed(portal) == []


@pytest.mark.case("X1")
@pytest.mark.parametrize(
    ("typed", "status"),
    [("' OR 1=1--", 200), ("%%", 200), ("__", 200), ("a", 422), ("x" * 2000, 422), ("a\x00bc", 422)],
)
async def test_hostile_search_finds_nobody(
    portal: Portal, families: dict[str, str], site: ASGIApp, typed: str, status: int
) -> None:
    async with at_work(site, portal, make_staff(portal)) as browser:
        found = await browser.get("/helpdesk/parents", params={"q": typed})

    assert found.status_code == status
    assert "Marisol" not in found.text


async def test_what_families_and_staff_wrote_is_shown_as_text(
    portal: Portal, families: dict[str, str], site: ASGIApp
) -> None:
    parent, markup = f"/helpdesk/parents/{families['mlopez']}", "<script>alert(1)</script>"
    with portal.begin() as tx:
        tx.session.execute(update(AccountRow).values(display_name=markup))
    async with at_work(site, portal, make_staff(portal)) as browser:
        await press(browser, f"{parent}/caller", check_photo_id="yes")
        await press(browser, f"{parent}/sign-out", why="other", note=markup)
        shown = await browser.get(parent)

    assert markup not in shown.text
    assert shown.text.count("&lt;script&gt;alert(1)") >= 2


async def test_note_is_in_no_audit_row(portal: Portal, families: dict[str, str], site: ASGIApp) -> None:
    parent = f"/helpdesk/parents/{families['mlopez']}"
    async with at_work(site, portal, make_staff(portal)) as browser:
        await press(browser, f"{parent}/caller", check_photo_id="yes")
        await press(browser, f"{parent}/disable", why="suspicion", note="her brother called")

    with portal.begin(read_only=True) as tx:
        kept = " ".join(tx.session.scalars(select(AuditRow.details)))
    assert "brother" not in kept
    assert "Marisol" not in kept


async def test_attack_is_lifted_from_its_page(
    portal: Portal, families: dict[str, str], site: ASGIApp, clock: FakeClock
) -> None:
    for number in range(100):
        sign_in(portal, f"name{number}", "some quite wrong words", source=f"bot{number // 10}")
    for number in range(5):
        sign_in(portal, "mlopez", "some quite wrong words", source=f"bot{number}")
    async with at_work(site, portal, make_staff(portal)) as browser:
        page = await browser.get("/helpdesk/attacks")
        number = page.text.partition('<option value="')[2].partition('"')[0]
        nonsense = await press(browser, "/helpdesk/attacks", alarm="9" * 30, why="suspicion")
        done = await press(browser, "/helpdesk/attacks", alarm=number, why="suspicion")

    assert nonsense.status_code == 404
    assert done.headers["location"] == "/helpdesk/attacks?note=many_unlocked"
    assert isinstance(sign_in(portal), SignedIn)


async def test_name_that_nobody_has_and_a_caller_tried_is_explained(
    portal: Portal, families: dict[str, str], site: ASGIApp
) -> None:
    lock_out(portal, "mlopes")
    school = make_staff(portal, Role.SCHOOL_ADMINISTRATOR, schools=["a school"])
    async with at_work(site, portal, make_staff(portal)) as browser:
        found = await browser.get("/helpdesk/parents", params={"q": "mlopes"})
    async with at_work(site, portal, school) as browser:
        untold = await browser.get("/helpdesk/parents", params={"q": "mlopes"})

    assert "Nobody has this username · 5 times" in read(found)
    assert "Nobody has this username" not in read(untold)
