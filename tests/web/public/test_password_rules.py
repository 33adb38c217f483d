"""Read the requirements of a password before typing it."""

import httpx
import pytest

from tests.support.account_pages import B, W
from tests.support.public_site import HTML, enter, fill, read

USED_BEFORE = "not one that you used before"
LENGTH = "at least 8 characters long"


@pytest.mark.requirement("R20", "R57")
async def test_first_password_of_an_account_has_none_before_it(browser: httpx.AsyncClient) -> None:
    names = {"first_name": "Ana", "last_name": "López", "school_district": "boston"}

    created = await browser.get(f"{W}create-parent-account", headers=HTML)
    requested = await fill(browser, f"{B}request-account?step=name", names)

    for page in (created, requested):
        assert LENGTH in read(page)
        assert USED_BEFORE not in read(page)


@pytest.mark.requirement("R20", "R31")
async def test_new_password_of_an_account_must_differ_from_earlier_ones(browser: httpx.AsyncClient) -> None:
    recovered = await browser.get(f"{W}recover-password", headers=HTML)
    await enter(browser)
    changed = await browser.get(f"{W}change-password", headers=HTML)

    for page in (recovered, changed):
        assert LENGTH in read(page)
        assert USED_BEFORE in read(page)
