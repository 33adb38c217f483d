"""A district administrator changes the options: typed, previewed, saved with a reason, taken back."""

import json

import httpx
import pytest
from sqlalchemy import select
from starlette.types import ASGIApp

from portal.core.audit import AuditEvent
from portal.core.models import AuditRow
from portal.core.options import DistrictOptions
from portal.helpdesk.staff.roles import Role
from portal.transaction import Portal
from tests.support.console import at_work, make_staff, press
from tests.support.portals import make_district
from tests.support.public_site import hidden, read

SIGNING_IN = "/helpdesk/options/signing_in"
OPTIONS = "/helpdesk/options"
RULES = {
    "profile": "powerschool",
    "lock.mode": "until_staff",
    "lock.fails": "5",
    "lock.minutes": "15",
    "rule.min_length": "8",
    "rule.history": "5",
    "rule.expires_days": "0",
    "recovery_minutes": "30",
    "session_idle_minutes": "15",
}


async def save(browser: httpx.AsyncClient, address: str, **typed: str) -> httpx.Response:
    previewed = await press(browser, address, **typed, step="preview")
    assert previewed.status_code == 200, read(previewed)
    return await browser.post(
        address, data={**typed, **hidden(previewed), "step": "save", "why": "The board decided so"}
    )


def options(portal: Portal) -> DistrictOptions:
    with portal.begin(read_only=True) as tx:
        return tx.districts.get_one("westborough").options


@pytest.fixture
def administrator(portal: Portal, families: dict[str, str]) -> str:
    return make_staff(portal, Role.DISTRICT_ADMINISTRATOR)


async def test_change_is_previewed_and_counts_only_once_it_is_saved(
    portal: Portal, administrator: str, site: ASGIApp
) -> None:
    async with at_work(site, portal, administrator) as browser:
        previewed = await press(browser, SIGNING_IN, **{**RULES, "lock.fails": "7"}, step="preview")
        before = options(portal).lock.fails
        saved = await save(browser, SIGNING_IN, **{**RULES, "lock.fails": "7"})
        overview = await browser.get(saved.headers["location"])

    assert "Wrong passwords until the lock 5 7 Parents are told the new number" in read(previewed)
    assert (before, options(portal).lock.fails) == (5, 7)
    assert "Saved. It counts from now on." in read(overview)
    assert "Wrong passwords until the lock 7 not in the file Dana Whitlock" in read(overview)


async def test_file_stays_the_base_and_the_edit_survives_a_changed_file(
    portal: Portal, administrator: str, site: ASGIApp
) -> None:
    async with at_work(site, portal, administrator) as browser:
        await save(browser, SIGNING_IN, **{**RULES, "lock.fails": "7"})
        make_district(portal, "westborough", profile="powerschool", locales=["en", "es"], recovery_minutes=20)

    assert (options(portal).lock.fails, options(portal).recovery_minutes) == (7, 20)


async def test_file_that_changed_the_same_option_is_shown_until_somebody_decides(
    portal: Portal, administrator: str, site: ASGIApp
) -> None:
    async with at_work(site, portal, administrator) as browser:
        await save(browser, SIGNING_IN, **{**RULES, "lock.fails": "7"})
        make_district(portal, "westborough", profile="powerschool", lock={"fails": 9})
        conflict = await browser.get(OPTIONS)
        kept = await press(browser, OPTIONS, option="lock.fails", step="keep")
        decided = await browser.get(OPTIONS)
        taken = await press(browser, OPTIONS, option="lock.fails", step="take_back")
        empty = await browser.get(taken.headers["location"])

    assert "7 9 Dana Whitlock" in read(conflict)
    assert "The file has changed since" in read(conflict)
    assert kept.headers["location"] == "/helpdesk/options?note=option_kept"
    assert "The file has changed since" not in read(decided)
    assert options(portal).lock.fails == 9
    assert "Nothing is set in the console" in read(empty)


async def test_edit_that_no_longer_goes_with_the_file_is_set_aside_and_the_district_still_starts(
    portal: Portal, families: dict[str, str], administrator: str, site: ASGIApp
) -> None:
    make_district(portal, "westborough", profile="powerschool", district_code="WQBK")
    async with at_work(site, portal, administrator) as browser:
        await save(browser, "/helpdesk/options/pages", mobile_server="yes", district_code="WQBK")
        was_on = options(portal).mobile_server
        make_district(portal, "westborough", profile="powerschool")
        overview = await browser.get(OPTIONS)

    assert was_on
    assert not options(portal).mobile_server
    assert "Set aside: it no longer goes with the file" in read(overview)


async def test_profile_changes_only_what_was_never_set_on_its_own(
    portal: Portal, administrator: str, site: ASGIApp
) -> None:
    async with at_work(site, portal, administrator) as browser:
        previewed = await press(browser, SIGNING_IN, **{**RULES, "profile": "recommended"}, step="preview")
        await save(browser, SIGNING_IN, **{**RULES, "profile": "recommended", "lock.fails": "6"})

    assert "Least length of a password follows from the profile 8 15" in read(previewed)
    assert (options(portal).password.min_length, options(portal).lock.fails) == (15, 6)


async def test_edit_is_in_the_audit_with_before_and_after(
    portal: Portal, administrator: str, site: ASGIApp
) -> None:
    async with at_work(site, portal, administrator) as browser:
        await save(browser, SIGNING_IN, **{**RULES, "lock.fails": "7"})

    with portal.begin(read_only=True) as tx:
        query = select(AuditRow).where(AuditRow.event == AuditEvent.OPTIONS_EDITED.value)
        details = json.loads(tx.session.scalars(query).one().details)
    assert details["by"] == f"staff:{administrator}"
    assert (json.loads(details["before"]), json.loads(details["after"])) == (
        {"lock.fails": 5},
        {"lock.fails": 7},
    )
    assert details["why"] == "The board decided so"


async def test_same_form_sent_twice_and_a_form_of_somebody_slower_change_nothing(
    portal: Portal, administrator: str, site: ASGIApp
) -> None:
    typed = {**RULES, "lock.fails": "7"}
    async with at_work(site, portal, administrator) as browser:
        previewed = await press(browser, SIGNING_IN, **typed, step="preview")
        sent = {**typed, **hidden(previewed), "step": "save", "why": "So decided"}
        first = await browser.post(SIGNING_IN, data=sent)
        again = await browser.post(SIGNING_IN, data={**sent, "lock.fails": "3"})

    assert (first.status_code, again.status_code) == (303, 409)
    assert "Somebody else changed this in the meantime" in read(again)
    assert options(portal).lock.fails == 7


async def test_edit_without_a_reason_is_asked_for_one(
    portal: Portal, administrator: str, site: ASGIApp
) -> None:
    typed = {**RULES, "lock.fails": "7"}
    async with at_work(site, portal, administrator) as browser:
        previewed = await press(browser, SIGNING_IN, **typed, step="preview")
        asked = await browser.post(SIGNING_IN, data={**typed, **hidden(previewed), "step": "save"})

    assert asked.status_code == 422
    assert "Please say why" in read(asked)
    assert options(portal).lock.fails == 5


@pytest.mark.parametrize(
    ("section", "typed"),
    [
        ("signing_in", {**RULES, "rule.min_length": "7"}),
        ("signing_in", {**RULES, "lock.fails": "many"}),
        ("signing_in", {**RULES, "lock.mode": "forever"}),
        (
            "district",
            {"name": "", "portal_url": "https://p.example", "time_zone": "UTC", "locales:en": "yes"},
        ),
        ("district", {"name": "W", "portal_url": "javascript:1", "time_zone": "UTC", "locales:en": "yes"}),
        ("district", {"name": "W", "portal_url": "https://p.example", "time_zone": "UTC"}),
        (
            "district",
            {"name": "W", "portal_url": "https://p.example", "time_zone": "Mars", "locales:en": "yes"},
        ),
        ("pages", {"mobile_server": "yes"}),
        ("pages", {"plugins": "Library https://library.example"}),
        ("embed", {"embed_origins": "http://www.example.org"}),
        ("embed", {"embed_origins": "https://www.example.org; script-src *"}),
        ("embed", {"embed_origins": "https://www.example.org/path"}),
    ],
)
async def test_value_that_cannot_be_used_is_shown_at_its_field(
    portal: Portal, administrator: str, site: ASGIApp, *, section: str, typed: dict[str, str]
) -> None:
    before = options(portal)
    async with at_work(site, portal, administrator) as browser:
        refused = await press(browser, f"{OPTIONS}/{section}", **typed, step="preview")

    assert refused.status_code == 422
    assert "This cannot be used" in read(refused)
    assert options(portal) == before


async def test_help_of_one_school_is_changed_alone(portal: Portal, administrator: str, site: ASGIApp) -> None:
    async with at_work(site, portal, administrator) as browser:
        page = await browser.get(f"{OPTIONS}/help/default")
        await save(
            browser, f"{OPTIONS}/help/default", **{"help.default.phone": "(508) 555-0111"}, **_helped(page)
        )
        unknown = await browser.get(f"{OPTIONS}/help/999")
        nowhere = await browser.get(f"{OPTIONS}/nowhere")

    contact = options(portal).help_at()
    assert (contact.name, contact.phone) == ("Parent help desk", "(508) 555-0111")
    assert (unknown.status_code, nowhere.status_code) == (404, 404)


def _helped(page: httpx.Response) -> dict[str, str]:
    assert "Parent help desk" in page.text
    return {"help.default.name": "Parent help desk", "help.default.email": "help@schools.example"}


@pytest.mark.case("T1")
@pytest.mark.parametrize("role", [Role.DESK, Role.SCHOOL_ADMINISTRATOR, Role.AUDITOR])
async def test_nobody_else_sees_or_edits_options(
    portal: Portal, families: dict[str, str], site: ASGIApp, role: Role
) -> None:
    async with at_work(site, portal, make_staff(portal, role)) as browser:
        seen = [await browser.get(address) for address in (OPTIONS, SIGNING_IN, f"{OPTIONS}/help/default")]

    assert [page.status_code for page in seen] == [403, 403, 403]


async def test_each_option_is_explained(portal: Portal, administrator: str, site: ASGIApp) -> None:
    async with at_work(site, portal, administrator) as browser:
        pages = [
            await browser.get(f"{OPTIONS}/{section}")
            for section in ("district", "signing_in", "accounts", "pages", "embed")
        ]

    assert [page.status_code for page in pages] == [200] * 5
    assert "what today's guidance advises" in read(pages[1])
