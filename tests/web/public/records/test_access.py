"""Keep the pages of records to the family: other families, other districts, lost rights, ended sessions."""

import httpx
import pytest

from portal.accounts.models import AccountRow
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.portals import make_parent
from tests.support.public_site import HTML, SIGN_IN, enter, hidden, read, send
from tests.web.public.records.conftest import NOT_MAYA, Import

W = "/westborough/public/"
RECORDS = (
    "start",
    "grades",
    "assignments",
    "test-results",
    "grades-history",
    "attendance-history",
    "teacher-comments",
    "school-bulletin",
    "class-registration",
    "balance",
    "my-schedule",
    "school-information",
)
SETTINGS = ("email-notifications", "my-calendars")
PAGES = (*RECORDS, *SETTINGS)
# What only Zoe's records hold, and what only Maya's do.
ZOES = ("Zoe", "Whitfield", "61%", "overslept", "birthday cake", "Needs support", "41%")
MAYAS = ("B+", "88%", "42.125", "83 of 100", "74%", "every discussion", "13.50", "Doctor")
UNAVAILABLE = "Student information is not available at this time."


@pytest.mark.parametrize("name", PAGES)
async def test_child_of_another_family_is_as_one_that_never_was(
    inside: httpx.AsyncClient, families: dict[str, str], name: str
) -> None:
    theirs = await inside.get(f"{W}{name}?student={families['Zoe']}", headers=HTML)
    nobodys = await inside.get(f"{W}{name}?student={'0' * 32}", headers=HTML)
    own = await inside.get(f"{W}{name}?student={families['Leo']}", headers=HTML)

    assert [each for each in ZOES if each in theirs.text] == []
    assert read(theirs) == read(nobodys) == read(own)
    assert families["Zoe"] not in theirs.text


@pytest.mark.parametrize("name", PAGES)
async def test_two_families_read_only_their_own(
    other_browser: httpx.AsyncClient, families: dict[str, str], name: str
) -> None:
    await enter(other_browser, "kwhitfield")

    page = await other_browser.get(f"{W}{name}?student={families['Maya']}", headers=HTML)

    assert page.status_code == 200
    assert "Zoe" in page.text
    assert [each for each in ("Maya", "Leo", *MAYAS) if each in page.text] == []


@pytest.mark.parametrize("name", [*PAGES, "my-data"])
async def test_session_of_another_district_opens_nothing(
    browser: httpx.AsyncClient, families: dict[str, str], name: str
) -> None:
    await enter(browser, address="/boston/public/sign-in")

    page = await browser.get(f"{W}{name}?student={families['Maya']}", headers=HTML)

    assert (page.status_code, page.headers["location"]) == (303, SIGN_IN)


async def test_same_children_in_another_district_are_other_children(
    browser: httpx.AsyncClient, portal: Portal, families: dict[str, str], import_school: Import
) -> None:
    theirs = import_school("boston")
    make_parent(portal, "boston", username="other", display_name="Ana Quintero", children=[theirs["Zoe"]])
    await enter(browser, "other", address="/boston/public/sign-in")

    page = await browser.get(f"/boston/public/grades?student={families['Maya']}", headers=HTML)

    assert theirs["Maya"] != families["Maya"]
    assert "Zoe Whitfield" in read(page)
    assert "Maya" not in page.text


@pytest.mark.parametrize("name", [*PAGES, "my-data", "print"])
async def test_stranger_is_sent_to_the_sign_in_page(
    browser: httpx.AsyncClient, families: dict[str, str], name: str
) -> None:
    page = await browser.get(f"{W}{name}", headers=HTML)

    assert (page.status_code, page.headers["location"]) == (303, SIGN_IN)


@pytest.mark.requirement("R80")
@pytest.mark.parametrize("name", [*RECORDS, "my-calendars"])
async def test_parent_who_is_barred_in_mid_session_reads_the_portals_sentence(
    inside: httpx.AsyncClient, families: dict[str, str], import_school: Import, name: str
) -> None:
    address = f"{W}{name}?student={families['Maya']}"
    before = await inside.get(address, headers=HTML)
    import_school(x_portal_access=NOT_MAYA)

    page = await inside.get(address, headers=HTML)

    assert "Maya López" in before.text
    assert f"{UNAVAILABLE} Please contact your school's PowerSchool administrator." in read(page)
    assert "(508) 555-0192" in read(page)
    assert [each for each in (*MAYAS, "López Assabet", "Assabet", "Grade 9") if each in read(page)] == []


@pytest.mark.requirement("R80")
async def test_closed_record_has_no_mails_but_never(
    inside: httpx.AsyncClient, families: dict[str, str], import_school: Import
) -> None:
    import_school(x_portal_access=NOT_MAYA)

    page = await inside.get(f"{W}email-notifications?student={families['Maya']}", headers=HTML)

    assert f'{UNAVAILABLE} No email leaves about this child now; all that can be set is "Never".' in read(
        page
    )
    assert "Send now" not in page.text
    assert [
        each for each in ("López", "Assabet", "Grade 9") if each in read(page).partition("Maya ")[2]
    ] == []


@pytest.mark.requirement("R80")
async def test_brother_of_a_closed_record_is_still_open(
    inside: httpx.AsyncClient, families: dict[str, str], import_school: Import
) -> None:
    import_school(x_portal_access=NOT_MAYA)

    page = await inside.get(f"{W}grades?student={families['Leo']}", headers=HTML)

    assert UNAVAILABLE not in page.text
    assert "Leo López Assabet Ridge School" in read(page)


@pytest.mark.parametrize("name", PAGES)
async def test_child_who_was_unlinked_in_mid_session_is_gone(
    inside: httpx.AsyncClient, portal: Portal, families: dict[str, str], name: str
) -> None:
    with portal.begin() as tx:
        account = tx.accounts.find("westborough", "mlopez")
        assert account is not None
        tx.links.unlink(account.account_id, families["Maya"])

    page = await inside.get(f"{W}{name}?student={families['Maya']}", headers=HTML)

    assert "Maya" not in page.text
    assert "Leo" in page.text


@pytest.mark.parametrize("name", PAGES)
async def test_account_that_was_switched_off_in_mid_session_opens_nothing(
    inside: httpx.AsyncClient, portal: Portal, clock: FakeClock, name: str
) -> None:
    with portal.begin() as tx:
        account = tx.accounts.find("westborough", "mlopez")
        assert account is not None
        tx.session.get_one(AccountRow, account.account_id).disabled_at = clock.now()

    page = await inside.get(f"{W}{name}", headers=HTML)

    assert page.status_code == 303


@pytest.mark.parametrize("name", [*SETTINGS, "class-registration", "my-data", "print"])
async def test_form_of_a_session_that_is_over_does_nothing(
    inside: httpx.AsyncClient, clock: FakeClock, name: str
) -> None:
    page = await inside.get(f"{W}start", headers=HTML)
    clock.advance(minutes=15)

    answer = await send(inside, f"{W}{name}", page, {"frequency": "daily", "subscribe": "homework"})

    assert (answer.status_code, answer.headers["location"]) == (303, f"{W}signed-out")


@pytest.mark.parametrize("name", [*SETTINGS, "class-registration", "my-data", "print"])
async def test_foreign_form_does_nothing(
    inside: httpx.AsyncClient, portal: Portal, families: dict[str, str], name: str
) -> None:
    page = await inside.get(f"{W}start", headers=HTML)
    sent = {**hidden(page), "csrf": "0" * 64, "subscribe": "homework", "frequency": "daily"}

    answer = await inside.post(f"{W}{name}?page=grades", data=sent, headers=HTML)

    assert answer.status_code in {303, 403}
    assert "/files/" not in answer.headers.get("location", "")


@pytest.mark.requirement("R70", "R71")
async def test_time_out_brings_page_child_and_term_back(
    inside: httpx.AsyncClient, families: dict[str, str], clock: FakeClock
) -> None:
    await inside.get(f"{W}grades?student={families['Maya']}&term=Spring", headers=HTML)
    clock.advance(minutes=15)

    await enter(inside)
    question = await inside.get(f"{W}restore", headers=HTML)
    answer = await send(inside, f"{W}restore", question, {"answer": "yes"})

    assert "Restore Selections(s), School and Term" in read(question)
    assert answer.headers["location"] == f"{W}grades?student={families['Maya']}&term=Spring"


@pytest.mark.parametrize("typed", ["x" * 201, "' OR 1=1--", "<u>", "\0"])
@pytest.mark.parametrize("name", ["term", "course", "work", "student"])
async def test_whatever_is_put_into_an_address_is_answered(
    inside: httpx.AsyncClient, name: str, typed: str
) -> None:
    page = await inside.get(f"{W}assignments", params={name: typed}, headers=HTML)

    assert page.status_code == 200
    assert "<u>" not in page.text
