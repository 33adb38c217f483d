"""Use the public pages in Chromium: by eye, by keyboard, on a small screen, with and without scripts."""

from collections.abc import Iterator

import pytest
from playwright.async_api import Browser, Page, expect
from starlette.types import ASGIApp

from portal.accounts.models import AccountRow
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.doors import served
from tests.support.page_looks import excess_width, violations
from tests.support.portals import PASSWORD, make_district
from tests.support.public_site import SIGN_IN, START, public_site

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PUBLIC = "/westborough/public"
RULES = {"min_length": 12, "upper_and_lower": True, "letter_and_number": True, "special": True}
CONTACT = {"name": "Parent help desk", "phone": "(508) 555-0192", "email": "help@schools.example"}
SMALL = (
    "(all) => all.map((each) => each.getBoundingClientRect())"
    ".filter((box) => box.height < 44 || box.width < 44).length"
)


@pytest.fixture
def site(portal: Portal, families: None) -> Iterator[ASGIApp]:
    options = {"locales": ["en", "es", "vi"], "help": {"default": CONTACT}}
    make_district(portal, "westborough", profile="powerschool", password=RULES, **options)
    with public_site(portal) as app:
        yield app


@pytest.fixture
def address(site: ASGIApp) -> Iterator[str]:
    with served(site) as url:
        yield url


async def enter(page: Page, username: str = "mlopez", password: str = PASSWORD) -> None:
    await page.goto(SIGN_IN)
    await page.get_by_label("Username").fill(username)
    await page.get_by_label("Password", exact=True).fill(password)
    await page.get_by_role("button", name="Sign In").click()
    await page.wait_for_load_state()


async def every_page(page: Page, clock: FakeClock, portal: Portal) -> list[str]:
    """Walk through every page and every state of it; return what each is called, for the caller to look."""
    seen: list[str] = []

    async def look(name: str) -> None:
        seen.append(f"{name}: {await violations(page)}")
        width = await excess_width(page)
        small = await page.locator("button:visible, input:visible, select:visible").evaluate_all(SMALL)
        seen.append(f"{name} is wider by {width} and has {small} too small")

    await page.goto(SIGN_IN)
    await look("sign in")
    await page.get_by_role("button", name="Sign In").click()
    await expect(page.get_by_text("2 things need another look")).to_be_visible()
    await look("empty")
    await enter(page, "kwhitfield", "wrong")
    await look("wrong")
    await page.goto(f"{PUBLIC}/get-help")
    await look("help")
    await page.get_by_role("button", name="Send to the help desk").click()
    await expect(page.get_by_text("4 things need another look")).to_be_visible()
    await look("help empty")
    await enter(page)
    await page.goto(f"{PUBLIC}/change-password")
    await look("change")
    await page.get_by_label("New Password", exact=True).fill("short")
    await page.get_by_role("button", name="Enter", exact=True).click()
    await expect(page.get_by_text("6 things need another look")).to_be_visible()
    await look("change refused")
    await page.goto(START)
    await look("start")
    clock.advance(minutes=15)
    await page.reload()
    await look("signed out")
    await enter(page)
    await expect(page.get_by_role("heading", name="Reload Last Page")).to_be_visible()
    await look("restore")
    return seen


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (320, "dark"), (1280, "light")])
async def test_every_page_is_accessible_and_fits(
    page: Page, clock: FakeClock, portal: Portal, width: int, scheme: str
) -> None:
    await page.set_viewport_size({"width": width, "height": 640})
    await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]

    seen = await every_page(page, clock, portal)

    assert [line for line in seen if line[-2:] != ": " and "by 0 and has 0 " not in line] == []
    assert len(seen) == 20


async def test_pages_are_usable_by_keyboard_alone(page: Page) -> None:
    await page.goto(SIGN_IN)

    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    await page.keyboard.press("Enter")
    # Over the two tabs to the fields; typing needs no pointer anywhere.
    for _ in "123":
        await page.keyboard.press("Tab")
    await page.keyboard.type("mlopez")
    await page.keyboard.press("Tab")
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="Start Page").wait_for()
    await page.wait_for_load_state()
    sign_out = page.get_by_role("button", name="Sign Out")
    for _ in range(25):
        await page.keyboard.press("Tab")
        if await sign_out.evaluate("(button) => button === document.activeElement"):
            break
    await page.keyboard.press("Enter")

    await expect(page.get_by_text("You are signed out.")).to_be_visible()


async def test_focus_is_always_visible(page: Page) -> None:
    await page.goto(SIGN_IN)

    outlines = []
    for _ in range(10):
        await page.keyboard.press("Tab")
        outlines.append(await page.evaluate("getComputedStyle(document.activeElement).outlineStyle"))

    assert "none" not in outlines


async def test_error_summary_has_the_focus_and_leads_to_the_field(page: Page) -> None:
    await page.goto(SIGN_IN)
    await page.get_by_role("button", name="Sign In").click()

    await expect(page.get_by_role("alert")).to_be_focused()
    await page.get_by_role("link", name="Please type your password.").click()

    await expect(page.get_by_label("Password", exact=True)).to_be_focused()
    await expect(page.get_by_label("Password", exact=True)).to_have_accessible_description(
        "Please type your password."
    )


@pytest.mark.requirement("R10")
async def test_password_is_masked_can_be_shown_and_pasted(page: Page) -> None:
    await page.goto(SIGN_IN)
    field = page.get_by_label("Password", exact=True)
    show = page.get_by_role("button", name="Show Password")

    pasted = await field.evaluate(
        "(input) => { const data = new DataTransfer(); data.setData('text/plain', 'x');"
        " return input.dispatchEvent("
        "new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })); }"
    )
    masked = await field.get_attribute("type")
    await show.click()
    shown = await field.get_attribute("type")
    await page.get_by_label("Username").fill("mlopez")
    await field.fill("wrong")
    async with page.expect_request(lambda request: request.method == "POST"):
        await page.keyboard.press("Enter")
    again = await page.get_by_label("Password", exact=True).get_attribute("type")

    assert pasted
    assert (masked, shown, again) == ("password", "text", "password")
    await expect(page.get_by_label("Password", exact=True)).to_have_value("")


async def test_password_managers_know_the_fields(page: Page) -> None:
    await enter(page)
    await page.goto(f"{PUBLIC}/change-password")

    fields = page.locator("main input[type=password]")

    assert [await each.get_attribute("autocomplete") for each in await fields.all()] == [
        "current-password",
        "new-password",
        "new-password",
    ]


async def test_one_press_is_one_request(page: Page) -> None:
    posted: list[str] = []
    page.on("request", lambda request: request.method == "POST" and posted.append(request.url))
    await page.goto(SIGN_IN)
    await page.get_by_label("Username").fill("mlopez")
    await page.get_by_label("Password", exact=True).fill(PASSWORD)

    await page.evaluate("const form = document.forms[1]; form.requestSubmit(); form.requestSubmit();")
    await page.get_by_role("heading", name="Start Page").wait_for()

    assert len(posted) == 1


async def test_everything_works_without_scripts(browser: Browser, address: str) -> None:
    context = await browser.new_context(base_url=address, java_script_enabled=False)
    page = await context.new_page()
    await page.goto(SIGN_IN)
    await expect(page.get_by_role("button", name="Show Password")).to_be_hidden()
    await page.get_by_role("button", name="Sign In").click()
    await expect(page.get_by_role("alert")).to_be_focused()

    await enter(page)
    await page.get_by_role("link", name="Maya").click()
    await expect(page.get_by_role("link", name="Maya")).to_have_attribute("aria-current", "page")
    await page.get_by_role("button", name="Sign Out").click()

    await expect(page.get_by_text("You are signed out.")).to_be_visible()
    await context.close()


@pytest.mark.requirement("R7")
async def test_language_is_chosen_from_the_menu(page: Page) -> None:
    await page.goto(SIGN_IN)

    await page.get_by_label("Select Language").select_option("vi")
    await page.get_by_role("button", name="Change").click()

    await expect(page.get_by_label("Chọn ngôn ngữ")).to_have_value("vi")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("đăng nhập")


@pytest.mark.requirement("R65", "R68")
@pytest.mark.case("S5")
async def test_pop_up_says_that_time_ran_out_and_takes_the_page_away(page: Page, clock: FakeClock) -> None:
    await page.clock.install()
    await enter(page)
    await expect(page.get_by_text("Welcome, Marisol López")).to_be_visible()
    clock.advance(minutes=15)
    await page.clock.run_for(15 * 60_000 + 1000)

    await expect(page.get_by_role("dialog")).to_contain_text(
        "You have been signed out. Return to Sign In Page."
    )
    assert "Leo" not in await page.locator("body").inner_text()
    assert await violations(page) == ""
    await page.get_by_role("link", name="Sign In Page").click()

    await expect(page.get_by_role("heading", name="Student and Parent Sign In")).to_be_visible()


@pytest.mark.case("S5")
async def test_page_that_asks_by_itself_keeps_no_session_alive(page: Page, clock: FakeClock) -> None:
    await page.clock.install()
    await enter(page)
    async with page.expect_response("**/session") as first:
        await page.clock.run_for(15 * 60_000 + 1000)
    await (await first.value).finished()
    await expect(page.get_by_role("dialog")).to_be_hidden()

    clock.advance(minutes=15)
    async with page.expect_response("**/session"):
        await page.clock.run_for(61_000)

    await expect(page.get_by_role("dialog")).to_be_visible()


async def test_back_button_after_signing_out_shows_nothing(page: Page) -> None:
    await enter(page)
    await expect(page.get_by_text("Welcome, Marisol López")).to_be_visible()
    await page.get_by_role("button", name="Sign Out").click()
    await expect(page.get_by_text("You are signed out.")).to_be_visible()

    await page.go_back()

    await expect(page.get_by_role("heading", name="Student and Parent Sign In")).to_be_visible()
    await expect(page.get_by_text("Welcome, Marisol López")).to_have_count(0)


async def test_form_from_before_another_tab_signed_in_asks_once_more(page: Page) -> None:
    await page.goto(SIGN_IN)
    other = await page.context.new_page()
    await enter(other, "kwhitfield")

    await page.get_by_label("Username").fill("mlopez")
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.keyboard.press("Enter")

    await expect(page.get_by_role("alert")).to_contain_text("nothing was sent")
    await other.reload()
    await expect(other.get_by_text("Welcome, Karen Whitfield")).to_be_visible()


async def test_long_names_and_messages_never_scroll_sideways(page: Page, portal: Portal) -> None:
    with portal.begin() as tx:
        account = tx.accounts.find("westborough", "mlopez")
        assert account is not None
        tx.session.get_one(AccountRow, account.account_id).display_name = "W" * 80
    await page.set_viewport_size({"width": 320, "height": 568})

    await enter(page, "w" * 300)
    refused = await page.evaluate("document.documentElement.scrollWidth")
    await enter(page)

    assert (refused, await page.evaluate("document.documentElement.scrollWidth")) == (320, 320)
