"""Look at a page in a browser as axe does, and whether it fits the screen."""

import os

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

# A folder for pictures of the pages, for whoever wants to look at them.
SHOTS = os.environ.get("HALLPASS_SHOTS", "")


async def violations(page: Page) -> str:
    """Return what axe complains of, or nothing."""
    # Words are there before the style that colors them: on a busy machine axe would see a page without it.
    await page.wait_for_load_state("load")
    found = await Axe().run(page)
    return found.generate_report() if found.violations_count else ""


async def excess_width(page: Page) -> int:
    """Return by how many pixels a page is wider than the screen."""
    await page.wait_for_load_state("load")
    return int(await page.evaluate("document.documentElement.scrollWidth - innerWidth"))


async def look(page: Page) -> tuple[str, int]:
    """Return what axe finds, and by how many pixels the page is wider than the screen."""
    return await violations(page), await excess_width(page)


async def check(page: Page) -> None:
    """Find nothing that axe complains of, and nothing wider than the screen."""
    report, wider = await look(page)
    assert not report, report
    assert wider <= 0, page.url


async def check_looks(page: Page, name: str = "") -> None:
    """Find no fault in a page that is wide and light, nor in one that is narrow and dark."""
    for width, scheme in ((1100, "light"), (320, "dark")):
        await page.set_viewport_size({"width": width, "height": 800})
        await page.emulate_media(color_scheme=scheme)
        if SHOTS and name:
            await page.wait_for_load_state("load")
            await page.screenshot(path=f"{SHOTS}/{name}-{width}.png", full_page=True)
        await check(page)
