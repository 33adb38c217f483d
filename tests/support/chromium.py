"""Start Chromium so that it waits for a page as long as every test waits."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Browser, BrowserContext, async_playwright, expect

from tests.support.patience import PATIENCE

MILLISECONDS = PATIENCE * 1000


@asynccontextmanager
async def chromium_at(path: str, *arguments: str) -> AsyncIterator[Browser]:
    """Start the browser at a path, without windows, and end it."""
    expect.set_options(timeout=MILLISECONDS)
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=path, args=arguments, timeout=MILLISECONDS)
        new_context = opened.new_context

        async def patient(**given: Any) -> BrowserContext:
            context = await new_context(**given)
            context.set_default_timeout(MILLISECONDS)
            return context

        opened.new_context = patient  # type: ignore[method-assign]
        yield opened
        await opened.close()
