"""Look at a page in a browser as axe does, wide and light, narrow and dark."""

import os

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

# A folder for pictures of the pages, for whoever wants to look at them.
SHOTS = os.environ.get("HALLPASS_SHOTS", "")


async def check_looks(page: Page, name: str) -> None:
    """Find nothing that axe complains of, and nothing wider than the screen."""
    for width, scheme in ((1100, "light"), (320, "dark")):
        await page.set_viewport_size({"width": width, "height": 800})
        await page.emulate_media(color_scheme=scheme)
        found = await Axe().run(page)
        wider = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if SHOTS:
            await page.screenshot(path=f"{SHOTS}/{name}-{width}.png", full_page=True)
        assert found.violations_count == 0, found.generate_report()
        assert wider <= 0, (page.url, width)
