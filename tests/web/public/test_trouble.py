"""Ask for the mails that lead back in, on "Recover Account Sign In Information"."""

import httpx
import pytest
from starlette.types import ASGIApp

from portal.transaction import Portal
from tests.support.account_pages import EMAIL, W
from tests.support.clock import FakeClock
from tests.support.doors import client_of
from tests.support.mails import PUBLIC_URL, Mailbox, delivered
from tests.support.portals import make_district, make_parent
from tests.support.public_site import HTML, SIGN_IN, fill, hidden, read

PASSWORD_TAB, USERNAME_TAB = f"{W}trouble?tab=password", f"{W}trouble?tab=username"


@pytest.fixture(autouse=True)
def marisol(portal: Portal, districts: None) -> str:
    """Give mlopez a confirmed address, before the other families come."""
    return make_parent(
        portal, username="marisol.q", display_name="Marisol Q", email=EMAIL, email_confirmed=True
    )


async def ask_password(client: httpx.AsyncClient, username: str, email: str) -> httpx.Response:
    return await fill(client, PASSWORD_TAB, {"username": username, "email": email})


async def ask_username(client: httpx.AsyncClient, email: str) -> httpx.Response:
    return await fill(client, USERNAME_TAB, {"email": email})


def comparable(answer: httpx.Response) -> tuple[object, ...]:
    headers = {name: value for name, value in answer.headers.items() if name != "set-cookie"}
    return answer.status_code, headers, answer.text


@pytest.mark.requirement("R11", "R38", "R39")
async def test_sign_in_leads_to_both_tabs(browser: httpx.AsyncClient) -> None:
    sign_in = await browser.get(SIGN_IN, headers=HTML)
    page = await browser.get(f"{W}trouble", headers=HTML)

    assert f'href="{W}trouble">Having trouble signing in?</a>' in sign_in.text
    assert "<h1>Recover Account Sign In Information</h1>" in page.text
    assert f'href="{W}trouble?tab=password" aria-current="page">Forgot Password?</a>' in page.text
    assert f'href="{W}trouble?tab=username">Forgot Username?</a>' in page.text


@pytest.mark.requirement("R33", "R40", "R41")
async def test_username_and_address_that_belong_together_bring_a_mail(
    browser: httpx.AsyncClient, portal: Portal
) -> None:
    page = await browser.get(PASSWORD_TAB, headers=HTML)
    answer = await ask_password(browser, "marisol.q", EMAIL.lower())
    told = await browser.get(answer.headers["location"], headers=HTML)
    box = await delivered(portal)

    assert '<label for="username">Username</label>' in page.text
    assert '<label for="email">Email Address</label>' in page.text
    assert ">Enter</button>" in page.text
    assert "an email has been sent to the address with instructions for resetting the password" in read(told)
    [letter] = box.letters
    assert letter.to == EMAIL
    assert str(letter.link).startswith(f"{PUBLIC_URL}{W}recover-password#")


@pytest.mark.requirement("R35")
async def test_page_tells_how_long_the_token_lasts(browser: httpx.AsyncClient) -> None:
    told = await browser.get(f"{PASSWORD_TAB}&sent=1", headers=HTML)

    assert (
        "The security token in it is only valid for 30 minutes. If that time is over, do this once more."
        in read(told)
    )


@pytest.mark.requirement("R45", "R47", "R48")
async def test_address_brings_a_mail_with_its_username(browser: httpx.AsyncClient, portal: Portal) -> None:
    answer = await ask_username(browser, EMAIL)
    told = await browser.get(answer.headers["location"], headers=HTML)
    box = await delivered(portal)

    assert "an email has been sent to it with the current username" in read(told)
    [letter] = box.letters
    assert letter.to == EMAIL
    assert "marisol.q" in letter.text


@pytest.mark.case("E6")
async def test_everybody_gets_the_same_answer_and_only_the_right_pair_a_mail(
    site: ASGIApp, portal: Portal
) -> None:
    asked = [("marisol.q", EMAIL), ("marisol.q", "other@families.example"), ("nobody.here", EMAIL)]
    asked += [("kwhitfield", "karen@families.example"), *[("marisol.q", EMAIL)] * 3]
    answers, box = [], Mailbox()
    for username, email in asked:
        async with client_of(site) as client:
            answers.append(comparable(await ask_password(client, username, email)))
        await delivered(portal, box)

    assert len(set(map(str, answers))) == 1
    assert [letter.to for letter in box.letters] == [EMAIL] * 3


@pytest.mark.case("E8")
async def test_known_and_unknown_addresses_get_the_same_answer(site: ASGIApp, portal: Portal) -> None:
    answers = []
    for email in (EMAIL, "nobody@families.example", "marisol@elsewhere.example"):
        async with client_of(site) as client:
            answers.append(comparable(await ask_username(client, email)))

    assert len(set(map(str, answers))) == 1
    assert [letter.to for letter in (await delivered(portal)).letters] == [EMAIL]


@pytest.mark.case("RT11")
@pytest.mark.parametrize(
    "poison",
    [
        {"Host": "evil.example"},
        {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"},
        {"Forwarded": "host=evil.example;proto=https"},
    ],
)
async def test_link_never_begins_with_what_a_request_says_of_itself(
    site: ASGIApp, portal: Portal, poison: dict[str, str]
) -> None:
    async with client_of(site, headers=poison) as client:
        await ask_password(client, "marisol.q", EMAIL)
        page = await client.get(PASSWORD_TAB, headers=HTML)
        absolute = httpx.URL("http://evil.example").join(PASSWORD_TAB)
        await client.post(
            absolute, data={**hidden(page), "username": "marisol.q", "email": EMAIL}, headers=HTML
        )

    links = [str(letter.link) for letter in (await delivered(portal)).letters]
    assert links
    assert all(link.startswith(f"{PUBLIC_URL}{W}recover-password#") for link in links)
    assert all(poison_ not in link for link in links for poison_ in ("evil",))


async def test_form_sent_twice_is_one_mail(browser: httpx.AsyncClient, portal: Portal) -> None:
    page = await browser.get(PASSWORD_TAB, headers=HTML)
    typed = {**hidden(page), "username": "marisol.q", "email": EMAIL}

    answers = [await browser.post(PASSWORD_TAB, data=typed, headers=HTML) for _ in range(2)]

    assert answers[0].status_code == answers[1].status_code == 303
    assert len((await delivered(portal, Mailbox())).letters) == 1


async def test_many_requests_from_one_place_have_to_wait_whoever_they_name(
    browser: httpx.AsyncClient, clock: FakeClock
) -> None:
    for number in range(20):
        await ask_username(browser, f"nobody{number}@families.example")

    known = await ask_username(browser, EMAIL)
    unknown = await ask_username(browser, "nobody@families.example")

    assert known.status_code == unknown.status_code == 429
    assert "please try again" in read(known).lower()
    assert "(508) 555-0192" in read(known)


@pytest.mark.requirement("R36", "R46")
@pytest.mark.parametrize("tab", ["password", "username"])
async def test_district_without_parent_single_sign_on_sends_to_the_school(
    browser: httpx.AsyncClient, portal: Portal, tab: str
) -> None:
    open_before = await browser.get(f"{W}trouble?tab={tab}", headers=HTML)
    help_ = {"default": {"name": "Front office", "phone": "(508) 555-0100"}}
    make_district(portal, "westborough", parent_single_sign_on=False, help=help_)

    page = await browser.get(f"{W}trouble?tab={tab}", headers=HTML)
    late = await browser.post(
        f"{W}trouble?tab={tab}", data={**hidden(open_before), "username": "marisol.q", "email": EMAIL}
    )

    for answer in (page, late):
        assert answer.status_code == 200
        assert f"has not turned on recovering a {tab} by parents themselves" in read(answer)
        assert "(508) 555-0100" in read(answer)
    assert "Email Address" not in read(page)
    assert (await delivered(portal)).letters == []


async def test_parent_without_an_address_is_led_to_a_person(browser: httpx.AsyncClient) -> None:
    page = await browser.get(PASSWORD_TAB, headers=HTML)

    assert "Your account has no email address" in read(page)
    assert f'href="{W}get-help"' in page.text
