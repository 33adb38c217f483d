import json
import re

import pytest
from playwright.async_api import Browser, Page, expect

from portal.core.outcomes import Reason, Refused
from tests.support.chat_page import FIELD, open_page, say, type_secret
from tests.support.doors import build_app, served
from tests.support.page_looks import violations
from tests.support.scripted_assistant import PASSWORD, ScriptedAssistant

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def sign_in(page: Page) -> None:
    await page.get_by_role("button", name="Sign in").click()
    await page.get_by_text("What is your username?").wait_for()
    await say(page, "ana")
    await type_secret(page, "Password", PASSWORD)
    await page.keyboard.press("Enter")
    await page.get_by_text("Welcome, Ana!").wait_for()


async def test_conversation_with_a_button_and_a_masked_field(
    page: Page, assistant: ScriptedAssistant
) -> None:
    await open_page(page)

    await sign_in(page)

    assert assistant.submitted[0][1] == {"password": PASSWORD}
    await expect(page.get_by_label(FIELD)).to_be_focused()
    await expect(page.get_by_label("Password", exact=True)).to_have_count(0)


async def test_the_code_of_a_letter_opens_the_chat_once_and_leaves_the_address(
    page: Page, assistant: ScriptedAssistant
) -> None:
    await open_page(page)
    await say(page, "hello")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    # Somebody who has talked here before comes with a letter.
    await page.goto("about:blank")
    await page.goto(f"/chat?language=en#start={'c' * 43}")
    await page.get_by_role("button", name="Sign in").wait_for()
    there = page.url
    await page.reload()
    await page.get_by_text("You said hello").wait_for()

    assert [message.start for message in assistant.taken] == [None, None, "c" * 43]
    assert there.endswith("/chat?language=en")
    assert asked
    assert not any("c" * 43 in url.partition("#")[0] for url in asked)


@pytest.mark.case("S1")
async def test_chat_goes_on_under_a_new_cookie_in_every_tab(page: Page, assistant: ScriptedAssistant) -> None:
    await open_page(page)
    await say(page, "hello")
    other = await page.context.new_page()
    await other.goto("/chat")
    await other.get_by_text("You said hello").wait_for()
    before = {each["name"]: each["value"] for each in await page.context.cookies()}

    await say(page, "ana")
    await type_secret(page, "Password", PASSWORD)
    await page.keyboard.press("Enter")
    await page.get_by_text("Welcome, Ana!").wait_for()
    await say(page, "one")
    await other.get_by_label(FIELD).fill("two")
    await other.keyboard.press("Enter")
    # The other tab is read anew, and goes on with the same conversation.
    await other.get_by_text("You said one").wait_for()

    after = {each["name"]: each["value"] for each in await page.context.cookies()}
    [name] = [each for each in after if each.startswith("hallpass")]
    assert after[name] != before[name]
    assert assistant.taken[-1].text == "one"
    assert assistant.taken[-1].sender != assistant.taken[-2].sender
    await other.close()


@pytest.mark.requirement("R10")
@pytest.mark.case("C17")
async def test_password_is_masked_and_stays_nowhere(page: Page, assistant: ScriptedAssistant) -> None:
    frames: list[str] = []
    posted: list[str] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: frames.append(str(frame))))
    page.on("request", lambda request: PASSWORD in (request.post_data or "") and posted.append(request.url))
    await open_page(page)
    await say(page, "ana")
    field = page.get_by_label("Password", exact=True)
    assert await field.get_attribute("type") == "password"
    assert await field.get_attribute("autocomplete") == "current-password"

    await field.fill(PASSWORD)
    await page.get_by_role("button", name="Send securely").click()
    await page.get_by_text("Welcome, Ana!").wait_for()

    kept = await page.evaluate(
        "[document.documentElement.outerHTML, JSON.stringify([localStorage, sessionStorage, history.state]),"
        " ...[...document.querySelectorAll('input, textarea')].map((each) => each.value)].join()"
    )
    history = await (await page.request.get("/chat/history")).text()
    assert PASSWORD not in kept + history + "".join(frames) + page.url
    assert frames, "messages go over the live connection"
    assert [url.rsplit("/", 1)[0].rsplit("/", 1)[1] for url in posted] == ["secret"]
    assert all(PASSWORD not in message.text for message in assistant.taken)


async def test_password_can_be_shown_hidden_and_pasted(page: Page) -> None:
    await open_page(page)
    await say(page, "ana")
    field = page.get_by_label("Password", exact=True)
    show = page.get_by_role("button", name="Show Password")

    await field.evaluate(
        "(input) => { const data = new DataTransfer(); data.setData('text/plain', 'x');"
        " window.pasteAllowed = input.dispatchEvent("
        "new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })); }"
    )
    await show.click()
    shown = await field.get_attribute("type")
    await show.click()

    assert await page.evaluate("window.pasteAllowed")
    assert (shown, await field.get_attribute("type")) == ("text", "password")


async def test_wrong_password_asks_again_in_an_empty_field(page: Page) -> None:
    await open_page(page)
    await say(page, "ana")

    await type_secret(page, "Password", "wrong")
    await page.keyboard.press("Enter")
    await page.get_by_text("That is not right").wait_for()

    await expect(page.get_by_label("Password", exact=True)).to_have_value("")
    await expect(page.get_by_label("Password", exact=True)).to_be_focused()


async def test_cancel_leads_back_to_the_composer(page: Page) -> None:
    await open_page(page)
    await say(page, "ana")
    await type_secret(page, "Password", PASSWORD)

    await page.get_by_role("button", name="Cancel").click()

    await page.get_by_text("You said cancel").wait_for()
    await expect(page.get_by_label(FIELD)).to_be_focused()
    assert PASSWORD not in await page.content()


async def test_question_in_between_leads_back_to_the_field(page: Page, assistant: ScriptedAssistant) -> None:
    await open_page(page)
    await say(page, "ana")

    await page.get_by_role("button", name="Ask a question").click()
    await expect(page.get_by_label(FIELD)).to_be_focused()
    asking = await violations(page)
    await page.get_by_role("button", name="Back to the private entry").click()
    await type_secret(page, "Password", PASSWORD)
    await page.keyboard.press("Enter")

    await page.get_by_text("Welcome, Ana!").wait_for()
    assert asking == ""


async def test_busy_portal_offers_the_field_again(page: Page, assistant: ScriptedAssistant) -> None:
    await open_page(page)
    await say(page, "ana")
    assistant.refusal = Refused(Reason.BUSY)
    await type_secret(page, "Password", PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("try again in a few seconds")

    assistant.refusal = None
    await type_secret(page, "Password", PASSWORD)
    await page.keyboard.press("Enter")

    await page.get_by_text("Welcome, Ana!").wait_for()
    await expect(page.locator("#status")).to_be_hidden()


async def test_reload_keeps_the_history_outside_of_the_live_region(page: Page) -> None:
    await open_page(page)
    await say(page, "hello <b>there</b>")

    await page.reload()
    await page.locator("#earlier").get_by_text("You said hello <b>there</b>").wait_for()

    assert await page.locator("#log").inner_text() == ""
    assert await page.locator("b").count() == 0


async def test_reload_keeps_the_masked_field(page: Page) -> None:
    await open_page(page)
    await say(page, "ana")

    await page.reload()
    await type_secret(page, "Password", PASSWORD)
    await page.keyboard.press("Enter")

    await page.get_by_text("Welcome, Ana!").wait_for()


async def test_used_ticket_brings_the_chat_back(page: Page, assistant: ScriptedAssistant) -> None:
    await open_page(page)
    await say(page, "ana")
    assistant._tickets.clear()

    await type_secret(page, "Password", PASSWORD)
    await page.keyboard.press("Enter")

    await expect(page.get_by_role("alert")).to_contain_text("has been used, has expired")


@pytest.mark.requirement("R77", "R109")
async def test_sign_out_takes_the_records_off_the_page_and_the_history(page: Page) -> None:
    await open_page(page)
    await say(page, "grades")
    await page.get_by_text("Algebra 1: A-").wait_for()

    await say(page, "sign out")
    await page.get_by_text("no longer shown here").wait_for()
    now = await page.content()
    await page.reload()
    await page.get_by_text("You are signed out.").wait_for()

    assert "Algebra" not in now
    assert "Algebra" not in await page.content()


async def test_buttons_of_an_answered_question_are_gone(page: Page) -> None:
    await open_page(page)

    await say(page, "hi")

    await expect(page.get_by_role("button", name="Sign in")).to_have_count(0)


async def test_attachment_and_web_address_become_links(page: Page) -> None:
    await open_page(page)
    await say(page, "everything")
    await say(page, "see https://ps.westboroughk12.org/public.")

    shown = page.locator("#log").get_by_role("link")
    addresses = {await each.inner_text(): await each.get_attribute("href") for each in await shown.all()}

    assert addresses["Download the page"] == "/a.pdf"
    assert "https://ps.westboroughk12.org/public" in addresses.values()


@pytest.mark.parametrize("width", [320, 1280])
async def test_a_picture_is_shown_with_its_words_and_opens_large(page: Page, width: int) -> None:
    await page.set_viewport_size({"width": width, "height": 800})
    await open_page(page)
    await say(page, "everything")

    picture = page.get_by_role("img", name="A shield with a check mark")
    await expect(picture).to_have_js_property("complete", value=True)
    async with page.expect_popup() as opened:
        await picture.click()

    assert (await opened.value).url.endswith("/static/icon.svg")
    box = await picture.bounding_box()
    assert box is not None
    assert 0 < box["width"] <= width - 32
    assert not await violations(page)


async def test_a_picture_that_does_not_come_leaves_its_words(page: Page) -> None:
    await open_page(page)

    await say(page, "broken")

    await expect(page.get_by_text("Absent on October 6")).to_be_visible()
    await expect(page.locator(".turn img")).to_have_count(0)


async def test_keyboard_alone_is_enough(page: Page) -> None:
    await open_page(page)

    await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Enter")
    await page.get_by_text("What is your username?").wait_for()
    await page.keyboard.type("ana")
    await page.keyboard.press("Enter")
    await page.get_by_label("Password", exact=True).wait_for()
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")

    await page.get_by_text("Welcome, Ana!").wait_for()


async def test_new_line_is_typed_with_shift(page: Page, assistant: ScriptedAssistant) -> None:
    await open_page(page)

    await page.keyboard.type("one")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("two")
    await page.keyboard.press("Enter")
    await page.get_by_text("You said one").wait_for()

    assert assistant.taken[-1].text == "one\ntwo"


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_no_accessibility_violations(page: Page, scheme: str) -> None:
    await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    await open_page(page)
    greeting = await violations(page)
    await say(page, "everything")
    answered = await violations(page)
    await say(page, "change password")
    pending = await violations(page)

    assert (greeting, answered, pending) == ("", "", "")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_no_accessibility_violations_on_the_masked_page(page: Page, scheme: str) -> None:
    await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    await open_page(page)
    await say(page, "ana")
    await page.goto(await page.evaluate("pending.url"))
    form = await violations(page)
    await type_secret(page, "Password", PASSWORD)
    await page.keyboard.press("Enter")
    await page.get_by_text("Welcome, Ana!").wait_for()
    done = await violations(page)
    await page.goto("/nowhere")

    assert (form, done, await violations(page)) == ("", "", "")


async def test_narrow_screen_never_scrolls_sideways(page: Page) -> None:
    await page.set_viewport_size({"width": 320, "height": 568})
    await open_page(page)
    await say(page, "w" * 400)
    await say(page, "everything")
    await say(page, "change password")

    assert await page.evaluate("document.documentElement.scrollWidth") == 320
    assert await page.evaluate("document.documentElement.scrollHeight") == 568
    await expect(page.get_by_role("button", name="Send securely")).to_be_in_viewport()


async def test_everything_to_press_is_large_enough(page: Page) -> None:
    await open_page(page)
    await say(page, "everything")
    small = (
        "(all) => all.map((each) => each.getBoundingClientRect())"
        ".filter((box) => box.height < 44 || box.width < 44).length"
    )
    open_ = await page.locator("button:visible, textarea:visible").evaluate_all(small)
    await say(page, "ana")

    assert open_ == 0
    assert await page.locator("button:visible, input:visible").evaluate_all(small) == 0


async def test_right_to_left_turns_the_page_around(page: Page) -> None:
    await open_page(page)
    await page.evaluate("document.documentElement.dir = 'rtl'")
    await say(page, "ana")

    own = await page.locator(".parent .line").last.bounding_box()
    lock = await page.locator(".lead svg").bounding_box()

    assert own is not None
    assert lock is not None
    assert own["x"] < 100
    assert lock["x"] > 300


async def test_without_script_the_page_says_so(browser: Browser, address: str) -> None:
    context = await browser.new_context(base_url=address, java_script_enabled=False)
    page = await context.new_page()

    await page.goto("/chat")

    await expect(page.get_by_text("This chat needs JavaScript")).to_be_visible()
    await expect(page.get_by_label(FIELD)).to_be_hidden()
    await context.close()


async def test_message_typed_while_the_server_is_away_is_sent_once_it_is_back(
    page: Page, assistant: ScriptedAssistant
) -> None:
    await open_page(page)
    await page.wait_for_function("socket")

    await page.context.set_offline(offline=True)
    await page.get_by_label(FIELD).fill("still there?")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("No connection right now")
    await page.context.set_offline(offline=False)
    await page.get_by_text("You said still there?").wait_for()

    assert [message.text for message in assistant.taken].count("still there?") == 1
    await expect(page.locator("#status")).to_be_hidden()


async def test_message_that_is_not_stored_is_sent_until_it_is(
    page: Page, assistant: ScriptedAssistant
) -> None:
    await open_page(page)
    await page.wait_for_function("socket")
    assistant.is_away = True
    await page.get_by_label(FIELD).fill("still there?")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_be_visible()

    assistant.is_away = False
    await page.get_by_text("You said still there?").wait_for()

    assert [message.text for message in assistant.taken].count("still there?") == 1
    await expect(page.locator("#status")).to_be_hidden()


async def test_message_on_a_line_that_fell_silent_goes_another_way_and_is_taken_once(
    page: Page, assistant: ScriptedAssistant
) -> None:
    sent: list[str | bytes] = []

    def keep(said: str | bytes) -> None:
        sent.append(said)

    await page.route_web_socket(re.compile("/chat/ws"), lambda line: line.on_message(keep))
    await page.clock.install()
    await open_page(page)
    await page.wait_for_function("socket")

    await page.get_by_label(FIELD).fill("hello")
    await page.keyboard.press("Enter")
    await expect(page.locator("#typing")).to_be_visible()
    await page.clock.run_for(20_000)
    await page.get_by_text("You said hello").wait_for()

    assert len(sent) == 1
    assert [message.text for message in assistant.taken].count("hello") == 1
    assert json.loads(sent[0])["metadata"]["message_id"] == assistant.taken[-1].message_id
    await expect(page.locator("#typing")).to_be_hidden()


@pytest.mark.parametrize(
    "back",
    ["window.dispatchEvent(new Event('focus'))", "document.dispatchEvent(new Event('visibilitychange'))"],
)
async def test_whoever_comes_back_hears_the_news_once(
    page: Page, assistant: ScriptedAssistant, back: str
) -> None:
    told = page.get_by_text("You have set a new password.")
    await open_page(page)
    await page.evaluate(back)
    await expect(told).to_have_count(0)
    assistant.tell("You have set a new password. Shall I sign you in?")

    await page.evaluate(back)
    await told.wait_for()
    await page.evaluate(f"{back}; {back}")
    await say(page, "hello again")
    await page.evaluate(back)

    await expect(page.get_by_text("You said hello again")).to_be_visible()
    await expect(told).to_have_count(1)
    await expect(page.get_by_label(FIELD)).to_be_visible()


async def test_what_staff_say_comes_by_itself_while_they_are_there(
    page: Page, assistant: ScriptedAssistant
) -> None:
    await page.clock.install()
    await open_page(page)
    assistant.tell("Dana is here now.", case="live")
    await page.evaluate("window.dispatchEvent(new Event('focus'))")
    await page.get_by_text("Dana is here now.").wait_for()

    assistant.tell("Dana: please try again.", case="over")
    await page.clock.run_for(4000)
    await page.get_by_text("Dana: please try again.").wait_for()
    assistant.tell("Nobody looks any more.")
    await page.clock.run_for(60000)

    await expect(page.get_by_text("Nobody looks any more.")).to_have_count(0)
    await expect(page.get_by_text("Dana is here now.")).to_have_count(1)


async def test_masked_page_works_without_script(browser: Browser) -> None:
    assistant = ScriptedAssistant()
    with served(build_app(assistant)) as address:
        context = await browser.new_context(base_url=address)
        page = await context.new_page()
        await open_page(page)
        await say(page, "ana")
        url = await page.evaluate("pending.url")
        state = await context.storage_state()
        plain = await browser.new_context(base_url=address, java_script_enabled=False, storage_state=state)
        sheet = await plain.new_page()
        await sheet.goto(url)

        await type_secret(sheet, "Password", PASSWORD)
        await sheet.keyboard.press("Enter")

        await expect(sheet.get_by_text("Welcome, Ana!")).to_be_visible()
        await expect(sheet.get_by_role("link", name="Back to the chat")).to_be_visible()
        await plain.close()
        await context.close()
