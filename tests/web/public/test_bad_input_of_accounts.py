"""Type into every field of every page about an account what nobody should."""

from collections.abc import Mapping
from dataclasses import dataclass

import httpx
import pytest
from starlette.types import ASGIApp

from portal.core.models import OutboxRow
from portal.transaction import Portal
from tests.support.account_pages import B, W, new_account, recovery, requested, student
from tests.support.families import Letter
from tests.support.portals import PASSWORD, make_parent
from tests.support.public_site import HTML, enter, hidden, read, send

LETTER = Letter("", "Maya López", "SOME-ACCESS-ID", "SOMEACCESSPASSWORD")
EMPTY, LONG = "", "x" * 1025
HEADER = "ana\r\nBcc: everybody@example.org"
MARKUP = "<img src=x onerror=alert(1)>\"'"
# Two alphabets in one word; a mark that turns the direction; nothing that shows; half a character.
ODD = ["\u0430na", "\u202eana", "\u200b", "a\x00b", "' OR 1=1--", "%", "\udfff", "\U0001f600", "\u00a0"]


@dataclass(frozen=True, slots=True)
class Sheet:
    """Name one form and what a parent rightly types into it."""

    address: str
    fields: Mapping[str, str]
    signed_in: bool = False

    def __str__(self) -> str:
        return self.address


SHEETS = [
    Sheet(f"{W}trouble?tab=password", {"username": "mlopez", "email": "marisol@families.example"}),
    Sheet(f"{W}trouble?tab=username", {"email": "marisol@families.example"}),
    Sheet(f"{W}recover-password", recovery("token")),
    Sheet(f"{W}create-parent-account", new_account(student(LETTER))),
    Sheet(f"{B}request-account?step=name", requested()),
    Sheet(f"{B}request-account?step=account", requested()),
    Sheet(f"{W}confirm-email", {"token": "token", "password": PASSWORD}),
    Sheet(f"{W}send-confirmation", {"email": "marisol@families.example"}),
    Sheet(f"{W}undo-email", {"token": "token"}),
    Sheet(f"{W}link-students", {"groups": "1", **student(LETTER)}, signed_in=True),
    Sheet(
        f"{W}preferences?change=name", {"what": "name", "first_name": "Ana", "last_name": "L"}, signed_in=True
    ),
    Sheet(
        f"{W}preferences?change=email",
        {"what": "email", "email": "b@c.example", "password": "wrong"},
        signed_in=True,
    ),
    Sheet(
        f"{W}preferences?change=username",
        {"what": "username", "username": "ana.lopez", "password": "w"},
        signed_in=True,
    ),
    Sheet(f"{W}preferences?change=language", {"what": "language", "new_language": "es"}, signed_in=True),
]
# What each field says when it is left empty; a field that is not named here may be.
SAYS_WHEN_EMPTY = {
    "username": "Please type your username.",
    "email": "Please type your email address.",
    "token": "Please fill in the security token from the email.",
    "password": "Please type your password.",
    "first_name": "Please type your first name.",
    "last_name": "Please type your last name.",
    "school_district": "Please choose your school district.",
    "new_password": "Please type a password.",
    "new_password_again": "Please type the password once more.",
    "question": "Please write a question that only you can answer.",
    "security_answer": "Please write the answer to your question.",
    "access_id_1": "Please type the Access ID from the school's letter.",
    "access_password_1": "Please type the Access Password from the school's letter.",
    "relationship_1": "Please choose how you are related to the student.",
}
NOT_TYPED = {"groups", "what", "student_name_1", "new_language"}
OF_THE_FIRST_STEP = {"first_name", "last_name", "school_district"}


def fields_of(sheet: Sheet) -> list[str]:
    """Return every field that a parent fills in on the page of a form."""
    typed = [name for name in sheet.fields if name not in NOT_TYPED]
    if B not in sheet.address:
        return typed
    return [name for name in typed if (name in OF_THE_FIRST_STEP) == ("step=name" in sheet.address)]


@pytest.fixture(autouse=True)
def families(portal: Portal, districts: None) -> None:
    """Give the pages behind the sign-in somebody who may see them."""
    make_parent(portal, username="mlopez")


async def typed_into(site: ASGIApp, sheet: Sheet, number: int = 0, **typed: str) -> httpx.Response:
    """Send a form from a place of its own, so that no limit comes before the fields."""
    transport = httpx.ASGITransport(app=site, client=(f"10.0.{number // 250}.{number % 250}", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        if sheet.signed_in:
            await enter(client)
        page = await client.get(f"{W}sign-in", headers=HTML)
        token = hidden(page)
        if sheet.signed_in:
            token = hidden(await client.get(sheet.address, headers=HTML))
        content = {**token, **sheet.fields, **typed}
        body = "&".join(f"{name}={_quoted(value)}" for name, value in content.items())
        kind = {"Content-Type": "application/x-www-form-urlencoded", **HTML}
        return await client.post(sheet.address, content=body, headers=kind)


def _quoted(value: str) -> str:
    return "".join(f"%{each:02X}" for each in value.encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize("sheet", SHEETS, ids=str)
async def test_empty_field_is_told_beside_it(site: ASGIApp, sheet: Sheet) -> None:
    for number, field in enumerate(fields_of(sheet)):
        for empty in (EMPTY, "   "):
            answer = await typed_into(site, sheet, number, **{field: empty})

            assert answer.status_code == 422, field
            assert f'href="#{field}">{_escaped(SAYS_WHEN_EMPTY[field])}' in answer.text
            assert f'id="{field}-wrong-1"' in answer.text
            assert 'aria-invalid="true"' in answer.text


@pytest.mark.parametrize("sheet", SHEETS, ids=str)
async def test_field_that_is_too_long_is_told_beside_it(site: ASGIApp, sheet: Sheet) -> None:
    for number, field in enumerate(fields_of(sheet)):
        answer = await typed_into(site, sheet, number, **{field: LONG})

        said = SAYS_WHEN_EMPTY[field] if field == "school_district" else "This is too long."
        assert answer.status_code == 422, field
        assert f'href="#{field}">{said}' in answer.text


@pytest.mark.parametrize("sheet", SHEETS, ids=str)
async def test_field_with_a_line_break_is_told_beside_it_and_no_mail_is_written(
    site: ASGIApp, portal: Portal, sheet: Sheet
) -> None:
    for number, field in enumerate(fields_of(sheet)):
        answer = await typed_into(site, sheet, number, **{field: HEADER})

        assert answer.status_code == 422, field
        assert f'href="#{field}"' in answer.text
        assert "Bcc" not in str(answer.headers)
    with portal.begin(read_only=True) as tx:
        assert tx.session.query(OutboxRow).filter(OutboxRow.address.is_not(None)).count() == 0


@pytest.mark.case("X1", "P7")
@pytest.mark.parametrize("sheet", SHEETS, ids=str)
async def test_whatever_is_typed_is_an_answer_and_comes_back_as_text(site: ASGIApp, sheet: Sheet) -> None:
    number = 0
    for field in sheet.fields:
        for value in (MARKUP, *ODD):
            number += 1
            answer = await typed_into(site, sheet, number, **{field: value})

            assert answer.status_code in {200, 303, 403, 422, 429}, (field, value)
            assert "<img src=x" not in answer.text


async def test_no_secret_comes_back(site: ASGIApp) -> None:
    secret = "CANARY-9f2c"
    for number, sheet in enumerate(SHEETS):
        names = [name for name in sheet.fields if "password" in name or "answer" in name]
        typed = {**dict.fromkeys(names, secret), "email": "x", "token": "y"}

        answer = await typed_into(site, sheet, number, **typed)

        assert secret not in answer.text + str(answer.headers), str(sheet)


@pytest.mark.case("P5")
async def test_body_that_is_too_large_is_turned_away(site: ASGIApp) -> None:
    for number, sheet in enumerate(SHEETS):
        answer = await typed_into(site, sheet, number, more="x" * 16_001)

        assert answer.status_code == 413, str(sheet)


@pytest.mark.case("S3")
async def test_form_of_another_session_does_nothing(browser: httpx.AsyncClient, portal: Portal) -> None:
    page = await browser.get(f"{W}sign-in", headers=HTML)
    evil = {**HTML, "Origin": "https://evil.example"}
    for sheet in SHEETS:
        answer = await browser.post(sheet.address, data={**sheet.fields, "csrf": "0" * 64}, headers=HTML)
        foreign = await browser.post(sheet.address, data={**hidden(page), **sheet.fields}, headers=evil)

        assert answer.status_code in {303, 403}, str(sheet)
        assert answer.headers.get("location", f"{W}sign-in") == f"{W}sign-in"
        assert foreign.status_code == 403
    with portal.begin(read_only=True) as tx:
        assert tx.session.query(OutboxRow).count() == 0


async def test_outdated_form_of_each_page_shows_the_page_anew(browser: httpx.AsyncClient) -> None:
    for sheet in SHEETS:
        if not sheet.signed_in:
            answer = await send(browser, sheet.address, await browser.get(f"{W}sign-in"), {"csrf": "x"})

            assert answer.status_code == 403
            assert "so nothing was sent" in read(answer)


def _escaped(text: str) -> str:
    return text.replace("'", "&#39;")
