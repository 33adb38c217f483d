"""Open the chat in headless Chromium, against the real server on a free loopback port."""

import os
import shutil
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.support.chromium import chromium_at
from tests.support.doors import build_app, served
from tests.support.scripted_assistant import ScriptedAssistant

# The first is the same engine without windows, which nobody sees here: it takes less than half the processor.
BROWSERS = ("chromium-headless-shell", "chromium", "google-chrome")


@pytest.fixture(scope="session")
def chromium() -> str:
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None and os.environ.get("CI") == "true":
        pytest.fail("Chromium is missing, and with CI=true no test is skipped: apt-get install chromium")
    if found is None:
        pytest.skip("Chromium is missing: apt-get install chromium")
    return found


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    """Start one browser for all tests of a process; each has a context of its own."""
    async with chromium_at(chromium) as opened:
        yield opened


@pytest.fixture
def assistant() -> ScriptedAssistant:
    return ScriptedAssistant()


@pytest.fixture
def address(assistant: ScriptedAssistant) -> Iterator[str]:
    with served(build_app(assistant)) as url:
        yield url


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser, address: str) -> AsyncIterator[Page]:
    context = await browser.new_context(base_url=address, viewport={"width": 375, "height": 720})
    opened = await context.new_page()
    yield opened
    await context.close()
