"""Go through the pages of records by keyboard, without scripts, and out with a file."""

import pytest
from playwright.async_api import Page, expect

from tests.support.clock import FakeClock

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

W = "/westborough/public/"


async def focused(page: Page) -> str:
    return str(await page.evaluate("document.activeElement.textContent.trim()"))


async def tab_to(page: Page, text: str) -> None:
    for _ in range(40):
        await page.keyboard.press("Tab")
        if (await focused(page)).startswith(text):
            return
    message = f"{text} cannot be reached by the keyboard"
    raise AssertionError(message)


@pytest.mark.requirement("R78", "R79", "R90")
async def test_toolbar_and_menu_are_used_by_keyboard_alone(page: Page) -> None:
    await page.goto(f"{W}start")
    await tab_to(page, "Welcome")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("This is your first sign-in.").first).to_be_visible()
    await tab_to(page, "Maya")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/start?student=*")
    await tab_to(page, "Notifications")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Password Security")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_text("Password Security")).to_be_hidden()
    assert await focused(page) == "Notifications"

    await tab_to(page, "Grades and Attendance")
    await page.keyboard.press("Enter")

    await expect(page.get_by_role("heading", name="Grades and Attendance")).to_be_visible()
    await expect(page.get_by_role("cell", name="B+ (88%)")).to_be_visible()


async def test_only_one_drawer_is_open_and_a_press_beside_it_closes_it(page: Page) -> None:
    await page.goto(f"{W}grades")

    await page.locator("summary").get_by_text("Welcome").click()
    await page.locator("summary").get_by_text("Applications").click()
    await expect(page.locator("details[open]")).to_have_count(1)
    await page.get_by_role("heading", name="Grades and Attendance").click()

    await expect(page.locator("details[open]")).to_have_count(0)


@pytest.mark.requirement("R73")
async def test_name_of_the_portal_leads_to_the_start_page_from_anywhere(page: Page) -> None:
    await page.goto(f"{W}balance")

    await page.get_by_role("link", name="PowerSchool").click()

    await expect(page.get_by_role("heading", name="Start Page")).to_be_visible()


@pytest.mark.requirement("R82")
async def test_application_opens_in_a_window_that_knows_nothing_of_this_one(page: Page) -> None:
    await page.context.route("https://library.example/**", lambda route: route.fulfill(body="Library"))
    await page.goto(f"{W}grades")
    await page.locator("summary").get_by_text("Applications").click()

    async with page.context.expect_page() as opened:
        await page.get_by_role("link", name="Library Search").click()

    window = await opened.value
    assert await window.evaluate("opener === null && document.referrer === ''")


@pytest.mark.requirement("R91")
async def test_printer_button_downloads_the_page_more_than_once(page: Page) -> None:
    await page.goto(f"{W}start")
    await page.get_by_role("link", name="Maya", exact=True).click()
    await page.get_by_role("link", name="Grades and Attendance").first.click()
    names = []

    for _ in range(2):
        async with page.expect_download() as download:
            await page.get_by_role("button", name="Print").click()
        names.append((await download.value).suggested_filename)

    assert names == ["Grades and Attendance - Maya López - 2026-10-15.pdf"] * 2


@pytest.mark.requirement("R91")
async def test_page_without_a_file_is_printed_by_the_browser(page: Page) -> None:
    await page.goto(f"{W}preferences")
    await page.evaluate("window.print = () => { document.title = 'printed'; }")

    await page.get_by_role("button", name="Print").click()

    assert await page.title() == "printed"
    await page.emulate_media(media="print")
    await expect(page.get_by_role("link", name="Grades and Attendance")).to_have_count(0)
    await expect(page.get_by_text("Westborough Public Schools")).to_be_visible()


@pytest.mark.requirement("R87")
async def test_my_data_downloads_without_a_script(plain: Page) -> None:
    await plain.goto(f"{W}grades")
    await plain.locator("summary").get_by_text("MyData").click()

    async with plain.expect_download() as download:
        await plain.get_by_role("button", name="Download MyData").click()

    assert (await download.value).suggested_filename == "MyData 2026-10-15.xml"


async def test_chart_is_drawn_beside_the_history(page: Page) -> None:
    await page.goto(f"{W}start")
    await page.get_by_role("link", name="Maya", exact=True).click()

    await page.get_by_role("link", name="Grades History").click()

    chart = page.get_by_role("img", name="Algebra I: Spring 74%, Fall 88% (so far).")
    await expect(chart).to_be_visible()
    assert await chart.evaluate("(image) => image.decode().then(() => image.naturalWidth)") > 300


async def test_everything_is_reached_without_a_script(plain: Page) -> None:
    await plain.get_by_role("link", name="Maya", exact=True).click()
    await plain.locator("summary").get_by_text("Navigation menu").click()
    await plain.get_by_role("link", name="My Schedule").first.click()
    await expect(plain.get_by_role("rowheader", name="English 9")).to_be_visible()
    await plain.get_by_role("link", name="Spring", exact=True).click()
    await expect(plain.get_by_role("rowheader", name="Algebra I")).to_be_visible()
    await plain.locator("summary").get_by_text("Welcome").click()

    await expect(plain.get_by_text("Contact your school's PowerSchool administrator.").first).to_be_visible()


async def test_calendar_is_subscribed_to_and_its_address_is_there_to_copy(plain: Page) -> None:
    await plain.goto(f"{W}my-calendars")

    await plain.get_by_role("button", name="Subscribe to homework").click()

    address = plain.get_by_label("Private address")
    assert (await address.input_value()).endswith(".ics")
    await expect(plain.get_by_role("link", name="Open in a calendar program")).to_be_visible()


@pytest.mark.requirement("R65", "R68")
async def test_when_time_ran_out_the_toolbar_and_the_menu_are_gone_too(page: Page, clock: FakeClock) -> None:
    await page.clock.install()
    await page.goto(f"{W}grades")
    await expect(page.get_by_role("link", name="Maya", exact=True)).to_be_visible()

    clock.advance(minutes=15)
    await page.clock.run_for(15 * 60_000 + 1000)

    await expect(page.get_by_role("dialog")).to_be_visible()
    shown = await page.locator("body").inner_text()
    assert [each for each in ("Maya", "Leo", "Marisol", "WQBK", "Algebra") if each in shown] == []
