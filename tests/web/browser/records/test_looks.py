"""Look at every page of records: nothing that axe finds, nothing wider than a small screen."""

import pytest
from playwright.async_api import Page, expect

from portal.transaction import Portal
from tests.support.account_browser import faults
from tests.support.portals import make_district
from tests.web.public.records.conftest import EVERYTHING

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

W = "/westborough/public/"
PAGES = (
    "start",
    "grades",
    "assignments",
    "test-results",
    "grades-history",
    "attendance-history",
    "email-notifications",
    "teacher-comments",
    "school-bulletin",
    "class-registration",
    "balance",
    "my-calendars",
    "my-schedule",
    "school-information",
    "preferences",
    "my-data",
    "grades?term=Ragnarok",
)


async def choose_maya(page: Page) -> None:
    await page.goto(f"{W}start")
    await page.get_by_role("link", name="Maya", exact=True).click()
    await page.wait_for_url("**/start?student=*")


async def look_at_all(page: Page) -> list[str]:
    await choose_maya(page)
    asked = page.url.partition("?")[2]
    wrong = []
    for name in PAGES:
        await page.goto(f"{W}{name}{'&' if '?' in name else '?'}{asked}")
        wrong += await faults(page)
    return wrong


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (320, "dark"), (1000, "light")])
async def test_every_page_is_accessible_and_fits(page: Page, width: int, scheme: str) -> None:
    await page.set_viewport_size({"width": width, "height": 720})
    await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]

    assert await look_at_all(page) == []


async def test_page_of_a_dark_screen_is_dark_ink_on_paper(page: Page) -> None:
    await page.emulate_media(media="print", color_scheme="dark")

    await page.goto(f"{W}grades")

    main = page.locator("main")
    await expect(main).to_have_css("color", "rgb(23, 36, 47)")
    await expect(main).to_have_css("background-color", "rgb(255, 255, 255)")


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (1000, "dark")])
async def test_open_drawers_are_accessible_and_fit(page: Page, width: int, scheme: str) -> None:
    await page.set_viewport_size({"width": width, "height": 720})
    await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    await page.goto(f"{W}grades")
    wrong = []

    for name in ("Welcome", "Applications", "MyData", "Notifications"):
        await page.locator("summary").get_by_text(name).first.click()
        wrong += await faults(page)
        await page.keyboard.press("Escape")
    if width == 320:
        await page.locator("summary").get_by_text("Navigation menu").click()
        wrong += await faults(page)

    assert wrong == []


@pytest.mark.requirement("R98", "R100")
async def test_page_that_is_off_is_accessible(page: Page, portal: Portal) -> None:
    make_district(portal, **{**EVERYTHING, "lunch_balance": False})

    await page.goto(f"{W}balance")

    await expect(page.get_by_text('has not turned on the page "Balance"')).to_be_visible()
    assert await faults(page) == []


async def test_forms_and_what_is_wrong_with_them_are_accessible(page: Page) -> None:
    await choose_maya(page)
    await page.get_by_role("link", name="Email Notification").click()
    await page.get_by_label("How often?").select_option("weekly")
    await page.get_by_label("Summary of current grades").uncheck()
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("alert")).to_be_focused()
    wrong = await faults(page)
    await page.get_by_role("link", name="My Calendars").click()
    await page.get_by_role("button", name="Subscribe to homework").click()
    await page.wait_for_url("**/my-calendars?*note=calendar_on")
    wrong += await faults(page)
    await page.get_by_role("link", name="Class Registration").click()
    await page.get_by_role("button", name="Look at the summary").click()
    await expect(page.get_by_role("alert")).to_contain_text("No course was chosen.")
    wrong += await faults(page)
    await page.get_by_label("Biology").check()
    await page.get_by_role("button", name="Look at the summary").click()
    await expect(page.get_by_role("button", name="Yes, register")).to_be_visible()
    wrong += await faults(page)

    assert wrong == []


async def test_table_on_a_small_screen_is_still_a_table_to_a_screen_reader(page: Page) -> None:
    await page.set_viewport_size({"width": 320, "height": 720})
    await choose_maya(page)
    await page.goto(f"{W}grades?{page.url.partition('?')[2]}")

    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="Algebra I"))
    await expect(row.get_by_role("cell").first).to_contain_text("B+ (88%)")
    await expect(page.get_by_role("columnheader", name="Grade")).to_have_count(1)


async def test_long_words_of_a_school_never_scroll_the_page(page: Page, portal: Portal) -> None:
    name = "W" * 60
    make_district(portal, **{**EVERYTHING, "plugins": [{"name": name, "url": "https://library.example"}]})
    await page.set_viewport_size({"width": 320, "height": 720})

    await page.goto(f"{W}grades")
    await page.locator("summary").get_by_text("Applications").click()

    assert await page.evaluate("document.documentElement.scrollWidth") == 320


async def test_page_reads_well_from_right_to_left(page: Page) -> None:
    await page.set_viewport_size({"width": 320, "height": 720})
    await choose_maya(page)
    await page.goto(f"{W}grades?{page.url.partition('?')[2]}")

    await page.evaluate("document.documentElement.dir = 'rtl'")
    await page.locator("summary").get_by_text("Notifications").click()

    assert await page.evaluate("document.documentElement.scrollWidth") == 320
    box = await page.locator("details[open] > .drawer").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 320
