"""A district administrator deletes a family's data: seen first, typed once more, and with a fresh code."""

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pyotp
import pytest
import pytest_asyncio
from sqlalchemy import select, update
from starlette.types import ASGIApp

from portal.accounts.models import AccountRow
from portal.core.audit import ChainIntact
from portal.core.models import AuditRow
from portal.helpdesk.desk.models import CallerCheckRow
from portal.helpdesk.staff.roles import Role
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.console import DESK, at_work, make_staff
from tests.support.portals import make_parent
from tests.support.public_site import hidden, read
from tests.support.staff import code, joined

WISH = {"reference": "2026-0147", "username": "MLopez"}


@pytest.fixture
def app(portal: Portal, families: dict[str, str]) -> tuple[str, pyotp.TOTP]:
    """Let a district administrator join; return who, and the app that shows their codes."""
    member, shown = joined(portal, Role.DISTRICT_ADMINISTRATOR)
    return member.staff_id, shown


@pytest_asyncio.fixture
async def browser(
    portal: Portal, site: ASGIApp, app: tuple[str, pyotp.TOTP], families: dict[str, str], clock: FakeClock
) -> AsyncIterator[httpx.AsyncClient]:
    """Open the console to them, with the caller made sure of."""
    # The code that they joined with was taken.
    clock.advance(minutes=1)
    async with at_work(site, portal, app[0]) as opened:
        form = hidden(await opened.get(f"{DESK}parents/{families['mlopez']}/caller"))
        await opened.post(
            f"{DESK}parents/{families['mlopez']}/caller", data={**form, "check_photo_id": "yes"}
        )
        yield opened


def address(account: str) -> str:
    return f"{DESK}forget?account={account}"


async def order(browser: httpx.AsyncClient, account: str, **typed: str) -> httpx.Response:
    form = hidden(await browser.get(address(account)))
    return await browser.post(address(account), data={**form, **typed})


def usernames(portal: Portal) -> set[str]:
    with portal.begin(read_only=True) as tx:
        return set(tx.session.scalars(select(AccountRow.username)))


async def test_dry_run_shows_what_goes_and_what_stays_and_changes_nothing(
    portal: Portal, families: dict[str, str], browser: httpx.AsyncClient
) -> None:
    linked = await browser.get(f"{DESK}parents/{families['mlopez']}")
    shown = await browser.get(address(families["mlopez"]))

    said = read(shown)
    assert f"/helpdesk/forget?account={families['mlopez']}" in linked.text
    assert "This is what is kept of mlopez" in said
    assert "Links to children 2" in said
    assert "The school's records of children and contacts stay the school's" in said
    assert "The family is told by a last mail" in said
    assert usernames(portal) == {"mlopez", "kwhitfield"}
    with portal.begin(read_only=True) as tx:
        events = list(tx.session.scalars(select(AuditRow.event).order_by(AuditRow.number)))
    assert events[-1] == "forgetting.seen"


@pytest.mark.case("T1")
async def test_family_goes_with_the_name_a_reference_and_a_fresh_code(
    portal: Portal, families: dict[str, str], browser: httpx.AsyncClient, app: tuple[str, pyotp.TOTP]
) -> None:
    form = hidden(await browser.get(address(families["mlopez"])))
    typed = {**form, **WISH, "code": code(portal, app[1])}

    done = await browser.post(address(families["mlopez"]), data=typed)
    again = await browser.post(address(families["mlopez"]), data=typed)

    assert done.status_code == 200
    assert "All that was kept of mlopez is deleted. A last mail tells the family." in read(done)
    assert again.headers["location"] == f"{DESK}parents?note=family_gone"
    assert usernames(portal) == {"kwhitfield"}
    with portal.begin(read_only=True) as tx:
        kept = list(tx.session.scalars(select(AuditRow).where(AuditRow.event == "account.forgotten")))
        assert isinstance(tx.audit.verify("westborough"), ChainIntact)
    assert [f'"by": "staff:{app[0]}"' in row.details for row in kept] == [True]
    assert '"reference": "2026-0147"' in kept[0].details


@pytest.mark.case("T1")
@pytest.mark.parametrize(
    "wrong",
    [
        ({"username": "kwhitfield"}, "This is not the username of this account"),
        ({"reference": "the lopez family"}, "Please give a number of up to 40"),
        ({"code": "000000"}, "This is not the code that the app shows now"),
        ({"code": ""}, "Please fill this in"),
        ({"fingerprint": "of another day"}, "changed"),
    ],
)
async def test_anything_that_does_not_fit_deletes_nothing(
    portal: Portal,
    families: dict[str, str],
    browser: httpx.AsyncClient,
    app: tuple[str, pyotp.TOTP],
    wrong: tuple[dict[str, str], str],
) -> None:
    changed, told = wrong
    typed = {**WISH, "code": code(portal, app[1]), **changed}

    refused = await order(browser, families["mlopez"], **typed)

    assert refused.status_code in {409, 422}
    assert told in read(refused)
    assert usernames(portal) == {"mlopez", "kwhitfield"}


@pytest.mark.case("T1")
async def test_code_that_was_taken_before_deletes_nothing(
    portal: Portal, families: dict[str, str], browser: httpx.AsyncClient, app: tuple[str, pyotp.TOTP]
) -> None:
    taken = code(portal, app[1])
    other = make_parent(portal, username="rgray", display_name="Robin Gray")
    form = hidden(await browser.get(f"{DESK}parents/{other}/caller"))
    await browser.post(f"{DESK}parents/{other}/caller", data={**form, "check_photo_id": "yes"})
    await order(browser, other, reference="1", username="rgray", code=taken)

    refused = await order(browser, families["mlopez"], **WISH, code=taken)

    assert refused.status_code == 422
    assert usernames(portal) == {"mlopez", "kwhitfield"}


async def test_codes_that_are_guessed_are_counted(
    portal: Portal, families: dict[str, str], browser: httpx.AsyncClient, app: tuple[str, pyotp.TOTP]
) -> None:
    for _ in range(20):
        refused = await order(browser, families["mlopez"], **WISH, code="000000")

    last = await order(browser, families["mlopez"], **WISH, code=code(portal, app[1]))

    assert "Too many attempts went wrong" in read(refused)
    assert last.status_code != 200
    assert "mlopez" in usernames(portal)


@pytest.mark.case("T1")
async def test_who_asks_is_made_sure_of_first(
    portal: Portal, families: dict[str, str], browser: httpx.AsyncClient, app: tuple[str, pyotp.TOTP]
) -> None:
    shown = await browser.get(address(families["kwhitfield"]))

    assert shown.status_code == 303
    assert shown.headers["location"] == f"{DESK}parents/{families['kwhitfield']}/caller"


async def test_checklist_that_is_over_stands_for_nobody_any_more(
    portal: Portal,
    families: dict[str, str],
    browser: httpx.AsyncClient,
    app: tuple[str, pyotp.TOTP],
    clock: FakeClock,
) -> None:
    form = hidden(await browser.get(address(families["mlopez"])))
    with portal.begin() as tx:
        tx.session.execute(update(CallerCheckRow).values(checked_at=tx.now - timedelta(days=1)))

    done = await browser.post(
        address(families["mlopez"]), data={**form, **WISH, "code": code(portal, app[1])}
    )

    assert done.headers["location"] == f"{DESK}parents/{families['mlopez']}/caller"
    assert "mlopez" in usernames(portal)


async def test_account_that_was_merged_names_the_one_it_goes_with(
    portal: Portal, families: dict[str, str], browser: httpx.AsyncClient
) -> None:
    with portal.begin() as tx:
        tx.session.get_one(AccountRow, families["mlopez"]).merged_into = families["kwhitfield"]

    shown = await browser.get(address(families["mlopez"]))

    assert "merged into kwhitfield and goes when that one goes" in read(shown)


@pytest.mark.case("T1")
async def test_other_roles_and_other_districts_find_nothing(
    portal: Portal, families: dict[str, str], site: ASGIApp
) -> None:
    far = make_staff(portal, Role.DISTRICT_ADMINISTRATOR, district="boston")
    async with at_work(site, portal, make_staff(portal)) as desk, at_work(site, portal, far) as other:
        parent = await desk.get(f"{DESK}parents/{families['mlopez']}")
        refused = await desk.get(address(families["mlopez"]))
        unknown = await other.get(address(families["mlopez"]))
        odd = await other.get(f"{DESK}forget?account=%00")

    assert "/forget" not in parent.text
    assert (refused.status_code, unknown.status_code, odd.status_code) == (403, 404, 404)
