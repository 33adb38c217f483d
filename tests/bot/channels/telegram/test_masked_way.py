"""Come from a chat to its masked page: inside Telegram, or in a browser by six digits."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import Engine, text

from bot.channels import masked
from bot.channels.doors import DoorSettings
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.doors import KEY, KnownDistricts, always_ready, client_of, pages_of
from tests.support.portals import PASSWORD
from tests.support.telegram.line import PUBLIC, Line
from tests.support.telegram.opened import init_data
from tests.support.telegram.person import Person
from web.app import WebSettings, create_app

PAGE = {"Accept": "text/html"}
WRONG = "CANARY-4c1d-wrong staple"


@pytest.fixture
def app(line: Line) -> object:
    doors = DoorSettings(districts=KnownDistricts(), pages=pages_of(), api_key=KEY)
    routes = masked.routes(line.assistant, doors, [line.channel.masked_way(doors)])
    return create_app(WebSettings(pages=pages_of(), unready=always_ready), routes=routes)


@pytest.fixture
async def browser(app: object) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app, headers=PAGE) as client:  # type: ignore[arg-type]
        yield client


@pytest.fixture
async def stranger(app: object) -> AsyncIterator[httpx.AsyncClient]:
    """Return another browser."""
    async with client_of(app, headers=PAGE) as client:  # type: ignore[arg-type]
        yield client


async def ask(line: Line, person: Person) -> str:
    """Begin to sign in; return the path of the masked page."""
    await person.types("sign in, my username is mlopez")
    await line.settled()
    [[button]] = person.last.buttons
    return str(button["web_app"]["url"]).removeprefix(PUBLIC)


def digits_on(page: httpx.Response) -> str:
    found = re.search(r"(\d{3}) (\d{3})", page.text)
    assert found, page.text
    return found[1] + found[2]


async def press(browser: httpx.AsyncClient, path: str) -> httpx.Response:
    return await browser.post(f"{path}/code", follow_redirects=True)


async def opened(browser: httpx.AsyncClient, path: str, told: object) -> httpx.Response:
    return await browser.post(f"{path}/app", json={"init_data": told})


def proof_of(answer: httpx.Response) -> dict[str, str]:
    return {"X-Page-Proof": answer.json()["proof"]}


@pytest.mark.case("C1")
async def test_inside_telegram_the_password_goes_to_the_portal_and_the_answer_to_the_chat(
    line: Line, ana: Person, browser: httpx.AsyncClient, clock: FakeClock
) -> None:
    path = await ask(line, ana)

    proved = await opened(browser, path, init_data(ana.number, clock.now()))
    shown = await browser.get(path, headers=proof_of(proved))
    done = await browser.post(path, data={"password": PASSWORD}, headers=proof_of(proved))
    await line.settled()

    assert [field["name"] for field in proved.json()["fields"]] == ["password"]
    assert 'type="password"' in shown.text
    assert "go back to Telegram" in done.text
    assert "Signed in" in ana.read
    assert "set-cookie" not in proved.headers


async def test_after_a_wrong_password_the_page_says_so_and_leads_back_to_the_chat(
    line: Line, ana: Person, browser: httpx.AsyncClient, clock: FakeClock
) -> None:
    path = await ask(line, ana)
    proved = await opened(browser, path, init_data(ana.number, clock.now()))

    failed = await browser.post(path, data={"password": WRONG}, headers=proof_of(proved))
    again = await browser.post(path, data={"password": PASSWORD}, headers=proof_of(proved))
    await line.settled()

    assert "bad_credentials" in failed.text
    assert "bad_credentials" in ana.read
    assert WRONG not in failed.text + ana.read
    assert again.status_code == 404


@pytest.mark.case("C7")
async def test_what_telegram_told_a_page_serves_once(
    line: Line, ana: Person, browser: httpx.AsyncClient, clock: FakeClock
) -> None:
    path = await ask(line, ana)
    told = init_data(ana.number, clock.now())

    first = await opened(browser, path, told)
    again = await opened(browser, path, told)

    assert (first.status_code, again.status_code) == (200, 401)


@pytest.mark.case("C6")
@pytest.mark.parametrize(
    "told", ["", None, 7, "\x00", "auth_date=1&hash=00", init_data(4101, FakeClock().now(), token="1:x")]
)
async def test_a_page_that_shows_something_else_is_turned_away(
    line: Line, ana: Person, browser: httpx.AsyncClient, told: object
) -> None:
    path = await ask(line, ana)

    answer = await opened(browser, path, told)

    assert answer.status_code == 401


@pytest.mark.case("C5", "C6")
async def test_somebody_elses_ticket_cannot_be_opened_inside_telegram(
    line: Line, ana: Person, browser: httpx.AsyncClient, clock: FakeClock
) -> None:
    path = await ask(line, ana)

    answer = await opened(browser, path, init_data(ana.number + 1, clock.now()))

    assert answer.status_code == 404


@pytest.mark.parametrize("proof", ["", "x", "4101.99999999999.{}".format("A" * 43), "other chat", "late"])
async def test_a_proof_that_is_not_of_this_page_opens_nothing(
    line: Line, ana: Person, browser: httpx.AsyncClient, clock: FakeClock, proof: str
) -> None:
    path = await ask(line, ana)
    proved = await opened(browser, path, init_data(ana.number, clock.now()))
    real = str(proved.json()["proof"])
    if proof == "other chat":
        proof = real.replace("4101.", "4102.", 1)
    if proof == "late":
        proof = real
        clock.advance(minutes=10)

    answer = await browser.post(path, data={"password": PASSWORD}, headers={"X-Page-Proof": proof})

    assert answer.status_code in {401, 404}


@pytest.mark.case("C5")
async def test_a_browser_is_joined_by_six_digits_typed_into_the_chat(
    line: Line, ana: Person, browser: httpx.AsyncClient, engine: Engine
) -> None:
    path = await ask(line, ana)
    before = await browser.get(path)
    digits = digits_on(await press(browser, path))
    waiting = (await browser.get(f"{path}/code")).json()

    await ana.types(digits)
    await line.settled()
    joined = (await browser.get(f"{path}/code")).json()
    form = await browser.get(path)
    done = await browser.post(path, data={"password": PASSWORD})
    await line.settled()

    assert "Ana" in before.text
    assert "password" not in re.sub("<[^>]+>", "", before.text.casefold())
    assert (waiting, joined) == ({"joined": False}, {"joined": True})
    assert "Right: go back to the page." in ana.read
    assert 'type="password"' in form.text
    assert "go back to Telegram" in done.text
    assert "Signed in" in ana.read
    assert digits not in stored(engine)


def stored(engine: Engine) -> str:
    tables = ("dialogue_inbox", "dialogue_transcript", "dialogue_join", "dialogue_push")
    with engine.connect() as connection:
        rows = [row for table in tables for row in connection.execute(text(f"select * from {table}"))]  # noqa: S608
    return repr(rows)


async def test_looking_at_a_link_spends_nothing(
    line: Line, ana: Person, browser: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    path = await ask(line, ana)
    for _ in range(3):
        await stranger.get(path)
        await stranger.head(path)

    page = await press(browser, path)

    assert digits_on(page)


@pytest.mark.case("C5")
async def test_a_victim_who_completes_an_attackers_link_is_not_bound_to_the_attackers_chat(
    line: Line, ana: Person, browser: httpx.AsyncClient, engine: Engine
) -> None:
    mallory = line.person(666, "Mallory")
    path = await ask(line, mallory)
    await ask(line, ana)

    page = await browser.get(path)
    digits = digits_on(await press(browser, path))
    await ana.types(digits)
    await line.settled()
    sent = await browser.post(path, data={"password": PASSWORD})
    await line.settled()

    assert "Mallory" in page.text
    assert sent.status_code == 404
    assert "Signed in" not in mallory.read + ana.read


@pytest.mark.case("C5")
async def test_an_attacker_who_joined_his_own_browser_gains_nothing_from_passing_the_link_on(
    line: Line, browser: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    mallory = line.person(666, "Mallory")
    path = await ask(line, mallory)
    await mallory.types(digits_on(await press(stranger, path)))
    await line.settled()

    page = await browser.get(path)
    pressed = await press(browser, path)
    sent = await browser.post(path, data={"password": PASSWORD})

    assert [page.status_code, pressed.status_code, sent.status_code] == [404, 404, 404]


@pytest.mark.case("C5")
async def test_the_fifth_wrong_try_closes_the_page(
    line: Line, ana: Person, browser: httpx.AsyncClient
) -> None:
    path = await ask(line, ana)
    digits = digits_on(await press(browser, path))
    wrong = f"{(int(digits) + 1) % 10**6:06}"
    for _ in range(5):
        await ana.types(wrong)
    await ana.types(digits)
    await line.settled()

    page = await browser.get(path)

    assert page.status_code == 404
    assert "closed now" in ana.read
    assert "Right: go back" not in ana.read


@pytest.mark.case("C5")
@pytest.mark.parametrize(("after", "status"), [(timedelta(seconds=599), 200), (timedelta(minutes=10), 404)])
async def test_a_link_lasts_ten_minutes(  # noqa: PLR0917  (fixtures and cases)
    line: Line, ana: Person, browser: httpx.AsyncClient, clock: FakeClock, after: timedelta, status: int
) -> None:
    path = await ask(line, ana)
    digits = digits_on(await press(browser, path))

    clock.advance(seconds=after.total_seconds())
    await ana.types(digits)
    await line.settled()

    assert (await browser.get(path)).status_code == status


async def test_digits_may_be_typed_as_they_are_written_in_arabic(
    line: Line, ana: Person, browser: httpx.AsyncClient
) -> None:
    path = await ask(line, ana)
    digits = digits_on(await press(browser, path))

    await ana.types(digits.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")))
    await line.settled()

    assert "Right: go back" in ana.read


async def test_six_digits_that_no_page_waits_for_are_read_like_any_other_text(
    line: Line, ana: Person
) -> None:
    await ana.types("hello")
    await ana.types("123456")
    await line.settled()

    assert "digits" not in ana.read


async def test_a_press_from_another_site_shows_nothing(
    line: Line, ana: Person, browser: httpx.AsyncClient
) -> None:
    path = await ask(line, ana)

    answer = await browser.post(f"{path}/code", headers={"Origin": "https://evil.example"})

    assert answer.status_code == 403


async def test_only_telegram_may_frame_the_page_and_nothing_of_others_runs_in_it(
    line: Line, ana: Person, browser: httpx.AsyncClient, portal: Portal
) -> None:
    page = await browser.get(await ask(line, ana))

    policy = page.headers["content-security-policy"]
    assert policy.endswith("frame-ancestors https://web.telegram.org")
    assert "script-src 'self';" in policy
    assert "x-frame-options" not in page.headers
    assert page.headers["cache-control"] == "no-store"


@pytest.mark.case("C5")
async def test_the_page_names_the_chat_by_its_name_and_username_as_text(
    line: Line, ana: Person, browser: httpx.AsyncClient
) -> None:
    user = {
        "id": ana.number,
        "is_bot": False,
        "first_name": "\u202e<b>Ana\u2069",
        "last_name": "Lopez",
        "username": "ana_l",
    }
    chat = {"id": ana.number, "type": "private", "first_name": "Ana"}
    words = {"message_id": 1, "date": 1, "chat": chat, "from": user, "text": "sign in, my username is mlopez"}
    await ana.hands_in("message", words)
    await line.settled()
    [[button]] = ana.last.buttons

    page = await browser.get(str(button["web_app"]["url"]).removeprefix(PUBLIC))

    assert "Telegram chat of \u2068&lt;b&gt;Ana Lopez (@ana_l)\u2069." in page.text


async def test_a_browser_that_speaks_another_language_reads_the_page_in_that_of_its_chat(
    line: Line, ana: Person, browser: httpx.AsyncClient
) -> None:
    path = await ask(line, ana)

    page = await browser.get(path, headers={"Accept-Language": "es"})

    assert '<html lang="en"' in page.text
