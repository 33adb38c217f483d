"""Drive the chat's page as a parent does."""

from playwright.async_api import Page

FIELD = "Your message"


async def open_page(page: Page, address: str = "/chat") -> None:
    await page.goto(address)
    await page.get_by_text("How can I help?").wait_for()


async def say(page: Page, text: str) -> None:
    """Type a message and wait until its answer is there."""
    own = page.locator(".parent")
    before = await own.count()
    await page.get_by_label(FIELD).fill(text)
    await page.keyboard.press("Enter")
    await own.nth(before).wait_for()
    await page.locator("#typing").wait_for(state="hidden")


async def type_secret(page: Page, label: str, value: str) -> None:
    await page.get_by_label(label, exact=True).fill(value)
