"""Change the password on the page, freely and where it must be changed first."""

import httpx
import pytest

from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.hashing import CountingHasher
from tests.support.portals import NEW_PASSWORD, PASSWORD, make_district, make_parent, sign_in
from tests.support.public_site import HTML, START, enter, fill, read, send, sign_out

CHANGE = "/westborough/public/change-password"


def typed(current: str = PASSWORD, new: str = NEW_PASSWORD, again: str | None = None) -> dict[str, str]:
    again = new if again is None else again
    return {"current_password": current, "new_password": new, "new_password_again": again}


@pytest.mark.requirement("R18", "R19", "R21", "R22", "R23")
async def test_page_asks_letter_for_letter_as_the_guide_says(browser: httpx.AsyncClient) -> None:
    await enter(browser)

    page = await browser.get(CHANGE, headers=HTML)

    assert "<h1>Change Your Password</h1>" in page.text
    for name, label in (
        ("current_password", "Current Password"),
        ("new_password", "New Password"),
        ("new_password_again", "Re-Enter New Password"),
    ):
        assert f'<label for="{name}">{label}</label>' in page.text
        assert f'id="{name}" name="{name}" type="password"' in page.text
    assert "Select a password that you will remember" in read(page)
    assert "Do not write it down" in read(page)
    assert 'type="submit">Enter</button>' in page.text


@pytest.mark.requirement("R20")
async def test_requirements_are_shown_before_typing(browser: httpx.AsyncClient, portal: Portal) -> None:
    rules = {"min_length": 12, "upper_and_lower": True, "letter_and_number": True, "special": True}
    make_district(portal, "westborough", profile="powerschool", password=rules)
    await enter(browser)

    page = await browser.get(CHANGE, headers=HTML)

    for rule in (
        "at least 12 characters long",
        "at least one uppercase and one lowercase letter",
        "at least one letter and one number",
        "at least one special character",
        "not one that you used before",
    ):
        assert f"<li>{rule}</li>" in page.text
    assert 'aria-describedby="new_password-rules"' in page.text


@pytest.mark.requirement("R20")
async def test_rules_that_the_district_has_not_are_not_shown(
    browser: httpx.AsyncClient, portal: Portal
) -> None:
    make_district(portal, "westborough", profile="powerschool", password={"history": 0})
    await enter(browser)

    page = await browser.get(CHANGE, headers=HTML)

    assert "at least 8 characters long" in page.text
    assert "special character" not in page.text
    assert "uppercase" not in page.text
    assert "used before" not in page.text


@pytest.mark.requirement("R23", "R32")
async def test_new_password_leads_to_the_start_page_and_counts_from_then_on(
    browser: httpx.AsyncClient,
) -> None:
    await enter(browser)

    answer = await fill(browser, CHANGE, typed())
    start = await browser.get(answer.headers["location"], headers=HTML)
    await sign_out(browser)
    old, new = await enter(browser), await enter(browser, password=NEW_PASSWORD)

    assert answer.headers["location"].startswith(START)
    assert "Your new password is set." in read(start)
    assert (old.status_code, new.status_code) == (422, 303)


ALL_RULES = {"min_length": 12, "upper_and_lower": True, "letter_and_number": True, "special": True}


@pytest.mark.parametrize(
    ("values", "field", "message"),
    [
        pytest.param(
            typed(current="wrong"),
            "current_password",
            "Current password is not correct.",
            marks=pytest.mark.requirement("R25"),
        ),
        pytest.param(
            typed(new="Ab1!"),
            "new_password",
            "New password must be at least 12 characters long.",
            marks=pytest.mark.requirement("R26"),
        ),
        pytest.param(
            typed(new="only small letters 1!"),
            "new_password",
            "New password must contain at least one uppercase and one lowercase letter.",
            marks=pytest.mark.requirement("R27"),
        ),
        pytest.param(
            typed(new="Without any number!"),
            "new_password",
            "New password must contain at least one letter and one number.",
            marks=pytest.mark.requirement("R28"),
        ),
        pytest.param(
            typed(new="Nothing special 123"),
            "new_password",
            "New password must contain at least one special character.",
            marks=pytest.mark.requirement("R29"),
        ),
        pytest.param(
            typed(new="Nine quiet lanterns sway 1!", again="nine quiet"),
            "new_password_again",
            "The verification password you enter must match the new password.",
            marks=pytest.mark.requirement("R22", "R30"),
        ),
        pytest.param(
            typed(new=PASSWORD),
            "new_password",
            "The password entered was previously used. Please enter a new password.",
            marks=pytest.mark.requirement("R31"),
        ),
    ],
)
@pytest.mark.requirement("R24")
async def test_broken_rule_is_said_beside_its_field(
    browser: httpx.AsyncClient, portal: Portal, values: dict[str, str], field: str, message: str
) -> None:
    await enter(browser)
    make_district(portal, "westborough", profile="powerschool", password=ALL_RULES)

    answer = await fill(browser, CHANGE, values)
    page = answer.text.partition('<form method="post" novalidate>')[2]
    beside = page.partition(f'<label for="{field}">')[2].partition(f'id="{field}" name=')[0]

    assert answer.status_code == 422
    assert message in beside
    assert f'<a href="#{field}">{message}</a>' in answer.text
    assert (await fill(browser, CHANGE, typed(new="Nine quiet lanterns sway 1!"))).status_code == 303


@pytest.mark.requirement("R24")
@pytest.mark.case("P1")
async def test_everything_that_is_wrong_is_said_at_once(browser: httpx.AsyncClient, portal: Portal) -> None:
    await enter(browser)
    make_district(portal, "westborough", profile="powerschool", password=ALL_RULES)

    answer = await fill(browser, CHANGE, typed(current="CANARY-1", new="CANARY-2", again="CANARY-3"))

    assert answer.text.count('<li><a href="#') == 4
    assert "CANARY" not in answer.text


@pytest.mark.case("S1")
async def test_forced_change_begins_a_new_session_and_the_old_one_is_void(
    browser: httpx.AsyncClient, other_browser: httpx.AsyncClient, portal: Portal
) -> None:
    make_parent(portal, username="newcomer", temporary=True)
    await enter(browser, "newcomer")
    page = await browser.get(CHANGE, headers=HTML)
    other_browser.cookies.set("sid", browser.cookies["sid"])
    before = page.text.partition('name="csrf" value="')[2][:64]

    await fill(browser, CHANGE, typed())
    start = await browser.get(START, headers=HTML)

    assert browser.cookies["sid"] != other_browser.cookies["sid"]
    stranger = await other_browser.get(START, headers=HTML)
    assert (stranger.status_code, stranger.headers["location"]) == (303, "/westborough/public/signed-out")
    assert start.status_code == 200
    assert before not in start.text


@pytest.mark.requirement("R13", "R16")
@pytest.mark.case("P13")
@pytest.mark.parametrize("page", ["start", "restore"])
async def test_temporary_password_opens_nothing_but_the_change(
    browser: httpx.AsyncClient, portal: Portal, page: str
) -> None:
    make_parent(portal, username="newcomer", temporary=True)
    await enter(browser, "newcomer")

    shown = await browser.get(f"/westborough/public/{page}", headers=HTML)
    form = await browser.get(CHANGE, headers=HTML)
    done = await send(browser, "/westborough/public/restore", form, {"answer": "yes"})

    assert (shown.status_code, shown.headers["location"]) == (303, CHANGE)
    assert done.status_code == 403
    assert "Your own new password comes first" in read(done)


@pytest.mark.requirement("R14")
@pytest.mark.case("P13")
async def test_second_sign_in_with_a_temporary_password_is_refused(
    browser: httpx.AsyncClient, portal: Portal
) -> None:
    make_parent(portal, username="newcomer", temporary=True)
    await enter(browser, "newcomer")

    answer = await enter(browser, "newcomer")

    assert "do not go together" in read(answer)


async def test_change_ends_every_other_session(browser: httpx.AsyncClient, portal: Portal) -> None:
    sign_in(portal, conversation="in the chat", channel="webchat")
    await enter(browser)

    await fill(browser, CHANGE, typed())

    with portal.begin() as tx:
        assert tx.sessions.current("in the chat").reason == "session_ended"  # type: ignore[union-attr]


async def test_form_sent_twice_changes_once(browser: httpx.AsyncClient, portal: Portal) -> None:
    await enter(browser)
    page = await browser.get(CHANGE, headers=HTML)
    sid = browser.cookies["sid"]
    first = await send(browser, CHANGE, page, typed())
    browser.cookies.set("sid", sid, domain="testserver.local", path="/")

    second = await send(browser, CHANGE, page, typed())

    assert first.status_code == 303
    assert second.status_code in {303, 403}
    assert (await enter(browser, password=NEW_PASSWORD)).status_code == 303


async def test_wrong_current_passwords_lock_the_name(browser: httpx.AsyncClient) -> None:
    await enter(browser)
    for _ in range(5):
        await fill(browser, CHANGE, typed(current="wrong"))

    answer = await fill(browser, CHANGE, typed())

    assert "only your school can open it again" in read(answer)


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_session_that_is_over_changes_nothing(
    browser: httpx.AsyncClient, clock: FakeClock, method: str
) -> None:
    await enter(browser)
    page = await browser.get(CHANGE, headers=HTML)
    clock.advance(minutes=15)

    if method == "GET":
        answer = await browser.get(CHANGE, headers=HTML)
    else:
        answer = await send(browser, CHANGE, page, typed())

    assert answer.headers["location"] == "/westborough/public/signed-out"
    assert (await enter(browser)).status_code == 303


@pytest.mark.parametrize("why", ["nonsense", "temporary", ""])
async def test_reason_in_the_address_shows_only_where_a_change_is_forced(
    browser: httpx.AsyncClient, why: str
) -> None:
    await enter(browser)

    page = await browser.get(CHANGE, params={"why": why}, headers=HTML)

    assert page.status_code == 200
    assert "Before you go on" not in read(page)


async def test_session_that_ends_while_hashing_changes_nothing(
    browser: httpx.AsyncClient, portal: Portal, hasher: CountingHasher
) -> None:
    account = make_parent(portal, username="newcomer")
    await enter(browser, "newcomer")
    page = await browser.get(CHANGE, headers=HTML)

    def end() -> None:
        with portal.begin() as tx:
            tx.sessions.end_all(account)

    hasher.meanwhile = end
    answer = await send(browser, CHANGE, page, typed())

    assert answer.headers["location"] == "/westborough/public/signed-out"
    assert (await enter(browser, "newcomer")).status_code == 303
