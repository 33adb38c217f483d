"""A parent's whole visit in the browser, with the real assistant behind the page."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect
from starlette.types import ASGIApp

from tests.support.chat_page import say, type_secret
from tests.support.doors import served
from tests.support.page_looks import violations
from tests.support.portals import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(loop_scope="session")
async def visit(browser: Browser, app: ASGIApp) -> AsyncIterator[Page]:
    with served(app) as address:
        context = await browser.new_context(base_url=address)
        page = await context.new_page()
        await page.goto("/chat")
        await page.locator(".assistant").first.wait_for()
        yield page
        await context.close()


@pytest.mark.requirement("R1", "R9", "R10", "R12", "R72", "R77", "R92", "R109", "R110")
async def test_from_the_question_to_the_grades_and_out_again(visit: Page) -> None:
    await say(visit, "what are Maya's grades")
    await say(visit, "mlopez")
    await type_secret(visit, "Password", PASSWORD)
    asked = await violations(visit)
    await visit.keyboard.press("Enter")
    await visit.get_by_text("Algebra I").wait_for()
    answered = await violations(visit)

    await visit.reload()
    await visit.locator("#earlier").get_by_text("Algebra I").wait_for()
    await say(visit, "sign out")
    await visit.get_by_text("no longer shown here").wait_for()
    after = await visit.content()
    await visit.reload()
    await visit.get_by_text("You are signed out").wait_for()

    assert (asked, answered) == ("", "")
    assert "Algebra" not in after
    assert "Algebra" not in await visit.content()
    assert PASSWORD not in after


async def test_wrong_password_leads_on_and_the_right_one_in(visit: Page) -> None:
    await say(visit, "sign in")
    await say(visit, "mlopez")
    await type_secret(visit, "Password", "wrong")
    await visit.keyboard.press("Enter")

    await visit.get_by_role("button", name="Try again").click()
    await type_secret(visit, "Password", PASSWORD)
    await visit.keyboard.press("Enter")

    await visit.get_by_text("Marisol López").first.wait_for()


async def test_cancel_in_the_middle_leaves_the_sign_in(visit: Page) -> None:
    await say(visit, "sign in")
    await say(visit, "mlopez")

    await visit.get_by_role("button", name="Cancel").click()
    await expect(visit.locator("#composer")).to_be_visible()
    await expect(visit.locator("#typing")).to_be_hidden()
    await say(visit, "what are Maya's grades")

    await expect(visit.locator("#secret")).to_be_hidden()


@pytest.mark.requirement("R107")
async def test_question_in_between_is_answered_and_the_field_is_back(visit: Page) -> None:
    await say(visit, "sign in")
    await say(visit, "mlopez")
    await visit.get_by_role("button", name="Ask a question").click()

    await say(visit, "what is the district code?")
    await type_secret(visit, "Password", PASSWORD)
    await visit.keyboard.press("Enter")

    await visit.get_by_text("Marisol López").first.wait_for()
    await expect(visit.locator(".parent").get_by_text("what is the district code?")).to_have_count(1)


async def test_password_typed_into_the_chat_is_not_kept(visit: Page) -> None:
    await say(visit, "sign in")
    await say(visit, "mlopez")
    await visit.get_by_role("button", name="Ask a question").click()

    await say(visit, PASSWORD)
    await expect(visit.locator(".parent").get_by_text(PASSWORD)).to_have_count(0)
    assert PASSWORD not in await visit.content()
    await visit.reload()
    await visit.locator("#earlier .assistant").first.wait_for()

    assert PASSWORD not in await visit.content()
