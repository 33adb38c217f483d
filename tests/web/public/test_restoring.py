"""Go back to where one was when time ran out: same parent, same browser, same portal, no other."""

import httpx
import pytest

from portal.accounts.models import AccountRow
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.portals import NEW_PASSWORD, PASSWORD, sign_in
from tests.support.public_site import HTML, START, enter, fill, read, send, sign_out

RESTORE = "/westborough/public/restore"
CHANGE = "/westborough/public/change-password"
IDLE = 15


async def leave(browser: httpx.AsyncClient, clock: FakeClock, page: str) -> None:
    """Sign in, look at a page, and let time run out on it."""
    await enter(browser)
    assert (await browser.get(page, headers=HTML)).status_code == 200
    clock.advance(minutes=IDLE)


@pytest.mark.requirement("R66", "R69", "R71")
@pytest.mark.case("S7")
async def test_yes_reloads_the_last_page(browser: httpx.AsyncClient, clock: FakeClock) -> None:
    await leave(browser, clock, CHANGE)

    back = await enter(browser)
    question = await browser.get(back.headers["location"], headers=HTML)
    answer = await send(browser, RESTORE, question, {"answer": "yes"})

    assert back.headers["location"] == RESTORE
    assert (
        "Reload Last Page Your session timed out due to inactivity. Would you like to restore your previous"
        " session and reload the last page you were viewing?" in read(question)
    )
    assert answer.headers["location"] == CHANGE


@pytest.mark.requirement("R70", "R71")
@pytest.mark.case("S7")
async def test_yes_restores_the_selected_student(
    browser: httpx.AsyncClient, clock: FakeClock, school: dict[str, str]
) -> None:
    await leave(browser, clock, f"{START}?student={school['Maya']}")

    await enter(browser)
    question = await browser.get(RESTORE, headers=HTML)
    answer = await send(browser, RESTORE, question, {"answer": "yes"})

    assert (
        "Restore Selections(s), School and Term Your session timed out due to inactivity. Would you like to"
        " restore your previous session and return to the last used school, term, student and/or teacher"
        " selection?" in read(question)
    )
    assert answer.headers["location"] == f"{START}?student={school['Maya']}"


@pytest.mark.requirement("R71")
@pytest.mark.case("S7")
@pytest.mark.parametrize("said", ["no", "", "maybe"])
async def test_anything_but_yes_is_the_start_page_and_uses_the_offer_up(
    browser: httpx.AsyncClient, clock: FakeClock, said: str
) -> None:
    await leave(browser, clock, CHANGE)
    await enter(browser)
    question = await browser.get(RESTORE, headers=HTML)

    answer = await send(browser, RESTORE, question, {"answer": said})
    again = await send(browser, RESTORE, question, {"answer": "yes"})

    assert [each.headers["location"] for each in (answer, again)] == [START, START]
    assert (await browser.get(RESTORE, headers=HTML)).headers["location"] == START


@pytest.mark.case("S8")
async def test_another_browser_is_offered_nothing(
    browser: httpx.AsyncClient, other_browser: httpx.AsyncClient, clock: FakeClock
) -> None:
    await leave(browser, clock, CHANGE)

    assert (await enter(other_browser)).headers["location"] == START


@pytest.mark.requirement("R66")
@pytest.mark.case("S8")
async def test_another_portal_is_offered_nothing(browser: httpx.AsyncClient, clock: FakeClock) -> None:
    await leave(browser, clock, CHANGE)

    boston = await enter(browser, address="/boston/public/sign-in")

    assert boston.headers["location"] == "/boston/public/start"


@pytest.mark.case("S8")
async def test_after_a_day_nothing_is_offered(browser: httpx.AsyncClient, clock: FakeClock) -> None:
    await leave(browser, clock, CHANGE)
    clock.advance(hours=24)

    assert (await enter(browser)).headers["location"] == START


@pytest.mark.case("S8")
async def test_what_was_left_on_the_page_is_not_offered_in_the_chat(
    browser: httpx.AsyncClient, portal: Portal, clock: FakeClock
) -> None:
    await leave(browser, clock, CHANGE)
    device = browser.cookies["device"]

    chat = sign_in(portal, channel="webchat", conversation="chat", device=device)

    assert chat.offers_restore is False  # type: ignore[union-attr]


@pytest.mark.case("S8")
async def test_who_signed_out_is_offered_nothing(browser: httpx.AsyncClient) -> None:
    await enter(browser)
    await browser.get(CHANGE, headers=HTML)
    await sign_out(browser)

    assert (await enter(browser)).headers["location"] == START


@pytest.mark.requirement("R67")
@pytest.mark.case("S9")
async def test_another_parent_since_then_ends_the_offer(
    browser: httpx.AsyncClient, clock: FakeClock, school: dict[str, str]
) -> None:
    await leave(browser, clock, f"{START}?student={school['Maya']}")

    other = await enter(browser, "kwhitfield")
    theirs = await browser.get(START, headers=HTML)
    await sign_out(browser)
    again = await enter(browser)

    assert other.headers["location"] == START
    assert "Maya" not in theirs.text
    assert again.headers["location"] == START


async def test_offer_waits_until_the_new_password_is_set(
    browser: httpx.AsyncClient, portal: Portal, clock: FakeClock, school: dict[str, str]
) -> None:
    await leave(browser, clock, f"{START}?student={school['Maya']}")
    with portal.begin() as tx:
        account = tx.accounts.find("westborough", "mlopez")
        assert account is not None
        tx.session.get_one(AccountRow, account.account_id).password_expired = True

    forced = await enter(browser)
    typed = {"current_password": PASSWORD, "new_password": NEW_PASSWORD, "new_password_again": NEW_PASSWORD}
    changed = await fill(browser, CHANGE, typed)

    assert forced.headers["location"] == f"{CHANGE}?why=expired"
    assert changed.headers["location"] == RESTORE


async def test_nobody_asks_where_nothing_was_left(browser: httpx.AsyncClient) -> None:
    await enter(browser)

    assert (await browser.get(RESTORE, headers=HTML)).headers["location"] == START


@pytest.mark.parametrize("typed", ["", "x" * 65])
async def test_what_is_no_students_id_is_not_kept(
    browser: httpx.AsyncClient, clock: FakeClock, typed: str
) -> None:
    await leave(browser, clock, f"{START}?student={typed}")
    await enter(browser)
    question = await browser.get(RESTORE, headers=HTML)

    answer = await send(browser, RESTORE, question, {"answer": "yes"})

    assert "Reload Last Page" in read(question)
    assert answer.headers["location"] == START
