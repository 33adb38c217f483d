"""Open an account on "Create Parent Account", with the Access IDs of the school's letters."""

from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest
from starlette.types import ASGIApp

from portal.accounts.outcomes import SignedIn
from portal.transaction import Portal
from tests.support.account_pages import B, W, new_account, student
from tests.support.doors import client_of
from tests.support.families import Letter, import_roster
from tests.support.mails import delivered
from tests.support.portals import NEW_PASSWORD, make_district, sign_in
from tests.support.public_site import HTML, SIGN_IN, START, enter, fill, hidden, read, send
from tests.support.rosters import small_roster

START_PAGE, PAGE = f"{W}create-account", f"{W}create-parent-account"


@pytest.fixture
def letters(portal: Portal, districts: None, tmp_path: Path) -> Mapping[str, Letter]:
    """Hand out the letters of Maya (S1) and Diego (S2)."""
    return import_roster(portal, tmp_path, small_roster(), "westborough")


def opened(portal: Portal) -> bool:
    return isinstance(sign_in(portal, "ana.lopez", NEW_PASSWORD), SignedIn)


@pytest.mark.requirement("R49", "R50", "R51", "R53")
async def test_tab_says_what_is_needed_and_leads_on(browser: httpx.AsyncClient) -> None:
    sign_in_page = await browser.get(SIGN_IN, headers=HTML)
    page = await browser.get(START_PAGE, headers=HTML)

    assert f'href="{START_PAGE}">Create Account</a>' in sign_in_page.text
    assert "<h1>Create Account</h1>" in page.text
    assert f'href="{PAGE}">Create Account</a>' in page.text
    text = read(page)
    assert "the Access ID and the Access Password of at least one student enrolled in school" in text
    assert "a pair for each student" in text
    assert "Please contact your school" in text
    assert "(508) 555-0192" in text


@pytest.mark.requirement("R54", "R55", "R57", "R58", "R59", "R60", "R61", "R62")
async def test_page_asks_for_the_account_and_its_students(browser: httpx.AsyncClient) -> None:
    page = await browser.get(PAGE, headers=HTML)

    assert "<h1>Create Parent Account</h1>" in page.text
    assert "<h2>Link Students to Account</h2>" in page.text
    for field, label in (
        ("first_name", "First Name"),
        ("last_name", "Last Name"),
        ("email", "Email"),
        ("username", "Desired Username"),
        ("new_password", "Password"),
        ("new_password_again", "Re-Enter Password"),
        ("student_name_1", "Student Name"),
        ("access_id_1", "Access ID"),
        ("access_password_1", "Access Password"),
        ("relationship_1", "Relationship"),
    ):
        assert f'<label for="{field}">{label}</label>' in page.text
    text = read(page)
    assert "account recovery notices" in text
    assert "at least 8 characters long" in text
    assert "if one is missing, contact your school" in text
    assert "Mother Father Stepmother" in text
    assert ">Enter</button>" in page.text


@pytest.mark.requirement("R50", "R59", "R63")
async def test_account_with_two_children_leads_to_sign_in_and_is_not_signed_in(
    browser: httpx.AsyncClient, portal: Portal, letters: Mapping[str, Letter]
) -> None:
    groups = (student(letters["S1"], student_name="Somebody Else"), student(letters["S2"], 2))

    answer = await fill(browser, PAGE, new_account(*groups))
    landed = await browser.get(answer.headers["location"], headers=HTML)
    not_in = await browser.get(START, headers=HTML)
    await enter(browser, "ana.lopez", NEW_PASSWORD)
    start = await browser.get(START, headers=HTML)

    assert answer.headers["location"].startswith(SIGN_IN)
    assert "Parent Sign In" in read(landed)
    assert "Student and Parent Sign In" in read(landed)
    assert not_in.headers["location"] == SIGN_IN
    assert "Welcome, Ana López" in read(start)
    assert "Diego" in read(start)
    assert "Maya" in read(start)
    assert "Somebody" not in read(start)


@pytest.mark.case("L6")
@pytest.mark.requirement("R24")
async def test_second_pair_that_is_wrong_creates_nothing_and_names_its_group_only(
    browser: httpx.AsyncClient, portal: Portal, letters: Mapping[str, Letter]
) -> None:
    groups = (student(letters["S1"]), student(letters["S2"], 2, access_password="CANARY-WRONG"))

    answer = await fill(browser, PAGE, new_account(*groups))
    unknown = await fill(
        browser, PAGE, new_account(groups[0], student(letters["S2"], 2, access_id="NO-SUCH"))
    )

    for each in (answer, unknown):
        assert each.status_code == 422
        assert "Student 2: No student was found with this Access ID and Access Password." in read(each)
        assert 'href="#students_2"' in each.text
        assert "Nothing has been created yet." in read(each)
        assert "CANARY" not in each.text
        assert letters["S1"].password not in each.text
    assert 'value="Ana"' in answer.text
    assert not opened(portal)


async def test_empty_group_in_between_is_skipped_and_the_right_group_is_named(
    browser: httpx.AsyncClient, letters: Mapping[str, Letter]
) -> None:
    groups = (student(letters["S1"]), student(letters["S2"], 3, access_password="wrong"))

    answer = await fill(browser, PAGE, new_account(*groups, groups="3"))
    corrected = new_account(groups[0], student(letters["S2"], 3), groups="3")
    done = await send(browser, PAGE, answer, corrected)

    assert 'href="#students_3"' in answer.text
    assert done.headers["location"].startswith(SIGN_IN)


@pytest.mark.requirement("R56")
async def test_username_that_is_taken_comes_with_free_ones(
    browser: httpx.AsyncClient, letters: Mapping[str, Letter]
) -> None:
    answer = await fill(browser, PAGE, new_account(student(letters["S1"]), username="kwhitfield"))
    free = answer.text.partition('data-fills="username">')[2].partition("<")[0]
    done = await send(browser, PAGE, answer, new_account(student(letters["S1"]), username=free))

    assert answer.status_code == 422
    assert "This username is already in use. Please select or enter another one." in read(answer)
    assert answer.text.count('data-fills="username"') == 3
    assert done.headers["location"].startswith(SIGN_IN)


@pytest.mark.requirement("R57", "R64")
@pytest.mark.case("P1")
async def test_every_password_rule_is_told_but_the_one_about_a_current_password(
    browser: httpx.AsyncClient, portal: Portal, letters: Mapping[str, Letter]
) -> None:
    rules = {"min_length": 12, "upper_and_lower": True, "letter_and_number": True, "special": True}
    make_district(portal, "westborough", password=rules)
    typed = new_account(student(letters["S1"]), new_password="short", new_password_again="other")

    answer = await fill(browser, PAGE, typed)

    for sentence in (
        "New password must be at least 12 characters long.",
        "New password must contain at least one uppercase and one lowercase letter.",
        "New password must contain at least one letter and one number.",
        "New password must contain at least one special character.",
        "The verification password you enter must match the new password.",
    ):
        assert sentence in read(answer)
    assert "Current password is not correct." not in read(answer)
    assert not opened(portal)


async def test_one_more_student_without_a_script_keeps_all_but_the_passwords(
    browser: httpx.AsyncClient, portal: Portal, letters: Mapping[str, Letter]
) -> None:
    typed = new_account(student(letters["S1"], access_password="CANARY-typed"))

    answer = await fill(browser, PAGE, {**typed, "add_student": "1"})
    both = new_account(student(letters["S1"]), student(letters["S2"], 2))
    done = await send(browser, PAGE, answer, both)

    assert answer.status_code == 200
    assert 'id="students_2" tabindex="-1">' in answer.text
    assert f'value="{letters["S1"].access_id}"' in answer.text
    assert "Please type the passwords again: they are never kept." in read(answer)
    assert "CANARY" not in answer.text
    assert NEW_PASSWORD not in answer.text
    assert done.headers["location"].startswith(SIGN_IN)


@pytest.mark.parametrize("groups", ["0", "-1", "99", "1e3", "x", "", "٣"])
async def test_number_of_groups_that_no_page_sent_does_no_harm(
    browser: httpx.AsyncClient, letters: Mapping[str, Letter], groups: str
) -> None:
    answer = await fill(browser, PAGE, new_account(student(letters["S1"]), groups=groups))

    assert answer.headers["location"].startswith(SIGN_IN)


async def test_form_sent_twice_opens_one_account(
    browser: httpx.AsyncClient, portal: Portal, letters: Mapping[str, Letter]
) -> None:
    page = await browser.get(PAGE, headers=HTML)
    sent = {**hidden(page), **new_account(student(letters["S1"]))}

    answers = [await browser.post(PAGE, data=sent, headers=HTML) for _ in range(2)]

    assert answers[0].headers["location"] == answers[1].headers["location"]
    [letter] = (await delivered(portal)).to("ana@families.example")
    assert letter.link


async def test_back_button_and_a_new_form_find_the_username_taken(
    browser: httpx.AsyncClient, letters: Mapping[str, Letter]
) -> None:
    await fill(browser, PAGE, new_account(student(letters["S1"])))

    again = await fill(browser, PAGE, new_account(student(letters["S1"])))

    assert "This username is already in use." in read(again)


@pytest.mark.case("L1")
async def test_wrong_pairs_from_one_place_have_to_wait(site: ASGIApp, letters: Mapping[str, Letter]) -> None:
    wrong = new_account(student(letters["S1"], access_password="wrong"))
    answers = []
    for _ in range(6):
        async with client_of(site) as client:
            answers.append(await fill(client, PAGE, wrong))

    assert [answer.status_code for answer in answers] == [422] * 5 + [429]
    assert "(508) 555-0192" in read(answers[5])


@pytest.mark.case("L2")
async def test_access_id_that_rests_is_told_with_a_next_step(
    browser: httpx.AsyncClient, site: ASGIApp, letters: Mapping[str, Letter]
) -> None:
    wrong = new_account(student(letters["S1"], access_password="wrong"))
    for number in range(10):
        transport = httpx.ASGITransport(app=site, client=(f"10.0.0.{number}", 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
            await fill(client, PAGE, wrong)

    answer = await fill(browser, PAGE, new_account(student(letters["S1"])))

    assert "so it rests" in read(answer)
    assert "Please contact your school if you cannot wait." in read(answer)
    assert "(508) 555-0192" in read(answer)


async def test_barred_contact_is_sent_to_the_school(
    browser: httpx.AsyncClient, portal: Portal, districts: None, tmp_path: Path
) -> None:
    barred = {"portalAccess": "false", "receivesEmail": "false"}
    roster = small_roster().parent("P2", "Luis", "López", "S1", "S2", email="luis@families.example")
    roster.add("x_portal_access", parentIdentifier="NP2", studentIdentifier="NS1", **barred)
    letter = import_roster(portal, tmp_path, roster, "westborough")["S1"]

    answer = await fill(browser, PAGE, new_account(student(letter), email="luis@families.example"))

    assert answer.status_code == 422
    assert "This cannot be done here. Please contact your school." in read(answer)
    assert "(508) 555-0192" in read(answer)
    assert not opened(portal)


@pytest.mark.requirement("R52")
async def test_district_without_parent_single_sign_on_sends_to_the_school(
    browser: httpx.AsyncClient, portal: Portal, letters: Mapping[str, Letter]
) -> None:
    left = await browser.get(PAGE, headers=HTML)
    make_district(portal, "westborough", parent_single_sign_on=False)

    page = await browser.get(START_PAGE, headers=HTML)
    form = await browser.get(PAGE, headers=HTML)
    late = await send(browser, PAGE, left, new_account(student(letters["S1"])))

    assert "has not turned on creating an account by parents themselves" in read(page)
    assert f'href="{PAGE}"' not in page.text
    assert form.headers["location"] == late.headers["location"] == START_PAGE
    assert not opened(portal)


async def test_district_with_requests_has_no_create_account(browser: httpx.AsyncClient) -> None:
    tab = await browser.get(f"{B}create-account", headers=HTML)
    form = await browser.get(f"{B}create-parent-account", headers=HTML)
    sign_in_page = await browser.get(f"{B}sign-in", headers=HTML)

    assert tab.headers["location"] == f"{B}request-account"
    assert form.headers["location"] == f"{B}create-account"
    assert "Create Account" not in read(sign_in_page)
    assert f'href="{B}request-account">Request Account</a>' in sign_in_page.text
