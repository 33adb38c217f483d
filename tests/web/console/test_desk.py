"""Staff find a parent, see the true reason, make sure who calls, and help."""

from sqlalchemy import select
from starlette.types import ASGIApp

from portal.core.models import AuditRow, OutboxRow
from portal.transaction import Portal
from tests.support.console import at_work, make_staff, press
from tests.support.portals import PASSWORD, sign_in
from tests.support.public_site import read

LOPEZ = {"why": "locked_out", "note": "called from work"}


def lock_out(portal: Portal, username: str = "mlopez") -> None:
    for _ in range(5):
        sign_in(portal, username, "some quite wrong words", channel="web", device="the phone")


def audited(portal: Portal, event: str) -> list[str]:
    with portal.begin(read_only=True) as tx:
        query = select(AuditRow.details).where(AuditRow.event == event).order_by(AuditRow.number)
        return list(tx.session.scalars(query))


def mailed(portal: Portal) -> list[str]:
    with portal.begin(read_only=True) as tx:
        return list(tx.session.scalars(select(OutboxRow.kind).where(OutboxRow.address.is_not(None))))


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
    assert "locked" in read(found)
    assert "The name is locked after too many wrong passwords" in read(shown)
    assert read(shown).count("wrong password") >= 5
    assert asked_first.headers["location"] == f"{parent}/caller?then=unlock"
    assert done.headers["location"] == f"{parent}?note=unlock"
    assert "called from work" in read(after)
    assert not isinstance(sign_in(portal, "mlopez", PASSWORD), str)
    assert mailed(portal) == ["account_unlocked"]
