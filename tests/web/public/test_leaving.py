"""Sign out, and run out of time."""

import httpx
import pytest

from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.public_site import HTML, SIGN_IN, START, enter, read, send, sign_out

CHANGE = "/westborough/public/change-password"
SIGNED_OUT = "/westborough/public/signed-out"
SESSION = "/westborough/public/session"


@pytest.mark.requirement("R77", "R110", "R111")
@pytest.mark.parametrize("page", [START, CHANGE])
async def test_sign_out_from_any_page_shows_the_sign_in_page(browser: httpx.AsyncClient, page: str) -> None:
    await enter(browser)

    answer = await sign_out(browser, page)
    shown = await browser.get(answer.headers["location"], headers=HTML)

    assert "<h1>Student and Parent Sign In</h1>" in shown.text
    assert "You are signed out." in read(shown)
    assert (await browser.get(START, headers=HTML)).headers["location"] == SIGN_IN


@pytest.mark.requirement("R111")
async def test_start_page_needs_name_and_password_again(
    browser: httpx.AsyncClient, other_browser: httpx.AsyncClient
) -> None:
    await enter(browser)
    other_browser.cookies.update(browser.cookies)

    await sign_out(browser)

    assert (await other_browser.get(START, headers=HTML)).headers["location"] == SIGN_IN
    assert (await enter(browser)).status_code == 303
    assert (await browser.get(START, headers=HTML)).status_code == 200


@pytest.mark.requirement("R109")
async def test_page_reminds_of_signing_out(browser: httpx.AsyncClient) -> None:
    await enter(browser)

    page = await browser.get(START, headers=HTML)

    assert "It is important to sign out when you are finished" in read(page)


@pytest.mark.case("S3")
async def test_button_of_a_session_that_is_over_leaves_the_new_one_alone(browser: httpx.AsyncClient) -> None:
    await enter(browser)
    old = await browser.get(START, headers=HTML)
    await enter(browser, "kwhitfield")

    answer = await send(browser, "/westborough/public/sign-out", old, {})

    assert answer.status_code == 403
    assert "This page is out of date" in read(answer)
    assert "Karen Whitfield" in read(await browser.get(START, headers=HTML))


async def test_signing_out_twice_is_signing_out(browser: httpx.AsyncClient) -> None:
    await enter(browser)
    page = await browser.get(START, headers=HTML)
    sid = browser.cookies["sid"]
    await send(browser, "/westborough/public/sign-out", page, {})
    browser.cookies.clear()
    browser.cookies.set("sid", sid)

    again = await send(browser, "/westborough/public/sign-out", page, {})

    assert again.headers["location"] == f"{SIGN_IN}?note=signed_out"


@pytest.mark.requirement("R65", "R68")
@pytest.mark.case("S5")
async def test_session_lives_just_short_of_its_time(browser: httpx.AsyncClient, clock: FakeClock) -> None:
    await enter(browser)
    clock.advance(minutes=14, seconds=59)
    alive = await browser.get(START, headers=HTML)
    clock.advance(minutes=15)

    over = await browser.get(START, headers=HTML)
    shown = await browser.get(over.headers["location"], headers=HTML)

    assert alive.status_code == 200
    assert over.headers["location"] == SIGNED_OUT
    assert "You have been signed out. Return to Sign In Page." in read(shown)
    assert f'<a class="main" href="{SIGN_IN}">Sign In Page</a>' in shown.text


@pytest.mark.case("S5")
async def test_looking_whether_the_session_lives_is_no_activity(
    browser: httpx.AsyncClient, clock: FakeClock
) -> None:
    await enter(browser)
    states = []
    for _ in range(3):
        clock.advance(minutes=5)
        states.append((await browser.get(SESSION)).json())
        await browser.get(SIGNED_OUT, headers=HTML)

    assert states == [{"live": True}, {"live": True}, {"live": False}]
    assert (await browser.get(START, headers=HTML)).headers["location"] == SIGNED_OUT


async def test_signed_out_page_leads_back_who_went_on_elsewhere(browser: httpx.AsyncClient) -> None:
    await enter(browser)

    answer = await browser.get(SIGNED_OUT, headers=HTML)

    assert answer.headers["location"] == START


async def test_session_of_another_district_is_not_live_here(browser: httpx.AsyncClient) -> None:
    await enter(browser)

    assert (await browser.get("/boston/public/session")).json() == {"live": False}


async def test_session_ended_by_a_change_elsewhere_is_over_here(
    browser: httpx.AsyncClient, portal: Portal
) -> None:
    await enter(browser)
    with portal.begin() as tx:
        account = tx.accounts.find("westborough", "mlopez")
        assert account is not None
        tx.sessions.end_all(account.account_id)

    assert (await browser.get(START, headers=HTML)).headers["location"] == SIGNED_OUT
