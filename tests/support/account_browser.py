"""Use the account pages in a browser, and look for faults in them."""

from playwright.async_api import Page

from tests.support.account_pages import W
from tests.support.families import Letter
from tests.support.page_looks import look
from tests.support.portals import NEW_PASSWORD, PASSWORD

# What a thumb must hit; a link inside a sentence may be smaller (WCAG 2.5.8).
TOO_SMALL = (
    "(all) => all.map((each) => each.getBoundingClientRect())"
    ".filter((box) => box.height < 44 || box.width < 44).length"
)


async def faults(page: Page) -> list[str]:
    """Return what axe finds, what is wider than the screen, and what a thumb misses."""
    found, wide = await look(page)
    # A box is ticked by its words, too.
    fields = "input:visible:not([type=checkbox], [type=radio]), label.check:visible, select:visible"
    buttons = page.locator(f"button:visible:not(.unseen), summary:visible, a.main:visible, {fields}")
    small = await buttons.evaluate_all(TOO_SMALL)
    where = page.url
    wrong = [f"{where}: {found}"] if found else []
    wrong += [f"{where} is wider than the screen"] if wide > 0 else []
    return wrong + ([f"{where} has {small} too small"] if small else [])


async def enter(page: Page, username: str = "mlopez", password: str = PASSWORD) -> None:
    await page.goto(f"{W}sign-in")
    await page.get_by_label("Username").fill(username)
    await page.get_by_label("Password", exact=True).fill(password)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/start")


async def fill_account(page: Page, letter: Letter) -> None:
    for label, value in (
        ("First Name", "Ana"),
        ("Last Name", "López"),
        ("Email", "ana@families.example"),
        ("Desired Username", "ana.lopez"),
        ("Password", NEW_PASSWORD),
        ("Re-Enter Password", NEW_PASSWORD),
    ):
        await page.get_by_label(label, exact=True).fill(value)
    await fill_student(page, letter, 1)


async def fill_student(page: Page, letter: Letter, number: int) -> None:
    group = page.get_by_role("group", name=f"Student {number}")
    await group.get_by_label("Student Name").fill(letter.name)
    await group.get_by_label("Access ID").fill(letter.access_id)
    await group.get_by_label("Access Password", exact=True).fill(letter.password)
    await group.get_by_label("Relationship").select_option("mother")
