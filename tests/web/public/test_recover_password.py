"""Set a new password on "Recover Password", where the mail's link leads."""

import httpx
import pytest

from portal.accounts.outcomes import PasswordSet
from portal.core.outcomes import Refused
from portal.transaction import Portal
from tests.support.account_pages import EMAIL, W, recovery, recovery_mail
from tests.support.clock import FakeClock
from tests.support.hashing import CountingHasher
from tests.support.mailbox import recovery_token, set_password
from tests.support.portals import NEW_PASSWORD, PASSWORD, make_district, make_parent, sign_in
from tests.support.public_site import HTML, SIGN_IN, START, enter, fill, hidden, read, send

PAGE = f"{W}recover-password"
DONE = f"{START}?note=password_changed"
VOID = "This security token cannot be used"


@pytest.fixture(autouse=True)
def marisol(portal: Portal, districts: None) -> str:
    """Give mlopez a confirmed address, before the other families come."""
    return make_parent(portal, username="mlopez", email=EMAIL, email_confirmed=True)


@pytest.fixture
def families(marisol: str) -> None:
    """Take the place of the families of other tests."""


@pytest.mark.requirement("R34", "R42", "R43", "R44", "R32")
async def test_token_and_new_password_lead_to_the_start_page(
    browser: httpx.AsyncClient, portal: Portal
) -> None:
    token = await recovery_mail(browser, portal)
    page = await browser.get(PAGE, headers=HTML)

    answer = await fill(browser, PAGE, recovery(token))
    start = await browser.get(answer.headers["location"], headers=HTML)

    assert "<h1>Recover Password</h1>" in page.text
    for field, label in (
        ("username", "Username"),
        ("new_password", "New Password"),
        ("new_password_again", "Confirm New Password"),
    ):
        assert f'<label for="{field}">{label}</label>' in page.text
    assert ">Enter</button>" in page.text
    assert (answer.status_code, answer.headers["location"]) == (303, DONE)
    assert "Welcome, Marisol Quintero" in read(start)
    assert "Your new password is set." in read(start)
    assert isinstance(sign_in(portal), Refused)
    assert not isinstance(sign_in(portal, password=NEW_PASSWORD), Refused)


@pytest.mark.case("S1")
async def test_session_begins_under_a_cookie_that_nobody_held_before(
    browser: httpx.AsyncClient, portal: Portal
) -> None:
    token = await recovery_mail(browser, portal)
    planted = browser.cookies["sid"]

    await fill(browser, PAGE, recovery(token))

    assert browser.cookies["sid"] != planted
    with_old = await browser.get(START, headers={**HTML, "Cookie": f"sid={planted}"})
    assert with_old.headers["location"] == SIGN_IN


@pytest.mark.requirement("R44")
@pytest.mark.parametrize("profile", ["recommended", "aspen"])
async def test_other_profiles_lead_to_sign_in_with_a_note(
    browser: httpx.AsyncClient, portal: Portal, profile: str
) -> None:
    make_district(portal, "westborough", profile=profile)
    token = await recovery_mail(browser, portal)

    answer = await fill(browser, PAGE, recovery(token))
    landed = await browser.get(answer.headers["location"], headers=HTML)

    assert answer.headers["location"].startswith(SIGN_IN)
    assert "Your new password is set. Please sign in with it." in read(landed)
    assert (await enter(browser, password=NEW_PASSWORD)).headers["location"] == START


@pytest.mark.case("RT12")
async def test_looking_at_the_link_spends_nothing(browser: httpx.AsyncClient, portal: Portal) -> None:
    token = await recovery_mail(browser, portal)
    for _ in range(3):
        assert (await browser.get(PAGE, headers=HTML)).status_code == 200
        assert (await browser.head(PAGE)).status_code == 200
        assert (await browser.get(f"{PAGE}?token={token}")).status_code == 200

    answer = await fill(browser, PAGE, recovery(token))

    assert answer.headers["location"] == DONE


@pytest.mark.requirement("R35")
@pytest.mark.case("RT3")
@pytest.mark.parametrize(("seconds", "is_good"), [(1799.999, True), (1800, False)])
async def test_token_is_good_for_thirty_minutes(
    browser: httpx.AsyncClient, portal: Portal, clock: FakeClock, *, seconds: float, is_good: bool
) -> None:
    token = await recovery_mail(browser, portal)
    clock.advance(seconds=seconds)

    answer = await fill(browser, PAGE, recovery(token))

    assert answer.status_code == (303 if is_good else 422)
    assert (VOID in read(answer)) is not is_good
    if not is_good:
        assert "30 minutes" in read(answer)
        assert f'href="{W}trouble?tab=password">Ask for a new email' in answer.text


@pytest.mark.case("RT1")
async def test_token_works_once(browser: httpx.AsyncClient, portal: Portal) -> None:
    token = await recovery_mail(browser, portal)
    await fill(browser, PAGE, recovery(token))

    again = await fill(browser, PAGE, recovery(token, new_password="x" * 20, new_password_again="x" * 20))

    assert again.status_code == 422
    assert VOID in read(again)
    assert not isinstance(sign_in(portal, password=NEW_PASSWORD), Refused)


@pytest.mark.case("RT5")
async def test_newer_mail_makes_the_older_one_void(browser: httpx.AsyncClient, portal: Portal) -> None:
    first = await recovery_mail(browser, portal)
    second = await recovery_mail(browser, portal)

    with_first = await fill(browser, PAGE, recovery(first))
    with_second = await fill(browser, PAGE, recovery(second))

    assert f"{VOID}: it was used before, a newer email has replaced it" in read(with_first)
    assert "Nothing has been changed now." in read(with_first)
    assert with_first.text.count(f'href="{W}trouble?tab=password">Ask for a new email</a>') == 2
    assert with_second.headers["location"] == DONE


@pytest.mark.parametrize("token", ["nonsense", "x" * 1024, "' OR 1=1--", "\u202etoken", "ключ", "%00"])
async def test_token_that_never_was_is_void(browser: httpx.AsyncClient, token: str) -> None:
    answer = await fill(browser, PAGE, recovery(token))

    assert answer.status_code == 422
    assert VOID in read(answer)


async def test_token_of_another_district_is_void(browser: httpx.AsyncClient, portal: Portal) -> None:
    make_parent(portal, "boston", username="mlopez", email="m@boston.example", email_confirmed=True)
    token = recovery_token(portal, email="m@boston.example", district="boston")

    answer = await fill(browser, PAGE, recovery(token))

    assert VOID in read(answer)


async def test_whole_link_pasted_into_the_field_is_understood(
    browser: httpx.AsyncClient, portal: Portal
) -> None:
    token = await recovery_mail(browser, portal)

    answer = await fill(browser, PAGE, recovery(f"https://help.schools.example{PAGE}#{token} "))

    assert answer.headers["location"] == DONE


async def test_other_username_is_told_beside_its_field_and_spends_nothing(
    browser: httpx.AsyncClient, portal: Portal
) -> None:
    token = await recovery_mail(browser, portal)

    answer = await fill(browser, PAGE, recovery(token, username="somebody.else"))
    corrected = await send(browser, PAGE, answer, recovery(token))

    assert answer.status_code == 422
    assert 'href="#username"' in answer.text
    assert "This username does not belong to the email that you have." in read(answer)
    assert f'value="{token}"' in answer.text
    assert corrected.headers["location"] == DONE


@pytest.mark.requirement("R26", "R27", "R28", "R29", "R30", "R24")
@pytest.mark.case("P1")
async def test_every_rule_that_is_broken_is_told_at_once_and_the_token_stays_good(
    browser: httpx.AsyncClient, portal: Portal
) -> None:
    rules = {"min_length": 12, "upper_and_lower": True, "letter_and_number": True, "special": True}
    make_district(portal, "westborough", profile="powerschool", password=rules)
    token = await recovery_mail(browser, portal)

    answer = await fill(browser, PAGE, recovery(token, new_password="short", new_password_again="other"))
    corrected = {"new_password": "Nine-lanterns-9!", "new_password_again": "Nine-lanterns-9!"}
    done = await send(browser, PAGE, answer, recovery(token, **corrected))

    for sentence in (
        "New password must be at least 12 characters long.",
        "New password must contain at least one uppercase and one lowercase letter.",
        "New password must contain at least one letter and one number.",
        "New password must contain at least one special character.",
        "The verification password you enter must match the new password.",
    ):
        assert sentence in read(answer)
    assert "short" not in answer.text
    assert done.headers["location"] == DONE


@pytest.mark.requirement("R31")
@pytest.mark.case("P11")
async def test_password_that_was_used_before_is_refused(browser: httpx.AsyncClient, portal: Portal) -> None:
    token = await recovery_mail(browser, portal)

    answer = await fill(browser, PAGE, recovery(token, new_password=PASSWORD, new_password_again=PASSWORD))

    assert "The password entered was previously used. Please enter a new password." in read(answer)


@pytest.mark.requirement("R20", "R43")
async def test_requirements_are_shown_before_anything_is_typed(
    browser: httpx.AsyncClient, portal: Portal
) -> None:
    rules = {"min_length": 12, "upper_and_lower": True, "letter_and_number": True, "special": True}
    make_district(portal, "westborough", profile="powerschool", password=rules)

    text = read(await browser.get(PAGE, headers=HTML))

    for rule in (
        "at least 12 characters long",
        "at least one uppercase and one lowercase letter",
        "at least one letter and one number",
        "at least one special character",
    ):
        assert rule in text


async def test_form_sent_twice_at_once_sets_one_password_and_begins_one_session(
    browser: httpx.AsyncClient, portal: Portal, hasher: CountingHasher
) -> None:
    token = await recovery_mail(browser, portal)
    page = await browser.get(PAGE, headers=HTML)
    sent = {**hidden(page), **recovery(token)}
    cookies = dict(browser.cookies)

    first = await browser.post(PAGE, data=sent, headers=HTML)
    repeated = await browser.post(PAGE, data=sent, headers={**HTML, "Cookie": f"sid={cookies['sid']}"})

    assert first.headers["location"] == repeated.headers["location"] == DONE
    assert hasher.hashed == 2, "one for the account, one for the new password"


async def test_second_tab_finds_its_form_outdated_and_nothing_done(
    browser: httpx.AsyncClient, portal: Portal
) -> None:
    token = await recovery_mail(browser, portal)
    left = await browser.get(PAGE, headers=HTML)
    await fill(browser, PAGE, recovery(token))

    answer = await send(browser, PAGE, left, recovery(token, new_password="y" * 20))

    assert answer.status_code == 403
    assert "nothing was sent" in read(answer)
    assert not isinstance(sign_in(portal, password=NEW_PASSWORD), Refused)


async def test_password_set_in_the_chat_makes_the_token_of_the_page_void(
    browser: httpx.AsyncClient, portal: Portal
) -> None:
    token = await recovery_mail(browser, portal)
    assert isinstance(set_password(portal, token), PasswordSet)

    answer = await fill(browser, PAGE, recovery(token, new_password="z" * 20, new_password_again="z" * 20))

    assert VOID in read(answer)


@pytest.mark.requirement("R36")
async def test_district_without_parent_single_sign_on_sends_to_the_school(
    browser: httpx.AsyncClient, portal: Portal
) -> None:
    token = await recovery_mail(browser, portal)
    left = await browser.get(PAGE, headers=HTML)
    make_district(portal, "westborough", parent_single_sign_on=False)

    page = await browser.get(PAGE, headers=HTML)
    late = await send(browser, PAGE, left, recovery(token))

    for answer in (page, late):
        assert "has not turned on recovering a password by parents themselves" in read(answer)
    assert not isinstance(sign_in(portal), Refused)
