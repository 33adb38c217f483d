"""Look at the account pages on the smallest screen: nothing is too small, too wide or unspoken."""

from collections.abc import Mapping

import pytest
from playwright.async_api import Page, expect

from tests.support.account_browser import enter, faults, fill_account
from tests.support.account_pages import B, W
from tests.support.families import Letter
from tests.support.portals import NEW_PASSWORD, PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
OPEN_TO_ALL = [
    f"{W}trouble",
    f"{W}trouble?tab=username",
    f"{W}trouble?tab=password&sent=1",
    f"{W}recover-password",
    f"{W}recover-password?done=locked",
    f"{W}create-account",
    f"{W}create-parent-account",
    f"{W}confirm-email",
    f"{W}confirm-email?confirmed=account",
    f"{W}send-confirmation",
    f"{W}send-confirmation?sent=1",
    f"{W}undo-email",
    f"{W}undo-email?undone=1",
    f"{B}request-account",
    f"{B}request-account?step=name",
    f"{B}request-account?step=done",
]
BEHIND_SIGN_IN = [
    f"{W}link-students",
    f"{W}preferences",
    *(f"{W}preferences?change={what}" for what in ("name", "email", "username", "language")),
]


async def test_no_page_has_an_accessibility_fault_on_the_smallest_screen(page: Page) -> None:
    wrong = []
    for path in OPEN_TO_ALL:
        await page.goto(path)
        wrong += await faults(page)
    await enter(page)
    for path in BEHIND_SIGN_IN:
        await page.goto(path)
        wrong += await faults(page)
    await page.goto(f"{W}link-students")
    await page.get_by_role("link", name="Remove").click()
    wrong += await faults(page)

    assert wrong == []


async def test_no_page_that_tells_what_is_wrong_has_an_accessibility_fault(page: Page) -> None:
    wrong = []
    for path in (f"{W}trouble", f"{W}recover-password", f"{W}create-parent-account", f"{W}confirm-email"):
        await page.goto(path)
        await page.locator("main form .actions .main").click()
        await expect(page.get_by_role("alert")).to_be_focused()
        wrong += await faults(page)
    await page.goto(f"{W}recover-password")
    for label, value in (("Security Token", "nonsense"), ("Username", "mlopez")):
        await page.get_by_label(label).fill(value)
    for label in ("New Password", "Confirm New Password"):
        await page.get_by_label(label, exact=True).fill(NEW_PASSWORD)
    await page.get_by_role("button", name="Enter").click()
    await expect(page.get_by_text("This security token cannot be used")).to_be_visible()
    wrong += await faults(page)
    await page.goto(f"{B}request-account?step=name")
    await page.get_by_label("First Name").fill("Ana")
    await page.get_by_label("Last Name").fill("López")
    await page.get_by_label("School District").select_option("boston")
    await page.get_by_role("button", name="Next").click()
    wrong += await faults(page)
    await page.get_by_role("button", name="Create My Account").click()
    await expect(page.get_by_role("alert")).to_be_focused()
    wrong += await faults(page)

    assert wrong == []


async def test_every_group_of_fields_can_be_reached_and_no_more(page: Page) -> None:
    await page.goto(f"{W}create-parent-account")
    adding = page.get_by_role("button", name="Add another student")

    for _ in range(9):
        await adding.click()

    await expect(adding).to_be_hidden()
    await expect(page.get_by_role("group", name="Student 10")).to_be_visible()
    assert await faults(page) == []


@pytest.mark.requirement("R56")
async def test_free_username_is_taken_over_at_a_press(page: Page, letters: Mapping[str, Letter]) -> None:
    await page.goto(f"{W}create-parent-account")
    await fill_account(page, letters["S1"])
    await page.get_by_label("Desired Username").fill("mlopez")
    await page.locator("main .actions .main").click()
    free = page.locator(".suggestions button").first
    name = await free.inner_text()
    assert await faults(page) == []

    await free.click()

    await expect(page.get_by_label("Desired Username")).to_have_value(name)
    await expect(page.get_by_label("Desired Username")).to_be_focused()


async def test_password_fields_are_masked_can_be_shown_and_take_a_paste(page: Page) -> None:
    await page.goto(f"{W}create-parent-account")
    fields = page.locator("input[name*=password]:visible")
    kinds = [await fields.nth(number).get_attribute("type") for number in range(await fields.count())]
    field = page.get_by_label("Access Password", exact=True).first

    allowed = await field.evaluate(
        "(input) => { const clipboardData = new DataTransfer(); clipboardData.setData('text/plain', 'x');"
        " const paste = { clipboardData, bubbles: true, cancelable: true };"
        " return input.dispatchEvent(new ClipboardEvent('paste', paste)); }"
    )
    await page.get_by_role("button", name="Show Access Password").click()

    assert kinds == ["password"] * 3
    assert allowed
    await expect(field).to_have_attribute("type", "text")


@pytest.mark.requirement("R128")
async def test_request_says_that_it_takes_a_moment(page: Page) -> None:
    await page.goto(f"{B}request-account?step=name")
    await page.get_by_label("First Name").fill("Ana")
    await page.get_by_label("Last Name").fill("López")
    await page.get_by_label("School District").select_option("boston")
    await page.get_by_role("button", name="Next").click()
    await expect(page.get_by_role("button", name="Create My Account")).to_be_visible()
    # The line is slow: the answer has not come yet.
    await page.evaluate("addEventListener('submit', (event) => event.preventDefault())")

    await page.get_by_role("button", name="Create My Account").click()

    await expect(page.get_by_role("status").get_by_text("One moment…")).to_be_visible()


async def test_back_button_after_a_request_brings_no_password_back(page: Page) -> None:
    await page.goto(f"{W}confirm-email")
    await page.get_by_label("Security Token").fill("x" * 43)
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Confirm").click()
    await expect(page.get_by_role("alert")).to_be_visible()

    await page.go_back()

    await expect(page.get_by_label("Password", exact=True)).to_have_value("")
