"""What holds for every public page: cookies, forms within limits, sessions, and words."""

import asyncio
import threading
from datetime import UTC, datetime
from urllib.parse import urlencode

import httpx
import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp

from portal.accounts.passwords import HashingPool
from portal.core.errors import UnavailableError
from portal.transaction import Portal
from tests.support.doors import build_app, client_of
from tests.support.hashing import CountingHasher
from tests.support.portals import PASSWORD, make_district
from tests.support.public_site import HTML, SIGN_IN, START, enter, fill, hidden, public_site, read, send
from tests.support.scripted_assistant import ScriptedAssistant
from web.public.forms import read_form
from web.public.gateway import Gateway
from web.public.sheets import moment

FORM = {"Content-Type": "application/x-www-form-urlencoded", **HTML}
RIGHT = {"username": "mlopez", "password": PASSWORD}


def cookies(answer: httpx.Response) -> dict[str, str]:
    """Return each cookie that is set, by its name, with its flags."""
    written = answer.headers.get_list("set-cookie")
    return {each.partition("=")[0]: each.partition("; ")[2] for each in written}


@pytest.mark.case("S2")
async def test_cookies_belong_to_this_host_and_to_no_script(portal: Portal, families: None) -> None:
    with public_site(portal, secure=True) as app:
        async with client_of(app, headers={"Host": "portal.example"}) as client:
            answer = await client.get(SIGN_IN, headers=HTML)

    assert {name: set(flags.split("; ")) for name, flags in cookies(answer).items()} == {
        "__Host-sid": {"HttpOnly", "Path=/", "SameSite=lax", "Secure"},
        "__Host-device": {"HttpOnly", "Path=/", "SameSite=lax", "Secure", "Max-Age=34560000"},
    }
    assert all(len(each) < 4096 for each in answer.headers.get_list("set-cookie"))


@pytest.mark.case("S2")
async def test_cookies_mean_nothing_and_are_stored_nowhere(
    browser: httpx.AsyncClient, portal: Portal
) -> None:
    await enter(browser)

    shown = set(browser.cookies.values())
    with portal.begin() as tx:
        rows = tx.session.connection().exec_driver_sql("select * from sessions").all()

    assert all(len(token) == 43 for token in shown)
    assert not any(token in str(rows) for token in shown)


@pytest.mark.case("S2")
@pytest.mark.parametrize("planted", [b"", b"short", b"x" * 5000, b"../../etc", b"\xff" * 43])
async def test_cookie_that_is_not_ours_is_replaced(site: ASGIApp, planted: bytes) -> None:
    async with client_of(site) as client:
        answer = await client.get(SIGN_IN, headers={b"Accept": b"text/html", b"Cookie": b"sid=" + planted})

    assert answer.status_code == 200
    assert "sid" in cookies(answer)


async def test_device_stays_when_the_session_changes(browser: httpx.AsyncClient) -> None:
    await browser.get(SIGN_IN, headers=HTML)
    device, sid = browser.cookies["device"], browser.cookies["sid"]

    await enter(browser)

    assert browser.cookies["device"] == device
    assert browser.cookies["sid"] != sid


@pytest.mark.case("S3")
async def test_form_without_its_token_changes_nothing(
    browser: httpx.AsyncClient, hasher: CountingHasher
) -> None:
    await browser.get(SIGN_IN, headers=HTML)

    answer = await browser.post(SIGN_IN, data=RIGHT, headers=HTML)

    assert answer.status_code == 403
    assert "nothing was sent" in read(answer)
    assert hasher.verified == 0


@pytest.mark.case("S3")
async def test_form_with_the_token_of_another_session_changes_nothing(
    browser: httpx.AsyncClient, other_browser: httpx.AsyncClient, hasher: CountingHasher
) -> None:
    theirs = await other_browser.get(SIGN_IN, headers=HTML)
    await browser.get(SIGN_IN, headers=HTML)

    answer = await send(browser, SIGN_IN, theirs, RIGHT)
    again = await send(browser, SIGN_IN, answer, RIGHT)

    assert (answer.status_code, again.status_code) == (403, 303)
    assert hasher.verified == 1


@pytest.mark.case("S3")
@pytest.mark.parametrize("page", ["preferences", "link-students", "change-password", "sign-out", "get-help"])
@pytest.mark.parametrize("forged", [{}, {"csrf": "0" * 64}, {"csrf": "\u00e9"}])
async def test_form_without_the_token_of_the_live_session_is_refused_on_every_page(
    browser: httpx.AsyncClient, portal: Portal, page: str, forged: dict[str, str]
) -> None:
    await enter(browser)
    wish = {"what": "name", "first_name": "Mallory", "last_name": "Quintero", "remove": "S1", **forged}

    answer = await browser.post(f"/westborough/public/{page}", data=wish, headers=HTML)

    assert answer.status_code == 403
    start = await browser.get(START, headers=HTML)
    assert start.status_code == 200
    assert "Mallory" not in start.text


@pytest.mark.case("S3")
async def test_token_that_cannot_be_encoded_is_refused_and_no_failure(browser: httpx.AsyncClient) -> None:
    kind = {"Content-Type": "application/x-www-form-urlencoded", **HTML}

    answer = await browser.post(SIGN_IN, content="csrf=%FF&username=x&password=y", headers=kind)

    assert answer.status_code == 403


@pytest.mark.case("S3")
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Content-Type": "text/plain"},
        {"Content-Type": "multipart/form-data; boundary=x"},
        {"Content-Type": "application/json"},
    ],
)
async def test_form_from_elsewhere_is_refused(
    browser: httpx.AsyncClient, hasher: CountingHasher, headers: dict[str, str]
) -> None:
    page = await browser.get(SIGN_IN, headers=HTML)
    body = urlencode({**hidden(page), **RIGHT})

    answer = await browser.post(SIGN_IN, content=body, headers={**FORM, **headers})

    assert answer.status_code == 403
    assert hasher.verified == 0


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"},
        # What a browser sends from a page that withholds its referrer.
        {"Origin": "null", "Sec-Fetch-Site": "same-origin"},
    ],
)
async def test_form_from_our_own_page_is_taken(browser: httpx.AsyncClient, headers: dict[str, str]) -> None:
    page = await browser.get(SIGN_IN, headers=HTML)
    body = urlencode({**hidden(page), **RIGHT})

    answer = await browser.post(SIGN_IN, content=body, headers={**FORM, **headers})

    assert answer.status_code == 303


@pytest.mark.case("S3")
@pytest.mark.parametrize(
    ("method", "page"),
    [("GET", "sign-out"), ("POST", "start"), ("POST", "signed-out"), ("POST", "session"), ("PUT", "sign-in")],
)
async def test_wrong_method_is_refused(browser: httpx.AsyncClient, method: str, page: str) -> None:
    await enter(browser)

    answer = await browser.request(method, f"/westborough/public/{page}", headers=HTML)

    assert answer.status_code == 405
    assert (await browser.get(START, headers=HTML)).status_code == 200


@pytest.mark.case("P5")
async def test_body_beyond_the_limit_is_not_read(browser: httpx.AsyncClient, hasher: CountingHasher) -> None:
    answer = await fill(browser, SIGN_IN, {"username": "mlopez", "password": "x" * 16_000})

    assert answer.status_code == 413
    assert hasher.verified == 0


@pytest.mark.case("P5")
@pytest.mark.parametrize("name", ["username", "password"])
async def test_field_beyond_the_limit_is_named_before_anything_is_hashed(
    browser: httpx.AsyncClient, hasher: CountingHasher, name: str
) -> None:
    answer = await fill(browser, SIGN_IN, {**RIGHT, name: "x" * 1025})

    assert answer.status_code == 422
    assert f'<a href="#{name}">This is too long.' in answer.text
    assert hasher.verified == 0


@pytest.mark.case("P7")
@pytest.mark.parametrize("typed", ["%00", "a%00b", "%ED%A0%80", "%FF", "a%0D%0ABcc:b", "a%1Bb"])
@pytest.mark.parametrize("name", ["username", "password"])
async def test_characters_that_cannot_be_stored_are_named_beside_the_field(
    browser: httpx.AsyncClient, name: str, typed: str
) -> None:
    page = await browser.get(SIGN_IN, headers=HTML)
    body = urlencode({**hidden(page), **RIGHT}) + f"&{name}={typed}"

    answer = await browser.post(SIGN_IN, content=body, headers=FORM)

    assert answer.status_code == 422
    assert f'id="{name}-wrong-1">This has a character that cannot be used here.' in answer.text


@pytest.mark.parametrize("body", [b"\xff\xfe", "x=1&" * 65, "a;b" + "&c" * 70])
async def test_body_that_is_no_form_of_ours_is_refused(browser: httpx.AsyncClient, body: str | bytes) -> None:
    answer = await browser.post(SIGN_IN, content=body, headers=FORM)

    assert answer.status_code == 400


@pytest.mark.case("P7", "X1")
@pytest.mark.parametrize("slug", ["nowhere", "West", "a", "..%2f", "%00", "x" * 300, "a'--"])
async def test_district_that_is_not_there_is_not_found(browser: httpx.AsyncClient, slug: str) -> None:
    answer = await browser.get(f"/{slug}/public/sign-in", headers=HTML)

    assert answer.status_code == 404


@pytest.mark.case("X1")
@pytest.mark.parametrize("typed", ["' OR 1=1--", "%", "_", "\\", "mlopez' --", "<script>alert(1)</script>"])
async def test_what_is_typed_is_data_and_nothing_else(browser: httpx.AsyncClient, typed: str) -> None:
    answer = await fill(browser, SIGN_IN, {"username": typed, "password": typed})

    assert answer.status_code == 422
    assert "do not go together" in read(answer)
    assert "<script>alert" not in answer.text


async def test_page_is_found_by_its_head_alone(browser: httpx.AsyncClient) -> None:
    answer = await browser.head(SIGN_IN, headers=HTML)

    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.case("RT11")
async def test_redirect_never_repeats_the_host_that_the_caller_names(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/westborough/public", headers={**HTML, "Host": "evil.example"})

    assert answer.headers["location"] == SIGN_IN


async def test_note_that_is_not_known_is_not_shown(browser: httpx.AsyncClient) -> None:
    page = await browser.get(f"{SIGN_IN}?note=violation_empty%3Cb%3E", headers=HTML)

    assert page.status_code == 200
    assert 'role="status"' not in page.text


async def test_language_menu_keeps_what_the_address_asks_for(browser: httpx.AsyncClient) -> None:
    page = await browser.get(f"{SIGN_IN}?about=no%22email&language=es", headers=HTML)

    assert '<input type="hidden" name="about" value="no&#34;email">' in page.text


async def test_busy_portal_asks_to_try_again(portal: Portal, families: None, hasher: CountingHasher) -> None:
    hashing = HashingPool(places=0)
    full = Portal(portal.engine, clock=portal.clock, keys=portal.keys, hasher=hasher, hashing=hashing)
    with public_site(full) as app:
        async with client_of(app) as client:
            answer = await enter(client)
    full.close()

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "Nothing was counted against you." in read(answer)


async def test_gateway_with_a_full_line_is_unavailable(portal: Portal) -> None:
    gateway = Gateway(portal, workers=1, line=1)
    free = threading.Event()
    held = [asyncio.create_task(gateway.call(lambda _: free.wait(10))) for _ in "12"]
    await asyncio.sleep(0)

    with pytest.raises(UnavailableError):
        await gateway.call(lambda _: None)
    free.set()

    assert await asyncio.gather(*held) == [True, True]
    assert await gateway.call(lambda _: "again") == "again"
    gateway.close()


async def test_browser_that_leaves_while_sending_is_no_failure_of_ours() -> None:
    async def gone() -> dict[str, str]:
        return {"type": "http.disconnect"}

    headers = [(b"content-type", b"application/x-www-form-urlencoded")]
    request = Request({"type": "http", "method": "POST", "headers": headers}, gone)

    with pytest.raises(HTTPException) as refused:
        await read_form(request)

    assert refused.value.status_code == 400


async def test_moment_in_a_language_that_nobody_knows_is_english(portal: Portal) -> None:
    at = datetime(2026, 10, 15, 14, 0, tzinfo=UTC)

    assert moment(at, make_district(portal), "xx-unheard") == "October 15, 2026, 10:00 AM"


async def test_chat_and_pages_link_to_each_other(portal: Portal, families: None) -> None:
    gateway = Gateway(portal)
    async with client_of(build_app(ScriptedAssistant(), gateway=gateway)) as client:
        chat = await client.get("/chat?district=westborough", headers=HTML)
        page = await client.get(SIGN_IN, headers=HTML)

    gateway.close()
    assert f'href="{SIGN_IN}" target="_top"' in chat.text
    assert 'href="/chat?district=westborough"' in page.text
