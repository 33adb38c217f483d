"""Staff sign in with a password and a second factor; whoever guesses learns nothing and is soon locked."""

import re
from collections.abc import AsyncIterator

import httpx
import pyotp
import pytest
import pytest_asyncio
from sqlalchemy import select
from starlette.types import ASGIApp

from portal.core.models import AuditRow
from portal.helpdesk.staff.models import StaffSessionRow
from portal.helpdesk.staff.outcomes import StaffMember
from portal.helpdesk.staff.roles import Role
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.console import DESK, at_work, console_site, press
from tests.support.doors import client_of
from tests.support.hashing import CountingHasher
from tests.support.portals import make_district
from tests.support.public_site import HTML, hidden, read
from tests.support.staff import EMAIL, PASSWORD, app_of, code, invite, joined

SIGN_IN = "/helpdesk/sign-in"
CODE = "/helpdesk/sign-in/code"
JOIN = "/helpdesk/join"
WRONG = "three wrong paper kites"


@pytest.fixture(autouse=True)
def district(portal: Portal) -> None:
    make_district(portal)


@pytest_asyncio.fixture
async def browser(site: ASGIApp) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(site, headers=HTML) as opened:
        yield opened


@pytest.fixture
def dana(portal: Portal, clock: FakeClock) -> tuple[StaffMember, pyotp.TOTP]:
    found = joined(portal)
    clock.advance(minutes=1)
    return found


async def enter(browser: httpx.AsyncClient, email: str = EMAIL, password: str = PASSWORD) -> httpx.Response:
    return await press(browser, SIGN_IN, email=email, password=password)


def trail(portal: Portal, district: str = "westborough") -> list[str]:
    with portal.begin(read_only=True) as tx:
        query = select(AuditRow.event).where(
            AuditRow.district_id == district, AuditRow.event.startswith("staff.")
        )
        return list(tx.session.scalars(query.order_by(AuditRow.number)))


async def test_password_and_code_open_the_console(
    portal: Portal, browser: httpx.AsyncClient, dana: tuple[StaffMember, pyotp.TOTP]
) -> None:
    asked = await enter(browser)
    half = await browser.get(DESK)
    proven = await press(browser, CODE, code=code(portal, dana[1]))
    page = await browser.get(DESK)

    assert asked.headers["location"] == CODE
    assert half.status_code == 303
    assert proven.headers["location"] == DESK
    assert "Dana Whitlock Help desk" in read(page)
    assert trail(portal) == ["staff.invited", "staff.joined", "staff.signed_in", "staff.signed_in"]


async def test_whoever_was_sent_to_sign_in_comes_back_to_the_page(
    portal: Portal, browser: httpx.AsyncClient, dana: tuple[StaffMember, pyotp.TOTP]
) -> None:
    turned_away = await browser.get("/helpdesk/me/password")
    first = turned_away.headers["location"]
    asked = await press(browser, first, email=EMAIL, password=PASSWORD)
    proven = await press(browser, asked.headers["location"], code=code(portal, dana[1]))

    assert first == "/helpdesk/sign-in?to=me%2Fpassword"
    assert proven.headers["location"] == "/helpdesk/me/password"


@pytest.mark.parametrize("to", ["//evil.example", "../../evil", "https://evil.example", "a\r\nb", "\\evil"])
async def test_nobody_is_led_away_from_the_console(
    portal: Portal, browser: httpx.AsyncClient, dana: tuple[StaffMember, pyotp.TOTP], to: str
) -> None:
    await press(browser, SIGN_IN, email=EMAIL, password=PASSWORD, to=to)

    proven = await press(browser, CODE, code=code(portal, dana[1]), to=to)

    assert proven.headers["location"] == DESK


@pytest.mark.case("S1")
async def test_each_step_gives_a_new_cookie_and_the_old_one_is_void(
    portal: Portal, site: ASGIApp, browser: httpx.AsyncClient, dana: tuple[StaffMember, pyotp.TOTP]
) -> None:
    page = await browser.get(SIGN_IN)
    planted, csrf = browser.cookies["staff"], hidden(page)["csrf"]
    await enter(browser)
    half = browser.cookies["staff"]
    proven = await press(browser, CODE, code=code(portal, dana[1]))
    desk = await browser.get(DESK)

    async with client_of(site, cookies={"staff": half}, headers=HTML) as other:
        again = await other.get(DESK)
        step = await other.get(CODE)

    assert proven.status_code == 303
    assert len({planted, half, browser.cookies["staff"]}) == 3
    assert hidden(desk)["csrf"] != csrf
    assert again.status_code == 303
    assert step.headers["location"] == SIGN_IN


@pytest.mark.case("S2")
async def test_the_cookie_is_bound_to_this_host_and_no_script_reads_it(portal: Portal) -> None:
    with console_site(portal, secure=True) as secure:
        async with client_of(secure, headers=HTML) as browser:
            page = await browser.get(SIGN_IN)

    written = page.headers["set-cookie"]
    assert re.fullmatch(r"__Host-staff=[A-Za-z0-9_-]{43}; HttpOnly; Path=/; SameSite=lax; Secure", written), (
        written
    )


@pytest.mark.case("S3")
async def test_forged_forms_are_refused(
    portal: Portal, site: ASGIApp, dana: tuple[StaffMember, pyotp.TOTP]
) -> None:
    async with at_work(site, portal, dana[0].staff_id) as browser:
        form = hidden(await browser.get("/helpdesk/me/password"))
        without = await browser.post("/helpdesk/sign-out", data={})
        foreign = await browser.post(
            "/helpdesk/sign-out", data=form, headers={"Origin": "https://evil.example"}
        )
        plain = await browser.post(
            "/helpdesk/sign-out", content="csrf=x", headers={"Content-Type": "text/plain"}
        )
        got = await browser.get("/helpdesk/sign-out")
        still_in = await browser.get(DESK)

    statuses = [without.status_code, foreign.status_code, plain.status_code, got.status_code]
    assert statuses == [403, 403, 403, 405]
    assert still_in.status_code == 200


@pytest.mark.parametrize(
    ("email", "password"), [(EMAIL, WRONG), ("nobody@schools.example", PASSWORD), ("no address", PASSWORD)]
)
async def test_answer_and_work_are_the_same_for_every_address(
    portal: Portal,
    browser: httpx.AsyncClient,
    dana: tuple[StaffMember, pyotp.TOTP],
    hasher: CountingHasher,
    *,
    email: str,
    password: str,
) -> None:
    before = hasher.verified

    refused = await enter(browser, email, password)

    assert refused.status_code == 422
    assert "do not go together" in read(refused)
    assert hasher.verified == before + 1
    in_district = "westborough" if email == EMAIL else ""
    assert trail(portal, in_district)[-1] == "staff.sign_in_failed"


@pytest.mark.parametrize("email", [EMAIL, "nobody@schools.example"])
async def test_five_wrong_passwords_lock_every_address_alike_and_time_lifts_it(
    portal: Portal,
    browser: httpx.AsyncClient,
    dana: tuple[StaffMember, pyotp.TOTP],
    clock: FakeClock,
    hasher: CountingHasher,
    *,
    email: str,
) -> None:
    for _ in range(5):
        await enter(browser, email, WRONG)
    before = hasher.verified

    locked = await enter(browser, email, PASSWORD)
    clock.advance(minutes=15)
    later = await enter(browser, email, PASSWORD)

    assert "Please wait 15 minutes" in read(locked)
    assert hasher.verified == before + 1
    assert later.status_code == (303 if email == EMAIL else 422)


async def test_a_code_counts_once(
    portal: Portal, browser: httpx.AsyncClient, dana: tuple[StaffMember, pyotp.TOTP]
) -> None:
    shown = code(portal, dana[1])
    await enter(browser)
    await press(browser, CODE, code=shown)
    await enter(browser)

    again = await press(browser, CODE, code=shown)

    assert again.status_code == 422
    assert "Wait for the next one" in read(again)


@pytest.mark.parametrize(("steps", "status"), [(-2, 422), (-1, 303), (0, 303), (1, 303), (2, 422)])
async def test_a_clock_may_be_one_step_off(
    portal: Portal,
    browser: httpx.AsyncClient,
    dana: tuple[StaffMember, pyotp.TOTP],
    clock: FakeClock,
    *,
    steps: int,
    status: int,
) -> None:
    clock.advance(minutes=5)
    await enter(browser)

    shown = await press(browser, CODE, code=code(portal, dana[1], steps=steps))

    assert shown.status_code == status


async def test_wrong_codes_lock_also_for_whoever_signs_in_anew(
    portal: Portal, browser: httpx.AsyncClient, dana: tuple[StaffMember, pyotp.TOTP], clock: FakeClock
) -> None:
    await enter(browser)
    for _ in range(5):
        await press(browser, CODE, code="000000")
    await enter(browser)

    locked = await press(browser, CODE, code=code(portal, dana[1]))
    clock.advance(minutes=15)
    await enter(browser)
    later = await press(browser, CODE, code=code(portal, dana[1]))

    assert "Please wait 15 minutes" in read(locked)
    assert later.status_code == 303
    assert trail(portal).count("staff.locked") == 1


async def test_code_after_ten_minutes_starts_again(
    portal: Portal, browser: httpx.AsyncClient, dana: tuple[StaffMember, pyotp.TOTP], clock: FakeClock
) -> None:
    await enter(browser)
    form = hidden(await browser.get(CODE))
    clock.advance(minutes=10)

    late = await browser.post(CODE, data={**form, "code": code(portal, dana[1])})

    assert late.headers["location"] == "/helpdesk/sign-in?note=took_too_long"


async def test_invitation_is_taken_up_on_its_page(
    portal: Portal, browser: httpx.AsyncClient, clock: FakeClock
) -> None:
    token = invite(portal, Role.AUDITOR).token
    opened = await press(browser, JOIN, token=token.value)
    finished = await browser.post(
        JOIN,
        data={
            **hidden(opened),
            "new_password": PASSWORD,
            "new_password_again": PASSWORD,
            "code": code(portal, app_of(portal, token)),
        },
    )
    desk = await browser.get(DESK)
    again = await press(browser, JOIN, token=token.value)

    assert app_of(portal, token).secret in read(opened)
    assert finished.headers["location"] == "/helpdesk/?note=joined"
    assert "Dana Whitlock Auditor" in read(desk)
    assert "has been used or is over" in read(again)


async def test_what_is_wrong_with_an_invitation_form_is_said_at_once(
    portal: Portal, browser: httpx.AsyncClient
) -> None:
    token = invite(portal).token
    opened = await press(browser, JOIN, token=token.value)

    refused = await browser.post(
        JOIN,
        data={**hidden(opened), "new_password": "short", "new_password_again": "shirt", "code": "123456"},
    )

    said = read(refused)
    assert refused.status_code == 422
    assert "Use at least 12 characters." in said
    assert "The two passwords differ." in said
    assert "not the code" in said
    # Whoever set the app up already need not do it again.
    assert app_of(portal, token).secret in said


async def test_half_a_session_opens_nothing(
    portal: Portal, browser: httpx.AsyncClient, dana: tuple[StaffMember, pyotp.TOTP]
) -> None:
    await enter(browser)

    pages = [await browser.get(f"/helpdesk/{name}") for name in ("", "me", "staff", "audit")]

    assert [page.status_code for page in pages] == [303] * 4
    with portal.begin(read_only=True) as tx:
        proven = tx.session.scalars(select(StaffSessionRow.proven_at)).all()
    assert proven.count(None) == 1
