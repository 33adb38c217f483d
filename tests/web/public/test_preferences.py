"""Look after one's own settings on "Account Preferences"."""

import httpx
import pytest
import pytest_asyncio

from portal.accounts.outcomes import SignedIn
from portal.transaction import Portal
from tests.support.account_pages import EMAIL, W, token_for
from tests.support.clock import FakeClock
from tests.support.mails import Mailbox, delivered
from tests.support.portals import PASSWORD, make_district, make_parent, sign_in
from tests.support.public_site import HTML, enter, fill, hidden, read, send

PAGE = f"{W}preferences"
NEW = "new@families.example"


@pytest.fixture
def families(portal: Portal, districts: None) -> None:
    """Give mlopez a confirmed address and kwhitfield none."""
    make_parent(portal, username="mlopez", display_name="Marisol López", email=EMAIL, email_confirmed=True)
    make_parent(portal, username="kwhitfield", display_name="Karen Whitfield")


@pytest_asyncio.fixture
async def inside(browser: httpx.AsyncClient) -> httpx.AsyncClient:
    """Return a browser in which mlopez is signed in."""
    await enter(browser)
    return browser


async def change(client: httpx.AsyncClient, what: str, **typed: str) -> httpx.Response:
    """Open the form of one setting and send it."""
    page = await client.get(f"{PAGE}?change={what}", headers=HTML)
    return await send(client, PAGE, page, {"what": what, **typed})


async def landed(client: httpx.AsyncClient, answer: httpx.Response) -> str:
    assert answer.status_code == 303, read(answer)
    return read(await client.get(answer.headers["location"], headers=HTML))


@pytest.mark.requirement("R104")
async def test_page_shows_every_setting_with_its_way_to_change_it(inside: httpx.AsyncClient) -> None:
    page = await inside.get(PAGE, headers=HTML)

    assert "<h1>Account Preferences</h1>" in page.text
    for shown in ("Marisol López", EMAIL, "mlopez", "English"):
        assert shown in read(page)
    for what in ("name", "email", "username", "language"):
        assert f'href="{PAGE}?change={what}"' in page.text
    assert f'href="{W}change-password"' in page.text
    assert f'href="{W}link-students"' in page.text


async def test_name_is_changed(inside: httpx.AsyncClient) -> None:
    form = await inside.get(f"{PAGE}?change=name", headers=HTML)
    answer = await change(inside, "name", first_name="María", last_name="López Quintero")

    text = await landed(inside, answer)

    assert 'value="Marisol"' in form.text
    assert 'value="López"' in form.text
    assert "Your name is saved." in text
    assert "Welcome, María López Quintero" in text


@pytest.mark.parametrize(
    "name", ["", " ", "x" * 81, "x" * 1025, "Ana\r\nBcc: a@b.example", "<b>", "\u202eanA", "7"]
)
async def test_name_that_is_none_is_told_beside_its_field(inside: httpx.AsyncClient, name: str) -> None:
    answer = await change(inside, "name", first_name=name, last_name="López")

    assert answer.status_code == 422
    assert 'href="#first_name"' in answer.text
    assert "Marisol López" in read(await inside.get(PAGE, headers=HTML))


async def test_new_address_is_asked_at_both_ends_and_waits(inside: httpx.AsyncClient, portal: Portal) -> None:
    box = Mailbox()
    answer = await change(inside, "email", email=NEW, password=PASSWORD)
    text = await landed(inside, answer)
    await delivered(portal, box)
    token = await token_for(portal, NEW, box)

    confirmed = await fill(inside, f"{W}confirm-email", {"token": token, "password": PASSWORD})
    after = read(await inside.get(PAGE, headers=HTML))

    assert "We have sent an email to your new address." in text
    assert f"You asked to change your email address to {NEW}." in text
    assert EMAIL in text
    assert {letter.to for letter in box.letters} == {EMAIL, NEW}
    assert confirmed.status_code == 303
    assert NEW in after
    assert EMAIL not in after


async def test_change_of_address_can_be_taken_back(inside: httpx.AsyncClient, portal: Portal) -> None:
    await change(inside, "email", email=NEW, password=PASSWORD)
    token = await token_for(portal, NEW)
    page = await inside.get(PAGE, headers=HTML)

    answer = await send(inside, PAGE, page, {"what": "keep_email"})
    text = await landed(inside, answer)
    late = await fill(inside, f"{W}confirm-email", {"token": token, "password": PASSWORD})

    assert "Your email address stays as it is." in text
    assert NEW not in text
    assert late.status_code == 422


async def test_username_is_changed_and_used_from_the_next_sign_in_on(
    inside: httpx.AsyncClient, portal: Portal
) -> None:
    answer = await change(inside, "username", username="marisol.q", password=PASSWORD)

    text = await landed(inside, answer)

    assert "Your username is changed. Use it from your next sign-in on." in text
    assert isinstance(sign_in(portal, "marisol.q"), SignedIn)
    assert not isinstance(sign_in(portal, "mlopez"), SignedIn)


async def test_username_that_is_taken_comes_with_free_ones(inside: httpx.AsyncClient) -> None:
    answer = await change(inside, "username", username="kwhitfield", password=PASSWORD)

    assert answer.status_code == 422
    assert "This username is already in use. Please select or enter another one." in read(answer)
    assert answer.text.count('data-fills="username"') == 3
    assert PASSWORD not in answer.text


@pytest.mark.parametrize(
    ("what", "field", "value", "sentence"),
    [
        ("username", "username", "mlopez", "This is your username already."),
        ("username", "username", "\u0430lice", "A username has 4 to 50 small letters"),
        ("username", "username", "alice.", "A username has 4 to 50 small letters"),
        ("username", "username", "x" * 51, "This is too long."),
        ("username", "username", "", "Please type your username."),
        ("email", "email", EMAIL.upper(), "This is your email address already."),
        ("email", "email", "not an address", "This does not look like an email address."),
        ("email", "email", "a@b.example\r\nBcc: c@d.example", "has a character that cannot be used"),
        ("email", "email", f"{'x' * 250}@b.example", "This is too long."),
        ("email", "email", "", "Please type your email address."),
    ],
)
async def test_setting_that_cannot_be_is_told_beside_its_field(
    inside: httpx.AsyncClient, what: str, field: str, value: str, sentence: str
) -> None:
    answer = await change(inside, what, **{field: value, "password": PASSWORD})

    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert sentence in read(answer)


@pytest.mark.parametrize("what", ["username", "email"])
async def test_wrong_password_changes_nothing(inside: httpx.AsyncClient, portal: Portal, what: str) -> None:
    typed = {"username": "marisol.q"} if what == "username" else {"email": NEW}
    answer = await change(inside, what, **typed, password="CANARY-wrong")
    empty = await change(inside, what, **typed, password="")

    assert answer.status_code == empty.status_code == 422
    assert "This is not the password of your account." in read(answer)
    assert "Please type your password." in read(empty)
    assert "CANARY" not in answer.text
    assert isinstance(sign_in(portal, "mlopez"), SignedIn)
    assert (await delivered(portal)).letters == []


async def test_language_is_kept_and_used_from_now_on(inside: httpx.AsyncClient) -> None:
    answer = await change(inside, "language", new_language="es")
    text = await landed(inside, answer)
    page = await inside.get(PAGE, headers=HTML)

    assert "Su idioma está guardado." in text
    assert "Preferencias de la cuenta" in read(page)
    assert inside.cookies["language"] == "es"


@pytest.mark.parametrize("language", ["", "xx", "en\r\n", "../es"])
async def test_language_that_the_district_has_not_is_refused(
    inside: httpx.AsyncClient, language: str
) -> None:
    answer = await change(inside, "language", new_language=language)

    assert answer.status_code == 422


@pytest.mark.requirement("R8")
async def test_district_with_one_language_asks_for_none(inside: httpx.AsyncClient, portal: Portal) -> None:
    make_district(portal, "westborough", locales=["en"])

    page = await inside.get(PAGE, headers=HTML)

    assert f'href="{PAGE}?change=language"' not in page.text


async def test_parent_without_an_address_reads_what_that_means(
    inside: httpx.AsyncClient, other_browser: httpx.AsyncClient
) -> None:
    await enter(other_browser, "kwhitfield")

    page = await other_browser.get(PAGE, headers=HTML)

    assert "There is no email address on your account yet." in read(page)


@pytest.mark.parametrize("what", ["", "nonsense", "__class__"])
async def test_setting_that_there_is_not_shows_the_page(inside: httpx.AsyncClient, what: str) -> None:
    shown = await inside.get(f"{PAGE}?change={what}", headers=HTML)
    sent = await change(inside, what, first_name="X")

    assert shown.status_code == sent.status_code == 200
    assert "Marisol López" in read(sent)


async def test_form_sent_twice_is_one_change(inside: httpx.AsyncClient, portal: Portal) -> None:
    page = await inside.get(f"{PAGE}?change=email", headers=HTML)
    sent = {**hidden(page), "what": "email", "email": NEW, "password": PASSWORD}

    answers = [await inside.post(PAGE, data=sent, headers=HTML) for _ in range(2)]

    assert answers[0].headers["location"] == answers[1].headers["location"]
    assert len((await delivered(portal)).to(NEW)) == 1


async def test_form_of_a_session_that_is_over_changes_nothing(
    inside: httpx.AsyncClient, portal: Portal, clock: FakeClock
) -> None:
    page = await inside.get(f"{PAGE}?change=username", headers=HTML)
    clock.advance(minutes=15)

    answer = await send(
        inside, PAGE, page, {"what": "username", "username": "marisol.q", "password": PASSWORD}
    )

    assert answer.headers["location"] == f"{W}signed-out"
    assert isinstance(sign_in(portal, "mlopez"), SignedIn)
