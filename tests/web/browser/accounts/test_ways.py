"""Go each way through the account pages, by keyboard alone, with and without scripts."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from portal.transaction import Portal
from tests.support.account_browser import enter, faults, fill_account, fill_student
from tests.support.account_pages import EMAIL, B, W, token_for
from tests.support.families import Letter, import_roster
from tests.support.mails import Mailbox, delivered
from tests.support.portals import NEW_PASSWORD
from tests.support.rosters import small_roster

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest.mark.requirement("R11", "R37", "R38", "R40", "R41", "R42", "R43", "R44")
async def test_password_is_recovered_by_keyboard_alone(page: Page, portal: Portal) -> None:
    await page.goto(f"{W}sign-in")
    await page.get_by_role("link", name="Having trouble signing in?").focus()
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/trouble")
    await page.get_by_label("Username").focus()
    await page.keyboard.type("mlopez")
    await page.keyboard.press("Tab")
    await page.keyboard.type(EMAIL)
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name="Enter")).to_be_focused()
    await page.keyboard.press("Enter")
    await page.get_by_role("status").get_by_text("belong to one account").wait_for()
    token = await token_for(portal, EMAIL)

    await page.goto(f"{W}recover-password#{token}")
    await expect(page.get_by_label("Security Token")).to_have_value(token)
    await page.get_by_label("Username").focus()
    await page.keyboard.type("mlopez")
    await page.keyboard.press("Tab")
    await page.keyboard.type(NEW_PASSWORD)
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await page.keyboard.type(NEW_PASSWORD)
    await page.keyboard.press("Enter")

    await page.wait_for_url("**/start*note=password_changed#trouble")
    await page.get_by_text("Welcome, Marisol Quintero").wait_for()


@pytest.mark.case("RT12")
async def test_token_leaves_the_address_before_anything_is_sent(page: Page, portal: Portal) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url + str(request.headers)))
    token = "A" * 43

    await page.goto(f"{W}recover-password#{token}")
    await expect(page.get_by_label("Security Token")).to_have_value(token)

    assert token not in page.url
    assert not [each for each in asked if token in each]


async def test_password_is_recovered_without_a_script(plain: Page, portal: Portal) -> None:
    await plain.goto(f"{W}trouble")
    await plain.get_by_label("Username").fill("mlopez")
    await plain.get_by_label("Email Address").fill(EMAIL)
    await plain.get_by_role("button", name="Enter").click()
    await plain.get_by_text("belong to one account").wait_for()
    token = await token_for(portal, EMAIL)

    await plain.goto(f"{W}recover-password#{token}")
    await plain.get_by_label("Security Token").fill(token)
    await plain.get_by_label("Username").fill("mlopez")
    await plain.get_by_label("New Password", exact=True).fill(NEW_PASSWORD)
    await plain.get_by_label("Confirm New Password", exact=True).fill("something else")
    await plain.get_by_role("button", name="Enter").click()
    await plain.get_by_role("alert").get_by_text("must match the new password").wait_for()
    await plain.get_by_label("New Password", exact=True).fill(NEW_PASSWORD)
    await plain.get_by_label("Confirm New Password", exact=True).fill(NEW_PASSWORD)
    await plain.get_by_role("button", name="Enter").click()

    await plain.wait_for_url("**/start*note=password_changed#trouble")
    # Without a script the browser carries a link's fragment along; the token stays nowhere all the same.
    assert token not in plain.url


@pytest.mark.requirement("R50", "R53", "R54", "R58", "R63")
async def test_account_with_two_children_is_opened_in_one_go(
    page: Page, letters: Mapping[str, Letter]
) -> None:
    await page.goto(f"{W}sign-in")
    await page.get_by_role("link", name="Create Account").click()
    await page.locator("main .actions").get_by_role("link", name="Create Account").click()
    await fill_account(page, letters["S1"])
    await page.get_by_role("button", name="Add another student").click()
    await expect(page.get_by_role("group", name="Student 2").get_by_label("Student Name")).to_be_focused()
    await fill_student(page, letters["S2"], 2)
    kept = await page.get_by_label("Access Password", exact=True).first.input_value()
    await page.get_by_label("First Name").press("Enter")

    await page.get_by_text("Your parent account is created.").wait_for()
    await enter(page, "ana.lopez", NEW_PASSWORD)
    assert kept == letters["S1"].password
    await expect(page.get_by_role("link", name="Diego")).to_be_visible()
    await expect(page.get_by_role("link", name="Maya")).to_be_visible()


async def test_account_with_two_children_is_opened_without_a_script(
    plain: Page, letters: Mapping[str, Letter]
) -> None:
    await plain.goto(f"{W}create-parent-account")
    await plain.get_by_text("Passwords that you typed have to be typed again after this.").wait_for()
    await plain.get_by_label("First Name").fill("Ana")
    await plain.get_by_role("button", name="Add another student").click()
    await expect(plain.get_by_label("First Name")).to_have_value("Ana")
    assert plain.url.endswith("#students_2")
    await fill_account(plain, letters["S1"])
    await fill_student(plain, letters["S2"], 2)
    await plain.locator("main .actions .main").click()

    await plain.get_by_text("Your parent account is created.").wait_for()


@pytest.mark.requirement("R119", "R120", "R123", "R127", "R128", "R130")
async def test_account_is_requested_confirmed_and_active(page: Page, portal: Portal, tmp_path: Path) -> None:
    access = {"portalAccess": "true", "receivesEmail": "true"}
    roster = small_roster().add("x_portal_access", parentIdentifier="NP1", studentIdentifier="NS1", **access)
    import_roster(portal, tmp_path, roster, "boston")
    await page.goto(f"{B}sign-in")
    await page.get_by_role("link", name="Request Account").click()
    await page.get_by_role("link", name="Click or tap here if you are new to the district").click()
    await page.get_by_label("First Name").fill("Ana")
    await page.get_by_label("Last Name").fill("Lopez")
    await page.get_by_label("School District").select_option(label="Boston Public Schools")
    await page.get_by_role("button", name="Next").click()
    for label, value in (
        ("Email", "ana@example.org"),
        ("Password", NEW_PASSWORD),
        ("Re-Enter Password", NEW_PASSWORD),
        ("Security Question", "What was my first bicycle called?"),
        ("Security Answer", "Blue Comet"),
    ):
        await page.get_by_label(label, exact=True).fill(value)
    await page.get_by_role("button", name="Create My Account").click()
    await page.get_by_role("heading", name="Account Request Processed!").wait_for()

    box = await delivered(portal, Mailbox())
    await page.goto(f"{B}confirm-email#{await token_for(portal, 'ana@example.org', box)}")
    await page.get_by_label("Password", exact=True).fill(NEW_PASSWORD)
    await page.get_by_role("button", name="Confirm").click()
    await page.get_by_role("heading", name="The account is now active.").wait_for()

    assert await faults(page) == []
