"""Sign in on the page, without a script."""

import httpx
import pytest

from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.hashing import CountingHasher
from tests.support.portals import PASSWORD, make_district, make_parent, sign_in
from tests.support.public_site import HTML, SIGN_IN, START, enter, fill, read, send

BOSTON = "/boston/public/sign-in"


@pytest.mark.requirement("R5", "R6")
@pytest.mark.parametrize("address", ["/westborough/public", "/westborough/public/"])
async def test_portal_address_leads_to_the_sign_in_page(browser: httpx.AsyncClient, address: str) -> None:
    answer = await browser.get(address, headers=HTML, follow_redirects=True)

    assert str(answer.url).endswith(SIGN_IN)
    assert "<h1>Student and Parent Sign In</h1>" in answer.text
    assert f'<a href="{SIGN_IN}" aria-current="page">Sign In</a>' in answer.text


@pytest.mark.requirement("R1", "R9", "R10", "R12")
async def test_form_asks_for_username_and_masked_password(browser: httpx.AsyncClient) -> None:
    page = await browser.get(SIGN_IN, headers=HTML)

    assert '<label for="username">Username</label>' in page.text
    assert '<label for="password">Password</label>' in page.text
    assert 'id="password" name="password" type="password" autocomplete="current-password"' in page.text
    assert 'type="submit">Sign In</button>' in page.text


@pytest.mark.requirement("R4", "R11")
async def test_page_shows_the_way_out_of_trouble_and_the_rule_on_passwords(
    browser: httpx.AsyncClient,
) -> None:
    page = await browser.get(SIGN_IN, headers=HTML)

    assert '<a href="/westborough/public/trouble">Having trouble signing in?</a>' in page.text
    assert "Do not use someone else's password or give your password to anyone else." in read(page)


@pytest.mark.requirement("R2")
async def test_page_links_to_the_assistant_and_to_a_person(browser: httpx.AsyncClient) -> None:
    page = await browser.get(SIGN_IN, headers=HTML)

    assert 'href="/chat?district=westborough"' in page.text
    assert 'href="/westborough/public/get-help"' in page.text


@pytest.mark.requirement("R12", "R32")
async def test_right_password_leads_to_the_start_page(browser: httpx.AsyncClient) -> None:
    answer = await enter(browser)

    assert (answer.status_code, answer.headers["location"]) == (303, START)
    assert "Start Page" in read(await browser.get(START, headers=HTML))


async def test_wrong_password_shows_the_name_again_and_no_password(browser: httpx.AsyncClient) -> None:
    answer = await enter(browser, password="CANARY-wrong")

    assert answer.status_code == 422
    assert "do not go together" in read(answer)
    assert 'value="mlopez"' in answer.text
    assert "CANARY" not in answer.text
    assert (await browser.get(START)).headers["location"] == SIGN_IN


async def test_empty_fields_are_named_beside_them_and_nothing_is_counted(
    browser: httpx.AsyncClient, hasher: CountingHasher
) -> None:
    answer = await enter(browser, username=" ", password="")

    assert answer.status_code == 422
    assert 'aria-describedby="username-wrong-1" aria-invalid="true"' in answer.text
    assert '<a href="#password">Please type your password.</a>' in answer.text
    assert hasher.verified == 0


@pytest.mark.requirement("R15")
async def test_locked_name_is_sent_to_the_school_with_its_contact(browser: httpx.AsyncClient) -> None:
    for _ in range(5):
        await enter(browser, password="wrong")

    answer = await enter(browser)

    assert "only your school can open it again. Please contact your school." in read(answer)
    assert "Parent help desk (508) 555-0192 help@schools.example" in read(answer)


@pytest.mark.requirement("R15")
async def test_lock_that_time_ends_says_until_when(
    browser: httpx.AsyncClient, portal: Portal, clock: FakeClock
) -> None:
    make_district(portal, "westborough", profile="recommended", lock={"fails": 2})
    for _ in range(2):
        await enter(browser, password="wrong")

    answer = await enter(browser)
    clock.advance(minutes=15)
    later = await enter(browser)

    assert "You can try again after October 15, 2026, 10:15 AM." in read(answer)
    assert later.status_code == 303


async def test_full_source_answers_429_with_a_time(browser: httpx.AsyncClient) -> None:
    for number in range(20):
        await enter(browser, username=f"nobody{number}", password="wrong")

    answer = await enter(browser)

    assert answer.status_code == 429
    assert "There were many tries from where you are" in read(answer)


@pytest.mark.requirement("R13", "R14", "R16", "R18")
@pytest.mark.parametrize(
    ("state", "said"), [("temporary", "given to you for one use"), ("expired", "has expired")]
)
async def test_password_that_must_be_changed_leads_to_the_change(
    browser: httpx.AsyncClient, portal: Portal, state: str, said: str
) -> None:
    make_parent(portal, username="newcomer", **{state: True})

    answer = await enter(browser, "newcomer")
    page = await browser.get(answer.headers["location"], headers=HTML)

    assert "<h1>Change Your Password</h1>" in page.text
    assert said in read(page)


@pytest.mark.case("S1")
async def test_session_planted_before_the_sign_in_is_worth_nothing(
    browser: httpx.AsyncClient, other_browser: httpx.AsyncClient
) -> None:
    page = await browser.get(SIGN_IN, headers=HTML)
    planted = browser.cookies["sid"]
    before = page.text.partition('name="csrf" value="')[2][:64]

    await send(browser, SIGN_IN, page, {"username": "mlopez", "password": PASSWORD})
    other_browser.cookies.set("sid", planted)
    stranger = await other_browser.get(START, headers=HTML)
    after = (await browser.get(START, headers=HTML)).text.partition('name="csrf" value="')[2][:64]

    assert browser.cookies["sid"] != planted
    assert len(browser.cookies["sid"]) == 43
    assert stranger.headers["location"] == SIGN_IN
    assert before != after
    assert before


async def test_signing_in_ends_the_session_that_the_browser_had(
    browser: httpx.AsyncClient, other_browser: httpx.AsyncClient
) -> None:
    await enter(browser)
    other_browser.cookies.set("sid", browser.cookies["sid"])

    await enter(browser, "kwhitfield")

    assert "Karen Whitfield" in read(await browser.get(START, headers=HTML))
    assert (await other_browser.get(START, headers=HTML)).status_code == 303


async def test_form_sent_twice_is_one_sign_in(
    browser: httpx.AsyncClient, other_browser: httpx.AsyncClient, hasher: CountingHasher
) -> None:
    page = await browser.get(SIGN_IN, headers=HTML)
    other_browser.cookies.update(browser.cookies)
    typed = {"username": "mlopez", "password": PASSWORD}

    first = await send(browser, SIGN_IN, page, typed)
    second = await send(other_browser, SIGN_IN, page, typed)

    assert [first.status_code, second.status_code] == [303, 303]
    assert browser.cookies["sid"] == other_browser.cookies["sid"]
    assert hasher.verified == 1


async def test_wrong_password_sent_twice_is_counted_once(
    browser: httpx.AsyncClient, hasher: CountingHasher
) -> None:
    page = await browser.get(SIGN_IN, headers=HTML)

    answers = [await send(browser, SIGN_IN, page, {"username": "mlopez", "password": "no"}) for _ in "12"]

    assert [answer.status_code for answer in answers] == [422, 422]
    assert hasher.verified == 1


async def test_session_of_one_district_opens_nothing_in_another(browser: httpx.AsyncClient) -> None:
    await enter(browser)

    boston = await browser.get("/boston/public/start", headers=HTML)

    assert (boston.status_code, boston.headers["location"]) == (303, BOSTON)


@pytest.mark.requirement("R7")
async def test_language_is_chosen_from_the_menu_and_stays(browser: httpx.AsyncClient) -> None:
    first = await browser.get(SIGN_IN, headers=HTML)

    await browser.get(f"{SIGN_IN}?language=es", headers=HTML)
    later = await browser.get("/westborough/public/get-help", headers=HTML)

    assert '<label for="language">Select Language</label>' in first.text
    assert '<option value="en" lang="en" selected>English</option>' in first.text
    assert '<option value="es" lang="es" selected>Español</option>' in later.text


@pytest.mark.requirement("R8")
async def test_district_with_one_language_has_no_menu(browser: httpx.AsyncClient) -> None:
    page = await browser.get(BOSTON, headers=HTML)

    assert "Select Language" not in page.text


async def test_language_that_is_not_translated_is_said_to_be_so(
    portal: Portal, browser: httpx.AsyncClient
) -> None:
    make_district(portal, "shrewsbury", profile="powerschool", locales=["en", "de"])

    page = await browser.get("/shrewsbury/public/sign-in?language=de", headers=HTML)

    assert "not translated into that language yet" in read(page)
    assert '<html lang="en"' in page.text


@pytest.mark.parametrize(
    ("language", "direction", "sign_in"),
    [("es", "ltr", "Iniciar sesión"), ("ar", "rtl", "تسجيل الدخول"), ("zh", "ltr", "登录")],
)
async def test_page_is_in_the_language_that_was_chosen(
    portal: Portal, browser: httpx.AsyncClient, language: str, direction: str, sign_in: str
) -> None:
    make_district(portal, "shrewsbury", profile="powerschool", locales=["en", language])

    page = await browser.get(f"/shrewsbury/public/sign-in?language={language}", headers=HTML)

    assert f'<html lang="{language}" dir="{direction}">' in page.text
    assert sign_in in read(page)
    assert "not translated" not in read(page)


@pytest.mark.parametrize("asked", ["de", "", "e'; --", "es,en", "<script>"])
async def test_language_that_is_not_offered_is_not_chosen(browser: httpx.AsyncClient, asked: str) -> None:
    page = await browser.get(SIGN_IN, params={"language": asked}, headers=HTML)

    assert '<option value="en" lang="en" selected>' in page.text
    assert "language" not in browser.cookies


@pytest.mark.parametrize("asked", ["es-MX,es;q=0.9", "de, es;q=0.5", "ES", "ES-es"])
async def test_language_of_the_browser_is_preselected(browser: httpx.AsyncClient, asked: str) -> None:
    page = await browser.get(SIGN_IN, headers={**HTML, "Accept-Language": asked})

    assert '<option value="es" lang="es" selected>' in page.text


@pytest.mark.requirement("R52")
async def test_second_tab_is_the_districts_way_to_an_account(
    browser: httpx.AsyncClient, portal: Portal
) -> None:
    westborough, boston = [await browser.get(each, headers=HTML) for each in (SIGN_IN, BOSTON)]
    make_district(portal, "westborough", parent_single_sign_on=False)
    alone = await browser.get(SIGN_IN, headers=HTML)

    assert '<a href="/westborough/public/create-account">Create Account</a>' in westborough.text
    assert '<a href="/boston/public/request-account">Request Account</a>' in boston.text
    assert "Create Account" not in alone.text


@pytest.mark.requirement("R17", "R36", "R46")
async def test_district_without_one_sign_in_says_that_the_school_helps(
    browser: httpx.AsyncClient, portal: Portal
) -> None:
    make_parent(portal, username="newcomer", temporary=True)
    make_district(
        portal, "westborough", parent_single_sign_on=False, help={"default": {"name": "The office"}}
    )

    answer = await enter(browser, "newcomer")
    page = await browser.get(answer.headers["location"], headers=HTML)
    sent = await fill(browser, answer.headers["location"], {"current_password": PASSWORD})

    assert "has not turned on changing passwords here. Please contact your school. The office" in read(page)
    assert 'name="new_password"' not in page.text
    assert sent.status_code == 200


@pytest.mark.case("A10")
async def test_browser_known_from_before_is_not_locked_out_by_a_stranger(
    browser: httpx.AsyncClient, other_browser: httpx.AsyncClient, portal: Portal
) -> None:
    make_district(portal, "westborough", profile="recommended", lock={"fails": 2})
    await enter(browser)
    for _ in range(2):
        await enter(other_browser, password="wrong")

    stranger, parent = await enter(other_browser), await enter(browser)

    assert "locked for a while" in read(stranger)
    assert parent.status_code == 303


@pytest.mark.case("A11")
async def test_new_browser_of_a_locked_name_is_shown_the_way_to_recovery(
    browser: httpx.AsyncClient, other_browser: httpx.AsyncClient, portal: Portal
) -> None:
    make_district(portal, "westborough", profile="recommended", lock={"fails": 2})
    for _ in range(2):
        await enter(other_browser, password="wrong")

    parent = await enter(browser)

    assert 'choose "Having trouble signing in?"' in read(parent)
    assert 'href="/westborough/public/trouble"' in parent.text


async def test_language_that_nobody_knows_is_called_by_its_code(
    browser: httpx.AsyncClient, portal: Portal
) -> None:
    make_district(portal, "westborough", profile="powerschool", locales=["en", "xx-unheard"])

    page = await browser.get(SIGN_IN, headers=HTML)

    assert '<option value="xx-unheard" lang="xx-unheard">xx-unheard</option>' in page.text


@pytest.mark.requirement("R15")
@pytest.mark.case("E5")
@pytest.mark.parametrize("username", ["mlopez", "nobody"])
async def test_last_try_is_told_that_it_was_the_last(
    browser: httpx.AsyncClient, portal: Portal, username: str
) -> None:
    first = [await enter(browser, username, "wrong") for _ in range(4)]
    fifth = await enter(browser, username, "wrong")
    make_district(portal, "westborough", profile="recommended", lock={"fails": 1})
    waits = await enter(browser, f"{username}2", "wrong")

    assert all("last try" not in read(answer) for answer in first)
    assert "That was the last try: this username is locked now" in read(fifth)
    assert "(508) 555-0192" in read(fifth)
    assert "this username is locked until October 15, 2026, 10:15 AM." in read(waits)


@pytest.mark.case("A17")
@pytest.mark.parametrize(
    ("profile", "way"), [("recommended", "A new password"), ("aspen", "but your school can")]
)
async def test_spent_cap_names_the_way_that_lifts_it(
    browser: httpx.AsyncClient, portal: Portal, clock: FakeClock, profile: str, way: str
) -> None:
    lock = {"mode": "wait", "fails": 100}
    make_district(portal, "westborough", profile=profile, lock=lock, help={"default": {"name": "The office"}})
    for _ in range(99):
        sign_in(portal, password="wrong")

    last = await enter(browser, password="wrong")
    after = await enter(browser)

    assert "That was the last try" in read(last)
    assert "its password is switched off" in read(after)
    assert way in read(after)
    assert "The office" in read(after)
